/**
 * The state of a REPL, whoever types into it, and what everything typed comes down to: Lua sent to
 * the current process as an Eval, and what came of it shown.
 */
import { explainMissingModule } from '../../index.js';
import type { Client } from '../client.js';
import type { ProcessRef } from '../process-query.js';
import { readPulse } from '../suspended.js';
import type { Terminal } from '../terminal.js';
import { createDebugging, type Debugging } from './debugging.js';
import { explainMissingClient } from './herd-client.js';

/** Lua that is not sent yet: an open block at the prompt, or the text of `.editor`. */
interface Draft {
  readonly kind: 'block' | 'editor';
  readonly lines: readonly string[];
}

export interface Console {
  readonly terminal: Terminal;
  readonly client: Client;
  /** The process that evaluates what is typed. */
  process: ProcessRef;
  /** As the process gave it with its last answer: its name and inbox count, in its colours. */
  prompt: string;
  /** What waited in `receive` when the process was last asked. */
  suspended: ReadonlySet<string>;
  draft: Draft | undefined;
  closed: boolean;
  readonly debugging: Debugging;
  readonly debug: boolean;
}

export interface ConsoleOptions {
  readonly terminal: Terminal;
  readonly client: Client;
  readonly process: ProcessRef;
  readonly debug: boolean;
}

/** Opens a console on a process, and asks it for its first prompt. */
export async function openConsole(options: ConsoleOptions): Promise<Console> {
  const suspended = new Set<string>();
  const debugging = createDebugging(options.client, options.terminal);
  const start = { prompt: '', suspended, draft: undefined, closed: false };
  const console: Console = { ...options, ...start, debugging };
  await refreshPrompt(console);
  return console;
}

/** What to show before the next line. */
export function promptOf(console: Console): string {
  if (console.debugging.isStopped) return console.debugging.prompt;
  if (console.draft === undefined) return console.prompt;
  return console.terminal.colors.dim(console.draft.kind === 'editor' ? '  | ' : '... ');
}

/**
 * Evaluates Lua, of a file if it is named, in the current process and shows what it answers; an
 * error of it is among the events of the network, with its place and hint.
 *
 * @returns whether it did so without an error
 */
export async function evaluate(console: Console, code: string, file?: string): Promise<boolean> {
  const evaluation = await console.client.evaluate(console.process.id, code);
  if (evaluation.prompt !== undefined) console.prompt = evaluation.prompt;
  if (evaluation.output !== '') console.terminal.print(evaluation.output);
  if (evaluation.error === undefined) return true;
  const missing = file === undefined ? undefined : explainMissingModule(file, evaluation.error);
  const hint = missing ?? explainMissingClient(evaluation.error);
  if (hint !== undefined) console.terminal.note(hint);
  return false;
}

/** Asks the process for its prompt, and for what waits in it, without a message in its log. */
export async function refreshPrompt(console: Console): Promise<void> {
  const { prompt, suspended } = await readPulse(console.client, console.process.id);
  console.prompt = prompt ?? `${console.process.name}> `;
  console.suspended = suspended;
}
