/**
 * Memory that knows which of its leaves were written: what a leaf held at first is kept when it is
 * first written, so that states can be saved and brought back at the cost of what changed, and the
 * trees over the regions hash again only what changed since they were last looked at.
 */
import type { Bounds } from '../../llama/regions.js';
import { MEMORY_LEAF_BYTES, RegionTree } from './merkle.js';
import { REGIONS, type Region, regionAt, regionRange, STATUS } from './state.js';

/** Trees over the regions that the caller has already; the others are built when asked for. */
export type RegionTrees = Partial<Record<Region, RegionTree>>;

export interface TrackedMemory {
  /** Makes bytes ready to be written: 0, or the status that forbids it. */
  beforeWrite(address: number, bytes: number): number;
  /** The tree over a region as the memory is now. */
  tree(region: Region): RegionTree;
  /** What the leaves written so far hold now. */
  save(): ReadonlyMap<number, Uint8Array>;
  /** Puts the memory back to what it was at `save`, or at first. */
  restore(saved: ReadonlyMap<number, Uint8Array>): void;
}

const UNTOUCHED = 0;
const DIRTY = 1; // the trees do not know yet
const HASHED = 2;
const LEAF_BITS = Math.log2(MEMORY_LEAF_BYTES);

export function trackMemory(
  memory: Uint8Array,
  bounds: Bounds,
  given: RegionTrees = {},
): TrackedMemory {
  const { answer, vocabulary, work, end } = bounds;
  const states = new Uint8Array(end / MEMORY_LEAF_BYTES);
  const first = new Map<number, Uint8Array>();
  const trees: RegionTrees = { ...given };
  let dirty: number[] = [];

  const leafBytes = (leaf: number) =>
    memory.subarray(leaf * MEMORY_LEAF_BYTES, (leaf + 1) * MEMORY_LEAF_BYTES);
  const touch = (leaf: number): void => {
    if (states[leaf] === UNTOUCHED) first.set(leaf, leafBytes(leaf).slice());
    states[leaf] = DIRTY;
    dirty.push(leaf);
  };
  const writable = (address: number) =>
    address >= work || (address >= answer && address < vocabulary);
  const updateTrees = (): void => {
    for (const region of REGIONS) {
      const tree = trees[region];
      if (tree === undefined) continue;
      const from = regionRange(bounds, region).from / MEMORY_LEAF_BYTES;
      const inside = dirty.filter((leaf) => regionAt(bounds, leaf * MEMORY_LEAF_BYTES) === region);
      tree.update(inside.map((leaf) => leaf - from));
    }
    for (const leaf of dirty) states[leaf] = HASHED;
    dirty = [];
  };

  return {
    beforeWrite: (address, bytes) => {
      const last = address + bytes - 1;
      if (last >= end) return STATUS.memoryOutOfBounds;
      if (!writable(address) || !writable(last)) return STATUS.readOnlyMemory;
      const leaf = address >>> LEAF_BITS;
      const lastLeaf = last >>> LEAF_BITS;
      if (states[leaf] !== DIRTY) touch(leaf);
      if (states[lastLeaf] !== DIRTY) touch(lastLeaf);
      return 0;
    },
    tree: (region) => {
      if (dirty.length > 0) updateTrees();
      const { from, to } = regionRange(bounds, region);
      trees[region] ??= new RegionTree(memory.subarray(from, to));
      return trees[region];
    },
    save: () => new Map([...first.keys()].map((leaf) => [leaf, leafBytes(leaf).slice()])),
    restore: (saved) => {
      for (const [leaf, bytes] of first) {
        leafBytes(leaf).set(saved.get(leaf) ?? bytes);
        if (states[leaf] !== DIRTY) touch(leaf);
      }
    },
  };
}
