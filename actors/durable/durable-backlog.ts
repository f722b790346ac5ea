/**
 * The backlog in a store: one value for each message under evaluation and for each outbox in the
 * queue. Its entries are in the log of results already, so a place in it is enough.
 */
import type { Records } from '../../arlocal/records.js';
import type { Backlog, Follow, Left, LeftFollow, LeftOutbox } from '../messenger/backlog.js';
import type { Job } from '../messenger/delivery.js';
import type { Delivery, DeliveryFields } from '../messenger/trace.js';
import { createLedger, readLedger } from './ledger.js';

/** Orders what was begun; it counts on over restarts. */
interface Placed {
  readonly place: number;
}

interface OpenFollow extends Placed {
  readonly follow: Follow;
}

interface OpenOutbox extends Placed {
  readonly job: Job;
  /** As in LeftOutbox. */
  next: number;
  readonly end: number;
  late: number[];
}

const FOLLOWS = 'follows';
const OUTBOX = 'outbox';

export function createDurableBacklog(records: Records): Backlog {
  const left = readLeft(records);
  const follows = createLedger<OpenFollow>({ records, name: FOLLOWS, toJson: followToJson });
  const outboxes = createLedger<OpenOutbox>({ records, name: OUTBOX, toJson: outboxToJson });
  const open = new Map<string, OpenOutbox>();
  let place = 1 + (left.at(-1)?.place ?? 0);
  let closed = false;
  return {
    left,
    begin(follow) {
      if (!closed) follows.put(keyOfFollow(follow), { place: place++, follow });
    },
    end(follow) {
      if (!closed) follows.drop(keyOfFollow(follow));
    },
    queue(outbox) {
      const [first] = outbox;
      if (closed || !first) return;
      const entry: OpenOutbox = { place: place++, job: first, ...unsentOf(outbox) };
      const key = keyOfOutbox(first);
      open.set(key, entry);
      outboxes.put(key, entry);
    },
    finish(job) {
      const key = keyOfOutbox(job);
      const entry = open.get(key);
      if (closed || !entry) return;
      advance(entry, job.origin.index);
      if (entry.next < entry.end || entry.late.length > 0) {
        outboxes.put(key, entry);
        return;
      }
      open.delete(key);
      outboxes.drop(key);
    },
    close() {
      closed = true;
    },
  };
}

/** The rest of an outbox may have gaps, where entries before others were sent. */
function unsentOf(outbox: readonly Job[]): Pick<OpenOutbox, 'next' | 'end' | 'late'> {
  const indices = outbox.map(({ origin }) => origin.index);
  const at = (place: number) => indices[place] ?? 0;
  let tail = indices.length - 1;
  while (tail > 0 && at(tail - 1) === at(tail) - 1) tail--;
  return { next: at(tail), end: at(indices.length - 1) + 1, late: indices.slice(0, tail) };
}

/** Entries leave the queue in order, but for those that had to wait. */
function advance(entry: OpenOutbox, index: number): void {
  entry.late = entry.late.filter((other) => other !== index);
  for (; entry.next < index; entry.next++) entry.late.push(entry.next);
  entry.next = Math.max(entry.next, index + 1);
}

function readLeft(records: Records): (Left & Placed)[] {
  return [
    ...readLedger<LeftFollow & Placed>(records, FOLLOWS).values(),
    ...readLedger<LeftOutbox & Placed>(records, OUTBOX).values(),
  ].sort((a, b) => a.place - b.place);
}

function keyOfFollow({ process, nonce }: Follow): string {
  return `${process}:${nonce}`;
}

function keyOfOutbox({ origin }: Job): string {
  return `${origin.process.id}:${origin.evaluation}`;
}

function followToJson({ place, follow }: OpenFollow): LeftFollow & Placed {
  const { process, nonce, cascade, delivery, spawnedBy: by } = follow;
  const spawnedBy = by && {
    process: by.process.id,
    evaluation: by.evaluation,
    index: by.index,
  };
  return {
    place,
    process,
    nonce,
    root: fieldsOf(cascade.root),
    delivery: fieldsOf(delivery),
    ...(spawnedBy && { spawnedBy }),
  };
}

function outboxToJson({ place, job, next, end, late }: OpenOutbox): LeftOutbox & Placed {
  const { process, evaluation } = job.origin;
  return {
    place,
    process: process.id,
    evaluation,
    next,
    end,
    late,
    root: fieldsOf(job.cascade.root),
    delivery: fieldsOf(job.parent),
  };
}

/** A delivery without what it led to. */
function fieldsOf({ id, kind, from, target, action, nonce }: Delivery): DeliveryFields {
  return {
    id,
    kind,
    from,
    target,
    ...(action === undefined ? {} : { action }),
    ...(nonce === undefined ? {} : { nonce }),
  };
}
