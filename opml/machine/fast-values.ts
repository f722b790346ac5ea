/**
 * What each instruction computes, as JavaScript expressions: the table behind the fast interpreter.
 * a, b and c are the operands; a0, a1.. their lanes. Typed arrays round and wrap what is stored in
 * them as WebAssembly does: products and sums of f32 are exact in double precision or round once.
 * Source: WebAssembly core specification 2.0, section 4.3; the proof interpreter is written apart.
 */
import type { LaneType } from './lanes.js';
import { OPCODES } from './opcodes.js';
import { STATUS } from './state.js';

/** How the results of an instruction are computed. */
export interface FastValue {
  readonly from: readonly [LaneType, LaneType, LaneType]; // of a, b and c
  readonly to: LaneType;
  readonly results: readonly string[]; // one expression for each lane
  readonly traps: readonly Trap[];
}
type Trap = readonly [condition: string, status: number];
type Expressions = Readonly<Record<string, string>>;

const ONE = (condition: string) => `${condition} ? 1 : 0`;
const ALL = (condition: string) => `${condition} ? -1 : 0`;
const NOT_A_NUMBER: Trap = ['a !== a', STATUS.invalidConversion];
const DIVIDES_BY_ZERO: Trap = ['b === 0', STATUS.divisionByZero];
const DIVIDES_BY_ZERO_64: Trap = ['b === 0n', STATUS.divisionByZero];
const OVERFLOWS: Trap = ['a === -2147483648 && b === -1', STATUS.integerOverflow];
const OVERFLOWS_64: Trap = ['a === -9223372036854775808n && b === -1n', STATUS.integerOverflow];
const outside = (range: string): Trap => [`!(${range})`, STATUS.integerOverflow];
const I32_RANGE = [NOT_A_NUMBER, outside('a > -2147483649 && a < 2147483648')];
const U32_RANGE = [NOT_A_NUMBER, outside('a > -1 && a < 4294967296')];
const I64_RANGE = [NOT_A_NUMBER, outside('a >= -9223372036854775808 && a < 9223372036854775808')];
const U64_RANGE = [NOT_A_NUMBER, outside('a > -1 && a < 18446744073709551616')];

const TRAPS: Readonly<Record<string, readonly Trap[]>> = {
  'i32.div_s': [DIVIDES_BY_ZERO, OVERFLOWS],
  'i32.div_u': [DIVIDES_BY_ZERO],
  'i32.rem_s': [DIVIDES_BY_ZERO],
  'i32.rem_u': [DIVIDES_BY_ZERO],
  'i64.div_s': [DIVIDES_BY_ZERO_64, OVERFLOWS_64],
  'i64.div_u': [DIVIDES_BY_ZERO_64],
  'i64.rem_s': [DIVIDES_BY_ZERO_64],
  'i64.rem_u': [DIVIDES_BY_ZERO_64],
  'i32.trunc_f32_s': I32_RANGE,
  'i32.trunc_f64_s': I32_RANGE,
  'i32.trunc_f32_u': U32_RANGE,
  'i32.trunc_f64_u': U32_RANGE,
  'i64.trunc_f32_s': I64_RANGE,
  'i64.trunc_f64_s': I64_RANGE,
  'i64.trunc_f32_u': U64_RANGE,
  'i64.trunc_f64_u': U64_RANGE,
};

const COMPARE: Expressions = { lt: 'a < b', gt: 'a > b', le: 'a <= b', ge: 'a >= b' };
const EQUAL: Expressions = { eq: 'a === b', ne: 'a !== b' };
const ARITHMETIC: Expressions = { add: 'a + b', sub: 'a - b' };
const BITWISE: Expressions = { and: 'a & b', or: 'a | b', xor: 'a ^ b' };
const FLOAT: Expressions = {
  ...ARITHMETIC,
  mul: 'a * b',
  div: 'a / b',
  min: 'Math.min(a, b)',
  max: 'Math.max(a, b)',
  sqrt: 'Math.sqrt(a)',
  ceil: 'Math.ceil(a)',
  floor: 'Math.floor(a)',
  trunc: 'Math.trunc(a)',
  nearest: 'nearest(a)',
};
const DIVIDE: Expressions = { div: 'a / b', rem: 'a % b' };

const VALUES: Readonly<Record<string, FastValue>> = {
  ...group('i32', 'i32', 'i32', {
    eqz: ONE('a === 0'),
    ...ARITHMETIC,
    ...BITWISE,
    mul: 'Math.imul(a, b)',
    shl: 'a << b',
    shr_s: 'a >> b',
    shr_u: 'a >>> b',
    rotl: '(a << b) | (a >>> (32 - b))',
    rotr: '(a >>> b) | (a << (32 - b))',
    clz: 'Math.clz32(a)',
    ctz: 'trailingZeros(a)',
    popcnt: 'countBits(a)',
    ...mapped(DIVIDE, '_s'),
    ...mapped(EQUAL, '', ONE),
  }),
  ...group('i32', 'i32', 'i32', mapped(COMPARE, '_s', ONE)),
  ...group('i32', 'u32', 'i32', mapped(COMPARE, '_u', ONE)),
  ...group('i32', 'u32', 'i32', mapped(DIVIDE, '_u')),
  ...group('i64', 'i64', 'i64', {
    ...ARITHMETIC,
    ...BITWISE,
    mul: 'a * b',
    shl: 'a << (b & 63n)',
    shr_s: 'a >> (b & 63n)',
    ...mapped(DIVIDE, '_s'),
  }),
  ...group('i64', 'u64', 'u64', {
    shr_u: 'a >> (b & 63n)',
    rotl: '(a << (b & 63n)) | (a >> (-b & 63n))',
    rotr: '(a >> (b & 63n)) | (a << (-b & 63n))',
    ...mapped(DIVIDE, '_u'),
  }),
  ...group('i64', 'i64', 'i32', { eqz: ONE('a === 0n'), ...mapped(EQUAL, '', ONE) }),
  ...group('i64', 'i64', 'i32', mapped(COMPARE, '_s', ONE)),
  ...group('i64', 'u64', 'i32', mapped(COMPARE, '_u', ONE)),
  'i64.clz': value('i32', 'i32', ['a1 === 0 ? 32 + Math.clz32(a0) : Math.clz32(a1)', '0']),
  'i64.ctz': value('i32', 'i32', ['a0 === 0 ? 32 + trailingZeros(a1) : trailingZeros(a0)', '0']),
  'i64.popcnt': value('i32', 'i32', ['countBits(a0) + countBits(a1)', '0']),
  ...group('f32', 'f32', 'i32', mapped({ ...COMPARE, ...EQUAL }, '', ONE)),
  ...group('f64', 'f64', 'i32', mapped({ ...COMPARE, ...EQUAL }, '', ONE)),
  ...group('f32', 'f32', 'f32', FLOAT),
  ...group('f64', 'f64', 'f64', FLOAT),
  ...group('f32', 'i32', 'i32', {
    abs: 'a & 0x7fffffff',
    neg: 'a ^ 0x80000000',
    copysign: '(a & 0x7fffffff) | (b & 0x80000000)',
    reinterpret_i32: 'a',
  }),
  'f64.abs': value('i32', 'i32', ['a0', 'a1 & 0x7fffffff']),
  'f64.neg': value('i32', 'i32', ['a0', 'a1 ^ 0x80000000']),
  'f64.copysign': value('i32', 'i32', ['a0', '(a1 & 0x7fffffff) | (b1 & 0x80000000)']),
  'f64.reinterpret_i64': value('i32', 'i32', ['a0', 'a1']),
  'i64.reinterpret_f64': value('i32', 'i32', ['a0', 'a1']),
  'i32.reinterpret_f32': value('i32', 'i32', ['a0']),
  'i32.wrap_i64': value('i32', 'i32', ['a0']),
  'i64.extend_i32_s': value('i32', 'i32', ['a0', 'a0 >> 31']),
  'i64.extend_i32_u': value('i32', 'i32', ['a0', '0']),
  ...group('i32', 'f32', 'i32', { trunc_f32_s: 'a' }),
  ...group('i32', 'f32', 'u32', { trunc_f32_u: 'a' }),
  ...group('i32', 'f64', 'i32', { trunc_f64_s: 'a' }),
  ...group('i32', 'f64', 'u32', { trunc_f64_u: 'a' }),
  ...group('i64', 'f32', 'i64', { trunc_f32_s: 'BigInt(Math.trunc(a))' }),
  ...group('i64', 'f32', 'u64', { trunc_f32_u: 'BigInt(Math.trunc(a))' }),
  ...group('i64', 'f64', 'i64', { trunc_f64_s: 'BigInt(Math.trunc(a))' }),
  ...group('i64', 'f64', 'u64', { trunc_f64_u: 'BigInt(Math.trunc(a))' }),
  ...converts('f32', 'singleOf(a)'),
  ...converts('f64', 'Number(a)'),
  'f32.demote_f64': value('f64', 'f32', ['a0']),
  'f64.promote_f32': value('f32', 'f64', ['a0']),
  ...vectors(),
};

function vectors(): Record<string, FastValue> {
  return {
    ...group('v128', 'i32', 'i32', { ...BITWISE, andnot: 'a & ~b', not: '~a' }, 4),
    'v128.bitselect': value('i32', 'i32', each(4, '(a & c) | (b & ~c)')),
    'v128.any_true': value('i32', 'i32', [ONE('(a0 | a1 | a2 | a3) !== 0')]),
    'i32x4.all_true': value('i32', 'i32', [ONE('a0 !== 0 && a1 !== 0 && a2 !== 0 && a3 !== 0')]),
    'i8x16.splat': value('i8', 'i8', Array(16).fill('a0')),
    'i16x8.splat': value('i16', 'i16', Array(8).fill('a0')),
    'i32x4.splat': value('i32', 'i32', Array(4).fill('a0')),
    'f32x4.splat': value('i32', 'i32', Array(4).fill('a0')),
    'i64x2.splat': value('i32', 'i32', ['a0', 'a1', 'a0', 'a1']),
    'f64x2.splat': value('i32', 'i32', ['a0', 'a1', 'a0', 'a1']),
    ...group('i16x8', 'i16', 'i16', { ...ARITHMETIC, mul: 'a * b' }, 8),
    ...shifts('i16x8', 'i16', 'i16', 8, { shl: 'a << (b0 & 15)', shr_s: 'a >> (b0 & 15)' }),
    ...shifts('i16x8', 'u16', 'u16', 8, { shr_u: 'a >>> (b0 & 15)' }),
    ...widenings('i16x8', 'i8x16', ['i8', 'u8'], 'i16', 8),
    ...widenings('i32x4', 'i16x8', ['i16', 'u16'], 'i32', 4),
    ...group('i32x4', 'i32', 'i32', { ...ARITHMETIC, mul: 'Math.imul(a, b)', neg: '-a' }, 4),
    ...group('i32x4', 'i32', 'i32', { abs: 'a < 0 ? -a : a', ...mapped(EQUAL, '', ALL) }, 4),
    ...group('i32x4', 'i32', 'i32', { min_s: 'a < b ? a : b', max_s: 'a > b ? a : b' }, 4),
    ...group('i32x4', 'i32', 'i32', mapped(COMPARE, '_s', ALL), 4),
    ...shifts('i32x4', 'i32', 'i32', 4, {
      shl: 'a << b0',
      shr_s: 'a >> b0',
      shr_u: 'a >>> b0',
    }),
    'i32x4.dot_i16x8_s': value(
      'i16',
      'i32',
      [0, 2, 4, 6].map((l) => `a${l} * b${l} + a${l + 1} * b${l + 1}`),
    ),
    ...group('f32x4', 'f32', 'f32', FLOAT, 4),
    ...group('f32x4', 'f32', 'i32', mapped({ ...COMPARE, ...EQUAL }, '', ALL), 4),
    ...group('f32x4', 'i32', 'i32', { abs: 'a & 0x7fffffff', neg: 'a ^ 0x80000000' }, 4),
    ...group('f32x4', 'i32', 'f32', { convert_i32x4_s: 'a' }, 4),
    ...group('f32x4', 'u32', 'f32', { convert_i32x4_u: 'a' }, 4),
    ...group(
      'i32x4',
      'f32',
      'i32',
      {
        trunc_sat_f32x4_s: 'Math.max(-2147483648, Math.min(2147483647, a))',
      },
      4,
    ),
  };
}

/**
 * How an instruction's result is computed; undefined where it is no plain value of its operands.
 *
 * @param imm its immediate bytes: a lane number, or the lanes of a shuffle
 */
export function fastValue(op: number, imm: Uint8Array): FastValue | undefined {
  const name = OPCODES.get(op)?.name ?? '';
  const lane = imm[0] as number;
  switch (name) {
    case 'move':
      return value('i32', 'i32', ['a0', 'a1', 'a2', 'a3']);
    case 'select':
      return value('i32', 'i32', each(4, 'c0 !== 0 ? a : b'));
    case 'i8x16.shuffle':
      return value(
        'u8',
        'u8',
        [...imm].map((from) => (from < 16 ? `a${from}` : `b${from - 16}`)),
      );
    case 'i8x16.extract_lane_s':
      return value('i8', 'i32', [`a${lane}`]);
    case 'i8x16.extract_lane_u':
      return value('u8', 'i32', [`a${lane}`]);
    case 'i16x8.extract_lane_s':
      return value('i16', 'i32', [`a${lane}`]);
    case 'i16x8.extract_lane_u':
      return value('u16', 'i32', [`a${lane}`]);
    case 'i32x4.extract_lane':
    case 'f32x4.extract_lane':
      return value('i32', 'i32', [`a${lane}`]);
    case 'i32x4.replace_lane':
    case 'f32x4.replace_lane':
      return value(
        'i32',
        'i32',
        [0, 1, 2, 3].map((l) => (l === lane ? 'b0' : `a${l}`)),
      );
    default: {
      const found = VALUES[name];
      return found && { ...found, traps: (TRAPS[name] ?? []).map(firstLanes) };
    }
  }
}

function firstLanes([condition, status]: Trap): Trap {
  return [each(1, condition)[0] as string, status];
}

/** An expression on a, b and c, for each of the first lanes. */
function each(lanes: number, expression: string): string[] {
  return Array.from({ length: lanes }, (_, l) => expression.replaceAll(/\b[abc]\b/g, `$&${l}`));
}

function value(from: LaneType, to: LaneType, results: readonly string[]): FastValue {
  return { from: [from, from, from], to, results, traps: [] };
}

function group(
  prefix: string,
  from: LaneType,
  to: LaneType,
  expressions: Expressions,
  lanes = 1,
): Record<string, FastValue> {
  const named = Object.entries(expressions).map(
    ([name, expression]) =>
      [`${prefix}.${name}`, value(from, to, each(lanes, expression))] as const,
  );
  return Object.fromEntries(named);
}

function mapped(
  expressions: Expressions,
  suffix: string,
  wrap = (expression: string) => expression,
): Expressions {
  const entries = Object.entries(expressions);
  return Object.fromEntries(entries.map(([name, text]) => [`${name}${suffix}`, wrap(text)]));
}

/** Shifts take one number, an i32, for all lanes. */
function shifts(
  prefix: string,
  from: LaneType,
  to: LaneType,
  lanes: number,
  expressions: Expressions,
): Record<string, FastValue> {
  const entries = Object.entries(group(prefix, from, to, expressions, lanes));
  return Object.fromEntries(
    entries.map(([name, each]) => [name, { ...each, from: [from, 'i32', 'i32'] as const }]),
  );
}

function widenings(
  prefix: string,
  source: string,
  [signed, unsigned]: readonly [LaneType, LaneType],
  to: LaneType,
  lanes: number,
): Record<string, FastValue> {
  const half = (first: number) => Array.from({ length: lanes }, (_, l) => `a${first + l}`);
  return {
    [`${prefix}.extend_low_${source}_s`]: value(signed, to, half(0)),
    [`${prefix}.extend_high_${source}_s`]: value(signed, to, half(lanes)),
    [`${prefix}.extend_low_${source}_u`]: value(unsigned, to, half(0)),
    [`${prefix}.extend_high_${source}_u`]: value(unsigned, to, half(lanes)),
  };
}

function converts(to: 'f32' | 'f64', from64: string): Record<string, FastValue> {
  return {
    ...group(to, 'i32', to, { convert_i32_s: 'a' }),
    ...group(to, 'u32', to, { convert_i32_u: 'a' }),
    ...group(to, 'i64', to, { convert_i64_s: from64 }),
    ...group(to, 'u64', to, { convert_i64_u: from64 }),
  };
}

/** The functions that the expressions call. */
export const FAST_FUNCTIONS = {
  /** Rounds to the nearest whole number, a half to the even one, and keeps the sign of zero. */
  nearest: (x: number): number => {
    if (!(Math.abs(x) < 2 ** 52)) return x;
    const rounded = x < 0 ? x - 2 ** 52 + 2 ** 52 : x + 2 ** 52 - 2 ** 52;
    return rounded === 0 ? x * 0 : rounded;
  },
  trailingZeros: (x: number): number => (x === 0 ? 32 : 31 - Math.clz32(x & -x)),
  countBits: (x: number): number => {
    const pairs = x - ((x >>> 1) & 0x55555555);
    const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
    return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  },
  /** A 64-bit integer as a double that rounds to the right single: the bits below count as one. */
  singleOf: (x: bigint): number => {
    if (x === BigInt.asIntN(53, x)) return Number(x);
    return Number((x & ~0xfffn) | ((x & 0xfffn) === 0n ? 0n : 0x800n));
  },
};
