/**
 * Checksums of the pages of the database, in a file of their own.
 *
 * Rows have checksums too, but an index has none: a flipped byte in it would make an entry
 * disappear. The file holds a CRC-32 for each page as it was last committed. At any moment a page of
 * the database file is as its sum says, or a newer one is in the write-ahead log, which has checksums
 * itself.
 */
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { ArlocalError } from '../errors.js';
import { damaged } from './connection.js';
import { openFile, READ } from './files.js';
import { openWriteAheadLog, PAGE_BYTES, type PageSumMap } from './write-ahead-log.js';

const FILE = 'gateway.sums';
const SUM_BYTES = 4;
const CHANGED = 'it is not what was written';
const PAGES_AT_ONCE = 1024;

export interface PageSums {
  /** Compares the database with the sums, and tells of each page that differs. */
  check(tell: (damage: ArlocalError) => void): void;
  /** Notes what was committed to the write-ahead log. */
  note(): void;
  /** Bytes in the write-ahead log. */
  readonly logSize: number;
  /** Before the log is moved into the database: from then on it is the sums that count. */
  sync(): void;
  /** After the log was moved. */
  restart(): void;
  /** Takes the database for right as it is: only after everything in it has been checked. */
  reset(): void;
  close(): void;
}

/**
 * @param database path of the file, the write-ahead log is beside it
 * @param flags how the file of the sums is opened
 */
export function openPageSums(folder: string, database: string, flags: number): PageSums {
  const file = openFile(join(folder, FILE), flags);
  const isReadOnly = flags === READ;
  const log = openWriteAheadLog(`${database}-wal`);

  const read = (): number[] => {
    const bytes = Buffer.alloc(fstatSync(file).size);
    readSync(file, bytes, 0, bytes.length, 0);
    const length = Math.floor(bytes.length / SUM_BYTES);
    return Array.from({ length }, (_, at) => bytes.readUInt32LE(at * SUM_BYTES));
  };
  const write = (sums: PageSumMap) => {
    const sorted = [...sums].sort(([a], [b]) => a - b);
    for (let start = 0, end = 0; start < sorted.length; start = end) {
      const first = sorted[start]?.[0] ?? 0;
      while (sorted[end]?.[0] === first + end - start) end++;
      const bytes = Buffer.alloc((end - start) * SUM_BYTES);
      for (let at = start; at < end; at++) {
        bytes.writeUInt32LE(sorted[at]?.[1] ?? 0, (at - start) * SUM_BYTES);
      }
      writeSync(file, bytes, 0, bytes.length, (first - 1) * SUM_BYTES);
    }
  };
  return {
    check(tell) {
      const expected = read();
      const logged = log.readCommitted();
      if (!isReadOnly) write(logged);
      if (expected.length === 0) {
        tell(damaged(folder, FILE, '', 'it is missing or empty'));
        return;
      }
      const report = (page: number, reason: string) =>
        tell(damaged(folder, 'gateway.db', `page ${page}`, reason));
      let page = 0;
      for (const sum of sumsOfPages(database)) {
        page++;
        if (sum !== expected[page - 1] && !logged.has(page)) report(page, CHANGED);
      }
      for (page++; page <= expected.length; page++) {
        if (!logged.has(page)) report(page, 'the file ends before it');
      }
    },
    note: () => write(log.readCommitted()),
    get logSize() {
      return log.size;
    },
    sync: () => fsyncSync(file),
    restart: () => log.restart(),
    reset() {
      ftruncateSync(file);
      write(new Map([...sumsOfPages(database)].map((sum, at) => [at + 1, sum])));
      write(log.readCommitted());
      fsyncSync(file);
    },
    close() {
      log.close();
      closeSync(file);
    },
  };
}

/** CRC-32 of each page of a file, in their order. */
function* sumsOfPages(path: string): Generator<number> {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(PAGES_AT_ONCE * PAGE_BYTES);
    for (let at = 0; ; at += buffer.length) {
      const length = readSync(file, buffer, 0, buffer.length, at);
      for (let start = 0; start + PAGE_BYTES <= length; start += PAGE_BYTES) {
        yield crc32(buffer.subarray(start, start + PAGE_BYTES));
      }
      if (length < buffer.length) return;
    }
  } finally {
    closeSync(file);
  }
}
