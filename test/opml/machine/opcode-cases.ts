/**
 * One small module for each instruction of the machine, and operands that find its edges: zeros of
 * both signs, infinities, bit patterns that are not a number, subnormals, the ends of the integers.
 */
import { OPCODES, type Opcode } from '../../../opml/machine/opcodes.js';
import {
  encodeModule,
  i32Const,
  leb,
  load,
  opcodeBytes,
  store,
  type ValueType,
} from './wasm-encoder.js';

/** Where a test's module reads its operands and writes its result, 16 bytes each; in `work`. */
export const PLACES = { a: 0x4000, b: 0x4010, c: 0x4020, result: 0x4040 } as const;
export const TEST_BOUNDS = {
  answer: 0x1000,
  vocabulary: 0x2000,
  weights: 0x3000,
  work: 0x4000,
  end: 0x10000,
} as const;

export interface OpcodeModule {
  readonly opcode: Opcode;
  readonly operands: readonly ValueType[];
  readonly result: ValueType | undefined;
  readonly wasm: Uint8Array;
}

/** The types that an instruction takes and gives. */
export function typesOf(opcode: Opcode): {
  operands: readonly ValueType[];
  result: ValueType | undefined;
} {
  const { name, shape } = opcode;
  const [prefix = '', rest = ''] = name.split('.');
  const scalar = (['i32', 'i64', 'f32', 'f64'] as const).find((type) => type === prefix);
  if (shape === 'load') return { operands: ['i32'], result: scalar ?? 'v128' };
  if (shape === 'store') return { operands: ['i32', scalar ?? 'v128'], result: undefined };
  if (scalar === undefined)
    return vectorTypes(prefix, rest, shape === 'unary' ? 1 : shape === 'binary' ? 2 : 3);
  const from = /_([if](?:32|64))/.exec(rest)?.[1] as ValueType | undefined;
  const test = /^(eqz|eq|ne|lt|gt|le|ge)(_|$)/.test(rest);
  const operand = shape === 'unary' ? (from ?? scalar) : scalar;
  return {
    operands: shape === 'unary' ? [operand] : [operand, operand],
    result: test ? 'i32' : scalar,
  };
}

function vectorTypes(prefix: string, rest: string, count: number) {
  const lane: ValueType = prefix.startsWith('f32')
    ? 'f32'
    : prefix.startsWith('f64')
      ? 'f64'
      : prefix === 'i64x2'
        ? 'i64'
        : 'i32';
  if (rest === 'splat') return { operands: [lane], result: 'v128' as const };
  if (rest.startsWith('extract_lane')) return { operands: ['v128' as const], result: lane };
  if (rest === 'replace_lane')
    return { operands: ['v128' as const, lane], result: 'v128' as const };
  if (rest.endsWith('_true')) return { operands: ['v128' as const], result: 'i32' as const };
  if (/^sh[lr]/.test(rest) && prefix !== 'i8x16') {
    return { operands: ['v128' as const, 'i32' as const], result: 'v128' as const };
  }
  return { operands: Array<ValueType>(count).fill('v128'), result: 'v128' as const };
}

/** The instructions that compute, load or store: everything but control, move and const. */
export const COMPUTING: readonly Opcode[] = [...OPCODES.values()].filter(
  ({ op, shape }) =>
    (op < 0x100 || op >= 0x200) &&
    ['unary', 'binary', 'ternary', 'load', 'store'].includes(shape) &&
    op !== 0x1b,
);

/** A module whose `step` does one instruction on operands that lie in memory. */
export function moduleFor(opcode: Opcode, immediate = 0): OpcodeModule {
  const { operands, result } = typesOf(opcode);
  const addresses = [PLACES.a, PLACES.b, PLACES.c];
  const loads = operands.flatMap((type, index) => [
    ...i32Const(addresses[index] as number),
    ...load(type),
  ]);
  const memory = opcode.bytes > 0 ? [0, ...leb(immediate)] : [];
  const lanes = opcode.lanes > 0 ? [immediate % opcode.lanes] : [];
  const shuffle = opcode.name === 'i8x16.shuffle' ? shuffleLanes(immediate) : [];
  const instruction = [...opcodeBytes(opcode.op), ...memory, ...lanes, ...shuffle];
  const body =
    result === undefined
      ? [...loads, ...instruction]
      : [...i32Const(PLACES.result), ...loads, ...instruction, ...store(result)];
  return { opcode, operands, result, wasm: encodeModule({ functions: [{ body }] }) };
}

function shuffleLanes(seed: number): number[] {
  return Array.from({ length: 16 }, (_, lane) => (lane * 7 + seed * 5) % 32);
}

const F32_EDGES = [
  0, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00001, 0x7fa00001,
  0x00000001, 0x807fffff, 0x7f7fffff, 0x3effffff, 0x3f000000, 0xbfc00000, 0x4effffff, 0x4f000000,
  0xcf000000, 0xcf000001, 0x4f800000, 0x5f000000, 0xdf000000, 0x5f800000, 0x4b000001,
];
const I32_EDGES = [
  0, 1, 2, 0xffffffff, 0x7fffffff, 0x80000000, 31, 32, 33, 0x8000, 0xffff, 0x7f, 0x80,
];
const F64_EDGES = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  0.49999999999999994,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.MIN_VALUE,
  -Number.MIN_VALUE,
  Number.MAX_VALUE,
  2147483647,
  2147483648,
  -2147483648,
  -2147483649,
  4294967295,
  4294967296,
  -0.99,
  2 ** 63,
  -(2 ** 63),
  2 ** 64,
  1e-45,
  3.4028235677973366e38,
  2 ** 52 + 1,
];
const F64_NAN_BITS = [0x7ff8000000000000n, 0xfff8000000000001n, 0x7ff4000000000001n];
const I64_EDGES = [
  0n,
  1n,
  2n,
  -1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  63n,
  64n,
  65n,
  2n ** 32n,
  2n ** 53n + 1n,
  2n ** 24n + 1n,
  0x7fffff4000000001n,
  0x8000008000000000n,
  0xffffff7fffffffffn,
];

/** Random numbers from a seed (SplitMix32): 32 bits each. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
}

/** 16 bytes with an operand of a type: an edge two times in three, otherwise random bits. */
export function randomOperand(type: ValueType, random: () => number): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  const pick = <T>(list: readonly T[]): T => list[random() % list.length] as T;
  const edge = random() % 3 > 0;
  const word = (at: number, edges: readonly number[]) =>
    view.setUint32(at, edge ? pick(edges) : random(), true);
  if (type === 'i32') word(0, I32_EDGES);
  else if (type === 'f32') word(0, F32_EDGES);
  else if (type === 'v128') {
    const edges = pick([I32_EDGES, F32_EDGES, F32_EDGES.map((bits) => bits ^ 0x00010100)]);
    for (let at = 0; at < 16; at += 4) word(at, edges);
  } else if (!edge) {
    view.setUint32(0, random(), true);
    view.setUint32(4, random(), true);
  } else if (type === 'i64') view.setBigInt64(0, BigInt.asIntN(64, pick(I64_EDGES)), true);
  else if (random() % 5 === 0) view.setBigUint64(0, pick(F64_NAN_BITS), true);
  else view.setFloat64(0, pick(F64_EDGES), true);
  return bytes;
}
