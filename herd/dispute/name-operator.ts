/**
 * What an operator is called: the node of the model's graph that the program is about to run, read from
 * its memory as engine/memory.ts lays it out.
 */
import { OPERATOR } from '../../llama/graph.js';
import type { Program } from '../../llama/program.js';

const NODE_BYTES = 48;

/** `multiply, node 44 of 61`; the program stands before the operator. */
export function nameOperator({ memory, bounds }: Program): string {
  const view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
  const [nodes, count] = [0, 4].map((at) => view.getUint32(bounds.vocabulary + at, true));
  const node = view.getUint32(bounds.work, true);
  if (nodes === undefined || count === undefined || node >= count) return '';
  const number = view.getUint32(nodes + node * NODE_BYTES, true);
  const name = Object.entries(OPERATOR).find(([, known]) => known === number)?.[0];
  return name === undefined ? '' : `${name}, node ${node + 1} of ${count}`;
}
