/**
 * The parts of linear memory that are a process's state: static data and heap, cut into pages. What
 * differs from the image is a checkpoint; what lies between (the C stack) is kept clean, because
 * leftovers in it could reach the heap as padding and make equal states differ in their bytes.
 */
import type { LuaInstance } from './instance.js';
import { BREAK_ADDRESS, DATA_END, HEAP_START, STACK_TOP, WASM_PAGE } from './layout.js';

/** Size of a page of a checkpoint, in bytes. */
export const PAGE = 4096;

/** Part of the stack that is cleaned every time, and the part below it that tells of deeper use. */
const STACK_SHALLOW = 32 * 1024;
const STACK_PROBE = 32 * 1024;
/**
 * Least growth of linear memory at a time: in bytes, and as a part of its size, because each one
 * makes V8 collect garbage. What is not used takes addresses alone.
 */
const GROWTH = 1024 * 1024;
const GROWTH_PART = 1 / 4;
const ZEROS = Buffer.alloc(STACK_PROBE);

/** The state that an image holds; MemoryImage has this shape. */
export interface Base {
  readonly data: Buffer;
  readonly heap: Buffer;
}

/** @returns the end of the heap in use */
export function readBreak(instance: LuaInstance): number {
  return instance.view.getUint32(BREAK_ADDRESS, true);
}

/** Cleans the C stack, which must be empty. C frames are smaller than the probe, so it sees them. */
export function sweepStack({ buffer, lua }: LuaInstance): void {
  lua.stackRestore(STACK_TOP);
  const shallow = STACK_TOP - STACK_SHALLOW;
  const probe = shallow - STACK_PROBE;
  buffer.fill(0, shallow, STACK_TOP);
  if (ZEROS.compare(buffer, probe, shallow) !== 0) buffer.fill(0, DATA_END, shallow);
}

/**
 * Addresses of the pages in which an instance differs from the image, ascending.
 * @param isSame true for a page that is known to differ, because it is as it was when it did
 */
export function changedPages(
  instance: LuaInstance,
  base: Base,
  isSame: (address: number) => boolean,
): number[] {
  const { buffer } = instance;
  const collect = (start: number, end: number, known: Buffer) => {
    const pages: number[] = [];
    for (let address = start; address < end; address += PAGE) {
      const length = Math.min(PAGE, end - address);
      if (isSame(address) || isChanged(buffer, address, length, known, address - start)) {
        pages.push(address);
      }
    }
    return pages;
  };
  const end = Math.max(readBreak(instance), HEAP_START + base.heap.length);
  return [...collect(0, DATA_END, base.data), ...collect(HEAP_START, end, base.heap)];
}

/** First address after a page: the static data and linear memory end with a shorter one. */
export function pageEnd(instance: LuaInstance, address: number): number {
  return Math.min(address + PAGE, address < DATA_END ? DATA_END : instance.buffer.length);
}

/** Compares a part of memory with one of `base`, which continues with zeros. */
function isChanged(buffer: Buffer, address: number, length: number, base: Buffer, offset: number) {
  const known = Math.min(length, Math.max(0, base.length - offset));
  return (
    (known > 0 && isDifferent(buffer, address, base, offset, known)) ||
    (known < length && isDifferent(buffer, address + known, ZEROS, 0, length - known))
  );
}

function isDifferent(a: Buffer, aStart: number, b: Buffer, bStart: number, length: number) {
  return a.compare(b, bStart, bStart + length, aStart, aStart + length) !== 0;
}

/** Writes the image over an instance; everything of the process before is gone. */
export function writeBase(instance: LuaInstance, base: Base): void {
  const used = readBreak(instance);
  const end = HEAP_START + base.heap.length;
  growTo(instance, end);
  const { buffer } = instance;
  base.data.copy(buffer, 0);
  base.heap.copy(buffer, HEAP_START);
  if (used > end) buffer.fill(0, end, used);
}

/** Makes linear memory reach an address within the limit, with some room to spare. */
export function growTo(instance: LuaInstance, address: number): void {
  const size = instance.buffer.length;
  if (address <= size) return;
  const roomy = size + Math.max(GROWTH, size * GROWTH_PART);
  const wanted = Math.min(Math.max(address, roomy), instance.memoryLimit);
  instance.lua.memory.grow(Math.ceil((wanted - size) / WASM_PAGE));
  instance.refreshViews();
}
