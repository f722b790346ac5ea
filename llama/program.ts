/**
 * One model as a program: an instance of the engine module, whose memory holds the model and one
 * answer at a time. A step runs one operator; all of the answer, from splitting the prompt to its
 * text, is computed inside, so whoever has the same bytes can recompute it and nothing else.
 */
import type { AnswerInput, AnswerState } from './answer.js';
import type { Bounds } from './regions.js';

export interface Program {
  /** Bytes of the engine module. */
  readonly wasm: Uint8Array;
  readonly bounds: Bounds;
  /** Live view of all memory. */
  readonly memory: Uint8Array;
  /** Starts an answer; keeps the caches, of which only what fits the new answer is used. */
  begin(input: AnswerInput): void;
  /**
   * Puts the answer to a token boundary and the whole work region to zero, as every dispute starts.
   * The input region stays.
   */
  restart(answerRegion: Uint8Array): void;
  /** Runs one operator; nothing when the answer is done. */
  step(): void;
  /** Runs to the next token boundary; false when the answer is done. */
  run(): boolean;
  /** Evaluates one batch of what waits; returns the share that is done, 1 when a token is next. */
  advance(): number;
  readAnswer(): AnswerState;
}

export type { AnswerInput, AnswerState } from './answer.js';
export { encodeInput } from './answer.js';
export type { Bounds } from './regions.js';
