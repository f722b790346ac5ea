/**
 * What goes into an answer and what comes out of it, as bytes: the question that the input region
 * holds, and the state that the answer region holds. Both sides of a dispute use these, so the same
 * question always gives the same bytes.
 */
import { LlamaError } from './errors.js';
import {
  ANSWER,
  FLAG_TRIM,
  INPUT,
  INPUT_BYTES,
  MAX_PROMPT_BYTES,
  MAX_STOPS,
  STATUS,
  STOP_REASON,
} from './regions.js';

export interface AnswerInput {
  /** Text, or its bytes when they may not be UTF-8. */
  readonly prompt: string | Uint8Array;
  /** Most tokens to generate, 0 to 2^32 - 1. */
  readonly maxTokens: number;
  /** Default 0: always the likeliest token. */
  readonly temperature?: number;
  /** Share of the probability to draw from, above 0 and at most 1; default 1. */
  readonly topP?: number;
  /** Starts the random numbers, 0 to 2^64 - 1; default 0. Without effect at temperature 0. */
  readonly seed?: bigint | number;
  /** Texts that end the answer, which is cut before the first one; at most 8. */
  readonly stops?: readonly string[];
  /** Drop white space at the answer's start; default false. */
  readonly trim?: boolean;
}

export type Status = keyof typeof STATUS;
export type StopReason = keyof typeof STOP_REASON;

/** The answer region, decoded. */
export interface AnswerState {
  readonly status: Status;
  readonly stopReason: StopReason;
  /** Which of the stop texts ended the answer, from 1; 0 when none did. */
  readonly stopIndex: number;
  readonly promptTokens: number;
  /** Tokens generated; one that ends the answer is not among them. */
  readonly tokens: number;
  readonly text: string;
  /** The prompt's ids, then the generated ones. */
  readonly ids: readonly number[];
}

const encoder = new TextEncoder();

/**
 * The 64 KiB of the input region for a question.
 *
 * @throws {LlamaError} SESSION_BAD_OPTION, SESSION_PROMPT_TOO_LONG
 */
export function encodeInput(input: AnswerInput): Uint8Array {
  const { temperature = 0, topP = 1, seed = 0, stops = [], trim = false, maxTokens } = input;
  checkOptions({ temperature, topP, seed, maxTokens });
  const prompt = typeof input.prompt === 'string' ? encoder.encode(input.prompt) : input.prompt;
  if (prompt.length > MAX_PROMPT_BYTES) {
    throw new LlamaError(
      'SESSION_PROMPT_TOO_LONG',
      `The prompt is ${prompt.length} bytes of at most ${MAX_PROMPT_BYTES}.`,
      { size: prompt.length, limit: MAX_PROMPT_BYTES },
    );
  }
  const region = new Uint8Array(INPUT_BYTES);
  const view = new DataView(region.buffer);
  view.setUint32(INPUT.promptBytes, prompt.length, true);
  view.setUint32(INPUT.maxTokens, maxTokens, true);
  view.setFloat32(INPUT.temperature, temperature + 0, true); // -0 is 0
  view.setFloat32(INPUT.topP, topP, true);
  view.setBigUint64(INPUT.seed, BigInt(seed), true);
  view.setUint32(INPUT.flags, trim ? FLAG_TRIM : 0, true);
  view.setUint32(INPUT.stopCount, stops.length, true);
  region.set(encodeStops(stops), INPUT.stops);
  region.set(prompt, INPUT.prompt);
  return region;
}

function encodeStops(stops: readonly string[]): Uint8Array {
  const texts = stops.map((stop) => encoder.encode(stop));
  const size = texts.reduce((sum, { length }) => sum + 2 + length, 0);
  const isEmpty = texts.some(({ length }) => length === 0);
  if (isEmpty || stops.length > MAX_STOPS || size > INPUT.prompt - INPUT.stops) {
    const wanted = `at most ${MAX_STOPS} texts, none empty, of 4,000 bytes together`;
    throw badOption('stops', JSON.stringify(stops).slice(0, 200), wanted);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const text of texts) {
    bytes.set([text.length & 0xff, text.length >> 8], at);
    bytes.set(text, at + 2);
    at += 2 + text.length;
  }
  return bytes;
}

function checkOptions(options: {
  temperature: number;
  topP: number;
  seed: bigint | number;
  maxTokens: number;
}): void {
  const { temperature, topP, seed, maxTokens } = options;
  if (!Number.isFinite(Math.fround(temperature)) || temperature < 0) {
    throw badOption('temperature', temperature, 'a finite number, 0 or above');
  }
  if (!(topP > 0 && topP <= 1)) throw badOption('topP', topP, 'above 0 and at most 1');
  const isWhole = typeof seed === 'bigint' || Number.isSafeInteger(seed);
  if (!isWhole || seed < 0 || BigInt(seed) !== BigInt.asUintN(64, BigInt(seed))) {
    throw badOption('seed', seed, 'an integer from 0 to 2^64 - 1');
  }
  if (!Number.isInteger(maxTokens) || maxTokens < 0 || maxTokens > 0xffffffff) {
    throw badOption('maxTokens', maxTokens, 'an integer from 0 to 2^32 - 1');
  }
}

function badOption(name: string, value: unknown, wanted: string): LlamaError {
  return new LlamaError('SESSION_BAD_OPTION', `The option ${name} is ${value}, not ${wanted}.`, {
    name,
    value,
  });
}

/** The answer region's numbers, as regions.ts names them. */
export interface AnswerHeader {
  readonly status: number;
  readonly stopReason: number;
  readonly stopIndex: number;
  readonly promptTokens: number;
  readonly tokens: number;
  readonly textBytes: number;
  readonly random: bigint;
}

export function readHeader(region: Uint8Array): AnswerHeader {
  const view = new DataView(region.buffer, region.byteOffset, region.byteLength);
  const word = (offset: number) => view.getUint32(offset, true);
  return {
    status: word(ANSWER.status),
    stopReason: word(ANSWER.stopReason),
    stopIndex: word(ANSWER.stopIndex),
    promptTokens: word(ANSWER.promptTokens),
    tokens: word(ANSWER.tokens),
    textBytes: word(ANSWER.textBytes),
    random: view.getBigUint64(ANSWER.random, true),
  };
}

/** Reads an answer region. */
export function decodeAnswer(region: Uint8Array): AnswerState {
  const { status, stopReason, textBytes, random: _random, ...counts } = readHeader(region);
  const view = new DataView(region.buffer, region.byteOffset, region.byteLength);
  const count = counts.promptTokens + counts.tokens;
  return {
    ...counts,
    status: nameOf(STATUS, status),
    stopReason: nameOf(STOP_REASON, stopReason),
    text: decodeText(region.subarray(ANSWER.text, ANSWER.text + textBytes)),
    ids: Array.from({ length: count }, (_, i) => view.getUint32(ANSWER.ids + 4 * i, true)),
  };
}

/** The text of some UTF-8; the answer's bytes are valid, so nothing is lost. */
export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function nameOf<Name extends string>(numbers: Record<Name, number>, value: number): Name {
  for (const name in numbers) if (numbers[name] === value) return name;
  throw new LlamaError('SESSION_BAD_STATE', `An answer region holds the number ${value}.`, {
    value,
  });
}
