/**
 * The parts of generated code that more than one kind of instruction has: writing a slot, leaving the
 * stretch, and stopping at a trap.
 */
import { LANE_TYPES, type LaneType, lane } from './lanes.js';
import { SLOT_BYTES } from './state.js';

/** Where an instruction stands. */
export interface Place {
  readonly pc: number;
  readonly refund: number; // steps of the block that follow this one
}

export function generateExit(pc: number): string {
  return `{ registers.pc = ${pc}; return left; }`;
}

export function generateTrap(status: number | string, { pc, refund }: Place): string {
  return `{ registers.status = ${status}; registers.pc = ${pc}; return left + ${refund}; }`;
}

/** All lanes are computed before the first is written: dst may be an operand. */
export function generateWrite(type: LaneType, dst: number, values: readonly string[]): string {
  const names = values.map((_, l) => `r${l}`);
  const compute = `const ${names.map((name, l) => `${name} = ${values[l]}`).join(', ')};`;
  const write = names.map((name, l) => `${lane(type, dst, l)} = ${name};`);
  const canonical =
    type === 'f32' || type === 'f64' ? names.map((r, l) => canonicalize(type, dst, l, r)) : [];
  const written = (SLOT_BYTES / LANE_TYPES[type].perSlot) * values.length;
  const cleared = [4, 8, 12].filter((byte) => byte >= written);
  const clear = cleared.map((byte) => `${lane('i32', dst, byte / 4)} = 0;`);
  return `{ ${[compute, ...write, ...canonical, ...clear].join(' ')} }`;
}

function canonicalize(type: 'f32' | 'f64', dst: number, index: number, result: string): string {
  const bits =
    type === 'f32'
      ? `${lane('i32', dst, index)} = 0x7fc00000;`
      : `{ ${lane('i32', dst, 2 * index)} = 0; ${lane('i32', dst, 2 * index + 1)} = 0x7ff80000; }`;
  return `if (${result} !== ${result}) ${bits}`;
}
