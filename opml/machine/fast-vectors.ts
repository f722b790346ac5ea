/**
 * What each SIMD instruction computes, lane by lane, for the fast interpreter; the judge's arithmetic
 * is written apart from it (proof-vectors.ts).
 * Source: WebAssembly core specification 2.0, section 4.3.
 */
import {
  ALL,
  ARITHMETIC,
  BITWISE,
  COMPARE,
  EQUAL,
  type Expressions,
  each,
  type FastValue,
  FLOAT,
  group,
  mapped,
  ONE,
  value,
} from './fast-expressions.js';
import type { LaneType } from './lanes.js';

/** By name of instruction. */
export const FAST_VECTORS: Readonly<Record<string, FastValue>> = {
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
