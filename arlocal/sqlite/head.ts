/**
 * The head: a few bytes beside the database with the number of the last commit.
 *
 * SQLite takes a damaged or missing write-ahead log for one that ended earlier, and says nothing. The
 * number in the database is then smaller than the one here.
 */
import { closeSync, fsyncSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { damaged } from './connection.js';
import { openFile } from './files.js';

/** Commit number (64 bits, little endian), CRC-32 of it. */
const BYTES = 12;
const NUMBER_BYTES = 8;
const FILE = 'head';

export interface Head {
  /** Number of the last commit; undefined if there has been none. @throws {STORE_DAMAGED} */
  read(): number | undefined;
  /** Survives the end of this program at once, a power cut some seconds later. */
  write(commit: number): void;
  /** Makes it survive a power cut, too. */
  sync(): void;
  close(): void;
}

/** @param flags how the file is opened */
export function openHead(folder: string, flags: number): Head {
  const file = openFile(join(folder, FILE), flags);
  return {
    read() {
      const bytes = Buffer.alloc(BYTES);
      const length = readSync(file, bytes, 0, BYTES, 0);
      if (length === 0) return undefined;
      const intact =
        length === BYTES &&
        crc32(bytes.subarray(0, NUMBER_BYTES)) === bytes.readUInt32LE(NUMBER_BYTES);
      if (!intact) throw damaged(folder, FILE, '', 'it is not what was written');
      return Number(bytes.readBigUInt64LE());
    },
    write(commit) {
      const bytes = Buffer.alloc(BYTES);
      bytes.writeBigUInt64LE(BigInt(commit));
      bytes.writeUInt32LE(crc32(bytes.subarray(0, NUMBER_BYTES)), NUMBER_BYTES);
      writeSync(file, bytes, 0, BYTES, 0);
    },
    sync: () => fsyncSync(file),
    close: () => closeSync(file),
  };
}
