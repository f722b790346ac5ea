/**
 * The backlog: what was begun and is not over. A store keeps it, so that a network that was cut off
 * at any moment goes on: evaluations whose outbox is to be sent, and outboxes that are being sent.
 */
import type { Job } from './delivery.js';
import type { OutboxOrigin } from './outbox.js';
import type { Cascade, Delivery, DeliveryFields } from './trace.js';

/** A message that is to be evaluated, and its outbox sent. */
export interface Follow {
  readonly cascade: Cascade;
  readonly delivery: Delivery;
  readonly process: string;
  readonly nonce: number;
  /** For a Process item: the outbox entry it came from, whose sender is to be told. */
  readonly spawnedBy?: OutboxOrigin | undefined;
}

export interface Backlog {
  begin(follow: Follow): void;
  end(follow: Follow): void;
  /** The entries of an outbox, or the rest of them, are in the queue. */
  queue(outbox: readonly Job[]): void;
  /** An entry has left the queue, and whatever it led to has been stored. */
  finish(job: Job): void;
  /** What an earlier run left, in the order in which it began. */
  readonly left: readonly Left[];
  /** From now on all that is open stays open. */
  close(): void;
}

/** Something that was not over. `root` is the message from outside that set everything off. */
export type Left = LeftFollow | LeftOutbox;

export interface LeftFollow {
  readonly process: string;
  readonly nonce: number;
  readonly root: DeliveryFields;
  readonly delivery: DeliveryFields;
  readonly spawnedBy?: {
    readonly process: string;
    readonly evaluation: number;
    readonly index: number;
  };
}

export interface LeftOutbox {
  readonly process: string;
  readonly evaluation: number;
  /** The entries from `next` up to, but not including, `end` were not sent ... */
  readonly next: number;
  readonly end: number;
  /** ... nor these before them, which wait for something. */
  readonly late: readonly number[];
  readonly root: DeliveryFields;
  readonly delivery: DeliveryFields;
}

export function isUnsent(
  { next, end, late }: Pick<LeftOutbox, 'next' | 'end' | 'late'>,
  index: number,
): boolean {
  return (index >= next && index < end) || late.includes(index);
}
