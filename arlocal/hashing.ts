/**
 * The two hashes of Arweave: SHA-256 for ids and addresses, and the deep hash (SHA-384 over a
 * tree) for what is signed.
 *
 * The deep hash of a list is a fold, so a caller that signs many lists with the same beginning
 * keeps the fold of that beginning: a data item then costs 14 hashes, not 33.
 * Source: ANS-104 section 3.1, arweave-js `deepHash`.
 */
import { hash } from 'node:crypto';

export type DeepHashInput = Uint8Array | readonly DeepHashInput[];

export function sha256(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer');
}

/** SHA-256 as ids, addresses and links are written: base64url. */
export function sha256Text(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'base64url');
}

export function sha384(bytes: Uint8Array): Buffer {
  return hash('sha384', bytes, 'buffer');
}

/** Deep hash of bytes, or of a list of such. @returns 48 bytes */
export function deepHash(input: DeepHashInput): Buffer {
  if (input instanceof Uint8Array) return Buffer.from(hashBlob(input), 'latin1');
  let folded = startDeepHash(input.length);
  for (const part of input) folded = sha384(Buffer.concat([folded, deepHash(part)]));
  return folded;
}

/** The fold of a list of `length` parts before its first part. */
export function startDeepHash(length: number): Buffer {
  return sha384(Buffer.from(`list${length}`));
}

/** The fold after one more part, given as bytes. */
export function appendDeepHash(folded: Uint8Array, part: Uint8Array): Buffer {
  return foldDeepHash(folded, [part]);
}

/** The fold after more parts, given as bytes. */
export function foldDeepHash(folded: Uint8Array, parts: readonly Uint8Array[]): Buffer {
  const pair = Buffer.allocUnsafe(PAIR_BYTES);
  pair.set(folded);
  for (const part of parts) {
    pair.write(hashBlob(part), SHA384_BYTES, 'latin1');
    pair.write(hash('sha384', pair, 'binary'), 0, 'latin1');
  }
  return pair.subarray(0, SHA384_BYTES);
}

const SHA384_BYTES = 48;
const PAIR_BYTES = 2 * SHA384_BYTES;

/** Of bytes, as a text of Latin-1 characters: as such Node gives a hash in half the time. */
function hashBlob(bytes: Uint8Array): string {
  const { length } = bytes;
  if (length === 0) return EMPTY_BLOB;
  const pair = Buffer.allocUnsafe(PAIR_BYTES);
  pair.write(BLOB_PREFIXES[length] ?? blobPrefix(length), 0, 'latin1');
  pair.write(hash('sha384', bytes, 'binary'), SHA384_BYTES, 'latin1');
  return hash('sha384', pair, 'binary');
}

function blobPrefix(length: number): string {
  return hash('sha384', `blob${length}`, 'binary');
}

/** Of the lengths that most parts of items have. */
const BLOB_PREFIXES: readonly string[] = Array.from({ length: 512 }, (_, i) => blobPrefix(i));
const EMPTY_BLOB = hash(
  'sha384',
  Buffer.concat([sha384(Buffer.from('blob0')), sha384(Buffer.alloc(0))]),
  'binary',
);
