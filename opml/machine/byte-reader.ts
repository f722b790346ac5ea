/**
 * Reads a byte array from front to back: bytes, LEB128 numbers, runs of bytes. The modules that it
 * reads were found valid before, so running past the end is not expected; it throws all the same.
 */
import { OpmlError } from '../errors.js';

export interface ByteReader {
  readonly at: number;
  readonly length: number;
  byte(): number;
  /** An unsigned LEB128 number of at most 32 bits. */
  u32(): number;
  /** A signed LEB128 number of at most 64 bits. */
  signed(): bigint;
  /** A view of the next bytes. */
  take(bytes: number): Uint8Array;
  skip(bytes: number): void;
}

export function createByteReader(bytes: Uint8Array, start = 0): ByteReader {
  let at = start;
  const byte = (): number => {
    const value = bytes[at];
    if (value === undefined) {
      throw new OpmlError('MODULE_INVALID', `The module ends at byte ${at}.`, { offset: at });
    }
    at += 1;
    return value;
  };
  const take = (count: number): Uint8Array => {
    at += count;
    return bytes.subarray(at - count, at);
  };
  const leb = (): { value: bigint; bits: bigint; last: number } => {
    for (let value = 0n, bits = 0n; ; ) {
      const last = byte();
      value |= BigInt(last & 0x7f) << bits;
      bits += 7n;
      if (last < 0x80) return { value, bits, last };
    }
  };
  return {
    get at() {
      return at;
    },
    length: bytes.length,
    byte,
    take,
    u32: () => Number(leb().value),
    signed: () => {
      const { value, bits, last } = leb();
      return last & 0x40 ? value - (1n << bits) : value;
    },
    skip: (count) => {
      at += count;
    },
  };
}

/** The same bytes, in place, but never as a Buffer: its slices share memory, and copies are meant. */
export function plainBytes({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}
