/**
 * Bundles in files: larger than memory, written and read item by item. The same format as in
 * bundle.ts, which keeps a bundle in memory.
 */
import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import type { SignedItem } from '../data-item.js';
import { toBase64Url } from '../encoding.js';
import { ArlocalError } from '../errors.js';

const NUMBER_BYTES = 32;
const ROW_BYTES = 2 * NUMBER_BYTES;
const COPY_BYTES = 4 * 1024 * 1024;
/** Items of one file: a bound for its table, which is kept in memory. */
const ITEMS_MAX = 10_000_000;

/** An item as it stands in a bundle, not decoded. */
export interface BundledBytes {
  readonly id: string;
  readonly bytes: Uint8Array;
}

export interface BundleWriter {
  add(item: BundledBytes): void;
  /** Puts the table in front of the items, and the file in its place, durably. */
  finish(): void;
  /** Leaves nothing behind. */
  abandon(): void;
}

/** Writes beside `path` until all is there. */
export function writeBundleFile(path: string): BundleWriter {
  const [bodyPath, partPath] = [`${path}.items`, `${path}.part`];
  const body = openSync(bodyPath, 'w+');
  const rows: Buffer[] = [];
  let bodyBytes = 0;
  const abandon = () => {
    closeSync(body);
    rmSync(bodyPath, { force: true });
    rmSync(partPath, { force: true });
  };
  return {
    add({ id, bytes }) {
      writeAll(body, bytes);
      bodyBytes += bytes.length;
      rows.push(Buffer.concat([numberBytes(bytes.length), Buffer.from(id, 'base64url')]));
    },
    finish() {
      const file = openSync(partPath, 'w');
      try {
        writeAll(file, Buffer.concat([numberBytes(rows.length), ...rows]));
        const buffer = Buffer.alloc(COPY_BYTES);
        for (let at = 0; at < bodyBytes; ) {
          const length = readSync(body, buffer, 0, buffer.length, at);
          writeAll(file, buffer.subarray(0, length));
          at += length;
        }
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(partPath, path);
      abandon();
    },
    abandon,
  };
}

export interface BundleReader {
  readonly count: number;
  /** Each item as its row in the table says; the ids are not checked against the items. */
  items(): Generator<BundledBytes>;
  close(): void;
}

/** @throws {BUNDLE_MALFORMED} and what opening the file throws */
export function readBundleFile(path: string): BundleReader {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const count = readNumber(readBytes(file, 0, NUMBER_BYTES), 0);
    const start = NUMBER_BYTES + ROW_BYTES * count;
    if (count > ITEMS_MAX || start > size) throw malformed(`it says that it has ${count} items`);
    const table = readBytes(file, NUMBER_BYTES, ROW_BYTES * count);
    const sizes = Array.from({ length: count }, (_, at) => readNumber(table, at * ROW_BYTES));
    const total = sizes.reduce((sum, bytes) => sum + bytes, start);
    if (total !== size) throw malformed(`it has ${size} bytes, its table says ${total}`);
    return {
      count,
      *items() {
        let at = start;
        for (const [index, length] of sizes.entries()) {
          const row = index * ROW_BYTES + NUMBER_BYTES;
          const id = toBase64Url(table.subarray(row, row + NUMBER_BYTES));
          yield { id, bytes: readBytes(file, at, length) };
          at += length;
        }
      },
      close: () => closeSync(file),
    };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

export function signedBytes({ item, bytes }: SignedItem): BundledBytes {
  return { id: item.id, bytes };
}

function numberBytes(value: number): Buffer {
  const bytes = Buffer.alloc(NUMBER_BYTES);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function readNumber(bytes: Buffer, at: number): number {
  for (let word = 8; word < NUMBER_BYTES; word += 8) {
    if (bytes.readBigUInt64LE(at + word) !== 0n) throw malformed('a number in it is too big');
  }
  const value = bytes.readBigUInt64LE(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed('a number in it is too big');
  return Number(value);
}

function readBytes(file: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length; ) {
    const read = readSync(file, bytes, done, length - done, at + done);
    if (read === 0) throw malformed('it ends inside an item or its table');
    done += read;
  }
  return bytes;
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

function malformed(reason: string): ArlocalError {
  return new ArlocalError('BUNDLE_MALFORMED', { reason });
}
