/**
 * One operator by single steps: its number of steps, the state after any of them, and the proof of the
 * next. Every state that was asked for is kept as what it changed, so a bisection costs about two runs
 * of the operator in all, and one that begins in the middle costs no more.
 */
import type { Program } from '../llama/program.js';
import { describeStep, type StepDescription } from './describe-step.js';
import { OpmlError } from './errors.js';
import { type LieInOperator, type PlantedFault, tellLies, tellTruth } from './faulty-program.js';
import { toHex } from './hex.js';
import type { Code } from './machine/code.js';
import { createInterpreter, type Interpreter, type Snapshot } from './machine/interpreter.js';
import { type Hash, RegionTree } from './machine/merkle.js';
import {
  type ProgramConstants,
  programRoot,
  STATUS,
  stateHash,
  statusName,
} from './machine/state.js';
import { buildWitness } from './machine/witness.js';
import { takeResult } from './step-result.js';

export interface OperatorRun {
  /** Steps to the operator's end. */
  steps(): number;
  /** Hash of the state after so many steps; an operator that has ended stays as it is. */
  state(step: number): string;
  /** What a judge needs to make the step after that state; of one that has stopped, its header. */
  witness(step: number): Uint8Array;
  /** What the machine is about to do in that state, which must not be the last. */
  describe(step: number): StepDescription;
  /** What that step writes, in hex; '' when it writes no slot and no memory. */
  result(step: number): string;
}

export interface OperatorParts {
  /** Stands before the operator; its memory is the run's from now on. */
  readonly program: Program;
  readonly code: Code;
  readonly constants: ProgramConstants;
  readonly inputRoot: Hash;
  readonly fault?: PlantedFault | undefined;
  /** The lie in this very operator. */
  readonly lie?: LieInOperator | undefined;
}

/** States kept besides the first. */
const MAX_SNAPSHOTS = 48;
const MAX_STEPS = 2 ** 40;

export function createOperatorRun(parts: OperatorParts): OperatorRun {
  const { program, code, constants, inputRoot, lie } = parts;
  const root = programRoot(constants);
  const { memory, bounds } = program;
  const fault = lie?.instruction;
  const interpreter = createInterpreter(code, { memory, bounds, ...(fault ? { fault } : {}) });
  const snapshots = new Map([[0, interpreter.snapshot()]]);
  let total: number | undefined;

  /** Brings the interpreter to a state, from the last one before it that is known. */
  const moveTo = (step: number): void => {
    const start = Math.max(...[...snapshots.keys()].filter((at) => at <= step));
    if (interpreter.counter > step || interpreter.counter < start) {
      interpreter.restore(snapshots.get(start) as Snapshot);
    }
    interpreter.run(step - interpreter.counter);
    if (interpreter.status === STATUS.running) keep(step);
  };
  const keep = (step: number): void => {
    snapshots.set(step, snapshots.get(step) ?? interpreter.snapshot());
    const [, oldest] = snapshots.keys();
    if (snapshots.size > MAX_SNAPSHOTS && oldest !== undefined) snapshots.delete(oldest);
  };
  const steps = (): number => {
    if (total !== undefined) return total;
    interpreter.run(MAX_STEPS);
    if (interpreter.status !== STATUS.halted) throw endless(interpreter);
    total = interpreter.counter;
    return total;
  };

  return {
    steps,
    state(step) {
      moveTo(step);
      const hasEnded = interpreter.status !== STATUS.running;
      if (hasEnded && lie !== undefined && fault === undefined) {
        tellLies(memory, lie.after);
        const header = { ...interpreter.header(), ...writableRoots(program) };
        tellTruth(memory, lie.after);
        return toHex(stateHash(root, inputRoot, header));
      }
      return toHex(interpreter.hash(root, inputRoot));
    },
    witness(step) {
      moveTo(step);
      const lies = parts.fault?.readOnly ?? [];
      tellTruth(memory, lies);
      const witness = buildWitness(interpreter);
      tellLies(memory, lies);
      return witness;
    },
    describe(step) {
      moveTo(step);
      return describeStep(interpreter);
    },
    result(step) {
      moveTo(step);
      return takeResult(interpreter);
    },
  };
}

/** Roots of what a program may write, hashed from nothing. */
function writableRoots({ memory, bounds }: Program) {
  const rootOf = (from: number, to: number) => new RegionTree(memory.subarray(from, to)).root;
  return {
    answerRoot: rootOf(bounds.answer, bounds.vocabulary),
    workRoot: rootOf(bounds.work, bounds.end),
  };
}

function endless({ status, counter }: Interpreter): OpmlError {
  return new OpmlError(
    'TRACE_ENDLESS_OPERATOR',
    `The operator stopped after ${counter} steps with status ${statusName(status)}.`,
    { status, counter },
  );
}
