/**
 * The machine's code: flat instructions of 32 bytes. op, dst, a, b, c as 16-bit numbers, 6 zero bytes,
 * then 16 bytes of immediates. Slots count from the function's window.
 */
import type { Hash, RegionTree } from './merkle.js';
import { INSTRUCTION_BYTES } from './state.js';
import type { DataSegment } from './wasm-module.js';

/** One flat instruction. */
export interface Instruction {
  op: number;
  dst: number;
  a: number;
  b: number;
  c: number;
  imm: Uint8Array; // 16 bytes
}

export interface LoweredFunction {
  readonly name: string;
  readonly start: number; // pc of its first instruction
  readonly end: number; // pc behind its last
  readonly locals: number;
  readonly slots: number; // of its window
}

/** What the machine runs. */
export interface Code {
  readonly instructions: Uint8Array; // 32 bytes each
  readonly count: number;
  readonly entryPc: number;
  readonly functions: readonly LoweredFunction[];
  readonly data: readonly DataSegment[]; // static data of the module, which memory must hold
  readonly tree: RegionTree; // over the instructions
  codeRoot(): Hash;
  instruction(pc: number): Instruction;
  functionAt(pc: number): LoweredFunction | undefined;
}

const IMMEDIATES_AT = INSTRUCTION_BYTES / 2;

/** Writes an instruction, 32 bytes. */
export function encodeInstruction(
  { op, dst, a, b, c, imm }: Instruction,
  bytes: Uint8Array,
  at: number,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  for (const [index, field] of [op, dst, a, b, c].entries()) view.setUint16(2 * index, field, true);
  bytes.set(imm, at + IMMEDIATES_AT);
}

export function decodeInstruction(bytes: Uint8Array): Instruction {
  const [op = 0, dst = 0, a = 0, b = 0, c = 0] = new Uint16Array(bytes.slice(0, 10).buffer);
  return { op, dst, a, b, c, imm: bytes.subarray(IMMEDIATES_AT, INSTRUCTION_BYTES) };
}

/** 16 bytes of immediates, as 32-bit numbers. */
export function immediates(...values: readonly number[]): Uint8Array {
  const words = new Uint32Array(4);
  words.set(values);
  return new Uint8Array(words.buffer);
}

/** The immediate number at a place, from 0 to 3. */
export function immediate(imm: Uint8Array, index: number): number {
  return new DataView(imm.buffer, imm.byteOffset).getUint32(4 * index, true);
}
