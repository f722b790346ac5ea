/**
 * A program that computes wrongly in one planted place, and rightly from there on: what a dishonest
 * party runs. Serving with it and disputing with it give the same falsehood, because the transition
 * with the planted place is computed from nothing, as in a dispute.
 */
import type { AnswerInput, Program } from '../llama/program.js';
import { STATUS } from '../llama/regions.js';
import { answerRegion } from './answer-log.js';
import { readCounts, viewOf } from './facts.js';
import type { Fault } from './machine/fault.js';

/** Bytes of memory as they are by right, and as the liar has them. */
export interface Lie {
  readonly address: number;
  readonly truth: Uint8Array;
  readonly lie: Uint8Array;
}

/** One operator's altered result. */
export interface LieInOperator {
  /** Token transition, from 0, and operator of it as a dispute counts them. */
  readonly transition: number;
  readonly operator: number;
  /** What the memory holds after the operator. */
  readonly after: readonly Lie[];
  /** Where in the operator the lie comes in; absent: its very last step writes it. */
  readonly instruction?: Fault;
}

export interface PlantedFault {
  /** Read-only memory that differs during all of the computation. */
  readonly readOnly: readonly Lie[];
  readonly operator?: LieInOperator;
}

export interface FaultyProgram extends Program {
  readonly fault: PlantedFault;
}

/** Makes the party that runs `program` a liar. The program's memory is the liar's from now on. */
export function createFaultyProgram(program: Program, fault: PlantedFault): FaultyProgram {
  const region = answerRegion(program);
  const view = viewOf(region);
  const { operator: lie } = fault;
  /** Operators run since the transition's restart; undefined when not in the planted transition. */
  let done: number | undefined;
  const isPlanted = () =>
    lie !== undefined &&
    readCounts(view).tokens === lie.transition &&
    readCounts(view).status !== STATUS.done;
  const faulty: FaultyProgram = {
    wasm: program.wasm,
    bounds: program.bounds,
    memory: program.memory,
    logits: program.logits,
    fault,
    begin(input: AnswerInput) {
      program.begin(input);
      tellLies(program.memory, fault.readOnly);
      done = isPlanted() ? 0 : undefined;
    },
    resume(question, answer) {
      program.resume(question, answer);
      tellLies(program.memory, fault.readOnly);
      done = isPlanted() ? 0 : undefined;
    },
    restart(answer) {
      program.restart(answer);
      // The first transition's first operator splits the prompt: behind it, one is done.
      const isSplit = readCounts(view).status === STATUS.running && lie?.transition === 0;
      done = isPlanted() ? Number(isSplit) : undefined;
    },
    step() {
      program.step();
      if (lie === undefined || done === undefined) return;
      if (done === lie.operator) tellLies(program.memory, lie.after);
      done += 1;
    },
    run() {
      if (!isPlanted()) return program.run();
      faulty.restart(lie?.transition === 0 ? new Uint8Array(region.length) : region.slice());
      while (isPlanted()) faulty.step();
      // The caches may hold what the lie left there; a dispute about the next token would not.
      faulty.restart(region.slice());
      return readCounts(view).status !== STATUS.done;
    },
    advance: () => program.advance(),
    readAnswer: () => program.readAnswer(),
  };
  return faulty;
}

export function tellLies(memory: Uint8Array, lies: readonly Lie[]): void {
  for (const { address, lie } of lies) memory.set(lie, address);
}

export function tellTruth(memory: Uint8Array, lies: readonly Lie[]): void {
  for (const { address, truth } of lies) memory.set(truth, address);
}
