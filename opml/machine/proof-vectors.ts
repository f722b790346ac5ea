/**
 * The judge's arithmetic on vectors: what each SIMD instruction makes of 16-byte values, lane by lane.
 * Source: WebAssembly core specification 2.0, section 4.3.
 */
import {
  type Compute,
  maximum,
  minimum,
  roundToEven,
  type Value,
  writeF32,
  zeroValue,
} from './proof-scalars.js';

type Table = Readonly<Record<string, Compute>>;
/** How lanes of one kind are read from a value and written to it. */
interface Lanes {
  readonly count: number;
  readonly read: (value: Value, lane: number) => number;
  readonly write: (value: Value, lane: number, number: number) => void;
}

const I8: Lanes = {
  count: 16,
  read: (value, lane) => value.getInt8(lane),
  write: (value, lane, number) => value.setInt8(lane, number),
};
const U8: Lanes = { ...I8, read: (value, lane) => value.getUint8(lane) };
const I16: Lanes = {
  count: 8,
  read: (value, lane) => value.getInt16(2 * lane, true),
  write: (value, lane, number) => value.setInt16(2 * lane, number, true),
};
const U16: Lanes = { ...I16, read: (value, lane) => value.getUint16(2 * lane, true) };
const I32: Lanes = {
  count: 4,
  read: (value, lane) => value.getInt32(4 * lane, true),
  write: (value, lane, number) => value.setInt32(4 * lane, number, true),
};
const U32: Lanes = { ...I32, read: (value, lane) => value.getUint32(4 * lane, true) };
const F32: Lanes = {
  count: 4,
  read: (value, lane) => value.getFloat32(4 * lane, true),
  write: (value, lane, number) => writeF32(value, 4 * lane, number),
};

function fill(lanes: Lanes, number: (lane: number) => number): Value {
  const value = zeroValue();
  for (let lane = 0; lane < lanes.count; lane += 1) lanes.write(value, lane, number(lane));
  return value;
}

function unary(from: Lanes, f: (x: number) => number, to = from): Compute {
  return (a) => fill(to, (lane) => f(from.read(a, lane)));
}

function binary(from: Lanes, f: (x: number, y: number) => number, to = from): Compute {
  return (a, b) => fill(to, (lane) => f(from.read(a, lane), from.read(b, lane)));
}

/** All bits of a lane where the condition holds, none elsewhere. */
function compare(from: Lanes, f: (x: number, y: number) => boolean): Compute {
  return binary(from, (x, y) => (f(x, y) ? -1 : 0), I32);
}

/** Lanes shifted by one number, of which the bits above the lane's width do not count. */
function shift(from: Lanes, f: (x: number, by: number) => number): Compute {
  const bits = 128 / from.count;
  return (a, b) => fill(from, (lane) => f(from.read(a, lane), b.getUint32(0, true) % bits));
}

function splat(lanes: Lanes, words: number): Compute {
  return (a) => fill(lanes, (lane) => lanes.read(a, lane % words));
}

function extract(from: Lanes): Compute {
  return (a, _b, _c, imm) => {
    const value = zeroValue();
    value.setInt32(0, from.read(a, imm[0] as number), true);
    return value;
  };
}

const replaceWord: Compute = (a, b, _c, imm) =>
  fill(I32, (lane) => (lane === imm[0] ? I32.read(b, 0) : I32.read(a, lane)));

const shuffle: Compute = (a, b, _c, imm) =>
  fill(U8, (lane) => {
    const from = imm[lane] as number;
    return from < 16 ? U8.read(a, from) : U8.read(b, from - 16);
  });

const dot: Compute = (a, b) =>
  fill(I32, (lane) => {
    const product = (index: number) => I16.read(a, index) * I16.read(b, index);
    return product(2 * lane) + product(2 * lane + 1);
  });

function truth(condition: (words: readonly number[]) => boolean): Compute {
  return (a) => {
    const value = zeroValue();
    value.setInt32(0, condition([0, 1, 2, 3].map((lane) => I32.read(a, lane))) ? 1 : 0, true);
    return value;
  };
}

/** The low or the high half of the narrow lanes as wide lanes. */
function widen(narrow: Lanes, wide: Lanes, first: number): Compute {
  return (a) => fill(wide, (lane) => narrow.read(a, first + lane));
}

function widenings(wide: Lanes, name: string, signed: Lanes, unsigned: Lanes): Table {
  return {
    [`extend_low_${name}_s`]: widen(signed, wide, 0),
    [`extend_high_${name}_s`]: widen(signed, wide, wide.count),
    [`extend_low_${name}_u`]: widen(unsigned, wide, 0),
    [`extend_high_${name}_u`]: widen(unsigned, wide, wide.count),
  };
}

function saturate(x: number): number {
  if (Number.isNaN(x)) return 0;
  return Math.trunc(Math.min(Math.max(x, -(2 ** 31)), 2 ** 31 - 1));
}

const BITS: Table = {
  not: unary(I32, (x) => ~x),
  and: binary(I32, (x, y) => x & y),
  andnot: binary(I32, (x, y) => x & ~y),
  or: binary(I32, (x, y) => x | y),
  xor: binary(I32, (x, y) => x ^ y),
  bitselect: (a, b, c) =>
    fill(I32, (l) => (I32.read(a, l) & I32.read(c, l)) | (I32.read(b, l) & ~I32.read(c, l))),
  any_true: truth((words) => words.some((word) => word !== 0)),
};

const EIGHTS: Table = {
  shl: shift(I16, (x, by) => x << by),
  shr_s: shift(I16, (x, by) => x >> by),
  shr_u: shift(U16, (x, by) => x >> by),
  add: binary(I16, (x, y) => x + y),
  sub: binary(I16, (x, y) => x - y),
  mul: binary(I16, (x, y) => x * y),
  splat: splat(I16, 1),
  extract_lane_s: extract(I16),
  extract_lane_u: extract(U16),
  ...widenings(I16, 'i8x16', I8, U8),
};

const FOURS: Table = {
  eq: compare(I32, (x, y) => x === y),
  ne: compare(I32, (x, y) => x !== y),
  lt_s: compare(I32, (x, y) => x < y),
  gt_s: compare(I32, (x, y) => x > y),
  le_s: compare(I32, (x, y) => x <= y),
  ge_s: compare(I32, (x, y) => x >= y),
  abs: unary(I32, (x) => Math.abs(x)),
  neg: unary(I32, (x) => -x),
  all_true: truth((words) => words.every((word) => word !== 0)),
  shl: shift(I32, (x, by) => x << by),
  shr_s: shift(I32, (x, by) => x >> by),
  shr_u: shift(U32, (x, by) => x >>> by),
  add: binary(I32, (x, y) => x + y),
  sub: binary(I32, (x, y) => x - y),
  mul: binary(I32, (x, y) => Number(BigInt.asIntN(32, BigInt(x) * BigInt(y)))),
  min_s: binary(I32, (x, y) => Math.min(x, y)),
  max_s: binary(I32, (x, y) => Math.max(x, y)),
  dot_i16x8_s: dot,
  splat: splat(I32, 1),
  extract_lane: extract(I32),
  replace_lane: replaceWord,
  trunc_sat_f32x4_s: unary(F32, saturate, I32),
  ...widenings(I32, 'i16x8', I16, U16),
};

const SINGLES: Table = {
  eq: compare(F32, (x, y) => x === y),
  ne: compare(F32, (x, y) => x !== y),
  lt: compare(F32, (x, y) => x < y),
  gt: compare(F32, (x, y) => x > y),
  le: compare(F32, (x, y) => x <= y),
  ge: compare(F32, (x, y) => x >= y),
  abs: unary(I32, (x) => x & 0x7fffffff),
  neg: unary(I32, (x) => x ^ 0x80000000),
  sqrt: unary(F32, Math.sqrt),
  ceil: unary(F32, Math.ceil),
  floor: unary(F32, Math.floor),
  trunc: unary(F32, Math.trunc),
  nearest: unary(F32, roundToEven),
  add: binary(F32, (x, y) => x + y),
  sub: binary(F32, (x, y) => x - y),
  mul: binary(F32, (x, y) => x * y),
  div: binary(F32, (x, y) => x / y),
  min: binary(F32, minimum),
  max: binary(F32, maximum),
  splat: splat(I32, 1),
  extract_lane: extract(I32),
  replace_lane: replaceWord,
  convert_i32x4_s: unary(I32, (x) => x, F32),
  convert_i32x4_u: unary(U32, (x) => x, F32),
};

/** By name of instruction. */
export const VECTORS: Table = {
  ...named('v128', BITS),
  ...named('i16x8', EIGHTS),
  ...named('i32x4', FOURS),
  ...named('f32x4', SINGLES),
  'i8x16.shuffle': shuffle,
  'i8x16.splat': splat(I8, 1),
  'i8x16.extract_lane_s': extract(I8),
  'i8x16.extract_lane_u': extract(U8),
  'i64x2.splat': splat(I32, 2),
  'f64x2.splat': splat(I32, 2),
};

function named(prefix: string, table: Table): Table {
  const entries = Object.entries(table);
  return Object.fromEntries(entries.map(([name, f]) => [`${prefix}.${name}`, f]));
}
