/**
 * One token transition, operator by operator: V8 runs them, and after each the memory is hashed anew
 * where it changed. Starts where the program stands: an answer and empty caches.
 */
import type { Program } from '../llama/program.js';
import { STATUS } from '../llama/regions.js';
import { answerRegion } from './answer-log.js';
import { readCounts, viewOf } from './facts.js';
import { toHex } from './hex.js';
import { memoryHash } from './machine/state.js';
import { trackRegion } from './tracked-region.js';

/** Hashes are lower-case hex. */
export interface OperatorTrace {
  /** Memory hashes after 0, 1, ... operators. */
  readonly leaves: readonly string[];
  /** Root of the work region after the last one. */
  readonly workRoot: string;
  /** Root of the answer region after the last one. */
  readonly after: string;
}

/** @param count run so many operators; default: to the next token boundary */
export function traceOperators(program: Program, count?: number): OperatorTrace {
  const region = answerRegion(program);
  const view = viewOf(region);
  const answer = trackRegion(region);
  const work = trackRegion(program.memory.subarray(program.bounds.work, program.bounds.end));
  const { tokens } = readCounts(view);
  const leaves: string[] = [];
  const record = () => leaves.push(toHex(memoryHash(answer.root, work.root)));
  const isOver = () => {
    if (count !== undefined) return leaves.length > count;
    const now = readCounts(view);
    return now.status === STATUS.done || now.tokens !== tokens;
  };
  record();
  do {
    program.step();
    answer.refresh();
    work.refresh();
    record();
  } while (!isOver());
  return { leaves, workRoot: toHex(work.root), after: toHex(answer.root) };
}
