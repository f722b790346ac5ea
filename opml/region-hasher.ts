/**
 * The root of a small region that becomes one state after another, at the least cost: each node's
 * record is the very input of its hash, so renewing a node is one call and one write. RegionTree says
 * the same of regions of any size, and gives proofs.
 */
import { hash } from 'node:crypto';
import { OpmlError } from './errors.js';
import { HASH_BYTES, MEMORY_LEAF_BYTES } from './machine/merkle.js';

/** Of a region that is all zero at first. */
export interface RegionHasher {
  /**
   * Gives leaves other contents.
   *
   * @param leaves in ascending order
   * @param contents of the leaves, one behind the other, from `at` on
   * @returns the new root, in lower-case hex
   */
  change(leaves: readonly number[], contents: Buffer, at?: number): string;
}

const LEAF_DOMAIN = 0;
const NODE_DOMAIN = 1;
const RECORD_BYTES = 1 + 2 * HASH_BYTES;

/**
 * @param bytes of the region; its number of leaves is a power of two
 * @throws {MACHINE_BAD_BOUNDS}
 */
export function createRegionHasher(bytes: number): RegionHasher {
  const count = bytes / MEMORY_LEAF_BYTES;
  if (count < 2 || !Number.isInteger(Math.log2(count))) {
    const message = `A region of ${bytes} bytes does not have 2, 4, 8 ... leaves.`;
    throw new OpmlError('MACHINE_BAD_BOUNDS', message, { bytes });
  }
  // Node 1 is the root; the children of node n are 2n and 2n + 1; leaf i is node count + i.
  const records = Buffer.alloc(count * RECORD_BYTES);
  const inputs = Array.from({ length: count }, (_, node) => {
    const input = records.subarray(node * RECORD_BYTES, (node + 1) * RECORD_BYTES);
    input[0] = NODE_DOMAIN;
    return input;
  });
  const leafInput = Buffer.alloc(1 + MEMORY_LEAF_BYTES, LEAF_DOMAIN);

  /** Puts a node's hash where its parent's input has it. */
  const put = (node: number, input: Uint8Array): void => {
    const at = (node >> 1) * RECORD_BYTES + 1 + (node & 1) * HASH_BYTES;
    records.write(hash('sha256', input, 'binary'), at, 'latin1');
  };
  const change = (leaves: readonly number[], contents: Buffer, at = 0): string => {
    let nodes = leaves.map((leaf, i) => {
      const from = at + i * MEMORY_LEAF_BYTES;
      contents.copy(leafInput, 1, from, from + MEMORY_LEAF_BYTES);
      put(count + leaf, leafInput);
      return count + leaf;
    });
    for (let level = count >> 1; level > 1; level >>= 1) {
      const above: number[] = [];
      for (const node of nodes) {
        const parent = node >> 1;
        if (above.at(-1) === parent) continue;
        put(parent, inputs[parent] as Buffer);
        above.push(parent);
      }
      nodes = above;
    }
    return hash('sha256', inputs[1] as Buffer, 'hex');
  };
  change([...inputs.keys()], Buffer.alloc(bytes));
  return { change };
}
