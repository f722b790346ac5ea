/**
 * A ring of things to sign, in memory that two threads share. One posts, and takes back what the other
 * has not begun; the other signs in the order of posting. Neither ever waits for the other longer than
 * one signature takes.
 */

const SLOTS = 256; // a power of two
const MESSAGE_BYTES = 48; // of a data item's deep hash
const SIGNATURE_BYTES = 64;

/** Places of the ring's own numbers, before the states of the slots. */
const HEAD = 0; // messages posted
const TAIL = 1; // messages passed by the signing thread
const ASLEEP = 2;
const NUMBERS = 4;

/** States of a slot. */
const FREE = 0;
const POSTED = 1;
const TAKEN = 2;
const DONE = 3;

/**
 * How the signing thread waits for work: it looks for some tenths of a millisecond, then naps, because
 * to be woken costs who wakes it as much as half a signature; and sleeps when nothing came for long.
 */
const SPINS = 100_000;
const NAP_MS = 1;
const NAPS = 100;

export interface RingMemory {
  readonly control: SharedArrayBuffer;
  readonly bytes: SharedArrayBuffer;
}

export function createRingMemory(): RingMemory {
  return {
    control: new SharedArrayBuffer(4 * (NUMBERS + 2 * SLOTS)),
    bytes: new SharedArrayBuffer(SLOTS * (MESSAGE_BYTES + SIGNATURE_BYTES)),
  };
}

function viewOf({ control, bytes }: RingMemory) {
  const numbers = new Int32Array(control);
  const all = new Uint8Array(bytes);
  return {
    numbers,
    state: (slot: number) => NUMBERS + slot,
    key: (slot: number) => NUMBERS + SLOTS + slot,
    message: (slot: number) => all.subarray(slot * MESSAGE_BYTES, (slot + 1) * MESSAGE_BYTES),
    signature(slot: number) {
      const at = SLOTS * MESSAGE_BYTES + slot * SIGNATURE_BYTES;
      return all.subarray(at, at + SIGNATURE_BYTES);
    },
  };
}

export interface RingPoster {
  /**
   * @param key number of the key to sign with
   * @returns the slot that it is in; undefined if the ring is full or the message of another length
   */
  post(key: number, message: Uint8Array): number | undefined;
  /** The signature of a message; undefined if nobody has begun it, and then nobody will. */
  take(slot: number, message: Uint8Array): Uint8Array | undefined;
}

export function createRingPoster(memory: RingMemory): RingPoster {
  const { numbers, state, key, message, signature } = viewOf(memory);
  let head = 0;
  return {
    post(number, bytes) {
      const slot = head & (SLOTS - 1);
      const isFull = ((head - Atomics.load(numbers, TAIL)) | 0) >= SLOTS;
      if (isFull || bytes.length !== MESSAGE_BYTES) return undefined;
      message(slot).set(bytes);
      numbers[key(slot)] = number;
      Atomics.store(numbers, state(slot), POSTED);
      head = (head + 1) | 0;
      Atomics.store(numbers, HEAD, head);
      if (Atomics.load(numbers, ASLEEP) === 1) Atomics.notify(numbers, HEAD);
      return slot;
    },
    take(slot, bytes) {
      const at = state(slot);
      if (Buffer.compare(message(slot), bytes) !== 0) return undefined; // another took its place
      if (Atomics.compareExchange(numbers, at, POSTED, FREE) === POSTED) return undefined;
      while (Atomics.load(numbers, at) === TAKEN); // as long as a signature takes
      const isDone = Atomics.compareExchange(numbers, at, DONE, FREE) === DONE;
      return isDone ? Uint8Array.from(signature(slot)) : undefined;
    },
  };
}

/** Signs what is posted, for ever: the thread ends when it is told to from outside. */
export function serveRing(
  memory: RingMemory,
  sign: (key: number, message: Uint8Array) => Uint8Array,
): never {
  const { numbers, state, key, message, signature } = viewOf(memory);
  for (let tail = 0; ; tail = (tail + 1) | 0) {
    awaitPost(numbers, tail);
    const slot = tail & (SLOTS - 1);
    if (Atomics.compareExchange(numbers, state(slot), POSTED, TAKEN) === POSTED) {
      signature(slot).set(sign(numbers[key(slot)] as number, Uint8Array.from(message(slot))));
      Atomics.store(numbers, state(slot), DONE);
    }
    Atomics.store(numbers, TAIL, (tail + 1) | 0);
  }
}

function awaitPost(numbers: Int32Array, tail: number): void {
  for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(numbers, HEAD) !== tail) return;
  for (let nap = 0; nap < NAPS; nap++) {
    if (Atomics.wait(numbers, HEAD, tail, NAP_MS) !== 'timed-out') return;
  }
  while (Atomics.load(numbers, HEAD) === tail) {
    Atomics.store(numbers, ASLEEP, 1);
    Atomics.wait(numbers, HEAD, tail);
    Atomics.store(numbers, ASLEEP, 0);
  }
}
