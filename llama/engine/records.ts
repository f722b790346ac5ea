/**
 * What the engine knows about a model: records that the host writes into memory before it calls
 * `prepare`. All fields are 32 bits wide and lie in the order given here; llama/layout.ts writes the
 * same order. Nothing is allocated: every address below is fixed for the life of an instance.
 */

/** Where the host writes the Model record. */
export const MODEL_ADDRESS: usize = 1024;

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
export class Layer {
  attentionNorm: usize; // (width)
  query: Matrix;
  key: Matrix;
  value: Matrix;
  attentionOutput: Matrix;
  feedForwardNorm: usize; // (width)
  gate: Matrix;
  up: Matrix;
  down: Matrix;
}

@unmanaged
export class Model {
  layerCount: i32;
  width: i32;
  heads: i32;
  kvHeads: i32;
  headWidth: i32;
  ropeWidth: i32;
  vocabulary: i32;
  contextLength: i32;
  epsilon: f32;
  ropeBase: f32;
  embedding: Matrix;
  output: Matrix;
  outputNorm: usize; // (width)
  layers: usize; // layerCount addresses of Layer records
  keys: usize; // (layerCount, kvHeads, contextLength, headWidth)
  values: usize; // (layerCount, kvHeads, contextLength, headWidth)
  tokenIds: usize; // (batch) the input of `evaluate`
  ropeFrequency: usize; // (ropeWidth / 2) f64
  rope: usize; // (batch, ropeWidth / 2, 2) cosine and sine
  stream: usize; // (batch, width) the residual stream
  normed: usize; // (batch, width)
  quantized: usize; // (batch, widest input / 32) blocks: see int8.ts
  attended: usize; // (batch, heads * headWidth)
  queries: usize; // (batch, query.rows)
  newKeys: usize; // (batch, key.rows)
  newValues: usize; // (batch, value.rows)
  projected: usize; // (batch, width rounded up)
  gated: usize; // (batch, gate.rows)
  upped: usize; // (batch, up.rows)
  scores: usize; // (contextLength) rounded up to 4
  logits: usize; // (output.rows)
  probabilities: usize; // (vocabulary) scratch of the sampler
  heap: usize; // (vocabulary) u32, scratch of the sampler
  temperature: f32;
  topP: f32;
  randomLow: u32;
  randomHigh: u32;
}

export function model(): Model {
  return changetype<Model>(MODEL_ADDRESS);
}
