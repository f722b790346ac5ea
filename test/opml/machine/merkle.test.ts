/** Trees, proofs and the hashes of states, against the definitions written out. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  type Hash,
  listProof,
  listRoot,
  RegionTree,
  treeDepth,
  verifyListProof,
  ZERO_HASH,
} from '../../../opml/machine/merkle.js';
import {
  emptyRegionRoot,
  emptySlotsRoot,
  haltedState,
  memoryHash,
  programRoot,
  pushFrame,
  startState,
  stateHash,
} from '../../../opml/machine/state.js';
import { createRandom, TEST_BOUNDS } from './opcode-cases.js';

const sha = (...parts: (number | Uint8Array)[]): Hash =>
  createHash('sha256')
    .update(Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : part))))
    .digest();

const u32 = (...values: number[]) => new Uint8Array(Uint32Array.from(values).buffer);

/** The root of hashes that fill up to a power of two. */
function rootOf(hashes: readonly Hash[], padding: Hash): Hash {
  const width = 2 ** Math.ceil(Math.log2(Math.max(1, hashes.length)));
  let level = Array.from({ length: width }, (_, index) => hashes[index] ?? padding);
  while (level.length > 1) {
    level = level.flatMap((left, index) =>
      index % 2 === 0 ? [sha(1, left, level[index + 1]!)] : [],
    );
  }
  return level[0]!;
}

function regionRoot(bytes: Uint8Array, leafBytes: number): Hash {
  const leaves = Array.from({ length: bytes.length / leafBytes }, (_, index) =>
    sha(0, bytes.subarray(index * leafBytes, (index + 1) * leafBytes)),
  );
  return rootOf(leaves, sha(0, new Uint8Array(leafBytes)));
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('a region', () => {
  it.each([0, 1, 2, 3, 5, 8, 13, 64])('of %i leaves has the root of its definition', (count) => {
    const random = createRandom(count);
    const bytes = Uint8Array.from({ length: 256 * count }, () => random());
    const tree = new RegionTree(bytes);
    expect(hex(tree.root)).toBe(hex(regionRoot(bytes, 256)));
    expect(tree.depth).toBe(treeDepth(count));
  });

  it('follows its bytes when it is told which leaves changed', () => {
    const random = createRandom(5);
    const bytes = new Uint8Array(32 * 100);
    const tree = new RegionTree(bytes, 32);
    for (let round = 0; round < 20; round += 1) {
      const leaves = Array.from({ length: round % 6 }, () => random() % 100);
      for (const leaf of leaves) bytes[32 * leaf + (random() % 32)]! ^= 1 + (random() % 255);
      tree.update(leaves);
      expect(hex(tree.root)).toBe(hex(regionRoot(bytes, 32)));
    }
  });

  it('of zeros only has the root that needs no bytes', () => {
    expect(hex(new RegionTree(new Uint8Array(256 * 21)).root)).toBe(hex(emptyRegionRoot(256 * 21)));
    expect(hex(new RegionTree(new Uint8Array(0)).root)).toBe(hex(emptyRegionRoot(0)));
    expect(hex(regionRoot(new Uint8Array(65536), 32))).toBe(hex(emptySlotsRoot()));
  });

  it('has no proof of a leaf that is not there', () => {
    const tree = new RegionTree(new Uint8Array(256 * 3));
    for (const index of [-1, 3, 0.5]) {
      expect(() => tree.proof(index)).toThrow(
        expect.objectContaining({ code: 'MERKLE_BAD_INDEX' }),
      );
    }
  });
});

describe('a list', () => {
  const items = Array.from({ length: 11 }, (_, index) => sha(index));

  it('has the root of its definition, padded with zeros', () => {
    for (const count of [1, 2, 3, 4, 5, 11]) {
      const some = items.slice(0, count);
      expect(hex(listRoot(some))).toBe(hex(rootOf(some, ZERO_HASH)));
    }
  });

  it('proves each item at its place, and nothing else', () => {
    const root = listRoot(items);
    for (const [index, item] of items.entries()) {
      const proof = listProof(items, index);
      expect(verifyListProof(root, 11, index, item, proof)).toBe(true);
      expect(verifyListProof(root, 11, index ^ 1, item, proof)).toBe(false);
      expect(verifyListProof(root, 11, index, sha(99), proof)).toBe(false);
      expect(verifyListProof(root, 11, index, item, proof.subarray(32))).toBe(false);
      expect(verifyListProof(root, 11, index + 16, item, proof)).toBe(false);
    }
    expect(verifyListProof(root, 11, 11, ZERO_HASH, listProof(items, 10))).toBe(false);
  });
});

describe('a state', () => {
  const program = {
    codeRoot: sha(1),
    codeLength: 77,
    entryPc: 5,
    vocabularyRoot: sha(2),
    weightsRoot: sha(3),
    bounds: TEST_BOUNDS,
  };
  const moduleRoot = sha(5, sha(1), u32(77, 5));
  const bounds = u32(0x10, 0x20, 0x30, 0x40, 0x100);
  const root = sha(3, moduleRoot, sha(4, sha(2), sha(3), bounds));

  it('belongs to a program', () => {
    expect(hex(programRoot(program))).toBe(hex(root));
  });

  it('has the hash of its definition', () => {
    const frames = pushFrame(pushFrame(ZERO_HASH, 9, 0), 30, 4);
    expect(hex(frames)).toBe(hex(sha(6, sha(6, ZERO_HASH, u32(9, 0)), u32(30, 4))));
    const header = {
      answerRoot: sha(10),
      workRoot: sha(11),
      slotsRoot: sha(12),
      framesHash: frames,
      pc: 6,
      fp: 400,
      counter: 2 ** 40 + 3,
      status: 2,
    };
    const memory = sha(7, sha(10), sha(11));
    expect(hex(memoryHash(sha(10), sha(11)))).toBe(hex(memory));
    const numbers = [u32(6, 400), u32(3, 2 ** 8), 2];
    expect(hex(stateHash(root, sha(20), header))).toBe(
      hex(sha(2, root, sha(20), memory, sha(12), frames, ...numbers)),
    );
  });

  it('starts at the entry and ends with nothing but its memory and its steps', () => {
    const empty = { slotsRoot: emptySlotsRoot(), framesHash: ZERO_HASH, fp: 0 };
    const roots = { answerRoot: sha(1), workRoot: sha(2) };
    expect(startState(sha(1), sha(2), 5)).toEqual({
      ...roots,
      ...empty,
      pc: 5,
      counter: 0,
      status: 0,
    });
    expect(haltedState(sha(1), sha(2), 99)).toEqual({
      ...roots,
      ...empty,
      pc: 0,
      counter: 99,
      status: 1,
    });
  });
});
