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

const BLOB_32 = sha384(Buffer.from('blob32'));
const EMPTY_BLOB = sha384(Buffer.concat([sha384(Buffer.from('blob0')), sha384(Buffer.alloc(0))]));

export function sha256(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer');
}

export function sha384(bytes: Uint8Array): Buffer {
  return hash('sha384', bytes, 'buffer');
}

/** Deep hash of bytes, or of a list of such. @returns 48 bytes */
export function deepHash(input: DeepHashInput): Buffer {
  if (input instanceof Uint8Array) return hashBlob(input);
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
  return sha384(Buffer.concat([folded, hashBlob(part)]));
}

function hashBlob(bytes: Uint8Array): Buffer {
  const length = bytes.length;
  if (length === 0) return EMPTY_BLOB;
  const prefix = length === 32 ? BLOB_32 : sha384(Buffer.from(`blob${length}`));
  return sha384(Buffer.concat([prefix, sha384(bytes)]));
}
