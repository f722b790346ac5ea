/**
 * Notices: what the messenger unit did not send of an outbox, and why. They come after the result of
 * the evaluation was stored, so they are kept beside it, by its number, and shown with it.
 */
import type { Evaluation } from '../compute/evaluation.js';
import type { EvaluationResult, Refusal } from '../compute/result.js';
import { countJobs } from './jobs.js';

export interface Notices {
  add(process: string, evaluation: number, refusal: Refusal): void;
  /** Forgets those of one entry, which has been sent after all. */
  remove(process: string, evaluation: number, index: number): void;
  /** In the order of their entries in the outbox. */
  of(process: string, evaluation: number): readonly Refusal[];
}

/** Refusals by process and evaluation, `process:evaluation`. */
export type NoticesState = ReadonlyMap<string, readonly Refusal[]>;

export interface MemoryNotices extends Notices {
  capture(): NoticesState;
}

const NONE: readonly Refusal[] = [];

/** @param state what others captured, to go on from */
export function createMemoryNotices(state: NoticesState = new Map()): MemoryNotices {
  const known = copyNotices(state);
  return {
    add(process, evaluation, refusal) {
      const key = `${process}:${evaluation}`;
      const others = known.get(key);
      if (others) others.push(refusal);
      else known.set(key, [refusal]);
    },
    remove(process, evaluation, index) {
      const key = `${process}:${evaluation}`;
      const others = (known.get(key) ?? NONE).filter((refusal) => refusal.index !== index);
      if (others.length > 0) known.set(key, others);
      else known.delete(key);
    },
    of: (process, evaluation) => known.get(`${process}:${evaluation}`) ?? NONE,
    capture: () => copyNotices(known),
  };
}

function copyNotices(notices: NoticesState): Map<string, Refusal[]> {
  return new Map([...notices].map(([key, refusals]) => [key, [...refusals]]));
}

/** The result of an evaluation, with what was refused of its outbox since. */
export function withNotices(notices: Notices, evaluation: Evaluation): EvaluationResult {
  const { result, process, index } = evaluation;
  const refused = notices.of(process, index);
  if (refused.length === 0) return result;
  return { ...result, refused: [...(result.refused ?? NONE), ...refused] };
}

/** Whether a notice is not of one entry alone, but of all from it on: an outbox beyond its bound. */
export function isOfRest(refusal: Refusal, result: EvaluationResult): boolean {
  const { code, index, limit = Number.POSITIVE_INFINITY, got } = refusal;
  return code === 'CRANK_TOO_MANY' && index >= limit && got === countJobs(result);
}
