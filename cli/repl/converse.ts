/**
 * Opens a REPL on a process by name: finds or spawns it, restores history, and stays until the user
 * leaves or the network goes away.
 */
import type { Client } from '../client.js';
import type { CommandContext } from '../command.js';
import type { Feed } from '../feed.js';
import { openProcess } from '../network.js';
import { type Console, openConsole } from './console.js';
import { historyFile, openHistory } from './history.js';
import { runRepl } from './repl.js';

export interface Conversation {
  readonly client: Client;
  readonly feed: Feed;
  readonly context: CommandContext;
  /** Name of the process to talk to. */
  readonly name: string;
  /** Whether every message of the network is told. @default false */
  readonly verbose?: boolean;
}

/** @returns the exit code */
export async function converse({
  client,
  feed,
  context,
  name,
  verbose,
}: Conversation): Promise<number> {
  const { terminal, debug } = context;
  const process = await openProcess(client, name);
  const console = await openConsole({ terminal, client, process, debug });
  return continueConsole(console, feed, context, verbose);
}

/** The REPL of a console that was used before, as after the first session. */
export function continueConsole(
  console: Console,
  feed: Feed,
  { terminal, interrupt, env }: CommandContext,
  verbose = false,
): Promise<number> {
  const complain = (reason: string) => terminal.note(terminal.colors.dim(reason));
  const history = openHistory(historyFile(env), complain);
  return runRepl({ console, feed, interrupt, history, verbose });
}
