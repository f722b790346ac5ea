/**
 * A model as a graph: the operators in their order, with the places that they read and write. It is
 * data in the program's memory; engine/memory.ts says what the fields are and engine/operators.ts has
 * the same numbers.
 */
import type { Place, Region } from './places.js';

export const OPERATOR = {
  tokenize: 0,
  embed: 1,
  normalize: 2,
  quantize: 3,
  multiply: 4,
  rotate: 5,
  remember: 6,
  attend: 7,
  gate: 8,
  add: 9,
  pick: 10,
  sample: 11,
  readVector: 12,
  bias: 13,
  relu: 14,
  classify: 15,
} as const;

export type Operator = keyof typeof OPERATOR;

export interface GraphNode {
  readonly operator: Operator;
  /** Of one vector, whatever the batch. */
  readonly single?: boolean;
  /** Values of a vector. */
  readonly width?: number;
  readonly heads?: number;
  readonly input?: Place;
  readonly second?: Place;
  readonly output?: Place;
  readonly weights?: Place;
  readonly keys?: Place;
  readonly values?: Place;
  readonly scratch?: Place;
}

/** What an architecture makes of a model; the fields of the program's header are by their names. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  /** Index of the first node behind the layers; -1: nothing is repeated. */
  readonly outputNode: number;
  readonly header: Readonly<Record<string, number | Place>>;
  /** Where operators' scratch begins in the work region. */
  readonly scratch: Place;
  /** Values that the last node chooses from. */
  readonly logits: Place;
}

/** Places the nodes' records. */
export function placeNodes(region: Region, nodes: readonly GraphNode[]): Place {
  return region.words(
    nodes.flatMap((node) => [
      OPERATOR[node.operator],
      node.single ? 1 : 0,
      node.width ?? 0,
      node.heads ?? 0,
      node.input ?? 0,
      node.second ?? 0,
      node.output ?? 0,
      node.weights ?? 0,
      node.keys ?? 0,
      node.values ?? 0,
      node.scratch ?? 0,
      0,
    ]),
  );
}
