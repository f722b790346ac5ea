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
import { MEMORY_LEAF_BYTES } from './machine/merkle.js';
import { differingLeaves } from './tracked-region.js';

export interface FaultBench {
  readonly program: Program;
  readonly input: AnswerInput;
  readonly log: AnswerLog;
  /** Token transitions of the answer. */
  readonly transitions: number;
  /** Operators of a transition. @throws {FAULT_BAD_PLACE} */
  operators(transition: number): number;
  /** Puts the program right before an operator. @throws {FAULT_BAD_PLACE} */
  goTo(transition: number, operator: number): void;
  /** Addresses of the 256-byte leaves of the work region that an operator changes. */
  outputs(transition: number, operator: number): number[];
  /** What memory holds after the wrong way, where it differs from after the operator. */
  compare(transition: number, operator: number, wrong: () => void): Lie[];
}

export function createBench(program: Program, input: AnswerInput): FaultBench {
  const log = logAnswer(program, input);
  const transitions = log.boundaries.length - 1;
  const { memory, bounds } = program;
  const copy = (from: number, to: number) => Buffer.from(memory.subarray(from, to));
  const copyAnswer = () => copy(bounds.answer, bounds.vocabulary);
  const copyWork = () => copy(bounds.work, bounds.end);
  const start = (transition: number) => {
    const state = log.boundaries[transition];
    if (state === undefined || transition >= transitions)
      throw badPlace({ transition, transitions });
    program.begin(input);
    program.restart(log.regionAt(state));
  };
  const operators = (transition: number) => {
    start(transition);
    const view = viewOf(answerRegion(program));
    const isOver = () => {
      const { status, tokens } = readCounts(view);
      return tokens !== transition || status === STATUS.done;
    };
    let count = 0;
    for (; !isOver(); count++) program.step();
    return count;
  };
  const goTo = (transition: number, operator: number) => {
    start(transition);
    for (let i = 0; i < operator; i++) program.step();
  };
  return {
    program,
    input,
    log,
    transitions,
    operators,
    goTo,
    outputs(transition, operator) {
      goTo(transition, operator);
      const before = copyWork();
      program.step();
      const leaves = differingLeaves(before, copyWork());
      return leaves.map((leaf) => bounds.work + leaf * MEMORY_LEAF_BYTES);
    },
    compare(transition, operator, wrong) {
      goTo(transition, operator);
      program.step();
      const right = { answer: copyAnswer(), work: copyWork() };
      goTo(transition, operator);
      wrong();
      return [
        ...findLies(bounds.answer, right.answer, copyAnswer()),
        ...findLies(bounds.work, right.work, copyWork()),
      ];
    },
  };
}

/** Where two copies of a region that starts at `from` differ. */
function findLies(from: number, truth: Buffer, lie: Buffer): Lie[] {
  return differingLeaves(truth, lie).map((leaf) => {
    const at = leaf * MEMORY_LEAF_BYTES;
    const cut = (bytes: Buffer) => new Uint8Array(bytes.subarray(at, at + MEMORY_LEAF_BYTES));
    return { address: from + at, truth: cut(truth), lie: cut(lie) };
  });
}

function badPlace(details: Readonly<Record<string, unknown>>): OpmlError {
  const words = Object.entries(details).map(([name, value]) => `${name} ${value}`);
  return new OpmlError('FAULT_BAD_PLACE', `There is no such place: ${words.join(', ')}.`, details);
}
