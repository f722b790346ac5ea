/**
 * Claims of modelled answers: what a worker puts its bond on, made as the real engine's notary makes
 * it, so that the arbiter takes it. The trace has a single step from nothing to the whole answer: who
 * challenges such a claim wins.
 */
import type { LuaValue } from '../../actors/lua/values.js';
import { encodeInput } from '../../llama/answer.js';
import { ANSWER_BYTES, INPUT_BYTES, LEAF_BYTES, STOP_REASON } from '../../llama/regions.js';
import { makeClaim } from '../../opml/claim.js';
import { writeFacts } from '../../opml/facts.js';
import { createRegionHasher } from '../../opml/region-hasher.js';
import type { ModelledAnswer, ModelledQuestion } from './modelled-engine.js';

export interface ModelledClaims {
  /** As `engine.claim()` of the real device. */
  claim(question: ModelledQuestion, answer: ModelledAnswer): LuaValue;
}

/** @param programRoot of the program that the answers are claimed for, in hex */
export function createModelledClaims(programRoot: string): ModelledClaims {
  const hashInput = createRegionRoot(INPUT_BYTES);
  const hashAnswer = createRegionRoot(ANSWER_BYTES);
  const fresh = hashAnswer(Buffer.alloc(ANSWER_BYTES));
  return {
    claim({ prompt, tokens, stops, trim }, answer) {
      const input = encodeInput({ prompt, maxTokens: tokens, stops, trim });
      const region = writeFacts(
        {
          answer: answer.text,
          ids: Array.from({ length: answer.promptTokens + answer.tokens }, (_, i) => i),
          promptTokens: answer.promptTokens,
          tokens: answer.tokens,
          stopReason: STOP_REASON[answer.reason],
          stopIndex: 0,
          random: '00'.repeat(8),
          pending: '',
        },
        ANSWER_BYTES,
      );
      const leaves = [fresh, hashAnswer(region)];
      return makeClaim(programRoot, hashInput(input), leaves, region) as unknown as LuaValue;
    },
  };
}

/** Roots of regions, one after another: hashes the leaves in which this one is another. */
function createRegionRoot(bytes: number): (region: Uint8Array) => string {
  const hasher = createRegionHasher(bytes);
  let hashed: Buffer = Buffer.alloc(bytes);
  return (region) => {
    const next = Buffer.from(region.buffer, region.byteOffset, region.byteLength);
    const changed: number[] = [];
    for (let from = 0; from < bytes; from += LEAF_BYTES) {
      const to = from + LEAF_BYTES;
      if (next.compare(hashed, from, to, from, to) !== 0) changed.push(from / LEAF_BYTES);
    }
    const contents = changed.map((leaf) =>
      next.subarray(leaf * LEAF_BYTES, (leaf + 1) * LEAF_BYTES),
    );
    hashed = next;
    return hasher.change(changed, Buffer.concat(contents));
  };
}
