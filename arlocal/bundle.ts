/**
 * Bundles: many data items as the data of one transaction.
 *
 * count (32 bytes, little endian) | size (32) and id (32) of each | the items. Source: ANS-104.
 */
import { type DataItem, decodeDataItem, type SignedItem } from './data-item.js';
import { toBase64Url } from './encoding.js';
import { ArlocalError } from './errors.js';
import { findTag, type Tag } from './tags.js';

/** Items of one bundle: a bound for the table of sizes, far above what one machine makes. */
const BUNDLE_ITEMS_MAX = 100_000;

const NUMBER_BYTES = 32;
const ROW_BYTES = 2 * NUMBER_BYTES;

export function encodeBundle(items: readonly SignedItem[]): Uint8Array {
  const head = Buffer.alloc(NUMBER_BYTES + ROW_BYTES * items.length);
  head.writeUInt32LE(items.length, 0);
  items.forEach(({ item, bytes }, index) => {
    const row = NUMBER_BYTES + ROW_BYTES * index;
    head.writeUInt32LE(bytes.length, row);
    head.write(item.id, row + NUMBER_BYTES, 'base64url');
  });
  return Buffer.concat([head, ...items.map(({ bytes }) => bytes)]);
}

/**
 * The items of a bundle, each with its signature verified.
 * @throws {BUNDLE_MALFORMED} and what `decodeDataItem` throws
 */
export function decodeBundle(bytes: Uint8Array): DataItem[] {
  const rows = readTable(bytes);
  const end = rows.at(-1)?.end ?? NUMBER_BYTES;
  if (end !== bytes.length) throw malformed('bytes are left over after the last item');
  return rows.map((row, index) => {
    const part = bytes.subarray(row.start, row.end);
    const item = decodeDataItem(part, { verify: true, maxBytes: bytes.length });
    if (item.id === row.id) return item;
    throw malformed(`item ${index} is ${item.id}, its table says ${row.id}`);
  });
}

/**
 * One item of a bundle, verified, in memory of its own; undefined if it is not there.
 * @throws {BUNDLE_MALFORMED} and what `decodeDataItem` throws
 */
export function readBundleItem(bytes: Uint8Array, id: string): DataItem | undefined {
  const row = readTable(bytes).find((candidate) => candidate.id === id);
  const item = row && decodeDataItem(bytes.slice(row.start, row.end), { verify: true });
  if (item && item.id !== id) throw malformed(`its table says ${id} of the item ${item.id}`);
  return item;
}

/** Where each item is. */
function readTable(bytes: Uint8Array): { id: string; start: number; end: number }[] {
  const count = readNumber(bytes, 0);
  if (count > BUNDLE_ITEMS_MAX) throw malformed(`it says that it has ${count} items`);
  let start = NUMBER_BYTES + ROW_BYTES * count;
  return Array.from({ length: count }, (_, index) => {
    const row = NUMBER_BYTES + ROW_BYTES * index;
    const end = start + readNumber(bytes, row);
    if (end > bytes.length) throw malformed(`it ends inside item ${index}`);
    const id = toBase64Url(bytes.subarray(row + NUMBER_BYTES, row + ROW_BYTES));
    const place = { id, start, end };
    start = end;
    return place;
  });
}

/** Whether tags announce that the data is a bundle. */
export function isBundle(tags: readonly Tag[]): boolean {
  return findTag(tags, 'Bundle-Format') === 'binary' && findTag(tags, 'Bundle-Version') === '2.0.0';
}

function readNumber(bytes: Uint8Array, at: number): number {
  if (at + NUMBER_BYTES > bytes.length) throw malformed('it ends inside its table');
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, NUMBER_BYTES);
  for (let word = 8; word < NUMBER_BYTES; word += 8) {
    if (view.getBigUint64(word, true) !== 0n) throw malformed('a number in its table is too big');
  }
  const value = view.getBigUint64(0, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed('a number in its table is too big');
  return Number(value);
}

function malformed(reason: string): ArlocalError {
  return new ArlocalError('BUNDLE_MALFORMED', { reason });
}
