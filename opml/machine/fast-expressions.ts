/**
 * How the tables of the fast interpreter are written: JavaScript expressions on the operands a, b and c;
 * a0, a1.. are their lanes. Typed arrays round and wrap what is stored in them as WebAssembly does:
 * products and sums of f32 are exact in double precision or round once.
 */
import type { LaneType } from './lanes.js';

/** How the results of an instruction are computed. */
export interface FastValue {
  readonly from: readonly [LaneType, LaneType, LaneType]; // of a, b and c
  readonly to: LaneType;
  readonly results: readonly string[]; // one expression for each lane
  readonly traps: readonly Trap[];
}
export type Trap = readonly [condition: string, status: number];
export type Expressions = Readonly<Record<string, string>>;

export const ONE = (condition: string) => `${condition} ? 1 : 0`;
export const ALL = (condition: string) => `${condition} ? -1 : 0`;
export const COMPARE: Expressions = { lt: 'a < b', gt: 'a > b', le: 'a <= b', ge: 'a >= b' };
export const EQUAL: Expressions = { eq: 'a === b', ne: 'a !== b' };
export const ARITHMETIC: Expressions = { add: 'a + b', sub: 'a - b' };
export const BITWISE: Expressions = { and: 'a & b', or: 'a | b', xor: 'a ^ b' };
export const FLOAT: Expressions = {
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
/** An expression on a, b and c, for each of the first lanes. */
export function each(lanes: number, expression: string): string[] {
  return Array.from({ length: lanes }, (_, l) => expression.replaceAll(/\b[abc]\b/g, `$&${l}`));
}

export function value(from: LaneType, to: LaneType, results: readonly string[]): FastValue {
  return { from: [from, from, from], to, results, traps: [] };
}

export function group(
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

export function mapped(
  expressions: Expressions,
  suffix: string,
  wrap = (expression: string) => expression,
): Expressions {
  const entries = Object.entries(expressions);
  return Object.fromEntries(entries.map(([name, text]) => [`${name}${suffix}`, wrap(text)]));
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
