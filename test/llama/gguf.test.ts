/** Reading model files: what is read, and what is refused with which words. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LlamaError } from '../../llama/errors.js';
import { readGguf } from '../../llama/gguf.js';
import { type MetadataEntry, type TensorSpec, writeGguf } from '../../llama/gguf-write.js';
import { loadModel } from '../../llama/model.js';
import { PEER_CASES } from './peer-cases.js';
import { type ModelShape, randomMetadata, randomModel, randomTensors } from './random-model.js';

const shape: ModelShape = { ...PEER_CASES[0]!.shape, layers: 1, width: 32, feedForward: 64 };
const metadata = randomMetadata(shape);
const tensors = randomTensors(shape);
const bytes = randomModel(shape);

const withKey = (...entry: MetadataEntry): MetadataEntry[] => [
  ...metadata.filter(([key]) => key !== entry[0]),
  entry,
];
const withoutKey = (unwanted: string) => metadata.filter(([key]) => key !== unwanted);
const load = (entries: readonly MetadataEntry[], specs: readonly TensorSpec[] = tensors) =>
  loadModel(writeGguf(entries, specs));

function errorOf(run: () => unknown): LlamaError {
  try {
    run();
  } catch (error) {
    if (error instanceof LlamaError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('reading', () => {
  test('gives metadata, and tensors as views of the file', () => {
    const gguf = readGguf(bytes);
    expect(gguf.version).toBe(3);
    expect(gguf.metadata.get('llama.rope.freq_base')).toBe(10000);
    expect(gguf.metadata.get('tokenizer.ggml.add_bos_token')).toBe(true);
    expect([...gguf.tensors.keys()]).toEqual(tensors.map(({ name }) => name));
    for (const { name, dims, data } of tensors) {
      const tensor = gguf.tensors.get(name)!;
      expect(tensor.dims).toEqual(dims);
      expect(tensor.data.buffer).toBe(bytes.buffer);
      expect(Buffer.compare(tensor.data, data)).toBe(0);
    }
  });

  test('accepts version 2, and a view that starts at any byte', () => {
    const version2 = writeGguf(metadata, tensors, 2);
    const shifted = new Uint8Array(version2.length + 3);
    shifted.set(version2, 3);
    expect(readGguf(shifted.subarray(3)).version).toBe(2);
    const { program } = loadModel(shifted.subarray(3));
    const whole = loadModel(bytes).program;
    expect(Buffer.compare(program.memory, whole.memory)).toBe(0);
  });
});

describe('a damaged file', () => {
  test('that is cut anywhere is an error that says so', () => {
    const codes = new Set<string>();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 32 }), (length) => {
        codes.add(errorOf(() => loadModel(bytes.subarray(0, length))).code);
      }),
      { numRuns: 300, examples: [[0], [3], [4], [8], [24], [100], [bytes.length - 32]] },
    );
    expect([...codes].sort()).toEqual(['GGUF_NOT_GGUF', 'GGUF_TRUNCATED']);
  });

  test('with any byte of its head changed is read or refused, never worse', () => {
    const head = bytes.length - tensors.reduce((sum, { data }) => sum + data.length, 0) - 64;
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: head }),
        fc.integer({ min: 1, max: 255 }),
        (at, flip) => {
          const copy = bytes.slice();
          copy[at]! ^= flip;
          try {
            loadModel(copy);
          } catch (error) {
            expect(error).toBeInstanceOf(LlamaError);
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  test('names the tensor that is cut', () => {
    const error = errorOf(() => readGguf(bytes.subarray(0, bytes.length - 64)));
    expect(error.code).toBe('GGUF_TRUNCATED');
    expect(error.message).toContain('"output_norm.weight"');
    expect(error.message).toContain('download or copy it again');
  });

  test('that is no GGUF shows how it starts', () => {
    const error = errorOf(() => readGguf(new TextEncoder().encode('<!doctype html>')));
    expect(error.code).toBe('GGUF_NOT_GGUF');
    expect(error.message).toContain('[3c 21 64 6f]');
    expect(errorOf(() => readGguf(new Uint8Array())).code).toBe('GGUF_NOT_GGUF');
  });

  test.each([1, 4, 0x03000000])('of version %i is refused', (version) => {
    const error = errorOf(() => readGguf(writeGguf(metadata, tensors, version)));
    expect(error.code).toBe('GGUF_UNSUPPORTED_VERSION');
    expect(error.message).toContain(version > 4 ? 'big-endian' : `version ${version}`);
  });

  test('with a misaligned tensor is refused', () => {
    const error = errorOf(() => readGguf(misalign(bytes, 'output_norm.weight')));
    expect(error.code).toBe('GGUF_MALFORMED');
    expect(error.message).toContain('not a multiple of 32');
  });

  test('with the same tensor or key twice is refused', () => {
    expect(errorOf(() => load(metadata, [...tensors, tensors[0]!])).code).toBe('GGUF_MALFORMED');
    expect(errorOf(() => load([...metadata, metadata[0]!])).code).toBe('GGUF_MALFORMED');
  });
});

describe('a model that the engine cannot compute', () => {
  test.each([
    [12, 'Q4_K (12)'],
    [30, 'BF16 (30)'],
    [99, 'unknown (99)'],
  ])('names the tensor and its type %i', (format, text) => {
    const specs = tensors.map((spec) =>
      spec.name === 'blk.0.attn_q.weight' ? { ...spec, format } : spec,
    );
    const error = errorOf(() => load(metadata, specs));
    expect(error.code).toBe('GGUF_UNSUPPORTED_TYPE');
    expect(error.message).toContain(`"blk.0.attn_q.weight" has type ${text}`);
    expect(error.hint).toContain('Q8_0');
  });

  const cases: [string, MetadataEntry[], string, string][] = [
    [
      'architecture',
      withKey('general.architecture', 'string', 'qwen2'),
      'MODEL_UNSUPPORTED_ARCHITECTURE',
      'qwen2',
    ],
    [
      'no architecture',
      withoutKey('general.architecture'),
      'MODEL_UNSUPPORTED_ARCHITECTURE',
      'not given',
    ],
    [
      'experts',
      withKey('llama.expert_count', 'u32', 8),
      'MODEL_UNSUPPORTED_ARCHITECTURE',
      '8 experts',
    ],
    [
      'scaled positions',
      withKey('llama.rope.scaling.type', 'string', 'yarn'),
      'MODEL_UNSUPPORTED_ROPE',
      'yarn',
    ],
    [
      'vocabulary',
      withKey('tokenizer.ggml.model', 'string', 'gpt2'),
      'MODEL_UNSUPPORTED_TOKENIZER',
      'gpt2',
    ],
    ['missing key', withoutKey('llama.block_count'), 'MODEL_MISSING_KEY', 'llama.block_count'],
    [
      'missing scores',
      withoutKey('tokenizer.ggml.scores'),
      'MODEL_MISSING_KEY',
      'tokenizer.ggml.scores',
    ],
    ['fraction of a layer', withKey('llama.block_count', 'f32', 1.5), 'MODEL_MISSING_KEY', '1.5'],
    [
      'heads',
      withKey('llama.attention.head_count_kv', 'u32', 3),
      'MODEL_UNSUPPORTED_SHAPE',
      '3 key-value heads',
    ],
    ['width', withKey('llama.embedding_length', 'u32', 48), 'MODEL_UNSUPPORTED_SHAPE', 'width 48'],
    [
      'more layers than weights',
      withKey('llama.block_count', 'u32', 2),
      'MODEL_MISSING_TENSOR',
      'blk.1.attn_norm',
    ],
    [
      'other shape',
      withKey('llama.feed_forward_length', 'u32', 96),
      'MODEL_UNSUPPORTED_SHAPE',
      'not 32 x 96',
    ],
    [
      'begin token',
      withKey('tokenizer.ggml.bos_token_id', 'u32', 9999),
      'MODEL_MISSING_KEY',
      '9999',
    ],
  ];

  test.each(cases)('says which %s', (_name, entries, code, text) => {
    const error = errorOf(() => loadModel(writeGguf(entries, tensors)));
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
  });

  test('refuses a context beyond the one it was trained for', () => {
    const error = errorOf(() => loadModel(bytes, { contextLength: 129 }));
    expect(error.code).toBe('MODEL_UNSUPPORTED_SHAPE');
    expect(error.message).toContain('the context 129');
  });

  test('refuses a context beyond the ids that an answer holds', () => {
    const entries = withKey('llama.context_length', 'u32', 100_000);
    const error = errorOf(() => loadModel(writeGguf(entries, tensors), { contextLength: 8193 }));
    expect(error.code).toBe('MODEL_UNSUPPORTED_SHAPE');
    expect(error.message).toContain('8192 ids');
  });

  test('says how much memory is too much', () => {
    const headWidth = 65536; // whose caches for 8192 ids take 4 GiB
    const entries: MetadataEntry[] = [
      ...withKey('llama.context_length', 'u32', 8192).filter(
        ([key]) => !key.includes('head_count'),
      ),
      ['llama.attention.head_count', 'u32', 1],
      ['llama.attention.key_length', 'u32', headWidth],
    ];
    const specs = tensors.map((spec): TensorSpec => {
      if (!spec.name.includes('.attn_') || spec.name.includes('norm')) return spec;
      const isOutput = spec.name.includes('output');
      const dims = isOutput ? [headWidth, 32] : [32, headWidth];
      return { ...spec, dims, format: 'Q4_0', data: new Uint8Array(headWidth * 18) };
    });
    const error = errorOf(() => loadModel(writeGguf(entries, specs), { contextLength: 8192 }));
    expect(error.code).toBe('MODEL_TOO_LARGE');
    expect(error.message).toContain('MiB');
  });
});

/** Moves a tensor's offset by one byte. */
function misalign(file: Uint8Array, name: string): Uint8Array {
  const copy = Buffer.from(file);
  const end = copy.indexOf(name) + name.length;
  const rank = copy.readUInt32LE(end);
  const offset = end + 4 + rank * 8 + 4;
  copy.writeBigUInt64LE(copy.readBigUInt64LE(offset) + 1n, offset);
  return copy;
}
