/**
 * What a claim says of a finished answer, in words and numbers, and the answer region of memory that
 * these pin down to the last byte: the arbiter rebuilds the region from them, so a claim cannot end
 * in another answer than was delivered.
 */
import { ANSWER, STATUS } from '../llama/regions.js';
import { fromHex } from './hex.js';

export interface AnswerFacts {
  readonly answer: string;
  /** Of the prompt, then of the answer. */
  readonly ids: readonly number[];
  readonly promptTokens: number;
  readonly tokens: number;
  /** A number of llama's STOP_REASON. */
  readonly stopReason: number;
  /** Which stop text ended it, from 1; 0 none. */
  readonly stopIndex: number;
  /** The 8 bytes of the random state in hex, in the order in which they lie in memory. */
  readonly random: string;
  /** Bytes of a character that never became whole, in hex. */
  readonly pending: string;
}

/** The numbers that tell what changed between two token boundaries: cheap to read. */
export interface AnswerCounts {
  readonly status: number;
  readonly promptTokens: number;
  readonly tokens: number;
  readonly textBytes: number;
}

export function readCounts(region: DataView): AnswerCounts {
  return {
    status: region.getUint32(ANSWER.status, true),
    promptTokens: region.getUint32(ANSWER.promptTokens, true),
    tokens: region.getUint32(ANSWER.tokens, true),
    textBytes: region.getUint32(ANSWER.textBytes, true),
  };
}

/** Of a finished answer. */
export function readFacts(region: Uint8Array): AnswerFacts {
  const view = viewOf(region);
  const bytes = Buffer.from(region.buffer, region.byteOffset, region.byteLength);
  const { promptTokens, tokens, textBytes } = readCounts(view);
  const pendingBytes = view.getUint32(ANSWER.pendingCount, true);
  const ids: number[] = [];
  for (let i = 0; i < promptTokens + tokens; i++) {
    ids.push(view.getUint32(ANSWER.ids + 4 * i, true));
  }
  return {
    answer: bytes.toString('utf8', ANSWER.text, ANSWER.text + textBytes),
    ids,
    promptTokens,
    tokens,
    stopReason: view.getUint32(ANSWER.stopReason, true),
    stopIndex: view.getUint32(ANSWER.stopIndex, true),
    random: bytes.toString('hex', ANSWER.random, ANSWER.random + 8),
    pending: bytes.toString('hex', ANSWER.pending, ANSWER.pending + pendingBytes),
  };
}

/** The answer region of `bytes` bytes that these facts stand for. */
export function writeFacts(facts: AnswerFacts, bytes: number): Uint8Array {
  const region = new Uint8Array(bytes);
  const view = viewOf(region);
  const text = new TextEncoder().encode(facts.answer);
  const pending = fromHex(facts.pending);
  view.setUint32(ANSWER.status, STATUS.done, true);
  view.setUint32(ANSWER.stopReason, facts.stopReason, true);
  view.setUint32(ANSWER.stopIndex, facts.stopIndex, true);
  view.setUint32(ANSWER.promptTokens, facts.promptTokens, true);
  view.setUint32(ANSWER.tokens, facts.tokens, true);
  view.setUint32(ANSWER.textBytes, text.length, true);
  view.setUint32(ANSWER.pendingCount, pending.length, true);
  region.set(fromHex(facts.random), ANSWER.random);
  region.set(pending, ANSWER.pending);
  region.set(text, ANSWER.text);
  facts.ids.forEach((id, i) => {
    view.setUint32(ANSWER.ids + 4 * i, id, true);
  });
  return region;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
