/**
 * The graph of a llama model: the prompt is split, its ids are embedded batch by batch, each layer
 * attends and feeds forward, and the last id's logits choose the next token. To be read beside the
 * paper (Touvron et al. 2023).
 */
import type { LlamaConfig } from './config.js';
import type { Gguf } from './gguf.js';
import type { Graph, GraphNode } from './graph.js';
import { floatBits, type Place, type Region } from './places.js';
import { readVocabulary } from './vocabulary.js';
import { placeVocabulary } from './vocabulary-tables.js';
import { type Matrix, paddedRows, placeMatrix, placeVector } from './weights.js';

/** Ids that are evaluated together, so that a weight is read once for all of them. */
export const BATCH = 16;

/** Of the functions that the engine computes, for tables that must have the same bits everywhere. */
export interface EngineMath {
  mathExp(x: number): number;
  mathLog(x: number): number;
}

/** Bytes of a quantized input for each 32 values: see engine/int8.ts. */
const INPUT_BLOCK_BYTES = 72;
const WORK_WORDS = 4;
/** Room of the tokenize operator: see engine/operators/tokenize.ts. */
const TOKENIZE_BYTES = 64 + (4 + 1 + 12 + 32) * 0x10000;

interface Regions {
  readonly vocabulary: Region;
  readonly weights: Region;
  readonly work: Region;
}

/** The places that a layer's operators work on. */
type Scratch = ReturnType<typeof reserveScratch>;

/** @throws {LlamaError} MODEL_MISSING_TENSOR, MODEL_UNSUPPORTED_SHAPE */
export function describeLlama(
  gguf: Gguf,
  config: LlamaConfig,
  regions: Regions,
  math: EngineMath,
): Graph {
  const { layers, width, heads, kvHeads, headWidth, ropeWidth, vocabulary } = config;
  const { weights, work } = regions;
  const tables = placeVocabulary(regions.vocabulary, readVocabulary(gguf));
  const matrix = (name: string, columns: number, rows: number) =>
    placeMatrix(weights, gguf, name, { columns, rows });
  const embedding = matrix('token_embd.weight', width, vocabulary);
  const output = gguf.tensors.has('output.weight')
    ? matrix('output.weight', width, vocabulary)
    : embedding;
  const outputNorm = placeVector(weights, gguf, 'output_norm.weight', width);
  const ropeFrequency = placeRopeFrequency(weights, config, math);
  const workHead = work.reserve((WORK_WORDS + config.contextLength) * 4);
  const cacheBytes = kvHeads * config.contextLength * headWidth * 4;
  const caches = Array.from({ length: layers }, () => ({
    keys: work.reserve(cacheBytes),
    values: work.reserve(cacheBytes),
  }));
  const tokenizing = work.reserve(TOKENIZE_BYTES);
  const s = reserveScratch(work, config);
  const body = caches.flatMap((cache, i) => describeLayer({ gguf, config, weights, s }, cache, i));
  const head: GraphNode[] = [
    { operator: 'tokenize', single: true, scratch: tokenizing },
    { operator: 'embed', width, weights: embedding.place, output: s.stream, scratch: s.rope },
  ];
  return {
    nodes: [
      ...head,
      ...body,
      { operator: 'pick', single: true, width, input: s.stream, output: s.normed },
      {
        operator: 'normalize',
        single: true,
        width,
        input: s.normed,
        weights: outputNorm,
        output: s.normed,
      },
      ...describeProducts(s, s.normed, [[output, s.logits]], true),
      {
        operator: 'sample',
        single: true,
        input: s.logits,
        second: s.heap,
        scratch: s.probabilities,
      },
    ],
    outputNode: head.length + body.length,
    header: {
      batch: BATCH,
      contextLength: config.contextLength,
      work: workHead,
      width,
      heads,
      kvHeads,
      headWidth,
      ropeWidth,
      epsilon: floatBits(config.epsilon),
      ropeFrequency,
      ...tables,
    },
    scratch: s.rope,
    logits: s.logits,
  };
}

function reserveScratch(work: Region, config: LlamaConfig) {
  const { width, heads, kvHeads, headWidth, ropeWidth, feedForward, vocabulary } = config;
  const joined = heads * headWidth;
  const widest = Math.max(width, joined, feedForward);
  const floats = (count: number) => work.reserve(count * 4);
  const batch = (count: number) => floats(BATCH * paddedRows(count));
  return {
    rope: batch(ropeWidth), // cosines and sines
    stream: batch(width), // the residual stream
    normed: batch(width),
    quantized: work.reserve(BATCH * (widest / 32) * INPUT_BLOCK_BYTES),
    attended: batch(joined),
    queries: batch(joined),
    newKeys: batch(kvHeads * headWidth),
    newValues: batch(kvHeads * headWidth),
    projected: batch(width),
    gated: batch(feedForward),
    upped: batch(feedForward),
    scores: floats(config.contextLength + 4),
    logits: floats(paddedRows(vocabulary)),
    probabilities: floats(vocabulary),
    heap: floats(vocabulary),
  };
}

/** base^(-2i / ropeWidth) in double precision. */
function placeRopeFrequency(weights: Region, config: LlamaConfig, math: EngineMath): Place {
  const { ropeWidth, ropeBase } = config;
  const logBase = math.mathLog(Math.fround(ropeBase));
  const values = Array.from({ length: ropeWidth / 2 }, (_, i) =>
    math.mathExp(((-2 * i) / ropeWidth) * logBase),
  );
  return weights.bytes(new Uint8Array(Float64Array.from(values).buffer));
}

interface LayerContext {
  readonly gguf: Gguf;
  readonly config: LlamaConfig;
  readonly weights: Region;
  readonly s: Scratch;
}

function describeLayer(
  { gguf, config, weights, s }: LayerContext,
  cache: { readonly keys: Place; readonly values: Place },
  index: number,
): GraphNode[] {
  const { width, heads, kvHeads, headWidth, feedForward } = config;
  const joined = heads * headWidth;
  const kvWidth = kvHeads * headWidth;
  const matrix = (name: string, columns: number, rows: number) =>
    placeMatrix(weights, gguf, `blk.${index}.${name}.weight`, { columns, rows });
  const vector = (name: string) => placeVector(weights, gguf, `blk.${index}.${name}.weight`, width);
  const normalize = (name: string): GraphNode => ({
    operator: 'normalize',
    width,
    input: s.stream,
    weights: vector(name),
    output: s.normed,
  });
  const addBack: GraphNode = { operator: 'add', width, input: s.projected, output: s.stream };
  const padded = paddedRows(kvWidth);
  return [
    normalize('attn_norm'),
    ...describeProducts(s, s.normed, [
      [matrix('attn_q', width, joined), s.queries],
      [matrix('attn_k', width, kvWidth), s.newKeys],
      [matrix('attn_v', width, kvWidth), s.newValues],
    ]),
    { operator: 'rotate', width: joined, heads, input: s.queries, scratch: s.rope },
    { operator: 'rotate', width: padded, heads: kvHeads, input: s.newKeys, scratch: s.rope },
    { operator: 'remember', width: padded, input: s.newKeys, second: s.newValues, ...cache },
    {
      operator: 'attend',
      width: joined,
      input: s.queries,
      output: s.attended,
      ...cache,
      scratch: s.scores,
    },
    ...describeProducts(s, s.attended, [[matrix('attn_output', joined, width), s.projected]]),
    addBack,
    normalize('ffn_norm'),
    ...describeProducts(s, s.normed, [
      [matrix('ffn_gate', width, feedForward), s.gated],
      [matrix('ffn_up', width, feedForward), s.upped],
    ]),
    { operator: 'gate', width: feedForward, input: s.gated, second: s.upped },
    ...describeProducts(s, s.gated, [[matrix('ffn_down', feedForward, width), s.projected]]),
    addBack,
  ];
}

/** Products of one input with matrices; for 8-bit ones it is quantized once. */
function describeProducts(
  s: Scratch,
  input: Place,
  products: readonly (readonly [matrix: Matrix, output: Place])[],
  single = false,
): GraphNode[] {
  const width = products[0]?.[0].columns ?? 0;
  const quantize: GraphNode = { operator: 'quantize', single, width, input, output: s.quantized };
  const isQuantized = products.some(([matrix]) => matrix.isInt8);
  return [
    ...(isQuantized ? [quantize] : []),
    ...products.map(
      ([matrix, output]): GraphNode => ({
        operator: 'multiply',
        single,
        input: matrix.isInt8 ? s.quantized : input,
        weights: matrix.place,
        output,
      }),
    ),
  ];
}
