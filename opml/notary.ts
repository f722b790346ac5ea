/**
 * Makes the claim of an answer while it is served. After each token it keeps the few leaves of the
 * answer region that the token changed; they are hashed when the claim is made, all at once, because
 * between two tokens the processor's caches are full of weights. That costs some 12 microseconds a
 * token. The program's own constants are hashed when the first claim is made.
 */
import { encodeInput } from '../llama/answer.js';
import type { AnswerInput, Program } from '../llama/program.js';
import { ANSWER, INPUT_BYTES, STATUS } from '../llama/regions.js';
import { answerRegion } from './answer-log.js';
import { type Claim, makeClaim, readConstants } from './claim.js';
import { OpmlError } from './errors.js';
import { type AnswerCounts, readCounts, viewOf } from './facts.js';
import { toHex } from './hex.js';
import { MEMORY_LEAF_BYTES } from './machine/merkle.js';
import { type ProgramConstants, programRoot } from './machine/state.js';
import { type ChangedLeaf, createRegionHasher } from './region-hasher.js';

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
  const region = answerRegion(program);
  const view = viewOf(region);
  const empty = Buffer.alloc(region.length);
  const answers = createRegionHasher(region.length);
  const inputs = createRegionHasher(INPUT_BYTES);
  let constants = known;
  let root: string | undefined;
  let asked: AnswerInput | undefined;
  let changes: ChangedLeaf[][] = [];
  let last = readCounts(view);
  const readProgram = () => {
    constants ??= readConstants(program);
    return constants;
  };
  return {
    constants: readProgram,
    begin(input) {
      asked = input;
      changes = [];
      last = readCounts(view);
    },
    boundary() {
      const before = last;
      const now = readCounts(view);
      const ended = now.status === STATUS.done && before.status !== STATUS.done;
      if (now.tokens === before.tokens && !ended) return;
      last = now;
      changes.push(changedLeaves(before, now).map((leaf) => copyLeaf(region, leaf)));
    },
    claim() {
      if (asked === undefined || last.status !== STATUS.done) {
        throw new OpmlError('CLAIM_UNFINISHED', 'The answer has not ended.', { ...last });
      }
      root ??= toHex(programRoot(readProgram()));
      const input = inputs.become(Buffer.from(encodeInput(asked).buffer));
      const leaves = [answers.become(empty), ...changes.map(answers.change)];
      return makeClaim(root, input, leaves, region);
    },
  };
}

function copyLeaf(region: Uint8Array, leaf: number): ChangedLeaf {
  const from = leaf * MEMORY_LEAF_BYTES;
  return { leaf, bytes: region.slice(from, from + MEMORY_LEAF_BYTES) };
}

/**
 * Leaves of the answer region that differ between two moments of an answer, in ascending order: the
 * header, then text, then ids (each begins a leaf of its own).
 */
function changedLeaves(a: AnswerCounts, b: AnswerCounts): number[] {
  const changed = [0];
  const addSpan = (start: number, x: number, y: number) => {
    const to = start + Math.max(x, y);
    let leaf = Math.floor((start + Math.min(x, y)) / MEMORY_LEAF_BYTES);
    for (; x !== y && leaf * MEMORY_LEAF_BYTES < to; leaf++) changed.push(leaf);
  };
  addSpan(ANSWER.text, a.textBytes, b.textBytes);
  addSpan(ANSWER.ids, 4 * (a.promptTokens + a.tokens), 4 * (b.promptTokens + b.tokens));
  return changed;
}
