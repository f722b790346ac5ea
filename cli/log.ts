/**
 * The log of a network that nobody talks to at its own keyboard: what the herd and the other booted
 * processes print, and every error, under the names that the banner gives them.
 */
import type { NetworkEvent } from '../index.js';
import type { Client } from './client.js';
import type { Feed } from './feed.js';
import { shortId } from './format.js';
import { bootedProcesses } from './repl/processes.js';
import type { Terminal } from './terminal.js';

/** Writes the log to stderr until the feed ends. */
export function watchHerd(client: Client, feed: Feed, terminal: Terminal): void {
  const names = new Map(bootedProcesses(client).map(({ id, name }) => [id, name]));
  feed.listen((event) => {
    const line = describeLogged(event, names);
    if (line !== undefined) terminal.note(line);
  });
}

/** @param names of the booted processes by id; the others only have their errors logged */
export function describeLogged(
  event: NetworkEvent,
  names: ReadonlyMap<string, string>,
): string | undefined {
  if (event.type === 'error') {
    const { process, text } = event.error;
    const name = process === undefined ? 'network' : (names.get(process) ?? shortId(process));
    return `${name}  ${text.trim().replaceAll(/\s*\n\s*/g, ' ')}`;
  }
  if (event.type !== 'evaluated') return undefined;
  const name = names.get(event.process);
  if (name === undefined || !event.print || !event.output) return undefined;
  return event.output
    .split('\n')
    .map((line) => `${name}  ${line}`)
    .join('\n');
}
