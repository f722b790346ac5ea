/**
 * Data in memory that all compute threads share, copied into it once. What was asked for last stays:
 * a device keeps what it needs, and anybody may ask for as much data as there is.
 */
import { createRecent } from './recent.js';

/** Bytes kept for who asks again, twice at most; one piece alone may be larger. */
export const RECENT_BLOBS = { entries: 1024, bytes: 128 * 1024 * 1024 };

/** @param data may throw, and so does who asks for it */
export function createSharedBlobs(
  data: (id: string) => Uint8Array | undefined | Promise<Uint8Array | undefined>,
  most = RECENT_BLOBS,
): (id: string) => Promise<SharedArrayBuffer | undefined> {
  const shared = createRecent<SharedArrayBuffer>(most);
  return async (id) => {
    const bytes = shared.get(id) ? undefined : await data(id);
    const known = shared.get(id); // two may have asked
    if (known) return known;
    if (!bytes) return undefined; // it may be stored later
    const memory = new SharedArrayBuffer(bytes.byteLength);
    new Uint8Array(memory).set(bytes);
    shared.set(id, memory, memory.byteLength);
    return memory;
  };
}
