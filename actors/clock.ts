/**
 * Time of a network. The core owns no clock: virtual time moves only when told to, and wall-clock
 * time is a source passed in by the composition root (`cli`), plus an offset so that it can be moved
 * forward as well. Time never goes back.
 */
import { ActorError } from './errors.js';

/** Milliseconds since 1970, as AO's timestamps count. */
export interface Clock {
  /** True if time stands still between `set`s, so that an evaluation takes no time at all. */
  readonly virtual: boolean;
  now(): number;
  /** @throws {CLOCK_BACKWARDS} if `timestampMs` is before now */
  set(timestampMs: number): void;
}

/** 2025-01-01T00:00:00Z: where virtual time starts unless told otherwise. */
export const VIRTUAL_START_MS = 1_735_689_600_000;

/** A clock that stands still until it is set. */
export function createVirtualClock(startMs: number = VIRTUAL_START_MS): Clock {
  let nowMs = startMs;
  return {
    virtual: true,
    now: () => nowMs,
    set(timestampMs) {
      refuseBackwards(nowMs, timestampMs);
      nowMs = timestampMs;
    },
  };
}

/** A clock that follows `source` (milliseconds since 1970, e.g. `Date.now`). */
export function createWallClock(source: () => number): Clock {
  let offsetMs = 0;
  let latestMs = 0;
  const now = () => {
    latestMs = Math.max(latestMs, Math.floor(source()) + offsetMs);
    return latestMs;
  };
  return {
    virtual: false,
    now,
    set(timestampMs) {
      const nowMs = now();
      refuseBackwards(nowMs, timestampMs);
      offsetMs += timestampMs - nowMs;
    },
  };
}

/** @throws {CLOCK_BACKWARDS} */
export function refuseBackwards(nowMs: number, timestampMs: number): void {
  if (Number.isSafeInteger(timestampMs) && timestampMs >= nowMs) return;
  throw new ActorError('CLOCK_BACKWARDS', `cannot set the clock from ${nowMs} to ${timestampMs}`, {
    hint: 'Time is a whole number of milliseconds and only moves forward.',
    details: { nowMs, timestampMs },
  });
}
