/**
 * The price queue: who is served next.
 *
 * Higher multiplier first; equal ones in order of arrival. Multipliers are fractions paid / fee and
 * are compared as fractions, in integers: the floats that are shown can only tie where these differ.
 *
 * Worked: A pays 54 for a fee of 27 (2x), B 60 for 40 (1.5x), C 20 for 10 (2x), in this order of
 * arrival. Served: A, C, B.
 *
 * Source: processes/herder.lua `Herder.enqueue`.
 */
import type { Winston } from './fee.js';

/** What the queue orders by. */
export interface Bid {
  /** Order of arrival. A request that is queued again keeps its number. */
  readonly id: number;
  readonly paid: Winston;
  readonly fee: Winston;
}

/** Whether `a` is served before `b`. */
export function isServedBefore(a: Bid, b: Bid): boolean {
  const left = a.paid * b.fee;
  const right = b.paid * a.fee;
  return left === right ? a.id < b.id : left > right;
}

/** The queue with one more bid at its place. The given queue is not changed. */
export function enqueue<B extends Bid>(queue: readonly B[], bid: B): readonly B[] {
  const later = queue.findIndex((other) => isServedBefore(bid, other));
  const place = later === -1 ? queue.length : later;
  return [...queue.slice(0, place), bid, ...queue.slice(place)];
}
