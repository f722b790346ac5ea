/**
 * What the engine finds in its memory, and where. All state lies there: the module has no mutable
 * global, so a step is a function of memory alone. Five regions follow one another: the input (the
 * question), the answer, the vocabulary, the weights and the work; only the answer and the work are
 * ever written. llama/regions.ts and llama/layout.ts repeat these numbers and orders of fields.
 */
const INPUT_ADDRESS: usize = 0;
const ANSWER_ADDRESS: usize = 0x10000;
const PROGRAM_ADDRESS: usize = 0x20000;

export const STOPS: usize = INPUT_ADDRESS + 64;
export const PROMPT: usize = INPUT_ADDRESS + 4096;
export const TEXT: usize = ANSWER_ADDRESS + 256;
export const IDS: usize = ANSWER_ADDRESS + 0x8000;
export const MAX_TEXT_BYTES: u32 = 0x8000 - 256;

// Status 0 is fresh: nothing was computed yet.
export const RUNNING: u32 = 1;
export const DONE: u32 = 2;

export const STOP_LENGTH: u32 = 1;
export const STOP_END: u32 = 2;
export const STOP_TEXT: u32 = 3;
export const STOP_CONTEXT: u32 = 4;
export const STOP_FAULT: u32 = 5;
export const STOP_PROMPT: u32 = 6;

/** Flag of the input: drop white space at the answer's start. */
export const FLAG_TRIM: u32 = 1;

@unmanaged
export class Input {
  promptBytes: u32;
  maxTokens: u32;
  temperature: f32;
  topP: f32;
  seed: u64;
  flags: u32;
  stopCount: u32;
}

@unmanaged
export class Answer {
  status: u32;
  stopReason: u32;
  stopIndex: u32; // which stop text, from 1
  promptTokens: u32;
  tokens: u32; // generated
  textBytes: u32;
  random: u64;
  pendingCount: u32; // bytes of an unfinished character
  pending: u32; // their bytes, the first one lowest
}

/** The first 256 bytes of the vocabulary region. */
@unmanaged
export class Program {
  nodes: usize; // nodeCount of Node, in order of running
  nodeCount: i32;
  outputNode: i32; // the first node behind the layers; they are repeated while ids wait
  batch: i32; // most ids that are evaluated together
  contextLength: i32;
  work: usize; // Work, then the ids whose keys and values the caches hold
  scratch: usize; // what operators pass to one another lies from here ...
  scratchEnd: usize; // ... to here
  width: i32;
  heads: i32;
  kvHeads: i32;
  headWidth: i32;
  ropeWidth: i32;
  epsilon: f32;
  ropeFrequency: usize; // (ropeWidth / 2) f64
  inputLength: i32; // of a multilayer perceptron
  inputScale: f32;
  tokens: usize; // (tokenCount) Token
  tokenCount: i32;
  keys: usize; // (keyMask + 1) Key: token texts by hash
  keyMask: u32;
  marks: usize; // (markCount) ids of tokens that are cut out of a prompt, the longest first
  markCount: i32;
  byteIds: usize; // (256) ids of single bytes
  beginId: i32; // put before a prompt; -1: none
  endId: i32; // put behind a prompt; -1: none
  addsSpace: i32;
  endIds: usize; // (3) ids that end an answer
}

/** One operator of the graph; what the fields mean is the operator's own. */
@unmanaged
export class Node {
  operator: i32; // operators.ts
  single: i32; // 1: of one vector, 0: of one vector for each id of the batch
  width: i32; // values of a vector
  heads: i32;
  input: usize;
  second: usize; // a second input
  output: usize;
  weights: usize; // a Matrix or a vector
  keys: usize; // a layer's cache, (kvHeads, contextLength, headWidth)
  values: usize; // as keys
  scratch: usize;
  reserved: i32;
}

// Kind 0 is F32.
export const KIND_F16: i32 = 1;
/** 8-bit integers in tiles of 16 rows, made from Q8_0 and Q4_0: see int8.ts. */
export const KIND_INT8: i32 = 2;

@unmanaged
export class Matrix {
  kind: i32;
  data: usize;
  /** Outputs; a multiple of 16, the last ones may be padding. */
  rows: i32;
  /** Inputs; a multiple of 32. */
  columns: i32;
}

@unmanaged
export class Token {
  text: usize; // what it adds to an answer
  textBytes: u32;
  score: f32; // merges of a higher score come first
}

/** An entry of the hash table; bytes is 0 in an empty one. */
@unmanaged
export class Key {
  hash: u32;
  text: usize;
  bytes: u32;
  id: u32;
}

/** The start of the work region: how far the evaluation is. Zero is a good start at any time. */
@unmanaged
export class Work {
  next: i32; // node to run next; 0: the first one that the answer's status asks for
  cached: i32; // ids whose keys and values are in the caches
  first: i32; // position of the batch
  count: i32; // ids of the batch
}

export function input(): Input {
  return changetype<Input>(INPUT_ADDRESS);
}

export function answer(): Answer {
  return changetype<Answer>(ANSWER_ADDRESS);
}

export function program(): Program {
  return changetype<Program>(PROGRAM_ADDRESS);
}

export function work(): Work {
  return changetype<Work>(program().work);
}

/** Address of the id that the caches hold at a position. */
export function cachedId(position: i32): usize {
  return program().work + offsetof<Work>() + usize(position) * 4;
}

/** Address of the answer region's id at a position. */
export function idAt(position: i32): usize {
  return IDS + usize(position) * 4;
}

/** Ids of the prompt and the answer so far. */
export function idCount(): i32 {
  return i32(answer().promptTokens + answer().tokens);
}

/** Address of a token's record. */
export function tokenOf(id: i32): Token {
  return changetype<Token>(program().tokens + usize(id) * offsetof<Token>());
}
