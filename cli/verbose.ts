/**
 * `corral up -v`: every message that is evaluated as a block of its own, with its tags, what it
 * printed, where it failed and what it changed, in the order of the evaluations.
 */
import type { NetworkEvent, TraceDocument } from '../index.js';
import type { Client } from './client.js';
import { messageOf } from './errors.js';
import type { Feed } from './feed.js';
import type { Terminal } from './terminal.js';
import { drawTrace, fetchTrace, namesOf } from './trace-client.js';

/** Messages that wait to be told; in a flood the rest are counted. */
const WAITING_MAX = 200;

export interface Watching {
  readonly client: Client;
  readonly feed: Feed;
  readonly terminal: Terminal;
  readonly note: (text: string) => void;
  /** Whether what an evaluation answered is shown elsewhere: then its block leaves that out. */
  readonly isAnswered?: (node: Tree) => boolean;
}

type Tree = TraceDocument['tree'];

export interface MessageWatch {
  /** Whether a message has a block of its own: who tells of it as well would say it twice. */
  tells(message: string | undefined): boolean;
  stop(): void;
}

/** Tells of every message until the feed ends, or it is stopped. */
export function watchMessages(watching: Watching): MessageWatch {
  const { client, feed, terminal, note, isAnswered } = watching;
  let cron: { readonly process: string; readonly id: string } | undefined;
  let last = Promise.resolve();
  let waiting = 0;
  let left = 0;
  const told = new Set<string>();
  const tell = async (id: string, process: string) => {
    const question = { id, process, state: true, most: 1 };
    const document = await fetchTrace(client.fetch, client.info.urls.gateway, question);
    const answered = isAnswered?.(document.tree) && { output: '', prints: [] };
    const tree = { ...document.tree, ...answered, children: [] };
    note(drawTrace({ ...document, tree }, namesOf(document, client), terminal));
  };
  const queue = (id: string, process: string) => {
    if (waiting >= WAITING_MAX) {
      left++;
      return;
    }
    waiting++;
    told.add(id);
    last = last
      .then(() => tell(id, process))
      .catch((error: unknown) => note(terminal.colors.dim(messageOf(error))))
      .then(() => {
        waiting--;
        if (waiting > 0 || left === 0) return;
        note(terminal.colors.dim(`... and ${left} more messages, too many at once to tell`));
        left = 0;
      });
  };
  const stop = feed.listen((event: NetworkEvent) => {
    if (event.type === 'cron') {
      cron = { process: event.process, id: `${event.name}@${event.timestampMs}` };
    }
    if (event.type !== 'evaluated') return;
    const id = event.message ?? (cron?.process === event.process ? cron.id : undefined);
    if (id !== undefined) queue(id, event.process);
  });
  return { tells: (message) => message !== undefined && told.has(message), stop };
}
