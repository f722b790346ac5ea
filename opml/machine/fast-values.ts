/**
 * What an instruction of the machine computes, for the fast interpreter: the tables, and those
 * instructions whose immediates decide.
 */
import { each, type FastValue, value } from './fast-expressions.js';
import { FAST_SCALARS, FAST_TRAPS } from './fast-scalars.js';
import { FAST_VECTORS } from './fast-vectors.js';
import { OPCODES } from './opcodes.js';

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
      const found = FAST_SCALARS[name] ?? FAST_VECTORS[name];
      return found && { ...found, traps: FAST_TRAPS[name] ?? [] };
    }
  }
}
