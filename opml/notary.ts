/**
 * Makes the claim of an answer while it is served: after each token it hashes the few leaves of the
 * answer region that the token changed, and no more, so that a claim costs some 15 microseconds a
 * token. The program's own constants are hashed when the first claim is made.
 */

import type { AnswerInput, Program } from '../llama/program.js';
import { ANSWER, STATUS } from '../llama/regions.js';
import { type Claim, inputRoot, makeClaim, readConstants } from './claim.js';
import { OpmlError } from './errors.js';
import { type AnswerCounts, readCounts, viewOf } from './facts.js';
import { type Hash, MEMORY_LEAF_BYTES, RegionTree } from './machine/merkle.js';
import { type ProgramConstants, programRoot } from './machine/state.js';

export interface Notary {
  /** The program's constants; the first use hashes the model. */
  constants(): ProgramConstants;
  /** After the program has begun this answer. */
  begin(input: AnswerInput): void;
  /** After each token boundary. A call at any other moment changes nothing. */
  boundary(): void;
  /** Of the finished answer. @throws {CLAIM_UNFINISHED} */
  claim(): Claim;
}

/** @param known constants of the honest program; default: hashed from its memory when needed */
export function createNotary(program: Program, known?: ProgramConstants): Notary {
  const { bounds, memory } = program;
  const region = memory.subarray(bounds.answer, bounds.vocabulary);
  const view = viewOf(region);
  const answer = new RegionTree(region);
  let constants = known;
  let asked: AnswerInput | undefined;
  let leaves: Hash[] = [];
  let last = readCounts(view);
  const readProgram = () => {
    constants ??= readConstants(program);
    return constants;
  };
  return {
    constants: readProgram,
    begin(input) {
      asked = input;
      const before = last;
      last = readCounts(view);
      answer.update(changedLeaves(before, last));
      leaves = [answer.root];
    },
    boundary() {
      const before = last;
      const now = readCounts(view);
      const ended = now.status === STATUS.done && before.status !== STATUS.done;
      if (now.tokens === before.tokens && !ended) return;
      last = now;
      answer.update(changedLeaves(before, now));
      leaves.push(answer.root);
    },
    claim() {
      if (asked === undefined || last.status !== STATUS.done) {
        throw new OpmlError('CLAIM_UNFINISHED', 'The answer has not ended.', { ...last });
      }
      return makeClaim(programRoot(readProgram()), inputRoot(asked), leaves, region);
    },
  };
}

/** Leaves of the answer region that differ between two moments of an answer, or of none and one. */
function changedLeaves(a: AnswerCounts, b: AnswerCounts): number[] {
  const changed = new Set([0]);
  const add = (from: number, to: number) => {
    const first = Math.floor(from / MEMORY_LEAF_BYTES);
    for (let leaf = first; leaf * MEMORY_LEAF_BYTES < to; leaf++) changed.add(leaf);
  };
  const addSpan = (start: number, x: number, y: number) => {
    if (x !== y) add(start + Math.min(x, y), start + Math.max(x, y));
  };
  addSpan(ANSWER.text, a.textBytes, b.textBytes);
  addSpan(ANSWER.ids, 4 * (a.promptTokens + a.tokens), 4 * (b.promptTokens + b.tokens));
  return [...changed];
}
