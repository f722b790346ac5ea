/**
 * A checkpoint: the state of one process between two messages, as the pages in which its memory
 * differs from its module's image, and what its devices keep. Coroutines are heap, so they are in
 * it. Taking one never changes the machine. It has a byte form for a store.
 */
import { createHash } from 'node:crypto';
import { MachineError } from './errors.js';
import type { MemoryImage } from './image.js';
import type { LuaInstance } from './instance.js';
import { DATA_END, HEAP_START } from './layout.js';
import { changedPages, growTo, PAGE, pageEnd, readBreak, writeBase } from './memory.js';

export interface Checkpoint {
  /** Hash of the image that the pages are relative to. */
  readonly image: string;
  /** End of the heap. */
  readonly heapEnd: number;
  /** Addresses of the changed pages, ascending. */
  readonly addresses: Uint32Array;
  /** Their contents, PAGE bytes each, in the same order; shared with checkpoints that have the same. */
  readonly pages: readonly Uint8Array[];
  /** State of each device, in the image's order. */
  readonly devices: readonly Uint8Array[];
}

const MAGIC = Buffer.from('CRLCKPT1');

/** @param last one taken before: pages that are still the same are not copied again */
export function takeCheckpoint(
  instance: LuaInstance,
  image: MemoryImage,
  devices: readonly Uint8Array[],
  last?: Checkpoint,
): Checkpoint {
  const { buffer } = instance;
  const shared = new Map<number, Uint8Array>();
  let place = 0; // in the last one, whose addresses ascend as well
  const isSame = (address: number) => {
    while (last && (last.addresses[place] ?? address) < address) place++;
    const page = last?.addresses[place] === address ? last.pages[place] : undefined;
    const end = pageEnd(instance, address);
    if (!page || buffer.compare(page, 0, end - address, address, end) !== 0) return false;
    shared.set(address, page);
    return true;
  };
  const addresses = Uint32Array.from(changedPages(instance, image, isSame));
  const pages = Array.from(addresses, (it) => shared.get(it) ?? copyPage(instance, it));
  return { image: image.hash, heapEnd: readBreak(instance), addresses, pages, devices };
}

/** A whole page: where a region ends with a shorter one, zeros follow. */
function copyPage(instance: LuaInstance, address: number): Uint8Array {
  const page = new Uint8Array(PAGE);
  page.set(instance.buffer.subarray(address, pageEnd(instance, address)));
  return page;
}

/**
 * Writes a checkpoint over whatever an instance holds.
 *
 * @throws {CHECKPOINT_FOREIGN} when it was taken from a process of another image
 * @throws {CHECKPOINT_INVALID} when it is no state that this machine may have
 */
export function writeCheckpoint(
  instance: LuaInstance,
  image: MemoryImage,
  checkpoint: Checkpoint,
): void {
  if (checkpoint.image !== image.hash) {
    throw new MachineError('CHECKPOINT_FOREIGN', 'the checkpoint belongs to another module image', {
      details: { checkpoint: checkpoint.image, image: image.hash },
      hint: 'Restore it into a machine of the module that it was taken from.',
    });
  }
  validate(checkpoint, instance.memoryLimit);
  writeBase(instance, image);
  growTo(instance, checkpoint.heapEnd);
  checkpoint.addresses.forEach((address, index) => {
    const length = pageEnd(instance, address) - address;
    instance.buffer.set((checkpoint.pages[index] as Uint8Array).subarray(0, length), address);
  });
}

/** A checkpoint may come from a store: nothing in it is trusted to point into the memory. */
function validate({ heapEnd, addresses, pages }: Checkpoint, memoryLimit: number): void {
  if (heapEnd < HEAP_START || heapEnd > memoryLimit) {
    throw invalid(`has a heap that ends at ${heapEnd}, and the limit is ${memoryLimit}`);
  }
  const isWhole = pages.length === addresses.length && pages.every((it) => it.length === PAGE);
  if (!isWhole) throw invalid('lacks pages');
  let previous = -1;
  for (const address of addresses) {
    const start = address < DATA_END ? 0 : HEAP_START;
    const isPage = address >= start && (address - start) % PAGE === 0;
    if (!isPage || address <= previous || address > heapEnd) {
      throw invalid(`has a page at ${address}`);
    }
    previous = address;
  }
}

/** @returns SHA-256 of a state, base64url: equal if and only if the states are */
export function hashCheckpoint(checkpoint: Checkpoint): string {
  return createHash('sha256').update(encodeCheckpoint(checkpoint)).digest('base64url');
}

/** Byte form, little-endian: magic, image, heap end, counts, addresses, pages, devices. */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const image = Buffer.from(checkpoint.image, 'base64url');
  const numbers = [checkpoint.heapEnd, checkpoint.addresses.length, checkpoint.devices.length];
  return Buffer.concat([
    MAGIC,
    image,
    encodeNumbers(numbers),
    encodeNumbers([...checkpoint.addresses]),
    ...checkpoint.pages,
    ...checkpoint.devices.flatMap((state) => [encodeNumbers([state.length]), state]),
  ]);
}

/** @throws {CHECKPOINT_INVALID} when the bytes are not a whole checkpoint */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const take = (length: number) => {
    if (at + length > buffer.length) throw invalid(`ends after ${buffer.length} bytes`);
    at += length;
    return buffer.subarray(at - length, at);
  };
  const takeNumber = () => take(4).readUInt32LE(0);
  if (!take(MAGIC.length).equals(MAGIC)) throw invalid('does not begin like one');
  const image = take(32).toString('base64url');
  const heapEnd = takeNumber();
  const pageCount = takeNumber();
  const deviceCount = takeNumber();
  const table = take(pageCount * 4);
  const addresses = Uint32Array.from({ length: pageCount }, (_, i) => table.readUInt32LE(i * 4));
  const pages = Array.from({ length: pageCount }, () => Uint8Array.from(take(PAGE)));
  const devices = Array.from({ length: deviceCount }, () => Uint8Array.from(take(takeNumber())));
  if (at !== buffer.length) throw invalid(`has ${buffer.length - at} bytes too many`);
  return { image, heapEnd, addresses, pages, devices };
}

function encodeNumbers(numbers: readonly number[]): Buffer {
  const buffer = Buffer.alloc(numbers.length * 4);
  numbers.forEach((number, index) => {
    buffer.writeUInt32LE(number, index * 4);
  });
  return buffer;
}

function invalid(what: string): MachineError {
  return new MachineError('CHECKPOINT_INVALID', `this is no checkpoint: it ${what}`, {
    hint: 'Replay the process from its log instead.',
  });
}
