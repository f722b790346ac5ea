/**
 * Signed data items: the envelope of everything that AO stores.
 *
 * signature type (2 bytes, little endian) | signature | owner | target (0 or 1 + 32 bytes) |
 * anchor (0 or 1 + 32) | tag count (8) | tag bytes (8) | tags | data. The id is the SHA-256 of
 * the signature, which signs the deep hash of all the rest. Source: ANS-104.
 */
import { fromBase64Url, isId, toBase64Url } from './encoding.js';
import { ArlocalError } from './errors.js';
import { foldDeepHash, sha256Text, startDeepHash } from './hashing.js';
import { decodeTags, encodeTags, type Tag } from './tags.js';
import {
  type KeyCache,
  ownerAddress,
  SIGNATURE_SIZES,
  type SignatureType,
  verifySignature,
  type Wallet,
} from './wallet.js';

export interface DataItem {
  readonly id: string;
  readonly owner: string; // base64url, the public key
  readonly address: string; // base64url, SHA-256 of the public key
  readonly signature: string; // base64url
  readonly signatureType: SignatureType;
  readonly target: string; // '' if none
  /** '' if none; the 32 characters themselves if all are printable ASCII, else 43 of base64url. */
  readonly anchor: string;
  readonly tags: readonly Tag[];
  readonly tagBytes: Uint8Array; // the tags as they were signed
  readonly data: Uint8Array;
}

/** A data item and its whole ANS-104 encoding. */
export interface SignedItem {
  readonly item: DataItem;
  readonly bytes: Uint8Array;
}

export interface DataItemFields {
  readonly target?: string | undefined;
  readonly anchor?: string | undefined; // 32 printable ASCII characters, or 43 of base64url
  readonly tags?: readonly Tag[] | undefined;
  readonly data?: Uint8Array | string | undefined;
}

/** Bytes of one item, unless a caller sets another bound: what a memory of this size can parse. */
export const ITEM_BYTES_MAX = 64 * 1024 * 1024;

const ID_BYTES = 32;
const NONE = new Uint8Array(0);

/** The deep hash's fold of "dataitem", "1" and the signature type: the same for every item. */
const FOLDED_HEAD = { 1: foldHead(1), 2: foldHead(2) };

/**
 * Sign a new data item. The same wallet and fields give the same bytes, which are laid out when they
 * are asked for: what stays in the network needs only the item.
 * @throws {TARGET_INVALID, ANCHOR_INVALID, TAG_NOT_STRING, TAGS_TOO_LONG}
 */
export function signDataItem(wallet: Wallet, fields: DataItemFields): SignedItem {
  const tags = fields.tags ?? [];
  const unsigned = {
    owner: fromBase64Url(wallet.owner),
    target: targetBytes(fields.target ?? ''),
    anchor: anchorBytes(fields.anchor ?? ''),
    tagBytes: encodeTags(tags),
    data: dataBytes(fields.data ?? NONE),
  };
  const { signatureType } = wallet;
  const signature = wallet.sign(signedHash(signatureType, unsigned));
  const item: DataItem = {
    id: sha256Text(signature),
    owner: wallet.owner,
    address: wallet.address,
    signature: toBase64Url(signature),
    signatureType,
    target: unsigned.target.length === 0 ? '' : toBase64Url(unsigned.target),
    anchor: anchorText(unsigned.anchor),
    tags,
    tagBytes: unsigned.tagBytes,
    data: unsigned.data,
  };
  let bytes: Uint8Array | undefined;
  return {
    item,
    get bytes() {
      bytes ??= layOut(signatureType, signature, unsigned, tags.length);
      return bytes;
    },
  };
}

/** Length of an item's ANS-104 encoding. */
export function itemSize({ signatureType, target, anchor, tagBytes, data }: DataItem): number {
  const { signature, owner } = SIGNATURE_SIZES[signatureType];
  const optional = (target === '' ? 0 : ID_BYTES) + (anchor === '' ? 0 : ID_BYTES);
  return FIXED_BYTES + signature + owner + optional + tagBytes.length + data.length;
}

/** The signature type, two presence bytes, and the count and size of the tags. */
const FIXED_BYTES = 2 + 2 + 16;

/**
 * Read an ANS-104 item; its data is a view of `bytes`, not a copy.
 * @throws {ITEM_TOO_LARGE, ITEM_TRUNCATED, ITEM_MALFORMED, SIGNATURE_TYPE_UNSUPPORTED,
 *   TAGS_MALFORMED, TAGS_TOO_LONG, and with `verify` ITEM_NOT_SIGNED, PUBLIC_KEY_INVALID}
 */
export function decodeDataItem(
  bytes: Uint8Array,
  { verify, maxBytes = ITEM_BYTES_MAX }: { verify: boolean; maxBytes?: number },
): DataItem {
  if (bytes.length > maxBytes) {
    throw new ArlocalError('ITEM_TOO_LARGE', { got: bytes.length, limit: maxBytes });
  }
  const reader = { bytes, at: 0 };
  const [low = 0, high = 0] = take(reader, 2, 'signature type');
  const signatureType = checkSignatureType(low + high * 256);
  const signature = take(reader, SIGNATURE_SIZES[signatureType].signature, 'signature');
  const owner = take(reader, SIGNATURE_SIZES[signatureType].owner, 'owner');
  const target = takeOptional(reader, 'target');
  const anchor = takeOptional(reader, 'anchor');
  const tagCount = takeNumber(reader, 'tag count');
  const tagBytes = take(reader, takeNumber(reader, 'tag size'), 'tags');
  const tags = decodeTags(tagBytes);
  if (tags.length !== tagCount) {
    throw malformed(`it says that it has ${tagCount} tags and has ${tags.length}`);
  }
  const item: DataItem = {
    id: sha256Text(signature),
    owner: toBase64Url(owner),
    address: ownerAddress(owner),
    signature: toBase64Url(signature),
    signatureType,
    target: toBase64Url(target),
    anchor: anchorText(anchor),
    tags,
    tagBytes,
    data: bytes.subarray(reader.at),
  };
  if (verify && !verifyDataItem(item)) throw new ArlocalError('ITEM_NOT_SIGNED', { id: item.id });
  return item;
}

/**
 * Whether the owner signed the item and the id is that of the signature.
 * @param keys for those who verify much at a time
 */
export function verifyDataItem(item: DataItem, keys?: KeyCache): boolean {
  const signature = fromBase64Url(item.signature);
  if (sha256Text(signature) !== item.id) return false;
  const unsigned = unsignedPart(item);
  const hash = signedHash(item.signatureType, unsigned);
  return verifySignature(item.signatureType, unsigned.owner, hash, signature, 'sha256', keys);
}

/** The ANS-104 bytes of an item: exactly those it was decoded from. */
export function encodeDataItem(item: DataItem): Uint8Array {
  const signature = fromBase64Url(item.signature);
  return layOut(item.signatureType, signature, unsignedPart(item), item.tags.length);
}

/** An item's anchor as gateways write it: base64url always, not text where it can be. */
export function anchorToBase64Url(anchor: string): string {
  return toBase64Url(anchorBytes(anchor));
}

interface Unsigned {
  readonly owner: Uint8Array;
  readonly target: Uint8Array;
  readonly anchor: Uint8Array;
  readonly tagBytes: Uint8Array;
  readonly data: Uint8Array;
}

function unsignedPart(item: DataItem): Unsigned {
  return {
    owner: fromBase64Url(item.owner),
    target: targetBytes(item.target),
    anchor: anchorBytes(item.anchor),
    tagBytes: item.tagBytes,
    data: item.data,
  };
}

function foldHead(signatureType: SignatureType): Buffer {
  const words = ['dataitem', '1', String(signatureType)];
  return foldDeepHash(
    startDeepHash(8),
    words.map((word) => Buffer.from(word)),
  );
}

function signedHash(signatureType: SignatureType, unsigned: Unsigned): Buffer {
  const { owner, target, anchor, tagBytes, data } = unsigned;
  return foldDeepHash(FOLDED_HEAD[signatureType], [owner, target, anchor, tagBytes, data]);
}

function layOut(
  signatureType: SignatureType,
  signature: Uint8Array,
  { owner, target, anchor, tagBytes, data }: Unsigned,
  tagCount: number,
): Uint8Array {
  const parts = [signature, owner, target, anchor, tagBytes, data];
  const size = parts.reduce((sum, part) => sum + part.length, FIXED_BYTES);
  const bytes = Buffer.alloc(size);
  bytes[0] = signatureType;
  bytes.set(signature, 2);
  let at = 2 + signature.length;
  bytes.set(owner, at);
  at += owner.length;
  for (const optional of [target, anchor]) {
    bytes[at] = optional.length === 0 ? 0 : 1;
    bytes.set(optional, at + 1);
    at += 1 + optional.length;
  }
  bytes.writeUInt32LE(tagCount, at);
  bytes.writeUInt32LE(tagBytes.length, at + 8);
  bytes.set(tagBytes, at + 16);
  bytes.set(data, at + 16 + tagBytes.length);
  return bytes;
}

interface Reader {
  readonly bytes: Uint8Array;
  at: number;
}

function take(reader: Reader, length: number, field: string): Uint8Array {
  const end = reader.at + length;
  if (end > reader.bytes.length) {
    throw new ArlocalError('ITEM_TRUNCATED', { field, bytes: reader.bytes.length });
  }
  const part = reader.bytes.subarray(reader.at, end);
  reader.at = end;
  return part;
}

function takeOptional(reader: Reader, field: string): Uint8Array {
  const [present = 0] = take(reader, 1, field);
  if (present > 1) throw malformed(`the presence byte of its ${field} is ${present}`);
  return present === 0 ? NONE : take(reader, ID_BYTES, field);
}

function takeNumber(reader: Reader, field: string): number {
  const bytes = take(reader, 8, field);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  const value = view.getBigUint64(0, true);
  if (value > BigInt(ITEM_BYTES_MAX)) throw malformed(`its ${field} is ${value}`);
  return Number(value);
}

function checkSignatureType(signatureType: number): SignatureType {
  if (signatureType === 1 || signatureType === 2) return signatureType;
  throw new ArlocalError('SIGNATURE_TYPE_UNSUPPORTED', { signatureType });
}

/** In memory of its own: the caller's may change. */
function dataBytes(data: Uint8Array | string): Uint8Array {
  return typeof data === 'string' ? Buffer.from(data) : Uint8Array.from(data);
}

function targetBytes(target: string): Uint8Array {
  if (target === '') return NONE;
  if (!isId(target)) throw new ArlocalError('TARGET_INVALID', { target });
  return fromBase64Url(target);
}

function anchorBytes(anchor: string): Uint8Array {
  if (anchor === '') return NONE;
  if (/^[ -~]{32}$/.test(anchor)) return Buffer.from(anchor, 'latin1');
  if (!isId(anchor)) throw new ArlocalError('ANCHOR_INVALID', { anchor });
  return fromBase64Url(anchor);
}

function anchorText(anchor: Uint8Array): string {
  const printable = anchor.every((byte) => byte >= 0x20 && byte <= 0x7e);
  return printable ? Buffer.from(anchor).toString('latin1') : toBase64Url(anchor);
}

function malformed(reason: string): ArlocalError {
  return new ArlocalError('ITEM_MALFORMED', { reason });
}
