/**
 * Where faults are made up: puts a program right before any operator of an answer, runs it in a right
 * and in a wrong way, and tells the difference in memory.
 */
import type { AnswerInput, Program } from '../llama/program.js';
import { STATUS } from '../llama/regions.js';
import { type AnswerLog, answerRegion, logAnswer } from './answer-log.js';
import { OpmlError } from './errors.js';
import { readCounts, viewOf } from './facts.js';
import type { Lie } from './faulty-program.js';
import type { Fault } from './machine/fault.js';
import { createInterpreter, type Interpreter } from './machine/interpreter.js';
import { lowerModule } from './machine/lower.js';
import { MEMORY_LEAF_BYTES } from './machine/merkle.js';
import { differingLeaves } from './tracked-region.js';

/** A token transition, from 0, and one of its operators, from 0. */
export interface Place {
  readonly transition: number;
  readonly operator: number;
}

export interface FaultBench {
  readonly program: Program;
  readonly input: AnswerInput;
  readonly log: AnswerLog;
  /** Token transitions of the answer. */
  readonly transitions: number;
  /** Operators of a transition. @throws {FAULT_BAD_PLACE} */
  operators(transition: number): number;
  /** Puts the program right before an operator. */
  goTo(place: Place): void;
  /** The same, for the interpreter. */
  open(place: Place, fault?: Fault): Interpreter;
  /** Addresses of the words that an operator writes in the work region, rounded to whole leaves. */
  outputs(place: Place): number[];
  /** What memory holds after the wrong way, where it differs from after the operator. */
  compare(place: Place, wrong: () => void): Lie[];
}

export function createBench(program: Program, input: AnswerInput): FaultBench {
  const log = logAnswer(program, input);
  const transitions = log.boundaries.length - 1;
  const { memory, bounds } = program;
  const code = lowerModule(program.wasm);
  const copy = (from: number, to: number) => Buffer.from(memory.subarray(from, to));
  const copyAnswer = () => copy(bounds.answer, bounds.vocabulary);
  const copyWork = () => copy(bounds.work, bounds.end);
  const start = (transition: number) => {
    checkPlace('token', transition, transitions);
    program.begin(input);
    program.restart(log.regionAt(log.boundaries[transition] as number));
  };
  const goTo = ({ transition, operator }: Place) => {
    start(transition);
    for (let i = 0; i < operator; i++) program.step();
  };
  return {
    program,
    input,
    log,
    transitions,
    goTo,
    operators(transition) {
      start(transition);
      const view = viewOf(answerRegion(program));
      const isOver = () => {
        const { status, tokens } = readCounts(view);
        return tokens !== transition || status === STATUS.done;
      };
      let count = 0;
      for (; !isOver(); count++) program.step();
      return count;
    },
    open(place, fault) {
      goTo(place);
      return createInterpreter(code, { memory, bounds, ...(fault ? { fault } : {}) });
    },
    outputs(place) {
      goTo(place);
      const before = copyWork();
      program.step();
      return differingLeaves(before, copyWork()).flatMap((leaf) =>
        Array.from(
          { length: MEMORY_LEAF_BYTES / 4 },
          (_, i) => bounds.work + leaf * MEMORY_LEAF_BYTES + 4 * i,
        ),
      );
    },
    compare(place, wrong) {
      goTo(place);
      program.step();
      const right = { answer: copyAnswer(), work: copyWork() };
      goTo(place);
      wrong();
      return [
        ...findLies(bounds.answer, right.answer, copyAnswer()),
        ...findLies(bounds.work, right.work, copyWork()),
      ];
    },
  };
}

/** @throws {FAULT_BAD_PLACE} */
export function checkPlace(what: string, given: number, count: number): void {
  if (Number.isInteger(given) && given >= 0 && given < count) return;
  throw new OpmlError('FAULT_BAD_PLACE', `There is no ${what} ${given} of ${count}, from 0.`, {
    what,
    given,
    count,
  });
}

/** Where two copies of a region that starts at `from` differ. */
function findLies(from: number, truth: Buffer, lie: Buffer): Lie[] {
  return differingLeaves(truth, lie).map((leaf) => {
    const at = leaf * MEMORY_LEAF_BYTES;
    const cut = (bytes: Buffer) => new Uint8Array(bytes.subarray(at, at + MEMORY_LEAF_BYTES));
    return { address: from + at, truth: cut(truth), lie: cut(lie) };
  });
}
