/**
 * Multilayer perceptrons: fully connected layers with ReLU between them, whose answer is the label of
 * the largest output. The prompt is the input vector, one byte a value, as hexadecimal digits.
 *
 * The GGUF file:
 * | key | type | meaning |
 * |---|---|---|
 * | general.architecture | string | "mlp" |
 * | mlp.input_length | u32 | values of the input vector, 1 to 30,720 |
 * | mlp.block_count | u32 | layers |
 * | mlp.input_scale | f32 | what a byte is multiplied by; default 1/255 |
 * | mlp.activation | string | "relu", which is the default too |
 * | mlp.labels | strings | a label for each output; default "0", "1", ... |
 * Tensors, for each layer N from 0: `layer.N.weight`, F32, F16, Q8_0 or Q4_0, dims [inputs, outputs]
 * (GGUF's order: row after row of `inputs` values; inputs may be rounded up to a multiple of 32 with
 * zeros, which the 8- and 4-bit formats need), and `layer.N.bias`, F32, dims [outputs].
 */
import { LlamaError } from './errors.js';
import type { Gguf } from './gguf.js';
import type { Graph, GraphNode } from './graph.js';
import { floatBits, type Region } from './places.js';
import { MAX_PROMPT_BYTES } from './regions.js';
import { placeTokens } from './vocabulary-tables.js';
import { placeMatrix, placeVector } from './weights.js';

export interface MlpConfig {
  readonly inputLength: number;
  /** Outputs of each layer; the last one's are the classes. */
  readonly sizes: readonly number[];
  readonly inputScale: number;
  /** One for each class. */
  readonly labels: readonly string[];
}

const BLOCK = 32;
const INPUT_BLOCK_BYTES = 72;
const MAX_LAYERS = 64;
const DEFAULT_SCALE = 1 / 255;

/** @throws {LlamaError} MODEL_MISSING_KEY, MODEL_MISSING_TENSOR */
export function readMlpConfig(gguf: Gguf): MlpConfig {
  const inputLength = readCount(gguf, 'mlp.input_length', MAX_PROMPT_BYTES / 2);
  const layers = readCount(gguf, 'mlp.block_count', MAX_LAYERS);
  const sizes = Array.from({ length: layers }, (_, i) => {
    const name = `layer.${i}.bias`;
    const bias = gguf.tensors.get(name);
    if (bias === undefined) {
      throw new LlamaError('MODEL_MISSING_TENSOR', `The model has no tensor "${name}".`, { name });
    }
    return bias.dims[0] ?? 0;
  });
  const inputScale = gguf.metadata.get('mlp.input_scale') ?? DEFAULT_SCALE;
  if (typeof inputScale !== 'number' || !Number.isFinite(inputScale)) {
    throw badKey('mlp.input_scale', inputScale);
  }
  const activation = gguf.metadata.get('mlp.activation') ?? 'relu';
  if (activation !== 'relu') throw badKey('mlp.activation', activation);
  return { inputLength, sizes, inputScale, labels: readLabels(gguf, sizes.at(-1) ?? 0) };
}

function readLabels(gguf: Gguf, classes: number): string[] {
  const labels =
    gguf.metadata.get('mlp.labels') ?? Array.from({ length: classes }, (_, i) => `${i}`);
  const isGood =
    Array.isArray(labels) &&
    labels.length === classes &&
    labels.every((label) => typeof label === 'string' && label !== '');
  if (!isGood) throw badKey('mlp.labels', labels);
  return labels as string[];
}

function readCount(gguf: Gguf, key: string, most: number): number {
  const value = gguf.metadata.get(key);
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > most) {
    throw badKey(key, value);
  }
  return value;
}

function badKey(key: string, value: unknown): LlamaError {
  const found = value === undefined ? 'is missing' : `is ${JSON.stringify(value)?.slice(0, 80)}`;
  return new LlamaError('MODEL_MISSING_KEY', `The model's key "${key}" ${found}.`, { key, value });
}

interface Regions {
  readonly vocabulary: Region;
  readonly weights: Region;
  readonly work: Region;
}

const padded = (length: number) => Math.ceil(length / BLOCK) * BLOCK;

/** @throws {LlamaError} MODEL_MISSING_TENSOR, MODEL_UNSUPPORTED_SHAPE */
export function describeMlp(gguf: Gguf, config: MlpConfig, regions: Regions): Graph {
  const { inputLength, sizes, labels } = config;
  const { weights, work } = regions;
  const widths = [inputLength, ...sizes];
  const head = work.reserve(16);
  const vectors = widths.map((length) => work.reserve(padded(length) * 4));
  const quantized = work.reserve((padded(Math.max(...widths)) / BLOCK) * INPUT_BLOCK_BYTES);
  const layers = sizes.flatMap((rows, i): GraphNode[] => {
    const columns = widths[i] ?? 0;
    const [input, output] = [vectors[i] ?? head, vectors[i + 1] ?? head];
    const matrix = placeMatrix(weights, gguf, `layer.${i}.weight`, {
      columns,
      rows,
      paddedColumns: padded(columns),
      paddedRows: padded(rows),
    });
    const bias = placeVector(weights, gguf, `layer.${i}.bias`, rows, padded(rows));
    const single = true;
    const quantize: GraphNode = {
      operator: 'quantize',
      single,
      width: padded(columns),
      input,
      output: quantized,
    };
    const from = matrix.isInt8 ? quantized : input;
    const width = padded(rows);
    return [
      ...(matrix.isInt8 ? [quantize] : []),
      { operator: 'multiply', single, input: from, weights: matrix.place, output },
      { operator: 'bias', single, width, input: output, weights: bias },
      ...(i < sizes.length - 1
        ? [{ operator: 'relu', single, width, input: output } as const]
        : []),
    ];
  });
  const [input = head] = vectors;
  const logits = vectors.at(-1) ?? head;
  const encoder = new TextEncoder();
  return {
    nodes: [
      { operator: 'readVector', single: true, width: padded(inputLength), output: input },
      ...layers,
      { operator: 'classify', single: true, input: logits },
    ],
    outputNode: -1,
    header: {
      work: head,
      inputLength,
      inputScale: floatBits(config.inputScale),
      ...placeTokens(
        regions.vocabulary,
        labels.map((label) => encoder.encode(label)),
      ),
    },
    scratch: input,
    logits,
  };
}
