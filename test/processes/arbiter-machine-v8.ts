/**
 * What V8 computes: one instruction in a WebAssembly module of its own, on operands in memory. The
 * oracle for the arbiter's Lua.
 */
import { OPCODES, type Opcode, SIMD, slotReads } from '../../opml/machine/opcodes.js';
import { STATUS } from '../../opml/machine/state.js';

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';

export interface Signature {
  readonly operands: readonly ValueType[];
  readonly result: ValueType;
}

export const SLOT = 16;
export const SIZES: Record<ValueType, number> = { i32: 4, i64: 8, f32: 4, f64: 8, v128: 16 };
const LOADS = { i32: [0x28], i64: [0x29], f32: [0x2a], f64: [0x2b], v128: [0xfd, 0] };
const STORES = { i32: [0x36], i64: [0x37], f32: [0x38], f64: [0x39], v128: [0xfd, 11] };

const COMPARISON = /\.(eqz|(eq|ne|lt|gt|le|ge)(_[su])?)$/;
/** Instructions whose NaN results the machine makes canonical; all others move bits. */
const COMPUTES_FLOAT =
  /^f(32|64)(x4)?\.(ceil|floor|trunc|nearest|sqrt|add|sub|mul|div|min|max|demote_f64|promote_f32)$/;

/** Instructions that compute a slot out of slots alone, as WebAssembly has them. */
export function pureOpcodes(): Opcode[] {
  const pure = ['unary', 'binary', 'ternary'];
  return [...OPCODES.values()].filter(
    ({ op, shape }) => pure.includes(shape) && (op < 0x100 || op >= SIMD) && op !== 0x1b,
  );
}

/** Types by an instruction's name. */
export function signatureOf({ op, name, shape }: Opcode): Signature {
  const [prefix = '', rest = ''] = name.split('.');
  const count = slotReads(shape);
  if (op >= SIMD) return simdSignature(prefix, rest, count);
  const from = /_([if](32|64))(_[su])?$/.exec(rest)?.[1] ?? prefix;
  const result = COMPARISON.test(name) ? 'i32' : prefix;
  return { operands: Array(count).fill(from), result: result as ValueType };
}

function simdSignature(prefix: string, rest: string, count: number): Signature {
  const lane = prefix.startsWith('f')
    ? prefix.slice(0, 3)
    : prefix.startsWith('i64')
      ? 'i64'
      : 'i32';
  const scalar = lane as ValueType;
  if (rest === 'splat') return { operands: [scalar], result: 'v128' };
  if (rest.startsWith('extract_lane')) return { operands: ['v128'], result: scalar };
  if (rest === 'replace_lane') return { operands: ['v128', scalar], result: 'v128' };
  if (rest.startsWith('sh') && rest !== 'shuffle') {
    return { operands: ['v128', 'i32'], result: 'v128' };
  }
  const result = rest.endsWith('_true') ? 'i32' : 'v128';
  return { operands: Array(count).fill('v128'), result };
}

const section = (id: number, ...body: number[]) => [id, body.length, ...body];

/** (memory (export "m") 1) (func (export "f") (param i32) body) */
export function compileBody(body: readonly number[]): (operands: Uint8Array) => Uint8Array {
  const code = [0, ...body, 0x0b];
  const bytes = [
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, 1, 0x60, 1, 0x7f, 0),
    ...section(3, 1, 0),
    ...section(5, 1, 0, 1),
    ...section(7, 2, 1, 0x6d, 2, 0, 1, 0x66, 0, 0),
    ...section(10, 1, code.length, ...code),
  ];
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(bytes)));
  const memory = new Uint8Array((exports.m as WebAssembly.Memory).buffer);
  return (operands) => {
    memory.fill(0, 0, 256);
    memory.set(operands);
    (exports.f as (address: number) => void)(0);
    return memory.slice(0, 256);
  };
}

/** A function from up to three slots to the slot that the instruction gives, or to its trap. */
export function compileOpcode(
  opcode: Opcode,
  immediate: Uint8Array,
): (operands: Uint8Array) => Uint8Array | number {
  const { operands, result } = signatureOf(opcode);
  const loads = operands.flatMap((type, i) => [0x20, 0, ...LOADS[type], 0, SLOT * i]);
  const number = opcode.op - SIMD;
  const tail =
    opcode.name === 'i8x16.shuffle' ? immediate : opcode.lanes > 0 ? immediate.subarray(0, 1) : [];
  const code = number < 0 ? [opcode.op] : [0xfd, ...leb(number), ...tail];
  const run = compileBody([0x20, 0, ...loads, ...code, ...STORES[result], 0, 3 * SLOT]);
  return (slots) => {
    try {
      const value = run(slots).slice(3 * SLOT, 4 * SLOT);
      return COMPUTES_FLOAT.test(opcode.name) ? canonical(value, opcode.name) : value;
    } catch (error) {
      return trapOf(error, slots, operands[0] ?? 'i32');
    }
  };
}

function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 0x7f) | 0x80, value >> 7];
}

function canonical(value: Uint8Array, name: string): Uint8Array {
  const view = new DataView(value.buffer);
  if (name.startsWith('f64')) {
    if (Number.isNaN(view.getFloat64(0, true))) view.setBigUint64(0, 0x7ff8000000000000n, true);
    return value;
  }
  for (let at = 0; at < SLOT; at += 4) {
    if (Number.isNaN(view.getFloat32(at, true))) view.setUint32(at, 0x7fc00000, true);
  }
  return value;
}

function trapOf(error: unknown, slots: Uint8Array, operand: ValueType): number {
  const text = String(error);
  if (text.includes('by zero')) return STATUS.divisionByZero;
  if (text.includes('divide result unrepresentable')) return STATUS.integerOverflow;
  if (!text.includes('float unrepresentable')) throw error;
  const view = new DataView(slots.buffer, slots.byteOffset);
  const value = operand === 'f32' ? view.getFloat32(0, true) : view.getFloat64(0, true);
  return Number.isNaN(value) ? STATUS.invalidConversion : STATUS.integerOverflow;
}
