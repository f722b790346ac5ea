/**
 * Where things lie in a program's memory: five regions, and the fields of the two that every answer
 * begins and ends with. The engine module has the same numbers (engine/memory.ts); whoever checks an
 * answer rebuilds the input from its question and the answer from what was delivered.
 */

/** Bounds of the regions in bytes, multiples of 256; the input starts at 0, `end` is all memory. */
export interface Bounds {
  readonly answer: number;
  readonly vocabulary: number;
  readonly weights: number;
  readonly work: number;
  readonly end: number;
}

export const PAGE = 65536;
/** The granularity of bounds, and of commitments to memory. */
export const LEAF_BYTES = 256;
/** Bytes of the input region; the answer region starts here. */
export const INPUT_BYTES = 0x10000;
/** Bytes of the answer region; the vocabulary starts behind it, at 0x20000 in every program. */
export const ANSWER_BYTES = 0x10000;

/** Input region, little-endian: offsets of its fields. */
export const INPUT = {
  promptBytes: 0, // u32
  maxTokens: 4, // u32
  temperature: 8, // f32
  topP: 12, // f32
  seed: 16, // u64
  flags: 24, // u32, FLAG_*
  stopCount: 28, // u32
  stops: 64, // each u16 length and bytes, one after another
  prompt: 4096, // UTF-8
} as const;

/** Drop white space at the answer's start. */
export const FLAG_TRIM = 1;
export const MAX_STOPS = 8;
export const MAX_PROMPT_BYTES = INPUT_BYTES - INPUT.prompt;

/** Answer region, little-endian: offsets of its fields. */
export const ANSWER = {
  status: 0, // u32, STATUS
  stopReason: 4, // u32, STOP_REASON
  stopIndex: 8, // u32: which stop text ended it, from 1
  promptTokens: 12, // u32
  tokens: 16, // u32, generated
  textBytes: 20, // u32
  random: 24, // u64, the state of the random numbers
  pendingCount: 32, // u32
  pending: 36, // u8[4], bytes of an unfinished character
  text: 256, // UTF-8
  ids: 0x8000, // u32 each: the prompt's, then the generated ones
} as const;

export const MAX_TEXT_BYTES = ANSWER.ids - ANSWER.text;
/** Most ids of a prompt and its answer. */
export const MAX_CONTEXT = (ANSWER_BYTES - ANSWER.ids) / 4;

export const STATUS = { fresh: 0, running: 1, done: 2 } as const;

/** Why an answer ended, by number. */
export const STOP_REASON = {
  none: 0,
  /** As many tokens as were asked for, or as much text as there is room for. */
  length: 1,
  /** The model ended it. */
  end: 2,
  /** A stop text came. */
  stop: 3,
  /** Prompt and answer fill the context. */
  context: 4,
  /** A value was not finite. */
  fault: 5,
  /** The prompt is not one that the model can read. */
  prompt: 6,
} as const;
