/**
 * The memories of processes in a file. They are large and much alike: of each page only the first is
 * written, and of those at the same place in other processes the difference, which is nearly all zeros.
 */
import type { MemoryCapture, SavedMemory } from '../actors/compute/actor.js';
import { PAGE } from '../actors/lua/memory.js';
import type { SavedState } from '../actors/ports.js';
import { CHUNK } from '../actors/wasm/memory.js';

export type Memories = ReadonlyMap<string, SavedState>;

/** A part of a memory; those with the same name are likely to be alike. */
interface Part {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** @returns the memories without their pages, and all of these in one piece, to be compressed */
export function detachPages(memories: Memories): { memories: Memories; pages: Uint8Array } {
  const parts = [...capturesIn(memories)].flatMap(partsOf);
  const pages = Buffer.alloc(parts.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let at = 0;
  for (const { bytes } of parts) {
    pages.set(bytes, at);
    at += bytes.length;
  }
  mixAlike(pages, parts);
  return { memories: mapCaptures(memories, (capture) => hollow(capture)), pages };
}

/**
 * Undoes `detachPages`, in place.
 * @throws {RangeError} if there are not as many pages as the memories want
 */
export function attachPages(memories: Memories, pages: Uint8Array): Memories {
  let end = 0;
  const parts = [...capturesIn(memories)].flatMap(partsOf).map(({ name }) => {
    const size = name.startsWith('lua') ? PAGE : CHUNK;
    end += size;
    return { name, bytes: pages.subarray(end - size, end) };
  });
  if (end !== pages.length) throw new RangeError(`there are ${pages.length} bytes, not ${end}`);
  mixAlike(pages, parts);
  let at = 0;
  const take = () => parts[at++]?.bytes ?? new Uint8Array();
  return mapCaptures(memories, (capture) => fill(capture, take));
}

/** Takes the first part of each name off the others, or puts it back on: it is the same either way. */
function mixAlike(pages: Uint8Array, parts: readonly Part[]): void {
  const words = new Uint32Array(pages.buffer, pages.byteOffset, pages.length / 4);
  const firsts = new Map<string, number>();
  let at = 0;
  for (const { name, bytes } of parts) {
    const count = bytes.length / 4;
    const first = firsts.get(name);
    if (first === undefined) firsts.set(name, at);
    else mix(words, at, first, count);
    at += count;
  }
}

function mix(words: Uint32Array, at: number, first: number, count: number): void {
  for (let i = 0; i < count; i++) {
    words[at + i] = (words[at + i] as number) ^ (words[first + i] as number);
  }
}

function* capturesIn(memories: Memories): Generator<MemoryCapture> {
  for (const { checkpoint } of memories.values()) {
    if (isCapture(checkpoint)) yield checkpoint; // that of a sleeper is packed already
  }
}

function mapCaptures(
  memories: Memories,
  change: (capture: MemoryCapture) => MemoryCapture,
): Memories {
  const changed = [...memories].map(([process, saved]) => {
    const { checkpoint } = saved;
    if (!isCapture(checkpoint)) return [process, saved] as const;
    return [process, { ...saved, checkpoint: change(checkpoint) }] as const;
  });
  return new Map(changed);
}

function isCapture(memory: SavedMemory): memory is MemoryCapture {
  return !(memory instanceof Uint8Array) && memory.kind !== 'whole';
}

function partsOf(capture: MemoryCapture): Part[] {
  if (capture.kind === 'wasm') {
    const { module, chunks } = capture.state;
    return [...chunks].map(([number, bytes]) => ({ name: `wasm ${module} ${number}`, bytes }));
  }
  const { image, addresses, pages } = capture.checkpoint;
  return Array.from(addresses, (address, i) => ({
    name: `lua ${image} ${address}`,
    bytes: pages[i] ?? new Uint8Array(PAGE),
  }));
}

function hollow(capture: MemoryCapture): MemoryCapture {
  const nothing = new Uint8Array();
  if (capture.kind === 'lua') {
    return { ...capture, checkpoint: { ...capture.checkpoint, pages: [] } };
  }
  const chunks = new Map([...capture.state.chunks.keys()].map((number) => [number, nothing]));
  return { ...capture, state: { ...capture.state, chunks } };
}

/** Every page in a piece of its own, which can be sent elsewhere without the others. */
function fill(capture: MemoryCapture, take: () => Uint8Array): MemoryCapture {
  if (capture.kind === 'lua') {
    const { checkpoint } = capture;
    const pages = Array.from(checkpoint.addresses, () => Uint8Array.from(take()));
    return { ...capture, checkpoint: { ...checkpoint, pages } };
  }
  const chunks = [...capture.state.chunks.keys()].map(
    (number) => [number, Uint8Array.from(take())] as const,
  );
  return { ...capture, state: { ...capture.state, chunks: new Map(chunks) } };
}
