/**
 * L1 transactions as clients post them: JSON with base64url fields, formats 1 and 2.
 *
 * Format 2 signs the deep hash of its fields and the Merkle root of its data, so the data can come
 * later in chunks; format 1 signs a plain concatenation with the data in it.
 * Source: docs.arweave.org HTTP API, arweave-js lib/transaction `getSignatureData`.
 */
import { fromBase64Url, isId, toBase64Url } from './encoding.js';
import { ArlocalError } from './errors.js';
import { deepHash, sha256 } from './hashing.js';
import { type Fields, fieldsOf, numberOf, showValue } from './json-fields.js';
import { buildTree } from './merkle.js';
import type { Entry } from './store.js';
import type { Tag } from './tags.js';
import { ownerAddress, SIGNATURE_SIZES, verifySignature } from './wallet.js';

export interface Transaction {
  readonly id: string;
  readonly format: 1 | 2;
  readonly owner: string; // base64url, RSA modulus
  readonly address: string;
  readonly signature: string;
  readonly target: string; // '' if none
  readonly lastTx: string; // base64url, the anchor
  readonly tags: readonly Tag[];
  readonly quantity: bigint; // winston
  readonly reward: bigint; // winston
  readonly dataSize: number; // bytes
  readonly dataRoot: string; // '' without data and in format 1
  readonly data: Uint8Array | undefined; // undefined if it will come in chunks
}

/** Bytes of all tag names and values: the network's limit, lower than a data item's. */
const L1_TAG_BYTES_MAX = 2048;
/** Winston that can ever be: 66 million AR. */
const QUANTITY_MAX = 66_000_000n * 10n ** 12n;
const LAST_TX_BYTES_MAX = 48;

/**
 * Read a transaction and check its id, signature and data root. What was signed are bytes, which can be
 * written in more than one way: each is written again in the one way of ours.
 * @throws {TRANSACTION_MALFORMED, TRANSACTION_NOT_SIGNED, QUANTITY_INVALID, TARGET_INVALID,
 *   TAGS_TOO_LONG, PUBLIC_KEY_INVALID}
 */
export function parseTransaction(json: unknown): Transaction {
  if (typeof json !== 'object' || json === null) throw malformed('it is not a JSON object');
  const fields = fieldsOf(json);
  const format = numberOf(fields.get('format') ?? 1);
  if (format !== 1 && format !== 2) {
    throw malformed(`its format is ${showValue(fields.get('format'))}`);
  }
  const owner = readBytes(fields, 'owner');
  if (owner.length !== SIGNATURE_SIZES[1].owner) {
    throw malformed(`its owner has ${owner.length} bytes, an RSA-4096 key has 512`);
  }
  const signature = readBytes(fields, 'signature');
  const data = readBytes(fields, 'data');
  const target = toBase64Url(readBytes(fields, 'target'));
  if (target !== '' && !isId(target)) throw new ArlocalError('TARGET_INVALID', { target });
  const dataSize = format === 1 ? data.length : readSize(fields);
  const transaction: Transaction = {
    id: readText(fields, 'id'),
    format,
    owner: toBase64Url(owner),
    address: ownerAddress(owner),
    signature: toBase64Url(signature),
    target,
    lastTx: toBase64Url(readBytes(fields, 'last_tx')),
    tags: readTags(fields.get('tags') ?? []),
    quantity: readQuantity(fields, 'quantity'),
    reward: readQuantity(fields, 'reward'),
    dataSize,
    dataRoot: format === 1 ? '' : toBase64Url(readBytes(fields, 'data_root')),
    data: data.length > 0 || dataSize === 0 ? data : undefined,
  };
  if (fromBase64Url(transaction.lastTx).length > LAST_TX_BYTES_MAX) {
    throw malformed('its last_tx is longer than a block id');
  }
  if (target === transaction.address) throw malformed('its target is its owner');
  checkSignature(transaction, owner, signature);
  checkData(transaction);
  return transaction;
}

function checkSignature(transaction: Transaction, owner: Uint8Array, signature: Uint8Array): void {
  const { id } = transaction;
  const isOwn = sha256(signature).toString('base64url') === id;
  if (!isOwn || !verifySignature(1, owner, signedMessage(transaction, owner), signature)) {
    throw new ArlocalError('TRANSACTION_NOT_SIGNED', { id });
  }
}

/**
 * Whether the owner signed a stored transaction, the id is that of the signature, and what follows from
 * the signed fields is what they say.
 */
export function verifyTransaction(entry: Entry, data: Uint8Array | undefined): boolean {
  const { id, target, anchor: lastTx, tags, dataSize, l1 } = entry;
  if (!l1) return false;
  const { format, quantity, reward, dataRoot } = l1;
  const owner = fromBase64Url(entry.owner);
  const signature = fromBase64Url(entry.signature);
  const part = { format, target, lastTx, tags, quantity, reward, dataSize, dataRoot, data };
  const isOwn =
    entry.address === ownerAddress(owner) &&
    entry.dataKey === (dataRoot || id) &&
    entry.alias === '' &&
    sha256(signature).toString('base64url') === id;
  return isOwn && verifySignature(1, owner, signedMessage(part, owner), signature);
}

/** The fields that a signature covers, besides the owner. */
export type SignedPart = Omit<Transaction, 'id' | 'owner' | 'address' | 'signature'>;

export function signedMessage(transaction: SignedPart, owner: Uint8Array): Uint8Array {
  const text = (value: string | number | bigint) => Buffer.from(String(value));
  const tags = transaction.tags.map(({ name, value }) => [text(name), text(value)]);
  const target = fromBase64Url(transaction.target);
  const quantity = text(transaction.quantity);
  const reward = text(transaction.reward);
  const lastTx = fromBase64Url(transaction.lastTx);
  if (transaction.format === 1) {
    const data = transaction.data ?? new Uint8Array(0);
    return Buffer.concat([owner, target, data, quantity, reward, lastTx, ...tags.flat()]);
  }
  const size = text(transaction.dataSize);
  const root = fromBase64Url(transaction.dataRoot);
  return deepHash([text(2), owner, target, quantity, reward, lastTx, tags, size, root]);
}

/** Data that comes along must be the data that was signed. */
function checkData({ format, data, dataSize, dataRoot }: Transaction): void {
  if (format === 1) return;
  if (dataSize > 0 && !isId(dataRoot)) throw malformed('it has data but no data_root');
  if (dataSize === 0 && dataRoot !== '') throw malformed('it has a data_root but no data');
  if (!data || data.length === 0) return;
  if (data.length !== dataSize) {
    throw malformed(`its data has ${data.length} bytes, its data_size says ${dataSize}`);
  }
  if (toBase64Url(buildTree(data).root) !== dataRoot) {
    throw malformed('its data_root is not the Merkle root of its data');
  }
}

function readTags(json: unknown): Tag[] {
  if (!Array.isArray(json)) throw malformed('its tags are not a list');
  let total = 0;
  return json.map((tag: unknown, index) => {
    const fields = fieldsOf(tag);
    const name = readBytes(fields, 'name', `tags[${index}].`);
    const value = readBytes(fields, 'value', `tags[${index}].`);
    total += name.length + value.length;
    if (total > L1_TAG_BYTES_MAX) {
      const what = 'The tags of a transaction are too long';
      const bound = { got: total, limit: L1_TAG_BYTES_MAX, unit: 'bytes' };
      throw new ArlocalError('TAGS_TOO_LONG', { what, ...bound });
    }
    return { name: name.toString('utf8'), value: value.toString('utf8') };
  });
}

function readText(fields: Fields, name: string, where = ''): string {
  const value = fields.get(name) ?? '';
  if (typeof value !== 'string') throw malformed(`its ${where}${name} is not a string`);
  return value;
}

function readBytes(fields: Fields, name: string, where = ''): Buffer {
  const text = readText(fields, name, where);
  if (!/^[A-Za-z0-9_-]*={0,2}$/.test(text)) {
    throw malformed(`its ${where}${name} is not base64url`);
  }
  return fromBase64Url(text);
}

function readQuantity(fields: Fields, name: string): bigint {
  const text = showValue(fields.get(name) ?? '0');
  const quantity = parseWinston(text);
  if (quantity > QUANTITY_MAX) throw new ArlocalError('QUANTITY_INVALID', { quantity: text });
  return quantity;
}

/** Whole decimal winston. @throws {QUANTITY_INVALID} */
export function parseWinston(text: string): bigint {
  if (!/^\d{1,30}$/.test(text)) throw new ArlocalError('QUANTITY_INVALID', { quantity: text });
  return BigInt(text);
}

function readSize(fields: Fields): number {
  const size = numberOf(fields.get('data_size') ?? 0);
  if (!Number.isSafeInteger(size) || size < 0) {
    throw malformed(`its data_size is ${showValue(fields.get('data_size'))}`);
  }
  return size;
}

function malformed(reason: string): ArlocalError {
  return new ArlocalError('TRANSACTION_MALFORMED', { reason });
}
