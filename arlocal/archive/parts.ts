/**
 * The parts of an archive that are no data items by nature: facts about entries, L1 transactions,
 * blocks, balances, records. They travel in data items signed by the node, as frames: two lengths
 * (32 bits, little endian), JSON, bytes.
 */
import { type DataItem, type SignedItem, signDataItem } from '../data-item.js';
import { ArlocalError } from '../errors.js';
import { findTag } from '../tags.js';
import type { Wallet } from '../wallet.js';

/** What a part is about. `network` is the first one, `end` the last. */
export type PartKind =
  | 'network'
  | 'data'
  | 'log'
  | 'blocks'
  | 'balances'
  | 'chunks'
  | 'journal'
  | 'cells'
  | 'end';

export interface Frame {
  /** Anything that JSON can say. */
  readonly facts: unknown;
  readonly bytes: Uint8Array;
}

const TYPE = 'Corral-Part';
const HEAD_BYTES = 8;
const NO_BYTES = new Uint8Array(0);

/** Bytes of one part, about: what is kept in memory at a time. */
export const PART_BYTES = 4 * 1024 * 1024;

/** @param place makes the parts of one archive differ from each other, whatever they hold */
export function signPart(
  wallet: Wallet,
  kind: PartKind,
  place: number,
  frames: readonly Frame[],
): SignedItem {
  const tags = [
    { name: 'Type', value: TYPE },
    { name: 'Part', value: kind },
    { name: 'Place', value: String(place) },
  ];
  return signDataItem(wallet, { tags, data: Buffer.concat(frames.flatMap(encodeFrame)) });
}

/** The kind of a part; undefined for an item that is none. */
export function partKind({ tags }: DataItem): PartKind | undefined {
  return findTag(tags, 'Type') === TYPE ? (findTag(tags, 'Part') as PartKind) : undefined;
}

/** @throws {BUNDLE_MALFORMED} */
export function readFrames({ id, data }: DataItem): Frame[] {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + HEAD_BYTES > bytes.length) throw broken(id);
    const factsEnd = at + HEAD_BYTES + bytes.readUInt32LE(at);
    const end = factsEnd + bytes.readUInt32LE(at + 4);
    if (end > bytes.length) throw broken(id);
    const facts: unknown = JSON.parse(bytes.toString('utf8', at + HEAD_BYTES, factsEnd));
    frames.push({ facts, bytes: bytes.subarray(factsEnd, end) });
    at = end;
  }
  return frames;
}

type Shape = Readonly<Record<string, 'string' | 'number'>>;

/** Texts and whole numbers among what a frame says. @throws {ARCHIVE_REFUSED} if it lacks one */
export function factsOf<Asked extends Shape>(
  facts: unknown,
  shape: Asked,
): { readonly [Name in keyof Asked]: Asked[Name] extends 'string' ? string : number } {
  const values = new Map(Object.entries(facts ?? {}));
  for (const [name, type] of Object.entries(shape)) {
    const value: unknown = values.get(name);
    if (typeof value === type && (type === 'string' || Number.isSafeInteger(value))) continue;
    throw new ArlocalError('ARCHIVE_REFUSED', { reason: `a part says no ${name}` });
  }
  return facts as ReturnType<typeof factsOf<Asked>>;
}

/** A frame of facts alone. */
export function factsFrame(facts: unknown): Frame {
  return { facts, bytes: NO_BYTES };
}

function encodeFrame({ facts, bytes }: Frame): Uint8Array[] {
  const json = Buffer.from(JSON.stringify(facts));
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(json.length);
  head.writeUInt32LE(bytes.length, 4);
  return [head, json, bytes];
}

function broken(id: string): ArlocalError {
  return new ArlocalError('BUNDLE_MALFORMED', { reason: `its part ${id} is cut` });
}
