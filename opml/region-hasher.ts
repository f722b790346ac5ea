/**
 * The root of a small region that becomes one state after another, at the least cost: each node's
 * record is the very input of its hash, so renewing a node is one call and one write. RegionTree says
 * the same of regions of any size, and gives proofs.
 */
import { hash } from 'node:crypto';
import { OpmlError } from './errors.js';
import { HASH_BYTES, MEMORY_LEAF_BYTES } from './machine/merkle.js';
import { differingLeaves } from './tracked-region.js';

/** A leaf and what it holds from now on. */
export interface ChangedLeaf {
  readonly leaf: number;
  readonly bytes: Uint8Array;
}

/** Of a region that is all zero at first. Roots are in lower-case hex. */
export interface RegionHasher {
  /** Changes leaves, given in ascending order; returns the new root. */
  change(leaves: readonly ChangedLeaf[]): string;
  /** Changes whatever differs from this region; returns its root. */
  become(region: Buffer): string;
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
  const region = Buffer.alloc(bytes);
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
  const change = (leaves: readonly ChangedLeaf[]): string => {
    let nodes: number[] = [];
    for (const { leaf, bytes: content } of leaves) {
      region.set(content, leaf * MEMORY_LEAF_BYTES);
      leafInput.set(content, 1);
      put(count + leaf, leafInput);
      nodes.push(count + leaf);
    }
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
  const become = (next: Buffer): string =>
    change(differingLeaves(region, next).map((leaf) => leafOf(next, leaf)));
  change(Array.from({ length: count }, (_, leaf) => leafOf(region, leaf)));
  return { change, become };
}

/** A view of a region's leaf. */
function leafOf(region: Uint8Array, leaf: number): ChangedLeaf {
  const from = leaf * MEMORY_LEAF_BYTES;
  return { leaf, bytes: region.subarray(from, from + MEMORY_LEAF_BYTES) };
}
