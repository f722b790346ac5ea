/**
 * Reads one WebAssembly instruction with what follows it. Instructions that the machine has no
 * meaning for are refused, by name, with the function and the place where they stand.
 * Source: WebAssembly core specification 2.0, section 5.4.
 */
import { OpmlError } from '../errors.js';
import type { ByteReader } from './byte-reader.js';
import { OPCODES, SIMD } from './opcodes.js';
import { unsupportedName } from './unsupported.js';

/** WebAssembly's structured control, variables and constants, which lowering does away with. */
export const WASM = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  drop: 0x1a,
  select: 0x1b,
  selectTyped: 0x1c,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  v128Const: SIMD + 12,
  shuffle: SIMD + 13,
} as const;
const SIMD_PREFIX = 0xfd;
const EMPTY_BLOCK = 0x40;
const VALUE_TYPES = [0x7f, 0x7e, 0x7d, 0x7c, 0x7b];
const WITH_INDEX: readonly number[] = [
  WASM.br,
  WASM.brIf,
  WASM.call,
  WASM.localGet,
  WASM.localSet,
  WASM.localTee,
  WASM.globalGet,
];
const PLAIN: readonly number[] = [
  WASM.unreachable,
  WASM.nop,
  WASM.else,
  WASM.end,
  WASM.return,
  WASM.drop,
  WASM.select,
];

export interface WasmInstruction {
  readonly op: number; // with 0x200 added behind the 0xfd prefix
  readonly index: number; // of a label, local, global or function; results of a block; memory offset; lane
  readonly labels: readonly number[]; // of br_table, the default last
  readonly constant: Uint8Array; // 16 bytes
}

const NONE = { index: 0, labels: [], constant: new Uint8Array(16) };

/** @throws {MODULE_UNSUPPORTED} */
export function refuse(what: string, details: Readonly<Record<string, unknown>>): never {
  const where = 'function' in details ? ` in ${details.function}` : '';
  throw new OpmlError('MODULE_UNSUPPORTED', `The machine has no ${what}${where}.`, details);
}

/**
 * Reads one instruction.
 *
 * @param name of the function, for the error
 * @param offset of the function's body in the module, for the error
 * @throws {MODULE_UNSUPPORTED}
 */
export function readInstruction(reader: ByteReader, name: string, offset: number): WasmInstruction {
  const at = offset + reader.at;
  const first = reader.byte();
  const op = first === SIMD_PREFIX ? SIMD + reader.u32() : first;
  if (op >= WASM.i32Const && op <= WASM.f64Const)
    return { ...NONE, op, constant: payload(reader, op) };
  if (op === WASM.v128Const || op === WASM.shuffle) {
    return { ...NONE, op, constant: reader.take(16).slice() };
  }
  if (PLAIN.includes(op)) return { ...NONE, op };
  if (WITH_INDEX.includes(op)) return { ...NONE, op, index: reader.u32() };
  if (op === WASM.block || op === WASM.loop || op === WASM.if) {
    return { ...NONE, op, index: readBlockResults(reader, name, at) };
  }
  if (op === WASM.brTable) {
    const labels = Array.from({ length: reader.u32() + 1 }, () => reader.u32());
    return { ...NONE, op, labels };
  }
  if (op === WASM.selectTyped) {
    reader.skip(reader.u32());
    return { ...NONE, op: WASM.select };
  }
  const opcode = OPCODES.get(op);
  if (opcode === undefined) {
    const what = unsupportedName(first, first === SIMD_PREFIX ? op - SIMD : peek(reader, first));
    return refuse(`instruction ${what}`, { instruction: what, function: name, offset: at });
  }
  if (opcode.bytes > 0) return { ...NONE, op, index: readMemoryOffset(reader, name, at) };
  return { ...NONE, op, index: opcode.lanes > 0 ? reader.byte() : 0 };
}

/** The value of a constant expression, 16 bytes. */
export function readConstant(reader: ByteReader): Uint8Array {
  const offset = reader.at;
  const { op, constant } = readInstruction(reader, 'a constant', 0);
  const isConstant = (op >= WASM.i32Const && op <= WASM.f64Const) || op === WASM.v128Const;
  if (!isConstant || reader.byte() !== WASM.end) refuse('constant that is computed', { offset });
  return constant;
}

function payload(reader: ByteReader, op: number): Uint8Array {
  const constant = new Uint8Array(16);
  const view = new DataView(constant.buffer);
  if (op === WASM.i32Const) view.setInt32(0, Number(reader.signed()), true);
  else if (op === WASM.i64Const) view.setBigInt64(0, reader.signed(), true);
  else constant.set(reader.take(op === WASM.f32Const ? 4 : 8));
  return constant;
}

function readBlockResults(reader: ByteReader, name: string, offset: number): number {
  const type = reader.byte();
  if (type === EMPTY_BLOCK) return 0;
  if (VALUE_TYPES.includes(type)) return 1;
  return refuse('block with parameters or several results', { function: name, offset });
}

function readMemoryOffset(reader: ByteReader, name: string, offset: number): number {
  const flags = reader.u32();
  if (flags >= 64) refuse('second memory', { function: name, offset });
  return reader.u32();
}

function peek(reader: ByteReader, first: number): number {
  return first === 0xfc ? reader.u32() : 0;
}
