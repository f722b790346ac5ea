/**
 * A session as bytes: how it samples, and of the input and answer regions what is not zero. What is
 * read back is checked, because the engine itself checks nothing.
 */
import { readHeader } from './answer.js';
import { LlamaError } from './errors.js';
import type { Model } from './model.js';
import {
  ANSWER,
  ANSWER_BYTES,
  INPUT,
  INPUT_BYTES,
  MAX_PROMPT_BYTES,
  MAX_STOPS,
  MAX_TEXT_BYTES,
  STATUS,
  STOP_REASON,
} from './regions.js';
import type { SessionOptions } from './session.js';

export interface Regions {
  readonly input: Uint8Array;
  readonly answer: Uint8Array;
}

export interface SavedSession {
  readonly options: SessionOptions;
  /** Bytes of the answer's text that were given away. */
  readonly given: number;
  /** Undefined before the first prompt. */
  readonly regions: Regions | undefined;
}

/** Magic and version. */
const MAGIC = 0x31534c43;
/** Magic, given, temperature, topP, seed. */
const HEAD_BYTES = 32;
const ANSWER_HEAD_BYTES = 40;

export function packSession({ options, given, regions }: SavedSession): Uint8Array {
  const head = new DataView(new ArrayBuffer(HEAD_BYTES));
  head.setUint32(0, MAGIC, true);
  head.setUint32(4, given, true);
  head.setFloat64(8, options.temperature ?? 0, true);
  head.setFloat64(16, options.topP ?? 1, true);
  head.setBigUint64(24, BigInt(options.seed ?? 0), true);
  const parts = regions === undefined ? [] : spansOf(regions);
  return Uint8Array.from(Buffer.concat([new Uint8Array(head.buffer), ...parts]));
}

/** The parts of both regions that may hold something; their lengths follow from their own fields. */
function spansOf({ input, answer }: Regions): Uint8Array[] {
  const { promptBytes, stopsEnd } = measureInput(input);
  const { textBytes, promptTokens, tokens } = readHeader(answer);
  return [
    input.subarray(0, INPUT.stops),
    input.subarray(INPUT.stops, stopsEnd),
    input.subarray(INPUT.prompt, INPUT.prompt + promptBytes),
    answer.subarray(0, ANSWER_HEAD_BYTES),
    answer.subarray(ANSWER.text, ANSWER.text + textBytes),
    answer.subarray(ANSWER.ids, ANSWER.ids + 4 * (promptTokens + tokens)),
  ];
}

function measureInput(input: Uint8Array): { promptBytes: number; stopsEnd: number } {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  let stopsEnd: number = INPUT.stops;
  for (let i = view.getUint32(INPUT.stopCount, true); i > 0 && stopsEnd < INPUT.prompt; i--) {
    stopsEnd += 2 + view.getUint16(stopsEnd, true);
  }
  return { promptBytes: view.getUint32(INPUT.promptBytes, true), stopsEnd };
}

/** @throws {LlamaError} SESSION_BAD_STATE */
export function unpackSession(state: Uint8Array, model: Model): SavedSession {
  const view = new DataView(state.buffer, state.byteOffset, state.byteLength);
  if (state.length < HEAD_BYTES || view.getUint32(0, true) !== MAGIC) {
    throw badState(state, 'they do not begin as one does');
  }
  const options = {
    temperature: view.getFloat64(8, true),
    topP: view.getFloat64(16, true),
    seed: view.getBigUint64(24, true),
  };
  const given = view.getUint32(4, true);
  if (state.length === HEAD_BYTES) return { options, given, regions: undefined };
  return { options, given, regions: readRegions(state, model) };
}

function readRegions(state: Uint8Array, model: Model): Regions {
  let at = HEAD_BYTES;
  const take = (region: Uint8Array, offset: number, length: number) => {
    const isRoom = at + length <= state.length && offset + length <= region.length;
    if (!isRoom) throw badState(state, 'they are not whole');
    region.set(state.subarray(at, at + length), offset);
    at += length;
  };
  const input = new Uint8Array(INPUT_BYTES);
  take(input, 0, INPUT.stops);
  const stopCount = new DataView(input.buffer).getUint32(INPUT.stopCount, true);
  if (stopCount > MAX_STOPS) throw badState(state, 'they do not fit the model');
  let stop: number = INPUT.stops;
  for (let i = 0; i < stopCount; i++) {
    take(input, stop, 2);
    const length = new DataView(input.buffer).getUint16(stop, true);
    if (stop + 2 + length > INPUT.prompt) throw badState(state, 'they do not fit the model');
    take(input, stop + 2, length);
    stop += 2 + length;
  }
  const { promptBytes } = measureInput(input);
  if (promptBytes > MAX_PROMPT_BYTES) throw badState(state, 'they do not fit the model');
  take(input, INPUT.prompt, promptBytes);
  const answer = new Uint8Array(ANSWER_BYTES);
  take(answer, 0, ANSWER_HEAD_BYTES);
  const { textBytes, promptTokens, tokens } = readHeader(answer);
  take(answer, ANSWER.text, textBytes);
  take(answer, ANSWER.ids, 4 * (promptTokens + tokens));
  if (at !== state.length || !isGoodAnswer(answer, model)) {
    throw badState(state, 'they do not fit the model');
  }
  return { input, answer };
}

function isGoodAnswer(answer: Uint8Array, { architecture, contextLength }: Model): boolean {
  const { status, stopReason, promptTokens, tokens, textBytes } = readHeader(answer);
  const isLlama = architecture.kind === 'llama';
  const vocabulary = isLlama ? architecture.config.vocabulary : architecture.config.labels.length;
  const view = new DataView(answer.buffer);
  const count = promptTokens + tokens;
  const ids = Array.from({ length: count }, (_, i) => view.getUint32(ANSWER.ids + 4 * i, true));
  return (
    (status === STATUS.running || status === STATUS.done) &&
    stopReason <= STOP_REASON.prompt &&
    textBytes <= MAX_TEXT_BYTES &&
    view.getUint32(ANSWER.pendingCount, true) < 4 &&
    (isLlama ? promptTokens > 0 && count <= contextLength : count <= 1) &&
    ids.every((id) => id < vocabulary)
  );
}

function badState(state: Uint8Array, why: string): LlamaError {
  return new LlamaError(
    'SESSION_BAD_STATE',
    `The ${state.length} bytes are not a session of this model: ${why}.`,
    { size: state.length, why },
  );
}
