/**
 * The tags of a data item: an AVRO array of name and value, within the limits of ANS-104.
 *
 * The encoded bytes are what is signed, so they are kept as they came; encoding writes one block,
 * decoding also reads the other forms that AVRO allows.
 * Source: ANS-104 section 2.1.
 */
import { isUtf8 } from 'node:buffer';
import { ArlocalError } from './errors.js';

export interface Tag {
  readonly name: string;
  readonly value: string;
}

/** Limits in tags and in bytes of UTF-8: ANS-104's; the total is the one that arbundles enforces. */
export const TAG_LIMITS = { count: 128, nameBytes: 1024, valueBytes: 3072, totalBytes: 4096 };

const EMPTY = new Uint8Array(0);

/** @throws {TAG_NOT_STRING, TAGS_TOO_LONG} */
export function encodeTags(tags: readonly Tag[]): Uint8Array {
  if (tags.length === 0) return EMPTY;
  checkLimit('Too many tags', tags.length, TAG_LIMITS.count, 'tags');
  const lengths = measureTags(tags);
  let total = longSize(tags.length) + 1;
  for (const length of lengths) total += longSize(length) + length;
  checkLimit('The tags together are too long', total, TAG_LIMITS.totalBytes, 'bytes');
  const bytes = Buffer.allocUnsafe(total);
  let at = writeLong(bytes, 0, tags.length);
  let next = 0;
  for (const { name, value } of tags) {
    at = writeLong(bytes, at, lengths[next++] ?? 0);
    at += bytes.write(name, at, 'utf8');
    at = writeLong(bytes, at, lengths[next++] ?? 0);
    at += bytes.write(value, at, 'utf8');
  }
  bytes[at] = 0;
  return bytes;
}

/** @throws {TAGS_MALFORMED, TAGS_TOO_LONG} */
export function decodeTags(bytes: Uint8Array): Tag[] {
  checkLimit('The tags together are too long', bytes.length, TAG_LIMITS.totalBytes, 'bytes');
  if (bytes.length === 0) return [];
  const reader = { bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), at: 0 };
  const tags: Tag[] = [];
  for (let count = readLong(reader); count !== 0; count = readLong(reader)) {
    if (count < 0) readLong(reader); // a negative count is followed by the size of its block
    const end = tags.length + Math.abs(count);
    checkLimit('Too many tags', end, TAG_LIMITS.count, 'tags');
    while (tags.length < end) {
      const name = readText(reader, 'name', TAG_LIMITS.nameBytes);
      tags.push({ name, value: readText(reader, 'value', TAG_LIMITS.valueBytes) });
    }
  }
  if (reader.at !== bytes.length) throw malformed('bytes are left over after the last tag');
  return tags;
}

/** The value of the first tag of that name. */
export function findTag(tags: readonly Tag[], name: string): string | undefined {
  return tags.find((tag) => tag.name === name)?.value;
}

function measureTags(tags: readonly Tag[]): number[] {
  const lengths: number[] = [];
  tags.forEach((tag, index) => {
    for (const part of ['name', 'value'] as const) {
      const text: unknown = tag[part];
      if (typeof text !== 'string') {
        const name = String(tag.name);
        throw new ArlocalError('TAG_NOT_STRING', { index, name, part, type: typeof text });
      }
      const length = Buffer.byteLength(text);
      const max = part === 'name' ? TAG_LIMITS.nameBytes : TAG_LIMITS.valueBytes;
      if (length > max) checkLimit(`The ${part} of tag ${index} is too long`, length, max, 'bytes');
      lengths.push(length);
    }
  });
  return lengths;
}

interface Reader {
  readonly bytes: Buffer;
  at: number;
}

function readText(reader: Reader, part: string, max: number): string {
  const length = readLong(reader);
  if (length < 0) throw malformed(`a ${part} has a negative length`);
  checkLimit(`A tag's ${part} is too long`, length, max, 'bytes');
  const end = reader.at + length;
  if (end > reader.bytes.length) throw malformed(`they end inside a ${part}`);
  const text = reader.bytes.toString('utf8', reader.at, end);
  // A replacement character is a sign of broken text only if the bytes are not UTF-8 themselves.
  if (text.includes('\ufffd') && !isUtf8(reader.bytes.subarray(reader.at, end))) {
    throw malformed(`a ${part} is not UTF-8`);
  }
  reader.at = end;
  return text;
}

/** AVRO's long: zigzag, seven bits a byte, lowest first. Bounded to what a tag can need. */
function readLong(reader: Reader): number {
  let zigzag = 0;
  for (let shift = 0; shift <= 21; shift += 7) {
    const byte = reader.bytes[reader.at++];
    if (byte === undefined) throw malformed('they end inside a number');
    zigzag |= (byte & 0x7f) << shift;
    if (byte < 0x80) return (zigzag >>> 1) ^ -(zigzag & 1);
  }
  throw malformed('a number is too long');
}

function writeLong(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value * 2;
  while (rest > 0x7f) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}

function longSize(value: number): number {
  return value < 0x40 ? 1 : value < 0x2000 ? 2 : 3;
}

function checkLimit(what: string, got: number, limit: number, unit: string): void {
  if (got > limit) throw new ArlocalError('TAGS_TOO_LONG', { what, got, limit, unit });
}

function malformed(reason: string): ArlocalError {
  return new ArlocalError('TAGS_MALFORMED', { reason });
}
