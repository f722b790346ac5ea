/**
 * Reading SQLite's write-ahead log: which pages were committed to it, and their checksums.
 *
 * Header (32 bytes): magic, version, page size, number of the checkpoint, two salts, checksum. Then
 * frames: a header (page number, size of the database after a commit or 0, the salts, checksum) and
 * the page. A checksum covers all frames before it, so that the log ends where one does not match.
 *
 * @source https://www.sqlite.org/fileformat2.html, section 4
 */
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';

export const PAGE_BYTES = 4096;
const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const FRAME_BYTES = FRAME_HEADER_BYTES + PAGE_BYTES;
const MAGIC = 0x377f0682; // of checksums over little-endian words, as all our machines write them
const FRAMES_AT_ONCE = 256;

/** CRC-32 of the content of a page by its number, from 1. */
export type PageSumMap = ReadonlyMap<number, number>;

export interface WriteAheadLog {
  /** The pages that were committed since the last call, each as it is now. */
  readCommitted(): PageSumMap;
  /** Bytes of valid log read so far. */
  readonly size: number;
  /** Begins anew: the log was moved into the database and starts from its beginning. */
  restart(): void;
  close(): void;
}

interface Place {
  readonly at: number;
  readonly chain: readonly [number, number];
}

export function openWriteAheadLog(path: string): WriteAheadLog {
  let file: number | undefined;
  let salts: Buffer | undefined;
  let place: Place = { at: 0, chain: [0, 0] };
  const buffer = Buffer.alloc(FRAMES_AT_ONCE * FRAME_BYTES);

  /** Reads the header; false if there is none that holds. */
  function begin(from: number): boolean {
    const header = Buffer.alloc(HEADER_BYTES);
    if (readSync(from, header, 0, HEADER_BYTES, 0) < HEADER_BYTES) return false;
    const chain = extendChain([0, 0], header.subarray(0, 24));
    if (header.readUInt32BE(0) !== MAGIC || !isChecked(chain, header, 24)) return false;
    salts = header.subarray(16, 24);
    place = { at: HEADER_BYTES, chain };
    return true;
  }

  /** The frames that SQLite would read from here, with the place after each. */
  function* frames(from: number): Generator<{ frame: Buffer; after: Place }> {
    let { at, chain } = place;
    for (;;) {
      const length = readSync(from, buffer, 0, buffer.length, at);
      for (let start = 0; start + FRAME_BYTES <= length; start += FRAME_BYTES) {
        const frame = buffer.subarray(start, start + FRAME_BYTES);
        if (salts?.compare(frame, 8, 16) !== 0) return;
        chain = extendChain(chain, frame.subarray(0, 8));
        chain = extendChain(chain, frame.subarray(FRAME_HEADER_BYTES));
        if (!isChecked(chain, frame, 16)) return;
        at += FRAME_BYTES;
        yield { frame, after: { at, chain } };
      }
      if (length < buffer.length) return;
    }
  }

  return {
    readCommitted() {
      const committed = new Map<number, number>();
      if (file === undefined && existsSync(path)) file = openSync(path, 'r');
      if (file === undefined || (place.at === 0 && !begin(file))) return committed;
      let open = new Map<number, number>(); // pages since the last commit
      for (const { frame, after } of frames(file)) {
        open.set(frame.readUInt32BE(0), crc32(frame.subarray(FRAME_HEADER_BYTES)));
        const isCommit = frame.readUInt32BE(4) !== 0;
        if (!isCommit) continue;
        for (const [page, sum] of open) committed.set(page, sum);
        open = new Map();
        place = after;
      }
      return committed;
    },
    get size() {
      return place.at;
    },
    restart() {
      place = { at: 0, chain: [0, 0] };
    },
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

/** SQLite's checksum, carried on over more bytes. */
function extendChain(
  [first, second]: readonly [number, number],
  bytes: Buffer,
): readonly [number, number] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let a = first;
  let b = second;
  for (let at = 0; at < bytes.length; at += 8) {
    a = (a + view.getUint32(at, true) + b) >>> 0;
    b = (b + view.getUint32(at + 4, true) + a) >>> 0;
  }
  return [a, b];
}

function isChecked([a, b]: readonly [number, number], bytes: Buffer, at: number): boolean {
  return bytes.readUInt32BE(at) === a && bytes.readUInt32BE(at + 4) === b;
}
