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
  return crc32(bytes, crc32(`${fields.join('\n')}\n`));
}
