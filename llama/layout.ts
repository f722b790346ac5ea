/**
 * Lays a model out in the memory of a program: the bounds of its five regions, the header that leads
 * the engine to everything (the first 256 bytes of the vocabulary region, in the order of fields of
 * engine/memory.ts), and what is written where. It depends on the model alone, so the same model
 * gives the same memory everywhere.
 */
import type { Architecture } from './architecture.js';
import { LlamaError } from './errors.js';
import type { Gguf } from './gguf.js';
import { placeNodes } from './graph.js';
import { describeLlama, type EngineMath } from './llama-graph.js';
import { describeMlp } from './mlp.js';
import { addressOf, type Place, Region } from './places.js';
import { ANSWER_BYTES, type Bounds, INPUT_BYTES, LEAF_BYTES, PAGE } from './regions.js';

export interface Layout {
  readonly bounds: Bounds;
  /** Index of the node that chooses the token, the last one. */
  readonly lastNode: number;
  /** Address of the values that it chooses from. */
  readonly logits: number;
  /** Writes the vocabulary and the weights into memory that is still zero. */
  write(memory: Uint8Array): void;
}

const MAX_MEMORY = 65536 * PAGE;
const HEADER_FIELDS = [
  ...['nodes', 'nodeCount', 'outputNode', 'batch', 'contextLength'],
  ...['work', 'scratch', 'scratchEnd'],
  ...['width', 'heads', 'kvHeads', 'headWidth', 'ropeWidth', 'epsilon', 'ropeFrequency'],
  ...['inputLength', 'inputScale'],
  ...['tokens', 'tokenCount', 'keys', 'keyMask', 'marks', 'markCount', 'byteIds'],
  ...['beginId', 'endId', 'addsSpace', 'endIds'],
];

/** @throws {LlamaError} MODEL_* when tensors are missing, of another shape, or too much */
export function planLayout(gguf: Gguf, model: Architecture, math: EngineMath): Layout {
  const vocabulary = new Region();
  const weights = new Region();
  const work = new Region();
  const regions = { vocabulary, weights, work };
  const header = vocabulary.reserve(LEAF_BYTES);
  const graph =
    model.kind === 'llama'
      ? describeLlama(gguf, model.config, regions, math)
      : describeMlp(gguf, model.config, regions);
  const fields: Record<string, number | Place> = {
    ...graph.header,
    nodes: placeNodes(weights, graph.nodes),
    nodeCount: graph.nodes.length,
    outputNode: graph.outputNode,
    scratch: graph.scratch,
    scratchEnd: work.reserve(0),
  };
  const bounds = placeRegions(vocabulary, weights, work);
  if (bounds.end > MAX_MEMORY) {
    throw new LlamaError(
      'MODEL_TOO_LARGE',
      `The model needs ${Math.ceil(bounds.end / 2 ** 20)} MiB; the engine addresses 4096 MiB.`,
      { size: bounds.end },
    );
  }
  return {
    bounds,
    lastNode: graph.nodes.length - 1,
    logits: addressOf(graph.logits),
    write(memory) {
      vocabulary.write(memory);
      weights.write(memory);
      writeHeader(memory, addressOf(header), fields);
    },
  };
}

function placeRegions(vocabulary: Region, weights: Region, work: Region): Bounds {
  const behind = (region: Region) =>
    Math.ceil((region.base + region.size) / LEAF_BYTES) * LEAF_BYTES;
  vocabulary.base = INPUT_BYTES + ANSWER_BYTES;
  weights.base = behind(vocabulary);
  work.base = behind(weights);
  return {
    answer: INPUT_BYTES,
    vocabulary: vocabulary.base,
    weights: weights.base,
    work: work.base,
    end: Math.ceil((work.base + work.size) / PAGE) * PAGE,
  };
}

function writeHeader(
  memory: Uint8Array,
  address: number,
  fields: Readonly<Record<string, number | Place>>,
): void {
  const view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
  HEADER_FIELDS.forEach((name, i) => {
    const value = fields[name] ?? 0;
    view.setUint32(address + 4 * i, typeof value === 'number' ? value : addressOf(value), true);
  });
}
