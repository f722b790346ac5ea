/**
 * The memories of processes in a file. They are large and much alike: of each page only the first is
 * written, and of those at the same place in other processes the difference, which is nearly all zeros.
 */
import type { MemoryCapture, SavedMemory } from '../actors/compute/actor.js';
import { PAGE } from '../actors/lua/memory.js';
import type { SavedState } from '../actors/ports.js';
import { CHUNK } from '../actors/wasm/memory.js';

export type Memories = ReadonlyMap<string, SavedState>;

/** A part of a memory; those of the same module at the same place are likely to be alike. */
interface Part {
  readonly module: string;
  readonly place: number;
  readonly bytes: Uint8Array;
}

const NO_BYTES = new Uint8Array();

/** The first part of each place, by module. */
type Firsts = Map<string, Map<number, Uint32Array>>;

/** @returns the memories without their pages, and all of these in one piece, to be compressed */
export function detachPages(memories: Memories): { memories: Memories; pages: Uint8Array } {
  const parts = [...capturesIn(memories)].flatMap(partsOf);
  const pages = Buffer.allocUnsafeSlow(parts.reduce((sum, { bytes }) => sum + bytes.length, 0));
  const firsts: Firsts = new Map();
  let at = 0;
  for (const part of parts) {
    const { length } = part.bytes;
    pages.set(part.bytes, at);
    mixAlike(part, pages.subarray(at, at + length), firsts);
    at += length;
  }
  return { memories: mapCaptures(memories, hollow), pages };
}

/**
 * Undoes `detachPages`. The pages of one memory are in one piece, which can be sent elsewhere without
 * the others.
 * @throws {RangeError} if there are not as many pages as the memories want
 */
export function attachPages(memories: Memories, pages: Uint8Array): Memories {
  const firsts: Firsts = new Map();
  let end = 0;
  const attached = mapCaptures(memories, (capture) => {
    const parts = partsOf(capture);
    const size = capture.kind === 'lua' ? PAGE : CHUNK;
    const start = end;
    end += parts.length * size;
    const own = new Uint8Array(pages.subarray(start, end));
    const all = parts.map((part, i) => {
      const bytes = own.subarray(i * size, (i + 1) * size);
      mixAlike(part, bytes, firsts);
      return bytes;
    });
    return fill(capture, all);
  });
  if (end !== pages.length) throw new RangeError(`there are ${pages.length} bytes, not ${end}`);
  return attached;
}

/** Takes the first part of a place off another, or puts it back on: it is the same either way. */
function mixAlike({ module, place }: Part, bytes: Uint8Array, firsts: Firsts): void {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const places = firsts.get(module) ?? new Map<number, Uint32Array>();
  const first = places.get(place);
  if (first) mix(words, first);
  else firsts.set(module, places.set(place, words));
}

function mix(words: Uint32Array, others: Uint32Array): void {
  for (let i = 0; i < words.length; i++) {
    words[i] = (words[i] as number) ^ (others[i] as number);
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
    return [...chunks].map(([place, bytes]) => ({ module: `wasm ${module}`, place, bytes }));
  }
  const { image, addresses, pages } = capture.checkpoint;
  const module = `lua ${image}`;
  return Array.from(addresses, (place, i) => ({ module, place, bytes: pages[i] ?? NO_BYTES }));
}

function hollow(capture: MemoryCapture): MemoryCapture {
  if (capture.kind === 'lua') {
    return { ...capture, checkpoint: { ...capture.checkpoint, pages: [] } };
  }
  const chunks = new Map([...capture.state.chunks.keys()].map((place) => [place, NO_BYTES]));
  return { ...capture, state: { ...capture.state, chunks } };
}

function fill(capture: MemoryCapture, parts: readonly Uint8Array[]): MemoryCapture {
  if (capture.kind === 'lua') {
    return { ...capture, checkpoint: { ...capture.checkpoint, pages: parts } };
  }
  const numbers = [...capture.state.chunks.keys()];
  const chunks = new Map(numbers.map((number, i) => [number, parts[i] ?? NO_BYTES]));
  return { ...capture, state: { ...capture.state, chunks } };
}
