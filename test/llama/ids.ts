/**
 * Evaluates ids that no text gives: puts them into the answer region as if a prompt had been split
 * into them, and reads the logits that follow. For comparisons with other engines.
 */
import type { Program } from '../../llama/program.js';
import { encodeInput } from '../../llama/program.js';
import { ANSWER, ANSWER_BYTES, STATUS } from '../../llama/regions.js';

export interface SamplerState {
  readonly temperature: number;
  readonly topP: number;
  random: bigint;
}

export const GREEDY: SamplerState = { temperature: 0, topP: 1, random: 0n };

/** Evaluates all of `ids`; what the caches hold of them is not evaluated again. */
export function evaluateIds(program: Program, ids: readonly number[]): void {
  placeIds(program, ids, GREEDY);
  while (program.advance() < 1);
}

/** The logits of the `count` tokens of the vocabulary. */
export function readLogits({ memory, logits }: Program, count: number): Float32Array {
  return new Float32Array(memory.buffer, logits, count).slice();
}

/** Continues `ids` as serving does; returns the number of tokens, `count` unless the model ends it. */
export function generateTokens(program: Program, ids: readonly number[], count: number): number {
  placeIds(program, ids, GREEDY, count);
  while (program.run());
  return program.readAnswer().tokens;
}

/** The id that follows evaluated `ids`; `endId` stands for the end, which an answer does not hold. */
export function sampleId(
  program: Program,
  ids: readonly number[],
  sampler: SamplerState,
  endId = 2,
): number {
  const next = new Uint32Array(program.memory.buffer, program.bounds.work, 1);
  const node = next[0]!;
  placeIds(program, ids, sampler);
  next[0] = node;
  program.step();
  next[0] = node;
  const view = new DataView(program.memory.buffer);
  sampler.random = view.getBigUint64(program.bounds.answer + ANSWER.random, true);
  const { ids: after, stopReason } = program.readAnswer();
  return stopReason === 'end' ? endId : after[ids.length]!;
}

function placeIds(
  program: Program,
  ids: readonly number[],
  sampler: SamplerState,
  maxTokens = 1000,
): void {
  const { temperature, topP, random } = sampler;
  const answer = new DataView(new ArrayBuffer(ANSWER_BYTES));
  answer.setUint32(ANSWER.status, STATUS.running, true);
  answer.setUint32(ANSWER.promptTokens, ids.length, true);
  answer.setBigUint64(ANSWER.random, random, true);
  ids.forEach((id, i) => {
    answer.setUint32(ANSWER.ids + 4 * i, id, true);
  });
  const input = encodeInput({ prompt: '', maxTokens, temperature, topP });
  program.resume(input, new Uint8Array(answer.buffer));
}
