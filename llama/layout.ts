/**
 * Places a model in the engine's memory: where each tensor, the caches and the scratch vectors lie, and
 * the records that tell the engine (engine/records.ts, whose order of fields is repeated here). The
 * layout depends on the model's shape alone, so the same model gives the same memory everywhere.
 */
import type { LlamaConfig } from './config.js';
import { LlamaError } from './errors.js';
import type { Gguf, Tensor } from './gguf.js';
import { MATRIX_KIND, packedBytes, packMatrix, paddedRows } from './pack.js';

/** Tokens that are evaluated together, so that a weight is read once for all of them. */
export const BATCH = 16;

export interface Layout {
  /** Bytes of memory needed. */
  readonly size: number;
  readonly tokenIds: number;
  readonly logits: number;
  /** Address of temperature (f32), topP (f32) and the random state (u64), in this order. */
  readonly sampler: number;
  /** Writes records and weights into memory that is still zero. */
  write(memory: Uint8Array): void;
}

const PAGE = 65536;
const MAX_MEMORY = 65536 * PAGE;
const ALIGNMENT = 64;
const INPUT_BLOCK_BYTES = 72;
const MATRIX_RECORD_BYTES = 16;

interface Matrix {
  readonly record: number;
  readonly data: number;
  readonly tensor: Tensor;
  readonly rows: number;
  readonly columns: number;
}

/** @throws {LlamaError} MODEL_MISSING_TENSOR, MODEL_UNSUPPORTED_SHAPE, MODEL_TOO_LARGE */
export function planLayout(gguf: Gguf, config: LlamaConfig, modelAddress: number): Layout {
  const plan = new Plan(gguf);
  const words = describeModel(plan, config);
  const size = Math.ceil(plan.end / PAGE) * PAGE;
  if (size > MAX_MEMORY) {
    throw new LlamaError(
      'MODEL_TOO_LARGE',
      `The model needs ${Math.ceil(size / 2 ** 20)} MiB; the engine addresses 4096 MiB.`,
      { size, contextLength: config.contextLength },
    );
  }
  return {
    size,
    tokenIds: words.tokenIds,
    logits: words.logits,
    sampler: modelAddress + words.record.length * 4,
    write(memory) {
      plan.write(memory);
      writeWords(memory, modelAddress, words.record);
    },
  };
}

/** The Model record up to the sampler's fields, placing all that it points to. */
function describeModel(plan: Plan, config: LlamaConfig) {
  const { layers, width, heads, kvHeads, headWidth, ropeWidth, vocabulary, feedForward } = config;
  const joined = heads * headWidth;
  const kvWidth = kvHeads * headWidth;
  const embedding = plan.matrix('token_embd.weight', width, vocabulary);
  const output = plan.has('output.weight')
    ? plan.matrix('output.weight', width, vocabulary)
    : embedding;
  const outputNorm = plan.vector('output_norm.weight', width);
  const layerRecords = Array.from({ length: layers }, (_, i) => describeLayer(plan, config, i));
  const layerTable = plan.words(layerRecords);
  const cache = layers * kvHeads * config.contextLength * headWidth * 4;
  const floats = (count: number) => plan.reserve(count * 4);
  const batch = (count: number) => floats(BATCH * paddedRows(count));
  const keys = plan.reserve(cache);
  const values = plan.reserve(cache);
  const tokenIds = floats(BATCH);
  const ropeFrequency = plan.reserve((ropeWidth / 2) * 8);
  const widest = Math.max(width, joined, feedForward);
  const scratch = [
    batch(ropeWidth), // rope
    batch(width), // stream
    batch(width), // normed
    plan.reserve(BATCH * (widest / 32) * INPUT_BLOCK_BYTES), // quantized
    batch(joined), // attended
    batch(joined), // queries
    batch(kvWidth), // newKeys
    batch(kvWidth), // newValues
    batch(width), // projected
    batch(feedForward), // gated
    batch(feedForward), // upped
    floats(config.contextLength + 4), // scores
  ];
  const logits = floats(paddedRows(vocabulary));
  const record = [
    ...[layers, width, heads, kvHeads, headWidth, ropeWidth, vocabulary, config.contextLength],
    ...[floatBits(config.epsilon), floatBits(config.ropeBase)],
    ...[embedding.record, output.record, outputNorm, layerTable, keys, values],
    ...[tokenIds, ropeFrequency, ...scratch, logits],
    ...[floats(vocabulary), floats(vocabulary)], // probabilities, heap
  ];
  return { record, tokenIds, logits };
}

/** Places a layer's weights and its Layer record; returns the record's address. */
function describeLayer(plan: Plan, config: LlamaConfig, index: number): number {
  const { width, heads, kvHeads, headWidth, feedForward } = config;
  const joined = heads * headWidth;
  const kvWidth = kvHeads * headWidth;
  const matrix = (name: string, columns: number, rows: number) =>
    plan.matrix(`blk.${index}.${name}.weight`, columns, rows).record;
  return plan.words([
    plan.vector(`blk.${index}.attn_norm.weight`, width),
    matrix('attn_q', width, joined),
    matrix('attn_k', width, kvWidth),
    matrix('attn_v', width, kvWidth),
    matrix('attn_output', joined, width),
    plan.vector(`blk.${index}.ffn_norm.weight`, width),
    matrix('ffn_gate', width, feedForward),
    matrix('ffn_up', width, feedForward),
    matrix('ffn_down', feedForward, width),
  ]);
}

/** Hands out addresses in order, and remembers what to write there. */
class Plan {
  /** The first page is the records' and the engine's own. */
  end = PAGE;
  private readonly gguf: Gguf;
  private readonly matrices: Matrix[] = [];
  private readonly writes: ((memory: Uint8Array) => void)[] = [];

  constructor(gguf: Gguf) {
    this.gguf = gguf;
  }

  has(name: string): boolean {
    return this.gguf.tensors.has(name);
  }

  reserve(bytes: number): number {
    const address = this.end;
    this.end = Math.ceil((address + bytes) / ALIGNMENT) * ALIGNMENT;
    return address;
  }

  words(words: readonly number[]): number {
    const address = this.reserve(words.length * 4);
    this.writes.push((memory) => writeWords(memory, address, words));
    return address;
  }

  matrix(name: string, columns: number, rows: number): Matrix {
    const tensor = this.find(name, [columns, rows]);
    const data = this.reserve(packedBytes(tensor.type, rows, columns));
    const record = this.reserve(MATRIX_RECORD_BYTES);
    const matrix = { record, data, tensor, rows: paddedRows(rows), columns };
    this.matrices.push(matrix);
    return matrix;
  }

  vector(name: string, length: number): number {
    const tensor = this.find(name, [length]);
    if (tensor.type !== 'F32') {
      throw new LlamaError('GGUF_UNSUPPORTED_TYPE', `The vector "${name}" is ${tensor.type}.`, {
        name,
        type: tensor.type,
      });
    }
    const address = this.reserve(length * 4);
    this.writes.push((memory) => memory.set(tensor.data, address));
    return address;
  }

  write(memory: Uint8Array): void {
    for (const { record, data, tensor, rows, columns } of this.matrices) {
      writeWords(memory, record, [MATRIX_KIND[tensor.type], data, rows, columns]);
      packMatrix(tensor, memory, data);
    }
    for (const write of this.writes) write(memory);
  }

  private find(name: string, dims: readonly number[]): Tensor {
    const tensor = this.gguf.tensors.get(name);
    if (tensor === undefined) {
      throw new LlamaError('MODEL_MISSING_TENSOR', `The model has no tensor "${name}".`, { name });
    }
    if (tensor.dims.join() !== dims.join()) {
      throw new LlamaError(
        'MODEL_UNSUPPORTED_SHAPE',
        `The tensor "${name}" is ${tensor.dims.join(' x ')}, not ${dims.join(' x ')}.`,
        { name, dims: tensor.dims, wanted: dims },
      );
    }
    return tensor;
  }
}

function writeWords(memory: Uint8Array, address: number, words: readonly number[]): void {
  const view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
  words.forEach((word, i) => {
    view.setUint32(address + 4 * i, word, true);
  });
}

function floatBits(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return view.getUint32(0);
}
