/**
 * Makes the claim of an answer while it is served. After each token it keeps the few leaves of the
 * answer region that the token changed; they are hashed when the claim is made, all at once, because
 * between two tokens the processor's caches are full of weights. That costs some 12 microseconds a
 * token. The program's own constants are hashed when the first claim is made.
 */
import { encodeInput } from '../llama/answer.js';
import type { AnswerInput, Program } from '../llama/program.js';
import { ANSWER, INPUT, INPUT_BYTES, STATUS } from '../llama/regions.js';
import { answerRegion } from './answer-log.js';
import { type Claim, makeClaim, readConstants } from './claim.js';
import { OpmlError } from './errors.js';
import { type AnswerCounts, readCounts, viewOf } from './facts.js';
import { toHex } from './hex.js';
import { MEMORY_LEAF_BYTES } from './machine/merkle.js';
import { type ProgramConstants, programRoot } from './machine/state.js';
import { createRegionHasher } from './region-hasher.js';

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
  const log = createLeafLog(region);
  const hashInput = createInputHasher();
  let constants = known;
  let root: string | undefined;
  let asked: AnswerInput | undefined;
  let last = readCounts(view);
  const readProgram = () => {
    constants ??= readConstants(program);
    return constants;
  };
  return {
    constants: readProgram,
    begin(input) {
      asked = input;
      log.clear();
      last = readCounts(view);
    },
    boundary() {
      const before = last;
      const now = readCounts(view);
      const ended = now.status === STATUS.done && before.status !== STATUS.done;
      if (now.tokens === before.tokens && !ended) return;
      last = now;
      log.add(changedLeaves(before, now));
    },
    claim() {
      if (asked === undefined || last.status !== STATUS.done) {
        throw new OpmlError('CLAIM_UNFINISHED', 'The answer has not ended.', { ...last });
      }
      root ??= toHex(programRoot(readProgram()));
      return makeClaim(root, hashInput(asked), log.roots(), region);
    },
  };
}

/** Changes of a region, one after another, from all zero on. */
interface LeafLog {
  clear(): void;
  /** Keeps what these leaves hold now. */
  add(leaves: readonly number[]): void;
  /** Roots of the region: of zeros, and after each change. */
  roots(): string[];
}

function createLeafLog(region: Uint8Array): LeafLog {
  const hasher = createRegionHasher(region.length);
  const live = Buffer.from(region.buffer, region.byteOffset, region.byteLength);
  const zeros = Buffer.alloc(region.length);
  let hashed: readonly number[] = [];
  let changes: (readonly number[])[] = [];
  let contents = Buffer.alloc(region.length);
  let used = 0;
  return {
    clear() {
      changes = [];
      used = 0;
    },
    add(leaves) {
      changes.push(leaves);
      if (used + leaves.length * MEMORY_LEAF_BYTES > contents.length) {
        contents = Buffer.concat([contents], 2 * contents.length);
      }
      for (const leaf of leaves) {
        const from = leaf * MEMORY_LEAF_BYTES;
        used += live.copy(contents, used, from, from + MEMORY_LEAF_BYTES);
      }
    },
    roots() {
      let at = 0;
      const first = hasher.change(hashed, zeros);
      hashed = [...new Set(changes.flat())].sort((a, b) => a - b);
      const rest = changes.map((leaves) => {
        at += leaves.length * MEMORY_LEAF_BYTES;
        return hasher.change(leaves, contents, at - leaves.length * MEMORY_LEAF_BYTES);
      });
      return [first, ...rest];
    },
  };
}

/** Roots of input regions, one after another: hashes the leaves in which this one is another. */
function createInputHasher(): (input: AnswerInput) => string {
  const hasher = createRegionHasher(INPUT_BYTES);
  let hashed: Buffer = Buffer.alloc(INPUT_BYTES);
  let filled = 0;
  return (input) => {
    const encoded = encodeInput(input);
    const region = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength);
    const end = INPUT.prompt + region.readUInt32LE(INPUT.promptBytes);
    const count = Math.max(end, filled);
    const changed: number[] = [];
    for (let from = 0; from < count; from += MEMORY_LEAF_BYTES) {
      const to = from + MEMORY_LEAF_BYTES;
      const isSame = region.compare(hashed, from, to, from, to) === 0;
      if (!isSame) changed.push(from / MEMORY_LEAF_BYTES);
    }
    const leaves = changed.map((leaf) =>
      region.subarray(leaf * MEMORY_LEAF_BYTES, (leaf + 1) * MEMORY_LEAF_BYTES),
    );
    hashed = region;
    filled = end;
    return hasher.change(changed, Buffer.concat(leaves));
  };
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
