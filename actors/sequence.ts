/** Entries that can be counted and looked at one by one, wherever they are kept; arrays are some. */
import type { Log } from './ports.js';

export interface Sequence<Entry> {
  readonly length: number;
  /** Index of the first that is not forgotten. @default 0 */
  readonly start?: number;
  /** A negative index counts from the end. */
  at(index: number): Entry | undefined;
}

/** The log of a process as it is whenever it is looked at. */
export function sequenceOf<Entry>(log: Log<Entry>, process: string): Sequence<Entry> {
  return {
    get length() {
      return log.next(process);
    },
    get start() {
      return log.start?.(process) ?? 0;
    },
    at: (index) => log.at(process, index < 0 ? log.next(process) + index : index),
  };
}

/** The first place from `start` on where a condition holds that stays true from there on. */
export function findPlace(length: number, holds: (place: number) => boolean, start = 0): number {
  let low = start;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
