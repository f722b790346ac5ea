/**
 * How often one address may ask: a bucket of requests that fills again as time passes. The time is
 * passed in. An address that has asked for nothing in a while is forgotten, and there are never more
 * buckets than `ADDRESSES_MAX`, so that many addresses cannot fill memory.
 */

export interface Rate {
  /** Requests in the long run. */
  readonly perSecond: number;
  /** Requests at once, after a rest. */
  readonly burst: number;
}

export interface RateBound {
  /** Counts a request. @returns seconds to wait if there have been too many; 0 if it may go on */
  admit(address: string): number;
}

/** A program on this machine can ask faster than anything here answers; who is elsewhere cannot. */
export const LOOPBACK_RATE: Rate = { perSecond: 20_000, burst: 200_000 };
export const REMOTE_RATE: Rate = { perSecond: 200, burst: 2_000 };

const ADDRESSES_MAX = 10_000;

/** @param now milliseconds, never running backwards */
export function createRateBound(rateOf: (address: string) => Rate, now: () => number): RateBound {
  const buckets = new Map<string, { left: number; atMs: number }>();
  return {
    admit(address) {
      const { perSecond, burst } = rateOf(address);
      const nowMs = now();
      const bucket = buckets.get(address);
      if (!bucket) {
        forgetOldest(buckets);
        buckets.set(address, { left: burst - 1, atMs: nowMs });
        return 0;
      }
      const left = Math.min(burst, bucket.left + ((nowMs - bucket.atMs) / 1000) * perSecond);
      bucket.atMs = nowMs;
      bucket.left = Math.max(0, left - 1);
      return left >= 1 ? 0 : Math.ceil((1 - left) / perSecond);
    },
  };
}

/** Maps keep the order of insertion: the first bucket is the one that was made first. */
function forgetOldest(buckets: Map<string, unknown>): void {
  if (buckets.size < ADDRESSES_MAX) return;
  const oldest = buckets.keys().next();
  if (!oldest.done) buckets.delete(oldest.value);
}

/** True for addresses of this machine, as sockets write them. */
export function isLoopback(address: string): boolean {
  return /^(::ffff:)?127\.|^::1$|^localhost$/.test(address);
}

export const rateOf = (address: string): Rate =>
  isLoopback(address) ? LOOPBACK_RATE : REMOTE_RATE;
