/**
 * Checksums of what a store keeps. CRC-32 finds every error of up to 32 bits in a row; against people
 * there are signatures.
 */
import { crc32 } from 'node:zlib';

const NO_BYTES = new Uint8Array(0);

/** CRC-32 of the fields of a row, in their order, and of its bytes. */
export function checksum(
  fields: readonly (string | number | null)[],
  bytes: Uint8Array = NO_BYTES,
): number {
  const head = crc32(`${fields.join('\n')}\n`);
  return bytes.length === 0 ? head : crc32(bytes, head); // zlib answers 0 for a null pointer
}
