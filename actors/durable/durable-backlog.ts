/**
 * The backlog in a store: one value for each message under evaluation and for each outbox in the
 * queue. Its entries are in the log of results already, so a place in it is enough.
 */
import type { Records } from '../../arlocal/records.js';
import type { Backlog, Follow, Left, LeftFollow, LeftOutbox } from '../backlog.js';
import type { Job } from '../delivery.js';
import type { Delivery, DeliveryFields } from '../trace.js';
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
  next: number;
  readonly end: number;
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
      const [first, last] = [outbox[0], outbox.at(-1)];
      if (closed || !first || !last) return;
      const { index: next } = first.origin;
      const entry = { place: place++, job: first, next, end: last.origin.index + 1 };
      const key = keyOfOutbox(first);
      open.set(key, entry);
      outboxes.put(key, entry);
    },
    finish(job) {
      const key = keyOfOutbox(job);
      const entry = open.get(key);
      if (closed || !entry) return;
      entry.next = job.origin.index + 1;
      if (entry.next < entry.end) return outboxes.put(key, entry);
      open.delete(key);
      outboxes.drop(key);
    },
    close() {
      closed = true;
    },
  };
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

function outboxToJson({ place, job, next }: OpenOutbox): LeftOutbox & Placed {
  const { process, evaluation } = job.origin;
  return {
    place,
    process: process.id,
    evaluation,
    next,
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
