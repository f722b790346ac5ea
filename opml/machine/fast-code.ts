/**
 * Generates the JavaScript that runs a stretch of the machine's code. Straight runs of instructions
 * are blocks, the cases of one switch. A block is entered only when the step budget covers it, so
 * steps are counted once for each block; where less is left, the same generator makes the code with
 * one block for each instruction, which can stop anywhere.
 */

import type { Bounds } from '../../llama/regions.js';
import { type Code, type Instruction, immediate } from './code.js';
import { FAST_FUNCTIONS } from './fast-expressions.js';
import { generateLoad, generateStore } from './fast-memory.js';
import { generateExit, generateTrap, generateWrite, type Place } from './fast-slots.js';
import { fastValue } from './fast-values.js';
import { lane, type laneArrays } from './lanes.js';
import { OP, OPCODES, type Opcode } from './opcodes.js';
import { SLOTS, STATUS } from './state.js';

/** What generated code reads and writes besides slots and memory. */
export interface Registers {
  pc: number;
  fp: number;
  status: number;
  readonly frames: number[]; // return pc and caller's fp of each call
}

/** What generated code works on. */
export interface FastContext {
  readonly registers: Registers;
  readonly slots: ReturnType<typeof laneArrays>;
  readonly memory: DataView;
  readonly bounds: Bounds;
  /** Makes bytes ready to be written: 0, or the status that forbids it. */
  readonly beforeWrite: (address: number, bytes: number) => number;
  readonly halt: () => void;
}

/** Runs from a block on; returns what is left of the budget. */
export type Stretch = (block: number, left: number) => number;

/** A part of one function's code. */
export interface Range {
  readonly start: number; // pc
  readonly end: number;
}

/**
 * Compiles a stretch.
 *
 * @param blocks pcs of the blocks' first instructions, ascending, the first of them `range.start`
 */
export function compileStretch(
  context: FastContext,
  code: Code,
  range: Range,
  blocks: readonly number[],
): Stretch {
  const numbers = new Map(blocks.map((pc, index) => [pc, index]));
  const cases = blocks.map((pc, index) => {
    const end = blocks[index + 1] ?? range.end;
    return `case ${index}:\n${generateBlock(code, numbers, pc, end)}`;
  });
  const source = `return ((block, left) => {
const fp = registers.fp;
const base2 = fp * 2, base4 = fp * 4, base8 = fp * 8, base16 = fp * 16;
for (;;) switch (block) {
${cases.join('\n')}
${generateExit(range.end)}
}
});`;
  const { registers, memory, bounds, beforeWrite, halt } = context;
  const scope = { registers, memory, end: bounds.end, beforeWrite, halt };
  const names = { ...scope, ...context.slots, ...FAST_FUNCTIONS };
  // The source is made of this file's text and of numbers alone.
  return new Function(...Object.keys(names), source)(...Object.values(names)) as Stretch;
}

function generateBlock(
  code: Code,
  numbers: ReadonlyMap<number, number>,
  start: number,
  end: number,
): string {
  const lines = [`if (left < ${end - start}) ${generateExit(start)}`, `left -= ${end - start};`];
  for (let pc = start; pc < end; pc += 1) {
    const place = { pc, refund: end - pc - 1 };
    lines.push(generateInstruction(code.instruction(pc), place, numbers));
  }
  return lines.join('\n');
}

function generateInstruction(
  instruction: Instruction,
  place: Place,
  numbers: ReadonlyMap<number, number>,
): string {
  const { op, a } = instruction;
  const opcode = OPCODES.get(op) as Opcode;
  const word = (index: number) => immediate(instruction.imm, index);
  const go = () => {
    const block = numbers.get(word(0));
    return block === undefined ? generateExit(word(0)) : `{ block = ${block}; continue; }`;
  };
  switch (opcode.shape) {
    case 'trap':
      return generateTrap(STATUS.unreachable, place);
    case 'jump':
      return go();
    case 'jumpIf': {
      const compared =
        op === OP.jumpIfEqual ? `=== ${word(1)}` : op === OP.jumpIf ? '!== 0' : '=== 0';
      return `if (${lane('u32', a, 0)} ${compared}) ${go()}`;
    }
    case 'call':
      return generateCall(word(0), word(1), word(2), place);
    case 'return':
      return RETURN;
    case 'const':
      return generateWrite(
        'i32',
        instruction.dst,
        [0, 1, 2, 3].map((l) => `${word(l) | 0}`),
      );
    case 'load':
      return generateLoad(instruction, opcode, word(0), place);
    case 'store':
      return generateStore(instruction, opcode, word(0), place);
    default:
      return generateValue(instruction, place);
  }
}

function generateCall(target: number, delta: number, slots: number, place: Place): string {
  return `if (fp + ${delta + slots} > ${SLOTS}) ${generateTrap(STATUS.stackOverflow, place)}
registers.frames.push(${place.pc + 1}, fp);
registers.fp = fp + ${delta};
${generateExit(target)}`;
}

const RETURN = `if (registers.frames.length === 0) halt();
else { registers.fp = registers.frames.pop(); registers.pc = registers.frames.pop(); }
return left;`;

function generateValue(instruction: Instruction, place: Place): string {
  const fast = fastValue(instruction.op, instruction.imm);
  if (fast === undefined) throw new Error(`no fast form of opcode ${instruction.op}`);
  const { a, b, c } = instruction;
  const slots = { a: [fast.from[0], a], b: [fast.from[1], b], c: [fast.from[2], c] } as const;
  const bind = (expression: string) =>
    expression.replaceAll(/\b([abc])(\d+)\b/g, (_, name: 'a' | 'b' | 'c', index: string) => {
      const [type, slot] = slots[name];
      return lane(type, slot, Number(index));
    });
  const traps = fast.traps.map(
    ([condition, status]) => `if (${bind(condition)}) ${generateTrap(status, place)}\n`,
  );
  return traps.join('') + generateWrite(fast.to, instruction.dst, fast.results.map(bind));
}
