/**
 * The judge's arithmetic on i32, i64, f32 and f64: what each instruction makes of 16-byte values.
 * Written for the eye and not for speed, on whole numbers without end, and apart from the fast
 * interpreter, so that a mistake in one is found by the other.
 * Source: WebAssembly core specification 2.0, section 4.3.
 */
import { STATUS } from './state.js';

/** 16 bytes, seen through a DataView. */
export type Value = DataView;
/** What an instruction makes of its operands: a value, or the status of its trap. */
export type Compute = (a: Value, b: Value, c: Value, imm: Uint8Array) => Value | number;
/** How numbers of one type are read from the low bytes of a value and made into one. */
interface NumberType<T> {
  readonly read: (value: Value) => T;
  readonly make: (number: T) => Value;
}

export function zeroValue(): Value {
  return new DataView(new ArrayBuffer(16));
}

function made(write: (value: Value) => void): Value {
  const value = zeroValue();
  write(value);
  return value;
}

/** Writes a single; one that is not a number always with the same bits. */
export function writeF32(value: Value, at: number, number: number): void {
  if (Number.isNaN(number)) value.setUint32(at, 0x7fc00000, true);
  else value.setFloat32(at, number, true);
}

function writeF64(value: Value, number: number): void {
  if (Number.isNaN(number)) value.setBigUint64(0, 0x7ff8000000000000n, true);
  else value.setFloat64(0, number, true);
}

/** Integers as bigint, signed or not; results are wrapped. */
function integers(bits: 32 | 64, signed: boolean): NumberType<bigint> {
  return {
    read: (value) => {
      const raw = bits === 32 ? BigInt(value.getUint32(0, true)) : value.getBigUint64(0, true);
      return signed ? BigInt.asIntN(bits, raw) : raw;
    },
    make: (number) => made((value) => value.setBigUint64(0, BigInt.asUintN(bits, number), true)),
  };
}

const F32: NumberType<number> = {
  read: (value) => value.getFloat32(0, true),
  make: (number) => made((value) => writeF32(value, 0, number)),
};
const F64: NumberType<number> = {
  read: (value) => value.getFloat64(0, true),
  make: (number) => made((value) => writeF64(value, number)),
};
const I32 = integers(32, true);
const I64 = integers(64, true);

/** A condition as WebAssembly has it: 1 or 0. */
const truth = (condition: boolean) => I32.make(condition ? 1n : 0n);

type Table = Readonly<Record<string, Compute>>;

function named(prefix: string, table: Table, suffix = ''): Table {
  const entries = Object.entries(table);
  return Object.fromEntries(entries.map(([name, f]) => [`${prefix}.${name}${suffix}`, f]));
}

function unary<T>(from: NumberType<T>, f: (x: T) => T): Compute {
  return (a) => from.make(f(from.read(a)));
}

function binary<T>(type: NumberType<T>, f: (x: T, y: T) => T): Compute {
  return (a, b) => type.make(f(type.read(a), type.read(b)));
}

function compare<T>({ read }: NumberType<T>, f: (x: T, y: T) => boolean): Compute {
  return (a, b) => truth(f(read(a), read(b)));
}

function comparisons<T>(type: NumberType<T>): Table {
  return {
    lt: compare(type, (x, y) => x < y),
    gt: compare(type, (x, y) => x > y),
    le: compare(type, (x, y) => x <= y),
    ge: compare(type, (x, y) => x >= y),
  };
}

function equality<T>(type: NumberType<T>): Table {
  return { eq: compare(type, (x, y) => x === y), ne: compare(type, (x, y) => x !== y) };
}

/** Division and remainder: towards zero, as bigint does both. */
function divisions(bits: 32 | 64, signed: boolean): Table {
  const type = integers(bits, signed);
  const { read, make } = type;
  const overflows = (x: bigint, y: bigint) =>
    signed && y === -1n && x === -(2n ** BigInt(bits - 1));
  return {
    div: (a, b) => {
      if (read(b) === 0n) return STATUS.divisionByZero;
      return overflows(read(a), read(b)) ? STATUS.integerOverflow : make(read(a) / read(b));
    },
    rem: (a, b) => (read(b) === 0n ? STATUS.divisionByZero : make(read(a) % read(b))),
  };
}

function bitsOf(x: bigint, bits: number): string {
  return BigInt.asUintN(bits, x).toString(2).padStart(bits, '0');
}

function wholeNumbers(bits: 32 | 64): Table {
  const type = integers(bits, true);
  const unsigned = integers(bits, false);
  const width = BigInt(bits);
  const rotate = (x: bigint, by: bigint) => (x << by) | (x >> (width - by));
  const by = (y: bigint) => y & (width - 1n);
  const count = (part: RegExp) =>
    unary(type, (x) => BigInt(part.exec(bitsOf(x, bits))?.[0]?.length ?? 0));
  return {
    eqz: (a) => truth(type.read(a) === 0n),
    ...equality(type),
    clz: count(/^0*/),
    ctz: count(/0*$/),
    popcnt: unary(type, (x) => BigInt(bitsOf(x, bits).replaceAll('0', '').length)),
    add: binary(type, (x, y) => x + y),
    sub: binary(type, (x, y) => x - y),
    mul: binary(type, (x, y) => x * y),
    and: binary(type, (x, y) => x & y),
    or: binary(type, (x, y) => x | y),
    xor: binary(type, (x, y) => x ^ y),
    shl: binary(type, (x, y) => x << by(y)),
    shr_s: binary(type, (x, y) => x >> by(y)),
    shr_u: binary(unsigned, (x, y) => x >> by(y)),
    rotl: binary(unsigned, (x, y) => rotate(x, by(y))),
    rotr: binary(unsigned, (x, y) => rotate(x, width - by(y))),
    ...suffixed('_s', { ...comparisons(type), ...divisions(bits, true) }),
    ...suffixed('_u', { ...comparisons(unsigned), ...divisions(bits, false) }),
  };
}

function suffixed(suffix: string, table: Table): Table {
  return Object.fromEntries(Object.entries(table).map(([name, f]) => [`${name}${suffix}`, f]));
}

/** The nearest whole number, of two equally near the even one; zeros keep their sign. */
export function roundToEven(x: number): number {
  if (!Number.isFinite(x) || Number.isInteger(x)) return x;
  const below = Math.floor(x);
  const above = x - below;
  const up = above > 0.5 || (above === 0.5 && below % 2 !== 0);
  const rounded = up ? below + 1 : below;
  return rounded === 0 && x < 0 ? -0 : rounded;
}

export function minimum(x: number, y: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  if (x === 0 && y === 0) return Object.is(x, -0) ? x : y;
  return x < y ? x : y;
}

export function maximum(x: number, y: number): number {
  return -minimum(-x, -y);
}

function floats(type: NumberType<number>): Table {
  return {
    ...equality(type),
    ...comparisons(type),
    ceil: unary(type, Math.ceil),
    floor: unary(type, Math.floor),
    trunc: unary(type, Math.trunc),
    nearest: unary(type, roundToEven),
    sqrt: unary(type, Math.sqrt),
    add: binary(type, (x, y) => x + y),
    sub: binary(type, (x, y) => x - y),
    mul: binary(type, (x, y) => x * y),
    div: binary(type, (x, y) => x / y),
    min: binary(type, minimum),
    max: binary(type, maximum),
  };
}

/** Instructions on the sign, which keep every other bit. */
function signs(bits: 32 | 64): Table {
  const type = integers(bits, false);
  const sign = 1n << BigInt(bits - 1);
  return {
    abs: unary(type, (x) => x & (sign - 1n)),
    neg: unary(type, (x) => x ^ sign),
    copysign: binary(type, (x, y) => (x & (sign - 1n)) | (y & sign)),
  };
}

/** A float cut to a whole number of a type; what does not fit is a trap. */
function truncates(bits: 32 | 64, signed: boolean, from: NumberType<number>): Compute {
  const type = integers(bits, signed);
  return (a) => {
    const x = from.read(a);
    if (Number.isNaN(x)) return STATUS.invalidConversion;
    if (!Number.isFinite(x)) return STATUS.integerOverflow;
    const whole = BigInt(Math.trunc(x));
    const fits = whole === (signed ? BigInt.asIntN(bits, whole) : BigInt.asUintN(bits, whole));
    return fits ? type.make(whole) : STATUS.integerOverflow;
  };
}

/** A whole number as the nearest single, of two equally near the even one. */
export function singleFrom(x: bigint): number {
  if (x < 0n) return -singleFrom(-x);
  const dropped = BigInt(Math.max(0, x.toString(2).length - 24));
  const kept = x >> dropped;
  const rest = x - (kept << dropped);
  const half = dropped === 0n ? 1n : 1n << (dropped - 1n);
  const up = rest > half || (rest === half && kept % 2n === 1n);
  return Number((up ? kept + 1n : kept) << dropped);
}

function conversions(): Record<string, Compute> {
  const table: Record<string, Compute> = {};
  const sources = [
    ['i32', 32],
    ['i64', 64],
  ] as const;
  for (const [name, bits] of sources) {
    for (const signed of [true, false]) {
      const end = signed ? 's' : 'u';
      const { read } = integers(bits, signed);
      table[`${name}.trunc_f32_${end}`] = truncates(bits, signed, F32);
      table[`${name}.trunc_f64_${end}`] = truncates(bits, signed, F64);
      table[`f32.convert_${name}_${end}`] = (a) => F32.make(singleFrom(read(a)));
      table[`f64.convert_${name}_${end}`] = (a) => F64.make(Number(read(a)));
    }
  }
  const keep = (type: NumberType<bigint>) => unary(type, (x) => x);
  return {
    ...table,
    'i32.wrap_i64': (a) => I32.make(I64.read(a)),
    'i64.extend_i32_s': (a) => I64.make(I32.read(a)),
    'i64.extend_i32_u': (a) => I64.make(integers(32, false).read(a)),
    'f32.demote_f64': (a) => F32.make(F64.read(a)),
    'f64.promote_f32': (a) => F64.make(F32.read(a)),
    'i32.reinterpret_f32': keep(I32),
    'f32.reinterpret_i32': keep(I32),
    'i64.reinterpret_f64': keep(I64),
    'f64.reinterpret_i64': keep(I64),
  };
}

/** By name of instruction. */
export const SCALARS: Table = {
  ...named('i32', wholeNumbers(32)),
  ...named('i64', wholeNumbers(64)),
  ...named('f32', { ...floats(F32), ...signs(32) }),
  ...named('f64', { ...floats(F64), ...signs(64) }),
  ...conversions(),
};
