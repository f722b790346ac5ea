/**
 * `corral up -v`: every message that is evaluated as a block of its own, with its tags, what it
 * printed, where it failed and what it changed, in the order of the evaluations.
 */
import type { NetworkEvent } from '../index.js';
import type { Client } from './client.js';
import { messageOf } from './errors.js';
import type { Feed } from './feed.js';
import type { Terminal } from './terminal.js';
import { drawTrace, fetchTrace, namesOf } from './trace-client.js';

/** Messages that wait to be told; in a flood the rest are counted. */
const WAITING_MAX = 200;

/** Tells of every message until the feed ends; returns how to stop that. */
export function watchMessages(
  client: Client,
  feed: Feed,
  terminal: Terminal,
  note: (text: string) => void,
): () => void {
  let cron: { readonly process: string; readonly id: string } | undefined;
  let told = Promise.resolve();
  let waiting = 0;
  let left = 0;
  const tell = async (id: string, process: string) => {
    const question = { id, process, state: true, most: 1 };
    const document = await fetchTrace(client.fetch, client.info.urls.gateway, question);
    const tree = { ...document.tree, children: [] };
    note(drawTrace({ ...document, tree }, namesOf(document, client), terminal));
  };
  const queue = (id: string, process: string) => {
    if (waiting >= WAITING_MAX) {
      left++;
      return;
    }
    waiting++;
    told = told
      .then(() => tell(id, process))
      .catch((error: unknown) => note(terminal.colors.dim(messageOf(error))))
      .then(() => {
        waiting--;
        if (waiting > 0 || left === 0) return;
        note(terminal.colors.dim(`... and ${left} more messages, too many at once to tell`));
        left = 0;
      });
  };
  return feed.listen((event: NetworkEvent) => {
    if (event.type === 'cron') {
      cron = { process: event.process, id: `${event.name}@${event.timestampMs}` };
    }
    if (event.type !== 'evaluated') return;
    const id = event.message ?? (cron?.process === event.process ? cron.id : undefined);
    if (id !== undefined) queue(id, event.process);
  });
}
