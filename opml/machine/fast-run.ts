/**
 * Cuts the machine's code into stretches that are compiled when they are first run, and runs them
 * within a budget of steps: whole blocks while the budget lasts, single instructions at its end.
 */
import type { Code } from './code.js';
import { immediate } from './code.js';
import { compileStretch, type FastContext, type Range, type Stretch } from './fast-code.js';
import { OP, OPCODES } from './opcodes.js';
import { STATUS } from './state.js';

/**
 * How long a stretch becomes before the next block starts another one. Short ones are compiled and
 * optimised sooner, but every jump across stretches costs a call: a loop of up to so many
 * instructions stays in one.
 */
const STRETCH_STEPS = 64;
const LOOP_STEPS_MAX = 256;

interface CompiledStretch {
  readonly range: Range;
  readonly blocks: readonly number[];
  whole?: Stretch; // by blocks
  single?: Stretch; // by instructions
}

interface Plan {
  readonly stretchAt: readonly CompiledStretch[]; // by pc
  readonly blockAt: Int32Array; // by pc: the block's number in its stretch where one starts, else -1
  readonly toBlockEnd: Int32Array; // by pc: steps
}

/**
 * Makes the function that advances the machine.
 *
 * @returns takes at most so many steps; returns how many, fewer only when the machine stops
 */
export function createRunner(code: Code, context: FastContext): (maxSteps: number) => number {
  const { registers } = context;
  const plan = planStretches(code);
  const runSingly = (stretch: CompiledStretch, steps: number): number => {
    const { start, end } = stretch.range;
    stretch.single ??= compileStretch(
      context,
      code,
      stretch.range,
      Array.from({ length: end - start }, (_, index) => start + index),
    );
    return stretch.single(registers.pc - start, steps);
  };
  return (maxSteps) => {
    let left = maxSteps;
    while (left > 0 && registers.status === STATUS.running) {
      const pc = registers.pc;
      const stretch = plan.stretchAt[pc] as CompiledStretch;
      const block = plan.blockAt[pc] as number;
      const toEnd = plan.toBlockEnd[pc] as number;
      if (block >= 0 && left >= toEnd) {
        stretch.whole ??= compileStretch(context, code, stretch.range, stretch.blocks);
        left = stretch.whole(block, left);
      } else {
        const steps = Math.min(left, toEnd);
        left -= steps - runSingly(stretch, steps);
      }
    }
    return maxSteps - left;
  };
}

function planStretches(code: Code): Plan {
  const starts = findBlockStarts(code);
  const stretchAt: CompiledStretch[] = [];
  const blockAt = new Int32Array(code.count).fill(-1);
  const toBlockEnd = new Int32Array(code.count);
  const groups = groupBlocks(
    starts,
    findLoops(code),
    new Set(code.functions.map((fn) => fn.start)),
  );
  for (const [index, blocks] of groups.entries()) {
    const end = groups[index + 1]?.[0] ?? code.count;
    const stretch = { range: { start: blocks[0] as number, end }, blocks };
    for (const [number, pc] of blocks.entries()) {
      const blockEnd = blocks[number + 1] ?? end;
      blockAt[pc] = number;
      for (let at = pc; at < blockEnd; at += 1) {
        toBlockEnd[at] = blockEnd - at;
        stretchAt[at] = stretch;
      }
    }
  }
  return { stretchAt, blockAt, toBlockEnd };
}

/** Blocks start where functions do, where jumps go, and behind whatever does not simply go on. */
function findBlockStarts(code: Code): number[] {
  const starts = new Set(code.functions.map((fn) => fn.start));
  for (let pc = 0; pc < code.count; pc += 1) {
    const { op, imm } = code.instruction(pc);
    const shape = OPCODES.get(op)?.shape ?? 'trap';
    if (!['jump', 'jumpIf', 'call', 'return', 'trap'].includes(shape)) continue;
    if (pc + 1 < code.count) starts.add(pc + 1);
    if (shape === 'jump' || shape === 'jumpIf' || op === OP.call) starts.add(immediate(imm, 0));
  }
  return [...starts].sort((a, b) => a - b);
}

/** Neighbouring blocks of a function together, until they are long enough and no loop is cut. */
function groupBlocks(
  starts: readonly number[],
  inLoop: ReadonlySet<number>,
  functions: ReadonlySet<number>,
): number[][] {
  const groups: number[][] = [];
  for (const start of starts) {
    const group = groups.at(-1);
    const length = start - (group?.[0] ?? 0);
    const goesOn = (length < STRETCH_STEPS || inLoop.has(start)) && !functions.has(start);
    if (group !== undefined && goesOn) group.push(start);
    else groups.push([start]);
  }
  return groups;
}

/** The pcs within loops, but their first ones. */
function findLoops(code: Code): Set<number> {
  const inside = new Set<number>();
  for (let pc = 0; pc < code.count; pc += 1) {
    const { op, imm } = code.instruction(pc);
    const target = OPCODES.get(op)?.shape.startsWith('jump') ? immediate(imm, 0) : pc + 1;
    if (target > pc || pc - target > LOOP_STEPS_MAX) continue;
    for (let at = target + 1; at <= pc; at += 1) inside.add(at);
  }
  return inside;
}
