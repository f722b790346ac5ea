/**
 * Reading and writing the WebAssembly binary format, as little of it as meter.ts and watched.ts need: LEB128
 * numbers, sections, and the length of an instruction.
 * Source: WebAssembly core specification 2.0, sections 5.2 to 5.5.
 */
import { MachineError } from './errors.js';

/** A position in a byte array that moves as things are read. */
export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

function readByte(cursor: Cursor): number {
  const byte = cursor.bytes[cursor.at];
  if (byte === undefined) throw malformed(cursor, 'ends in the middle');
  cursor.at += 1;
  return byte;
}

/** Reads an unsigned LEB128 number of at most 32 bits. */
export function readU32(cursor: Cursor): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = readByte(cursor);
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
  }
  throw malformed(cursor, 'has a number that is too long');
}

export function writeU32(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}

/** A number from 0 on as signed LEB128, where the sixth bit of the last byte is its sign. */
export function writeSigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x3f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}

/** Moves past one LEB128 number of any width and sign. */
export function skipLeb(cursor: Cursor): void {
  while (readByte(cursor) >= 0x80);
}

function skipLebs(cursor: Cursor, count: number): void {
  for (let i = 0; i < count; i += 1) skipLeb(cursor);
}

/** How many LEB128 immediates follow an opcode; what is not listed has none. */
const IMMEDIATES = new Map<number, number>([
  ...[0x02, 0x03, 0x04, 0x0c, 0x0d, 0x10].map((opcode) => [opcode, 1] as const),
  ...[0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26].map((opcode) => [opcode, 1] as const),
  ...[0x3f, 0x40, 0x41, 0x42, 0xd0, 0xd2].map((opcode) => [opcode, 1] as const),
  [0x11, 2],
  ...Array.from({ length: 0x3e - 0x28 + 1 }, (_, i) => [0x28 + i, 2] as const),
]);

/** The same for the instructions behind the 0xfc prefix: conversions, then bulk memory and tables. */
const PREFIXED_IMMEDIATES = [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1];

export const OPCODE_LOOP = 0x03;
export const OPCODE_GLOBAL_SET = 0x24;
export const PREFIX = 0xfc;
export const PREFIXED_MEMORY_COPY = 10;
export const PREFIXED_MEMORY_FILL = 11;

/** The prefix of the vector instructions; what follows an opcode of theirs is in `skipVector`. */
const PREFIX_VECTOR = 0xfd;

/** Moves past what follows the number of a vector instruction. */
function skipVector(cursor: Cursor, number: number): void {
  const isLoadOrStore = number <= 11 || number === 92 || number === 93;
  const isLaneOfMemory = number >= 84 && number <= 91;
  if (isLoadOrStore || isLaneOfMemory) skipLebs(cursor, 2);
  if (number === 12 || number === 13) cursor.at += 16;
  if (isLaneOfMemory || (number >= 21 && number <= 34)) cursor.at += 1;
}

/**
 * Moves past one instruction.
 *
 * @returns its opcode; a prefixed one as 0xfc00 + number
 */
export function skipInstruction(cursor: Cursor): number {
  const opcode = readByte(cursor);
  if (opcode === PREFIX) {
    const number = readU32(cursor);
    const immediates = PREFIXED_IMMEDIATES[number];
    if (immediates === undefined) throw malformed(cursor, `has instruction 0xfc ${number}`);
    skipLebs(cursor, immediates);
    return PREFIX * 256 + number;
  }
  if (opcode === PREFIX_VECTOR) {
    skipVector(cursor, readU32(cursor));
    return opcode;
  }
  if (opcode === 0x0e || opcode === 0x1c) {
    const targets = readU32(cursor);
    skipLebs(cursor, opcode === 0x0e ? targets + 1 : targets);
  } else if (opcode === 0x43 || opcode === 0x44) {
    cursor.at += opcode === 0x43 ? 4 : 8;
  } else if (opcode > 0xd2 || (opcode > 0x05 && opcode < 0x0b)) {
    throw malformed(cursor, `has instruction 0x${opcode.toString(16)}`);
  } else {
    skipLebs(cursor, IMMEDIATES.get(opcode) ?? 0);
  }
  return opcode;
}

/** Moves past the declarations of locals at the head of a function's body. */
export function skipLocals(body: Cursor): void {
  const locals = readU32(body);
  for (let i = 0; i < locals; i += 1) {
    skipLeb(body);
    body.at += 1;
  }
}

export function malformed(cursor: Cursor, what: string): MachineError {
  return new MachineError('LUA_WASM_UNKNOWN', `the Lua module ${what} at byte ${cursor.at}`, {
    hint: 'Install wasmoon 1.16.0 exactly.',
  });
}
