/**
 * Generated code of loads and stores. A DataView reads and writes at any address, aligned or not, and
 * integers only, so that no bit of a NaN is lost on the way.
 */
import type { Instruction } from './code.js';
import { generateTrap, generateWrite, type Place } from './fast-slots.js';
import { type LaneType, lane } from './lanes.js';
import type { Opcode } from './opcodes.js';
import { STATUS } from './state.js';

function generateAddress(slot: number, offset: number): string {
  return `const at = ${lane('u32', slot, 0)} + ${offset};`;
}

export function generateLoad(
  { dst, a }: Instruction,
  { name, bytes }: Opcode,
  offset: number,
  place: Place,
): string {
  const [type, values] = loadedLanes(name);
  return `{ ${generateAddress(a, offset)}
if (at > end - ${bytes}) ${generateTrap(STATUS.memoryOutOfBounds, place)}
${generateWrite(type, dst, values)} }`;
}

/** What a load puts into its slot, by lanes. */
function loadedLanes(name: string): readonly [LaneType, readonly string[]] {
  const words = (count: number) =>
    Array.from({ length: count }, (_, l) => `memory.getInt32(at + ${4 * l}, true)`);
  const [, kind = ''] = name.split('load');
  if (name.startsWith('v128')) return loadedVector(kind);
  if (kind === '') return ['i32', words(/64/.test(name) ? 2 : 1)];
  const unsigned = kind.endsWith('_u');
  const read = readMemory(Number.parseInt(kind, 10), unsigned, 0);
  if (name.startsWith('i32')) return ['i32', [read]];
  return ['i32', [read, unsigned ? '0' : `${read} >> 31`]];
}

function loadedVector(kind: string): readonly [LaneType, readonly string[]] {
  const bits = Number.parseInt(kind, 10);
  const lanes = (count: number, unsigned: boolean) =>
    Array.from({ length: count }, (_, l) => readMemory(bits, unsigned, l));
  if (kind === '') return ['i32', Array.from({ length: 4 }, (_, l) => readMemory(32, false, l))];
  if (kind === '64_splat') {
    const words = [readMemory(32, false, 0), readMemory(32, false, 1)];
    return ['i32', [...words, ...words]];
  }
  if (kind.endsWith('splat')) {
    return [`i${bits as 8 | 16 | 32}`, Array(128 / bits).fill(readMemory(bits, false, 0))];
  }
  if (kind === '32_zero') return ['i32', [readMemory(32, false, 0), '0', '0', '0']];
  if (kind === '64_zero') {
    return ['i32', [readMemory(32, false, 0), readMemory(32, false, 1), '0', '0']];
  }
  const unsigned = kind.endsWith('_u');
  if (bits === 8) return ['i16', lanes(8, unsigned)];
  if (bits === 16) return ['i32', lanes(4, unsigned)];
  const high = (low: string) => (unsigned ? '0' : `${low} >> 31`);
  return ['i32', lanes(2, false).flatMap((low) => [low, high(low)])];
}

function readMemory(bits: number, unsigned: boolean, index: number): string {
  const type = unsigned && bits < 32 ? 'Uint' : 'Int';
  return `memory.get${type}${bits}(at + ${(bits / 8) * index}, true)`;
}

export function generateStore(
  { a, b }: Instruction,
  { name, bytes }: Opcode,
  offset: number,
  place: Place,
): string {
  const bits = Math.min(32, 8 * bytes);
  const writes = Array.from(
    { length: Math.ceil(bytes / 4) },
    (_, l) => `memory.setInt${bits}(at + ${4 * l}, ${lane('i32', b, l)}, true);`,
  );
  return `{ ${generateAddress(a, offset)}
const refused = beforeWrite(at, ${bytes});
if (refused !== 0) ${generateTrap('refused', place)}
${writes.join(' ')} } // ${name}`;
}
