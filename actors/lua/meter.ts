/**
 * Gives the interpreter a fuel gauge, by rewriting its bytes before they are compiled: a mutable
 * global `gas`, and at the head of every loop `gas -= 1; if gas < 0 then trap`. A trap cannot be
 * caught by pcall, __gc, __close or any other Lua code, and loops that Lua's own count hook never
 * sees (pattern matching, garbage collection, string.rep of nothing) are counted as well.
 * Copying memory costs one unit per 64 bytes. The memory's first size is set on the way.
 */
import { MEMORY_MAX, MEMORY_MIN, WASM_PAGE } from './layout.js';
import {
  type Cursor,
  malformed,
  OPCODE_LOOP,
  PREFIX,
  PREFIXED_MEMORY_COPY,
  PREFIXED_MEMORY_FILL,
  readU32,
  skipInstruction,
  skipLeb,
  writeU32,
} from './wasm-bytes.js';

const SECTION_MEMORY = 5;
const SECTION_GLOBAL = 6;
const SECTION_EXPORT = 7;
const SECTION_CODE = 10;
const HEADER_BYTES = 8;

/** `(global (mut i64) (i64.const 0))` for the gas, `(global (mut i32) (i32.const 0))` for a size. */
const GLOBALS = [0x7e, 0x01, 0x42, 0x00, 0x0b, 0x7f, 0x01, 0x41, 0x00, 0x0b];
/** One memory, which has a maximum. */
const ONE_MEMORY = [0x01, 0x01];
const EXPORT_NAME = [3, ...new TextEncoder().encode('gas'), 0x03];

type Bytes = Uint8Array | readonly number[];

/**
 * Rewrites a module.
 *
 * @returns the bytes of the metered module, which exports `gas`: (mut i64), 0 at first
 */
export function meterModule(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const cursor: Cursor = { bytes, at: HEADER_BYTES };
  const output: Bytes[] = [bytes.subarray(0, HEADER_BYTES)];
  let gas = -1;
  while (cursor.at < bytes.length) {
    const id = readU32(cursor);
    const size = readU32(cursor);
    const body: Cursor = { bytes: bytes.subarray(cursor.at, cursor.at + size), at: 0 };
    cursor.at += size;
    let section: Bytes[] = [body.bytes];
    if (id === SECTION_MEMORY) {
      section = [ONE_MEMORY, writeU32(MEMORY_MIN / WASM_PAGE), writeU32(MEMORY_MAX / WASM_PAGE)];
    } else if (id === SECTION_GLOBAL) {
      gas = readU32(body);
      section = [writeU32(gas + 2), rest(body), GLOBALS];
    } else if (id === SECTION_EXPORT) {
      section = [writeU32(readU32(body) + 1), rest(body), EXPORT_NAME, writeU32(gas)];
    } else if (id === SECTION_CODE) {
      section = meterCode(body, gas);
    }
    output.push([id], writeU32(lengthOf(section)), ...section);
  }
  if (gas < 0) throw malformed(cursor, 'has no global section');
  return concat(output);
}

function meterCode(section: Cursor, gas: number): Bytes[] {
  const count = readU32(section);
  const output: Bytes[] = [writeU32(count)];
  for (let i = 0; i < count; i += 1) {
    const size = readU32(section);
    const body = section.bytes.subarray(section.at, section.at + size);
    section.at += size;
    const metered = meterFunction({ bytes: body, at: 0 }, gas);
    output.push(writeU32(lengthOf(metered)), ...metered);
  }
  return output;
}

function meterFunction(body: Cursor, gas: number): Bytes[] {
  const pay = payForLoop(gas);
  const payBytes = payForBytes(gas, gas + 1);
  const output: Bytes[] = [];
  let copied = 0;
  const insert = (at: number, code: Bytes) => {
    output.push(body.bytes.subarray(copied, at), code);
    copied = at;
  };

  const locals = readU32(body);
  for (let i = 0; i < locals; i += 1) {
    skipLeb(body);
    body.at += 1;
  }
  while (body.at < body.bytes.length) {
    const start = body.at;
    const opcode = skipInstruction(body);
    if (opcode === OPCODE_LOOP) insert(body.at, pay);
    else if (opcode === PREFIX * 256 + PREFIXED_MEMORY_COPY) insert(start, payBytes);
    else if (opcode === PREFIX * 256 + PREFIXED_MEMORY_FILL) insert(start, payBytes);
  }
  output.push(body.bytes.subarray(copied));
  return output;
}

/** `gas -= 1; if (gas < 0) unreachable` */
function payForLoop(gas: number): number[] {
  const g = writeU32(gas);
  const subtract = [0x23, ...g, 0x42, 0x01, 0x7d, 0x24, ...g];
  const trapBelowZero = [0x23, ...g, 0x42, 0x00, 0x53, 0x04, 0x40, 0x00, 0x0b];
  return [...subtract, ...trapBelowZero];
}

/** With a size on top of the stack, and leaving it there: `gas -= size >> 6` */
function payForBytes(gas: number, size: number): number[] {
  const g = writeU32(gas);
  const s = writeU32(size);
  const shifted = [0x23, ...s, 0x41, 0x06, 0x76, 0xad];
  return [0x24, ...s, 0x23, ...s, 0x23, ...g, ...shifted, 0x7d, 0x24, ...g];
}

function rest(cursor: Cursor): Uint8Array {
  return cursor.bytes.subarray(cursor.at);
}

function lengthOf(parts: readonly Bytes[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

function concat(parts: readonly Bytes[]): Uint8Array<ArrayBuffer> {
  const output = new Uint8Array(lengthOf(parts));
  let at = 0;
  for (const part of parts) {
    output.set(part, at);
    at += part.length;
  }
  return output;
}
