/**
 * Bytes as text: base64url, as Arweave writes every id, key and signature.
 */

const ID = /^[A-Za-z0-9_-]{43}$/;

export function toBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}

/** Lenient: characters outside the alphabet are skipped. Check ids with `isId` first. */
export function fromBase64Url(text: string): Buffer {
  return Buffer.from(text, 'base64url');
}

/** Whether the text has the form of an id or an address: 32 bytes in base64url. */
export function isId(text: string): boolean {
  return ID.test(text);
}
