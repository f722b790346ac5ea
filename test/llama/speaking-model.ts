/**
 * Models that say what a test wants: their layers do nothing, and the output answers each token with
 * the next one of a list. Every entry is a token of its own, so the list may repeat texts.
 */
import { encodeTensor } from '../../llama/encode-tensor.js';
import { type MetadataEntry, writeGguf } from '../../llama/gguf-write.js';
import { type ModelShape, randomMetadata, randomTensors } from './random-model.js';

const FIRST_ID = 300;
const END_ID = 2;

/** Token types of GGUF: a normal token's text is what it says, a byte is written `<0xHH>`. */
export interface Said {
  readonly text: string;
  readonly type?: 'normal' | 'byte' | 'control';
}

const TYPES = { normal: 1, control: 3, byte: 6 } as const;

export const bytesSaid = (bytes: Iterable<number>): Said[] =>
  [...bytes].map((byte) => ({
    text: `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
    type: 'byte',
  }));

/** @param isEndless begins again after the last one, instead of ending the answer */
export function modelThatSays(
  said: readonly Said[],
  isEndless = false,
  contextLength = 128,
): Uint8Array {
  const vocabulary = FIRST_ID + said.length;
  const width = Math.ceil(vocabulary / 32) * 32;
  const shape: ModelShape = {
    layers: 1,
    width,
    heads: width / 32,
    kvHeads: 1,
    feedForward: 32,
    vocabulary: FIRST_ID,
    contextLength,
    format: 'F32',
    tied: false,
    seed: 1,
  };
  const nextOf = (id: number) => {
    const next = id < FIRST_ID ? FIRST_ID : id + 1;
    if (next < vocabulary) return next;
    return isEndless && said.length > 0 ? FIRST_ID : END_ID;
  };
  const tensors = randomTensors({ ...shape, vocabulary }).map((spec) => {
    const [columns = 0, rows = 1] = spec.dims;
    const values = new Float32Array(columns * rows);
    if (spec.dims.length === 1) values.fill(1);
    for (let id = 0; id < vocabulary; id++) {
      if (spec.name === 'token_embd.weight') values[id * columns + id] = 1;
      if (spec.name === 'output.weight') values[nextOf(id) * columns + id] = 1;
    }
    return { ...spec, data: encodeTensor(values, 'F32') };
  });
  return writeGguf(withTokens(randomMetadata(shape), said), tensors);
}

function withTokens(metadata: readonly MetadataEntry[], said: readonly Said[]): MetadataEntry[] {
  return metadata.map((entry): MetadataEntry => {
    const [key, , value] = entry;
    if (key === 'tokenizer.ggml.tokens') {
      return [key, 'strings', [...(value as string[]), ...said.map(({ text }) => text)]];
    }
    if (key === 'tokenizer.ggml.scores') {
      return [key, 'f32s', [...(value as number[]), ...said.map(() => -1e6)]];
    }
    if (key !== 'tokenizer.ggml.token_type') return entry;
    return [
      key,
      'i32s',
      [...(value as number[]), ...said.map(({ type }) => TYPES[type ?? 'normal'])],
    ];
  });
}
