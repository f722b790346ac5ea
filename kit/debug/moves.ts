/**
 * Where a step leads, as pure searches in a recording. A move that finds nothing leads to the end, or
 * backwards to the first line.
 */
import type { Recording } from './recording.js';

export type Move =
  | 'step' // the next line, in whatever it calls
  | 'next' // the next line of this call, or of its caller
  | 'out' // the next line of the caller
  | 'continue' // the next stop
  | 'back' // the line before in this call, or in its caller
  | 'step-back' // the line that ran before this one
  | 'reverse'; // the stop before

/** Whether to stop at a place; it may take a run to find out. */
export type Stops = (place: number) => boolean;

export function findPlace(
  recording: Recording,
  from: number,
  move: Exclude<Move, 'continue' | 'reverse'>,
): number {
  const { length, depth } = recording;
  const here = from < length ? depth(from) : 0;
  switch (move) {
    case 'step':
      return Math.min(from + 1, length);
    case 'step-back':
      return Math.max(from - 1, 0);
    case 'next':
      return forwards(recording, from, (place) => depth(place) <= here);
    case 'out':
      return forwards(recording, from, (place) => depth(place) < here);
    case 'back':
      if (from >= length) return Math.max(length - 1, 0);
      return backwards(recording, from, (place) => depth(place) <= here);
  }
}

export function forwards({ length }: Recording, from: number, stops: Stops): number {
  for (let place = from + 1; place < length; place++) if (stops(place)) return place;
  return length;
}

export function backwards(_recording: Recording, from: number, stops: Stops): number {
  for (let place = from - 1; place >= 0; place--) if (stops(place)) return place;
  return 0;
}
