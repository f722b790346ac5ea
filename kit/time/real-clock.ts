/** A clock that follows a source of time, can be moved forward, and can be stopped and let go on. */
import { type Clock, refuseBackwards } from '../../actors/clock.js';

export interface StoppableClock extends Clock {
  readonly frozen: boolean;
  /** Time stands still from now on, until it is set or unfrozen. */
  freeze(): void;
  /** Time goes on from where it stood. */
  unfreeze(): void;
}

/**
 * @param source milliseconds since 1970, e.g. `Date.now`
 * @param startMs where its time starts. @default where that of the source is
 * @param isFrozen true to begin with time that stands still
 */
export function createRealClock(
  source: () => number,
  startMs?: number,
  isFrozen = false,
): StoppableClock {
  const read = () => Math.floor(source());
  let offsetMs = startMs === undefined ? 0 : startMs - read();
  let latestMs = 0;
  let frozenMs = isFrozen ? (startMs ?? read()) : undefined;
  const now = () => {
    if (frozenMs !== undefined) return frozenMs;
    latestMs = Math.max(latestMs, read() + offsetMs);
    return latestMs;
  };
  return {
    virtual: false,
    now,
    get frozen() {
      return frozenMs !== undefined;
    },
    set(timestampMs) {
      const nowMs = now();
      refuseBackwards(nowMs, timestampMs);
      if (frozenMs !== undefined) frozenMs = timestampMs;
      else offsetMs += timestampMs - nowMs;
    },
    freeze() {
      frozenMs = now();
    },
    unfreeze() {
      if (frozenMs === undefined) return;
      latestMs = frozenMs;
      offsetMs = frozenMs - read();
      frozenMs = undefined;
    },
  };
}

export function isStoppable(clock: Clock): clock is StoppableClock {
  return 'unfreeze' in clock;
}
