/** Bytes as lower-case hex, and back: the form that hashes and proofs have in messages. */

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** Wrong digits end the result early: compare its length where it comes from others. */
export function fromHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}

/** Hashes that were joined, one by one. */
export function splitHashes(joined: string): string[] {
  return joined.match(/.{64}/g) ?? [];
}
