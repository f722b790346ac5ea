/**
 * The log of a network that nobody talks to at its own keyboard: what the herd and the other booted
 * processes print, and every error, under the names that the banner gives them.
 */
import type { NetworkEvent } from '../index.js';
import type { Client } from './client.js';
import type { CommandContext } from './command.js';
import { describeFailure, type FailureOptions } from './failures.js';
import type { Feed } from './feed.js';
import { shortId } from './format.js';
import { bootedNames } from './repl/processes.js';

/** Writes the log to stderr until the feed ends. */
export function watchHerd(client: Client, feed: Feed, { terminal, debug }: CommandContext): void {
  const names = bootedNames(client);
  feed.listen((event) => {
    const line = describeLogged(event, names, { colors: terminal.colors, debug });
    if (line !== undefined) terminal.note(line);
  });
}

/** @param names of the booted processes by id; the others only have their errors logged */
export function describeLogged(
  event: NetworkEvent,
  names: ReadonlyMap<string, string>,
  options: FailureOptions,
): string | undefined {
  if (event.type === 'error') {
    const { process } = event.error;
    const name = process === undefined ? 'network' : (names.get(process) ?? shortId(process));
    return prefixLines(name, describeFailure(event.error, options));
  }
  if (event.type !== 'evaluated') return undefined;
  const name = names.get(event.process);
  if (name === undefined || !event.print || !event.output) return undefined;
  return prefixLines(name, event.output);
}

function prefixLines(name: string, text: string): string {
  return text
    .split('\n')
    .map((line) => `${name}  ${line}`)
    .join('\n');
}
