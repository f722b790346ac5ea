/**
 * Linear memory of a module in chunks: what a message may have written is known without looking at
 * all of it. A module of AO has a hundred megabytes and touches two: below the lowest stack pointer
 * and above the break (sbrk) everything is as it was made, zero. A snapshot keeps the chunks that
 * are not zero; taking and restoring one compares first and copies only what differs.
 */
import type { Guest } from './guest.js';

/** Bytes of a chunk: one WebAssembly page. */
export const CHUNK = 65_536;
/** Bytes of a page of a checkpoint. */
export const PAGE = 4096;
const COOKIE_BYTES = 8;
const ZEROS = Buffer.alloc(CHUNK);

/** A state of linear memory. */
export interface Snapshot {
  /** Size of the memory. */
  bytes: number;
  /** Lowest stack pointer until then. */
  low: number;
  /** Chunk by number; undefined where all is zero. */
  chunks: (Buffer | undefined)[];
  /** Numbers of the chunks that no other snapshot has a hold of. */
  readonly own: Set<number>;
}

/** Where a module keeps what: the ends of the stack, and the two numbers that move. */
export interface Layout {
  /** Lowest address of the stack; undefined when the module does not tell. */
  readonly stackEnd: number | undefined;
  readonly low: () => number;
  /** First address that was never handed out. */
  readonly end: () => number;
}

/** A global that holds an address, as wide as the module's addresses are. */
export interface AddressGlobal {
  value: number | bigint;
}

/** Gas for what the host asks of a module between messages: enough for what an honest one does. */
export const HOST_GAS = 100_000n;

export function createLayout(
  guest: Guest,
  low: AddressGlobal,
  gas: WebAssembly.Global<'i64'>,
): Layout {
  const stackEnd = guest.call('emscripten_stack_get_end')?.();
  const sbrk = guest.call('sbrk');
  const all = () => guest.memory.buffer.byteLength;
  const end = () => {
    if (!sbrk) return all();
    const paid = guest.gasUsed;
    guest.gasUsed = 0; // a metered build pays for this call as well
    gas.value = HOST_GAS;
    try {
      return sbrk(0);
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) return all(); // it does not want to tell
      throw error;
    } finally {
      guest.gasUsed = paid;
    }
  };
  return { stackEnd, low: () => readAddress(low), end };
}

/** Addresses are unsigned, and JavaScript gets those of 32 bits with a sign. */
function readAddress({ value }: AddressGlobal): number {
  return typeof value === 'bigint' ? Number(BigInt.asUintN(64, value)) : value >>> 0;
}

/** Numbers of the chunks that may be other than as they were made. */
function* liveChunks({ stackEnd, low, end }: Layout, size: number): Generator<number> {
  const lowest = low();
  const gapStart = stackEnd === undefined ? lowest : stackEnd + COOKIE_BYTES;
  const gapEnd = stackEnd === undefined ? 0 : lowest;
  const last = Math.ceil(Math.min(end(), size) / CHUNK);
  for (let i = 0; i < last; i += 1) {
    const isInGap = i * CHUNK >= gapStart && (i + 1) * CHUNK <= gapEnd;
    if (isInGap) i = Math.max(i, Math.floor(gapEnd / CHUNK) - 1);
    else yield i;
  }
}

export function emptySnapshot(): Snapshot {
  return { bytes: 0, low: 0, chunks: [], own: new Set() };
}

/** A snapshot of the same state, to be brought up to date on its own. */
export function shareSnapshot({ bytes, low, chunks }: Snapshot): Snapshot {
  return { bytes, low, chunks: [...chunks], own: new Set() };
}

/** The snapshot of a whole memory: what is zero above the end of the stack was never on it. */
export function snapshotOf(memory: Uint8Array, stackEnd = 0): Snapshot {
  const { length: bytes } = memory;
  const buffer = Buffer.from(memory.buffer, memory.byteOffset, bytes);
  const chunks: (Buffer | undefined)[] = [];
  for (let at = 0; at < bytes; at += CHUNK) {
    const chunk = buffer.subarray(at, at + CHUNK);
    chunks.push(chunk.equals(ZEROS) ? undefined : chunk);
  }
  let low = Math.min(stackEnd + COOKIE_BYTES, bytes);
  while (low < bytes && memory[low] === 0) {
    const isEmpty = low % CHUNK === 0 && chunks[low / CHUNK] === undefined;
    low += isEmpty ? CHUNK : 1;
  }
  return { bytes, low, chunks, own: new Set() };
}

/** Brings a snapshot up to the state of the memory. */
export function updateSnapshot(snapshot: Snapshot, memory: Buffer, layout: Layout): void {
  for (const number of liveChunks(layout, memory.length)) {
    const at = number * CHUNK;
    const known = snapshot.chunks[number];
    if (memory.compare(known ?? ZEROS, 0, CHUNK, at, at + CHUNK) === 0) continue;
    if (known && snapshot.own.has(number)) {
      memory.copy(known, 0, at, at + CHUNK);
      continue;
    }
    snapshot.chunks[number] = Buffer.from(memory.subarray(at, at + CHUNK));
    snapshot.own.add(number);
  }
  snapshot.bytes = memory.length;
  snapshot.low = layout.low();
}

/** Writes a snapshot over a memory that is no larger than it was then. */
export function writeSnapshot(snapshot: Snapshot, memory: Buffer, layout: Layout): void {
  const live = new Set(liveChunks(layout, memory.length));
  for (const [number, chunk] of snapshot.chunks.entries()) if (chunk) live.add(number);
  for (const number of live) {
    const at = number * CHUNK;
    const chunk = snapshot.chunks[number] ?? ZEROS;
    if (memory.compare(chunk, 0, CHUNK, at, at + CHUNK) !== 0) chunk.copy(memory, at);
  }
}

/** The pages in which a snapshot differs from another, ascending, by their numbers. */
export function differentPages(snapshot: Snapshot, base: Snapshot): number[] {
  const pages: number[] = [];
  const count = Math.max(snapshot.chunks.length, base.chunks.length);
  for (let number = 0; number < count; number += 1) {
    const chunk = snapshot.chunks[number] ?? ZEROS;
    const known = base.chunks[number] ?? ZEROS;
    if (chunk === known || chunk.equals(known)) continue;
    for (let at = 0; at < CHUNK; at += PAGE) {
      if (chunk.compare(known, at, at + PAGE, at, at + PAGE) === 0) continue;
      pages.push((number * CHUNK + at) / PAGE);
    }
  }
  return pages;
}

/** The bytes of a page of a snapshot. */
export function pageOf(snapshot: Snapshot, page: number): Buffer {
  const at = page * PAGE;
  const chunk = snapshot.chunks[Math.floor(at / CHUNK)] ?? ZEROS;
  return chunk.subarray(at % CHUNK, (at % CHUNK) + PAGE);
}

/** Sets a page of a snapshot. */
export function putPage(snapshot: Snapshot, page: number, bytes: Uint8Array): void {
  const at = page * PAGE;
  const number = Math.floor(at / CHUNK);
  const known = snapshot.chunks[number];
  const chunk = known && snapshot.own.has(number) ? known : Buffer.from(known ?? ZEROS);
  chunk.set(bytes, at % CHUNK);
  snapshot.chunks[number] = chunk;
  snapshot.own.add(number);
}
