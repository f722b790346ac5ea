/**
 * A region of memory that somebody else writes, with its Merkle tree kept up to date: a copy of what
 * was hashed last tells which leaves changed. Comparing costs some milliseconds for 100 MB, which is
 * little beside the operator that wrote; hashing costs only what changed.
 */
import { type Hash, MEMORY_LEAF_BYTES, RegionTree } from './machine/merkle.js';

/** Bytes that are compared at once; where they differ, the next size looks closer. */
const COMPARED_BYTES = [65536, 4096, MEMORY_LEAF_BYTES] as const;

export interface TrackedRegion {
  readonly tree: RegionTree;
  /** Hashes what changed since the last call; returns the leaves that did, in ascending order. */
  refresh(): number[];
  readonly root: Hash;
}

/** @param bytes a live view of whole leaves */
export function trackRegion(bytes: Uint8Array): TrackedRegion {
  const now = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const hashed = Buffer.from(now);
  const tree = new RegionTree(bytes);
  return {
    tree,
    get root() {
      return tree.root;
    },
    refresh() {
      const changed = differingLeaves(now, hashed);
      for (const leaf of changed) {
        const from = leaf * MEMORY_LEAF_BYTES;
        now.copy(hashed, from, from, from + MEMORY_LEAF_BYTES);
      }
      tree.update(changed);
      return changed;
    },
  };
}

/** Leaves in which two regions of the same size differ, in ascending order. */
export function differingLeaves(a: Buffer, b: Buffer): number[] {
  const changed: number[] = [];
  findChanges(a, b, 0, a.length, 0, changed);
  return changed;
}

/** Adds the leaves between two addresses in which two regions differ. */
function findChanges(
  a: Buffer,
  b: Buffer,
  from: number,
  to: number,
  level: number,
  changed: number[],
): void {
  const size = COMPARED_BYTES[level];
  if (size === undefined) {
    changed.push(from / MEMORY_LEAF_BYTES);
    return;
  }
  for (let at = from; at < to; at += size) {
    const end = Math.min(at + size, to);
    if (a.compare(b, at, end, at, end) !== 0) findChanges(a, b, at, end, level + 1, changed);
  }
}
