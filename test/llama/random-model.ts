/**
 * Llama models of any shape with seeded random weights, as GGUF bytes: what the engine is compared
 * with llama.cpp on, and what its speed is measured on. The same shape and seed give the same bytes.
 */
import { encodeTensor, floatToHalf } from '../../llama/encode-tensor.js';
import type { TensorType } from '../../llama/gguf.js';
import { type MetadataEntry, type TensorSpec, writeGguf } from '../../llama/gguf-write.js';

export interface ModelShape {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly feedForward: number;
  /** Vocabulary size, at least 262 (control tokens, bytes and marks). */
  readonly vocabulary: number;
  readonly contextLength: number;
  readonly format: TensorType;
  /** Format of the embedding and output matrices, when it differs. */
  readonly embeddingFormat?: TensorType;
  readonly tied: boolean;
  readonly seed: number;
}

/** The shape that speed is compared on: 110M parameters, all matrices in Q8_0. */
export const BENCHMARK_SHAPE: ModelShape = {
  layers: 12,
  width: 768,
  heads: 12,
  kvHeads: 12,
  feedForward: 2048,
  vocabulary: 32000,
  contextLength: 1024,
  format: 'Q8_0',
  tied: true,
  seed: 1,
};

/** GGUF bytes of a model of this shape. The benchmark shape takes about a second. */
export function randomModel(shape: ModelShape): Uint8Array {
  return writeGguf(randomMetadata(shape), randomTensors(shape));
}

export function randomMetadata(shape: ModelShape): MetadataEntry[] {
  return [
    ['general.architecture', 'string', 'llama'],
    ['general.name', 'string', 'random'],
    ['llama.block_count', 'u32', shape.layers],
    ['llama.context_length', 'u32', shape.contextLength],
    ['llama.embedding_length', 'u32', shape.width],
    ['llama.feed_forward_length', 'u32', shape.feedForward],
    ['llama.attention.head_count', 'u32', shape.heads],
    ['llama.attention.head_count_kv', 'u32', shape.kvHeads],
    ['llama.attention.layer_norm_rms_epsilon', 'f32', 1e-5],
    ['llama.rope.dimension_count', 'u32', shape.width / shape.heads],
    ['llama.rope.freq_base', 'f32', 10000],
    ...vocabularyMetadata(shape.vocabulary),
  ];
}

/** User-defined tokens: recognised in any text. */
const MARKS = ['<|system|>', '<|user|>', '<|assistant|>'];

/** A vocabulary of control tokens, bytes, marks, single characters and merges of them. */
export function vocabularyMetadata(size: number): MetadataEntry[] {
  const hex = (byte: number) => byte.toString(16).toUpperCase().padStart(2, '0');
  const tokens = ['<unk>', '<s>', '</s>'];
  for (let byte = 0; byte < 256; byte++) tokens.push(`<0x${hex(byte)}>`);
  tokens.push(...MARKS);
  const letters = [...'▁etaoinshrdlcumwfgypbvkjxqz.,!?é🦙'];
  const seen = new Set(tokens);
  for (let length = 1; tokens.length < size; length++) {
    for (let n = 0; n < letters.length ** length && tokens.length < size; n++) {
      let word = '';
      for (let rest = n, i = 0; i < length; i++, rest = Math.floor(rest / letters.length)) {
        word = letters[rest % letters.length]! + word;
      }
      if (!seen.has(word)) tokens.push(word);
      seen.add(word);
    }
  }
  const kept = tokens.slice(0, size);
  const types = kept.map((text, id) =>
    id === 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : MARKS.includes(text) ? 4 : 1,
  );
  return [
    ['tokenizer.ggml.model', 'string', 'llama'],
    ['tokenizer.ggml.tokens', 'strings', kept],
    ['tokenizer.ggml.scores', 'f32s', kept.map((_, id) => (id < 259 ? 0 : 259 - id))],
    ['tokenizer.ggml.token_type', 'i32s', types],
    ['tokenizer.ggml.bos_token_id', 'u32', 1],
    ['tokenizer.ggml.eos_token_id', 'u32', 2],
    ['tokenizer.ggml.unknown_token_id', 'u32', 0],
    ['tokenizer.ggml.add_bos_token', 'bool', true],
    ['tokenizer.ggml.add_space_prefix', 'bool', true],
  ];
}

export function randomTensors(shape: ModelShape): TensorSpec[] {
  const random = new RandomWords(shape.seed);
  const { width, feedForward, format } = shape;
  const kvWidth = (width / shape.heads) * shape.kvHeads;
  const matrix = (name: string, columns: number, rows: number, as = format): TensorSpec => ({
    name: `${name}.weight`,
    dims: [columns, rows],
    format: as,
    data: randomMatrix(random, columns, rows, as),
  });
  const norm = (name: string): TensorSpec => ({
    name: `${name}.weight`,
    dims: [width],
    format: 'F32',
    data: encodeTensor(randomValues(random, width, 0.1, 1), 'F32'),
  });
  const outer = shape.embeddingFormat ?? format;
  const tensors = [matrix('token_embd', width, shape.vocabulary, outer)];
  for (let layer = 0; layer < shape.layers; layer++) {
    tensors.push(
      norm(`blk.${layer}.attn_norm`),
      matrix(`blk.${layer}.attn_q`, width, width),
      matrix(`blk.${layer}.attn_k`, width, kvWidth),
      matrix(`blk.${layer}.attn_v`, width, kvWidth),
      matrix(`blk.${layer}.attn_output`, width, width),
      norm(`blk.${layer}.ffn_norm`),
      matrix(`blk.${layer}.ffn_gate`, width, feedForward),
      matrix(`blk.${layer}.ffn_up`, width, feedForward),
      matrix(`blk.${layer}.ffn_down`, feedForward, width),
    );
  }
  tensors.push(norm('output_norm'));
  if (!shape.tied) tensors.push(matrix('output', width, shape.vocabulary, outer));
  return tensors;
}

/** Weights of standard deviation about 1/sqrt(columns), so that activations keep their size. */
function randomMatrix(random: RandomWords, columns: number, rows: number, format: TensorType) {
  if (format !== 'Q8_0') {
    return encodeTensor(randomValues(random, columns * rows, Math.sqrt(3 / columns), 0), format);
  }
  const scale = floatToHalf(1 / (73.9 * Math.sqrt(columns)));
  const blocks = (columns * rows) / 32;
  const bytes = new Uint8Array(blocks * 34);
  const words = new Int16Array(bytes.buffer);
  for (let at = 0; at < words.length; at += 17) {
    words[at] = scale;
    for (let i = 1; i < 17; i += 2) {
      const word = random.next();
      words[at + i] = word;
      words[at + i + 1] = word >> 16;
    }
  }
  return bytes;
}

/** Uniform values in [center - reach, center + reach]. */
function randomValues(random: RandomWords, count: number, reach: number, center: number) {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = center + (random.next() / 2 ** 31) * reach;
  return values;
}

/** Xorshift32: fast signed 32-bit words, good enough to fill weights. */
class RandomWords {
  private state: number;

  constructor(seed: number) {
    this.state = (seed * 0x9e3779b1) | 1;
  }

  next(): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return this.state;
  }
}
