/**
 * What the metered formats charge, so that `GasUsed` and Compute-Limit mean what they mean on AO.
 * The binary of such a module is like any other: ao-loader puts the payments in when it loads it,
 * and so does lua/meter.ts, with these prices.
 * Source: the default cost table of @permaweb/wasm-metering 0.2.2 (MPL 2.0), its numbers alone.
 */
import type { Prices } from '../lua/meter.js';

type Range = readonly [first: number, last: number, price: number];

/** Prices of the instructions by opcode; what is not listed is free. */
const RANGES: readonly Range[] = [
  [0x00, 0x04, 1], // unreachable, nop, block, loop, if
  [0x05, 0x05, 90], // else
  [0x0c, 0x0d, 90], // br, br_if
  [0x0e, 0x0e, 120], // br_table
  [0x0f, 0x10, 90], // return, call
  [0x11, 0x11, 10_000], // call_indirect
  [0x1a, 0x1b, 120], // drop, select
  [0x20, 0x24, 120], // locals and globals
  [0x28, 0x3e, 120], // loads and stores
  [0x3f, 0x3f, 100], // memory.size
  [0x40, 0x40, 10_000], // memory.grow
  [0x41, 0x44, 1], // constants
  [0x45, 0x5c, 45], // comparisons of integers, f32.eq and f32.ne
  [0x61, 0x62, 45], // f64.eq and f64.ne
  [0x92, 0x94, 45], // f32.add, sub, mul
  [0xa0, 0xa2, 45], // f64.add, sub, mul
];

/** Prices of the arithmetic of integers, the same in 32 and 64 bits. */
const ARITHMETIC: readonly Range[] = [
  [0, 5, 45], // clz, ctz, popcnt, add, sub, mul
  [6, 9, 36_000], // div, rem
  [10, 12, 45], // and, or, xor
  [13, 15, 67], // shifts
  [16, 17, 90], // rotations
];
const I32_ARITHMETIC = 0x67;
const I64_ARITHMETIC = 0x79;

const OPCODES = 0x100;
const PRICES = listPrices();
/** if, else, end, br, br_if, br_table, return, loop, memory.grow */
const BRANCHES = new Set([0x03, 0x04, 0x05, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x40]);

function listPrices(): Uint32Array {
  const prices = new Uint32Array(OPCODES);
  for (const [first, last, price] of RANGES) prices.fill(price, first, last + 1);
  for (const [first, last, price] of ARITHMETIC) {
    for (const base of [I32_ARITHMETIC, I64_ARITHMETIC]) {
      prices.fill(price, base + first, base + last + 1);
    }
  }
  return prices;
}

export const GAS_PRICES: Prices = {
  of: (opcode) => PRICES[opcode] ?? 0,
  isBranch: (opcode) => BRANCHES.has(opcode),
  payment: 91, // a constant and a call
};
