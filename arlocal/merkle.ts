/**
 * The Merkle tree over the data of an L1 transaction: chunks, root, and the proof of each chunk.
 *
 * A leaf is H(H(hash of the chunk) | H(end)), a branch H(H(left) | H(right) | H(end of left)); a
 * proof lists the branches from the root, each as left | right | end, then the leaf.
 * Source: Arweave's ar_merkle, in the form that arweave-js writes (lib/merkle).
 */
import { sha256 } from './hashing.js';

export const CHUNK_BYTES_MAX = 256 * 1024;
const CHUNK_BYTES_MIN = 32 * 1024;
const HASH_BYTES = 32;
const NOTE_BYTES = 32; // an offset, big endian
const BRANCH_BYTES = 2 * HASH_BYTES + NOTE_BYTES;
const LEAF_BYTES = HASH_BYTES + NOTE_BYTES;

/** A chunk's place in the data and its proof. The end is exclusive. */
export interface ProvenChunk {
  readonly start: number;
  readonly end: number;
  readonly dataPath: Uint8Array;
}

interface Node {
  readonly id: Buffer;
  readonly end: number;
  readonly leaves: readonly Leaf[];
}

interface Leaf {
  readonly start: number;
  readonly end: number;
  path: Buffer; // grows from the leaf upwards while the tree is built
}

/** Root and chunks of data, cut as every client cuts it. Data of 0 bytes has one empty chunk. */
export function buildTree(data: Uint8Array): { root: Uint8Array; chunks: ProvenChunk[] } {
  let layer: Node[] = chunkEnds(data.length).map((end, index, ends) => {
    const start = ends[index - 1] ?? 0;
    return createLeaf(data.subarray(start, end), start, end);
  });
  while (layer.length > 1) {
    const next: Node[] = [];
    for (let index = 0; index < layer.length; index += 2) {
      const [left, right] = [layer[index] as Node, layer[index + 1]];
      next.push(right ? joinNodes(left, right) : left);
    }
    layer = next;
  }
  const [top] = layer as [Node];
  const chunks = top.leaves.map(({ start, end, path }) => ({ start, end, dataPath: path }));
  return { root: top.id, chunks };
}

/**
 * The chunk that a proof is about, if the proof leads from the root to the offset. Each branch divides
 * what is above it, so that only one size fits a root; at the end there may be an empty chunk.
 * @param offset of any byte of the chunk, in data of `size` bytes
 */
export function checkPath(
  root: Uint8Array,
  offset: number,
  size: number,
  path: Uint8Array,
): { start: number; end: number; dataHash: Uint8Array } | undefined {
  let id = root;
  let start = 0;
  let end = size;
  let rest = path;
  while (rest.length >= BRANCH_BYTES) {
    const left = rest.subarray(0, HASH_BYTES);
    const right = rest.subarray(HASH_BYTES, 2 * HASH_BYTES);
    const note = rest.subarray(2 * HASH_BYTES, BRANCH_BYTES);
    if (!equal(id, hashParts(left, right, note))) return undefined;
    const middle = readNote(note);
    const isEmptyAfter = middle === size && equal(right, emptyEnd(size));
    if (middle <= start || (middle >= end && !isEmptyAfter)) return undefined;
    id = offset < middle ? left : right;
    if (offset < middle) end = Math.min(end, middle);
    else start = Math.max(start, middle);
    rest = rest.subarray(BRANCH_BYTES);
  }
  if (rest.length !== LEAF_BYTES) return undefined;
  const dataHash = rest.subarray(0, HASH_BYTES);
  const isLeaf = equal(id, hashParts(dataHash, rest.subarray(HASH_BYTES)));
  return isLeaf ? { start, end, dataHash } : undefined;
}

/** Where the chunks end: 256 KiB each, but the last two alike if the last were below 32 KiB. */
function chunkEnds(size: number): number[] {
  const ends: number[] = [];
  let at = 0;
  while (size - at >= CHUNK_BYTES_MAX) {
    const left = size - at - CHUNK_BYTES_MAX;
    at += left > 0 && left < CHUNK_BYTES_MIN ? Math.ceil((size - at) / 2) : CHUNK_BYTES_MAX;
    ends.push(at);
  }
  ends.push(size); // data of whole chunks ends in an empty one, which is part of the root
  return ends;
}

/** The leaf that ends data of whole chunks. */
function emptyEnd(size: number): Buffer {
  return hashParts(sha256(new Uint8Array(0)), writeNote(size));
}

function createLeaf(bytes: Uint8Array, start: number, end: number): Node {
  const path = Buffer.concat([sha256(bytes), writeNote(end)]);
  const id = hashParts(path.subarray(0, HASH_BYTES), path.subarray(HASH_BYTES));
  return { id, end, leaves: [{ start, end, path }] };
}

function joinNodes(left: Node, right: Node): Node {
  const note = writeNote(left.end);
  const leaves = [...left.leaves, ...right.leaves];
  for (const leaf of leaves) leaf.path = Buffer.concat([left.id, right.id, note, leaf.path]);
  return { id: hashParts(left.id, right.id, note), end: right.end, leaves };
}

function hashParts(...parts: readonly Uint8Array[]): Buffer {
  return sha256(Buffer.concat(parts.map(sha256)));
}

function writeNote(value: number): Buffer {
  const note = Buffer.alloc(NOTE_BYTES);
  note.writeBigUInt64BE(BigInt(value), NOTE_BYTES - 8);
  return note;
}

function readNote(note: Uint8Array): number {
  return note.reduce((value, byte) => value * 256 + byte, 0);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
