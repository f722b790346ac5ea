/** The two ways to follow a region that changes: each gives the root of hashing it anew. */
import { describe, expect, test } from 'vitest';
import { toHex } from '../../opml/hex.js';
import { RegionTree } from '../../opml/machine/merkle.js';
import { createRegionHasher } from '../../opml/region-hasher.js';
import { differingLeaves, trackRegion } from '../../opml/tracked-region.js';

const rootOf = (region: Uint8Array) => toHex(new RegionTree(region).root);

/** Small seeded numbers. */
function createDice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % below;
  };
}

/** Writes here and there; returns the leaves that differ now, in order. */
function scribble(region: Buffer, dice: (below: number) => number): number[] {
  const before = Buffer.from(region);
  for (let i = dice(8); i >= 0; i--) region[dice(region.length)] = dice(256);
  const leaves = Array.from({ length: region.length / 256 }, (_, leaf) => leaf);
  return leaves.filter(
    (leaf) =>
      !before
        .subarray(256 * leaf, 256 * leaf + 256)
        .equals(region.subarray(256 * leaf, 256 * leaf + 256)),
  );
}

describe.each([512, 1024, 65536, 2 ** 20])('a region of %i bytes', (bytes) => {
  test('hashed leaf by leaf', () => {
    const dice = createDice(bytes);
    const region = Buffer.alloc(bytes);
    const hasher = createRegionHasher(bytes);
    expect(hasher.change([], region)).toBe(rootOf(region));
    for (let round = 0; round < 20; round++) {
      const changed = scribble(region, dice);
      const cut = changed.map((leaf) => region.subarray(256 * leaf, 256 * leaf + 256));
      const padded = Buffer.concat([Buffer.alloc(7), ...cut]);
      expect(hasher.change(changed, padded, 7)).toBe(rootOf(region));
    }
  });

  test('compared with a copy', () => {
    const dice = createDice(bytes + 1);
    const region = Buffer.alloc(bytes);
    scribble(region, dice);
    const tracked = trackRegion(region);
    for (let round = 0; round < 20; round++) {
      const before = Buffer.from(region);
      const changed = scribble(region, dice);
      expect(differingLeaves(before, region)).toEqual(changed);
      expect(tracked.refresh()).toEqual(changed);
      expect(toHex(tracked.root)).toBe(rootOf(region));
    }
    expect(tracked.refresh()).toEqual([]);
  });
});

test('a region that is no whole tree is refused', () => {
  const refused = expect.objectContaining({ code: 'MACHINE_BAD_BOUNDS' });
  for (const bytes of [0, 256, 768, 1000]) expect(() => createRegionHasher(bytes)).toThrow(refused);
});
