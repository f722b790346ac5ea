/**
 * Merkle trees over SHA-256. A leaf is hashed behind a 0 byte and a node behind a 1 byte, so that
 * neither can be taken for the other; missing leaves on the right are one fixed padding leaf, so a
 * tree of any size is a full one. A proof is the siblings' hashes from the bottom up, nothing else.
 */
import { hash as digest } from 'node:crypto';
import { OpmlError } from '../errors.js';

/** 32 bytes. */
export type Hash = Uint8Array;

export const HASH_BYTES = 32;
export const MEMORY_LEAF_BYTES = 256;
/** What is absent: empty frames, and the padding of lists. */
export const ZERO_HASH: Hash = new Uint8Array(HASH_BYTES);

/** SHA-256 of a domain byte and the parts one after another. */
export function hashParts(domain: number, ...parts: readonly Uint8Array[]): Hash {
  return digest('sha256', Buffer.concat([Uint8Array.of(domain), ...parts]), 'buffer');
}

export function hashLeaf(bytes: Uint8Array): Hash {
  return hashParts(0x00, bytes);
}

/** As text, Node gives a hash in half the time that it takes as bytes. */
function hashInto(input: Uint8Array, nodes: Buffer, index: number): void {
  nodes.write(digest('sha256', input, 'binary'), index * HASH_BYTES, 'latin1');
}

function hashNode(left: Hash, right: Hash): Hash {
  return hashParts(0x01, left, right);
}

/** How many levels of nodes are above `count` leaves. */
export function treeDepth(count: number): number {
  let depth = 0;
  while (2 ** depth < count) depth += 1;
  return depth;
}

/**
 * The root that a leaf and its siblings lead to: checks a proof and, with a changed leaf, updates.
 *
 * @param proof siblings from the bottom up, 32 bytes each
 */
export function rootFromProof(leaf: Hash, index: number, proof: Uint8Array): Hash {
  let node = leaf;
  let position = index;
  for (let at = 0; at < proof.length; at += HASH_BYTES) {
    const sibling = proof.subarray(at, at + HASH_BYTES);
    node = position % 2 === 0 ? hashNode(node, sibling) : hashNode(sibling, node);
    position = Math.floor(position / 2);
  }
  return node;
}

/** The root of a tree of which every leaf is the same. */
export function uniformRoot(leaf: Hash, depth: number): Hash {
  let node = leaf;
  for (let level = 0; level < depth; level += 1) node = hashNode(node, node);
  return node;
}

/** A tree of hashes that changes leaf by leaf. All leaves are the padding at first. */
class HashTree {
  readonly count: number;
  readonly depth: number;
  readonly #levels: Buffer[] = [];
  readonly #padding: Hash[] = [];
  readonly #pair = new Uint8Array(1 + 2 * HASH_BYTES);

  constructor(count: number, padding: Hash) {
    this.count = count;
    this.depth = treeDepth(count);
    this.#pair[0] = 0x01;
    for (let level = 0, empty = padding; level <= this.depth; level += 1) {
      const nodes = HASH_BYTES * Math.max(1, Math.ceil(count / 2 ** level));
      this.#levels.push(Buffer.alloc(nodes, empty));
      this.#padding.push(empty);
      empty = hashNode(empty, empty);
    }
  }

  root(): Hash {
    return Uint8Array.from(this.#node(this.depth, 0));
  }

  /** Siblings from the bottom up. */
  proof(index: number): Uint8Array {
    if (!Number.isInteger(index) || index < 0 || index >= Math.max(1, this.count)) {
      throw new OpmlError('MERKLE_BAD_INDEX', `The tree has no leaf ${index}.`, {
        index,
        count: this.count,
      });
    }
    const proof = new Uint8Array(this.depth * HASH_BYTES);
    for (let level = 0, position = index; level < this.depth; level += 1) {
      proof.set(this.#node(level, position ^ 1), level * HASH_BYTES);
      position >>>= 1;
    }
    return proof;
  }

  /** Has new leaf hashes written, and renews the nodes above them. */
  update(indices: readonly number[], write: (nodes: Buffer, index: number) => void): void {
    const leaves = this.#levels[0] as Buffer;
    let below = [...indices].sort((a, b) => a - b);
    for (const index of below) write(leaves, index);
    for (let level = 1; level <= this.depth; level += 1) {
      const above: number[] = [];
      for (const index of below) {
        const parent = index >>> 1;
        if (above.at(-1) !== parent) above.push(parent);
      }
      for (const index of above) this.#hashChildren(level, index);
      below = above;
    }
  }

  #hashChildren(level: number, parent: number): void {
    this.#pair.set(this.#node(level - 1, 2 * parent), 1);
    this.#pair.set(this.#node(level - 1, 2 * parent + 1), 1 + HASH_BYTES);
    hashInto(this.#pair, this.#levels[level] as Buffer, parent);
  }

  #node(level: number, index: number): Hash {
    const nodes = this.#levels[level] as Uint8Array;
    const at = index * HASH_BYTES;
    if (at >= nodes.length) return this.#padding[level] as Hash;
    return nodes.subarray(at, at + HASH_BYTES);
  }
}

/**
 * The tree over a region of bytes, cut into leaves of one size. It reads the bytes where they are,
 * and holds 64 bytes for each leaf: `update` must be told what changed.
 */
export class RegionTree {
  readonly #bytes: Uint8Array;
  readonly #leafBytes: number;
  readonly #tree: HashTree;
  readonly #input: Uint8Array;

  /** @param bytes a view that stays valid; a part of a leaf at its end counts as if zeros followed */
  constructor(bytes: Uint8Array, leafBytes = MEMORY_LEAF_BYTES) {
    this.#bytes = bytes;
    this.#leafBytes = leafBytes;
    this.#input = new Uint8Array(1 + leafBytes);
    const zeroLeaf = hashLeaf(new Uint8Array(leafBytes));
    this.#tree = new HashTree(Math.ceil(bytes.length / leafBytes), zeroLeaf);
    const leaves = Array.from({ length: this.#tree.count }, (_, index) => index);
    this.update(leaves.filter((index) => !isZero(this.leaf(index))));
  }

  get root(): Hash {
    return this.#tree.root();
  }

  get depth(): number {
    return this.#tree.depth;
  }

  /** The bytes of one leaf: a view. */
  leaf(index: number): Uint8Array {
    return this.#bytes.subarray(index * this.#leafBytes, (index + 1) * this.#leafBytes);
  }

  proof(index: number): Uint8Array {
    return this.#tree.proof(index);
  }

  /** Hashes again the leaves whose bytes changed. */
  update(indices: readonly number[]): void {
    this.#tree.update(indices, (nodes, index) => {
      const bytes = this.leaf(index);
      this.#input.set(bytes, 1);
      this.#input.fill(0, 1 + bytes.length);
      hashInto(this.#input, nodes, index);
    });
  }
}

function isZero(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += 1) if (bytes[at] !== 0) return false;
  return true;
}

function listTree(items: readonly Hash[]): HashTree {
  const tree = new HashTree(items.length, ZERO_HASH);
  tree.update([...items.keys()], (nodes, index) => {
    nodes.set(items[index] as Hash, index * HASH_BYTES);
  });
  return tree;
}

/** Root of a list whose items are hashes already. */
export function listRoot(items: readonly Hash[]): Hash {
  return joinedListRoot(Buffer.concat(items));
}

/** The same, of items that are one behind the other. */
export function joinedListRoot(items: Uint8Array): Hash {
  let count = items.length / HASH_BYTES;
  if (count === 0) return ZERO_HASH;
  const nodes = Buffer.from(items);
  const pair = Buffer.alloc(1 + 2 * HASH_BYTES, 0x01);
  for (let padding = ZERO_HASH; count > 1; count = Math.ceil(count / 2)) {
    for (let index = 0; 2 * index < count; index += 1) {
      nodes.copy(pair, 1, 2 * index * HASH_BYTES, (2 * index + 2) * HASH_BYTES);
      if (2 * index + 1 === count) pair.set(padding, 1 + HASH_BYTES);
      hashInto(pair, nodes, index);
    }
    padding = hashNode(padding, padding);
  }
  return Uint8Array.from(nodes.subarray(0, HASH_BYTES));
}

/** @throws {MERKLE_BAD_INDEX} */
export function listProof(items: readonly Hash[], index: number): Uint8Array {
  return listTree(items).proof(index);
}

/** Whether `item` is at `index` of the list of `count` items that has this root. */
export function verifyListProof(
  root: Hash,
  count: number,
  index: number,
  item: Hash,
  proof: Uint8Array,
): boolean {
  if (!Number.isInteger(index) || index < 0 || index >= count) return false;
  if (item.length !== HASH_BYTES || proof.length !== treeDepth(count) * HASH_BYTES) return false;
  return Buffer.compare(rootFromProof(item, index, proof), root) === 0;
}
