/**
 * What each instruction on i32, i64, f32 and f64 computes, for the fast interpreter; the judge's
 * arithmetic is written apart from it (proof-scalars.ts).
 * Source: WebAssembly core specification 2.0, section 4.3.
 */
import {
  ARITHMETIC,
  BITWISE,
  COMPARE,
  EQUAL,
  type Expressions,
  type FastValue,
  FLOAT,
  group,
  mapped,
  ONE,
  type Trap,
  value,
} from './fast-expressions.js';
import { STATUS } from './state.js';

const DIVIDE: Expressions = { div: 'a / b', rem: 'a % b' };

/** By name of instruction. */
export const FAST_SCALARS: Readonly<Record<string, FastValue>> = {
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
};

function converts(to: 'f32' | 'f64', from64: string): Record<string, FastValue> {
  return {
    ...group(to, 'i32', to, { convert_i32_s: 'a' }),
    ...group(to, 'u32', to, { convert_i32_u: 'a' }),
    ...group(to, 'i64', to, { convert_i64_s: from64 }),
    ...group(to, 'u64', to, { convert_i64_u: from64 }),
  };
}

const NOT_A_NUMBER: Trap = ['a0 !== a0', STATUS.invalidConversion];
const DIVIDES_BY_ZERO: Trap = ['b0 === 0', STATUS.divisionByZero];
const DIVIDES_BY_ZERO_64: Trap = ['b0 === 0n', STATUS.divisionByZero];
const OVERFLOWS: Trap = ['a0 === -2147483648 && b0 === -1', STATUS.integerOverflow];
const OVERFLOWS_64: Trap = ['a0 === -9223372036854775808n && b0 === -1n', STATUS.integerOverflow];
const outside = (range: string): Trap => [`!(${range})`, STATUS.integerOverflow];
const I32_RANGE = [NOT_A_NUMBER, outside('a0 > -2147483649 && a0 < 2147483648')];
const U32_RANGE = [NOT_A_NUMBER, outside('a0 > -1 && a0 < 4294967296')];
const I64_RANGE = [NOT_A_NUMBER, outside('a0 >= -9223372036854775808 && a0 < 9223372036854775808')];
const U64_RANGE = [NOT_A_NUMBER, outside('a0 > -1 && a0 < 18446744073709551616')];

/** When an instruction stops the machine instead, and with which status. */
export const FAST_TRAPS: Readonly<Record<string, readonly Trap[]>> = {
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
