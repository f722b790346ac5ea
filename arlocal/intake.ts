/**
 * What may enter the log: items, transactions and the data that follows them.
 *
 * Everything is checked before anything is stored, so a refusal changes nothing. One exception is
 * in the nature of chunks: data that arrives whole stays, even if it turns out to be a bad bundle.
 */
import type { Miner } from './blocks.js';
import { decodeBundle, isBundle } from './bundle.js';
import type { DataItem, SignedItem } from './data-item.js';
import { isId } from './encoding.js';
import { ArlocalError } from './errors.js';
import type { Reserved } from './reserved.js';
import type { Entry, Store } from './store.js';
import type { Tag } from './tags.js';
import { parseTransaction } from './transaction.js';
import { L1_DATA_BYTES_MAX, putChunk, transactionEntry } from './uploads.js';
import type { Found } from './upstream/reader.js';

/** Price in winston: a transaction's base and per byte. Round figures near the real network's. */
const PRICE_BASE = 100_000_000n;
const PRICE_PER_BYTE = 1_000n;

/** Bundles in bundles: deeper ones are stored but not opened. */
const BUNDLE_DEPTH_MAX = 8;

export interface Intake {
  putItem(signed: SignedItem | DataItem, options?: { alias?: string | undefined }): void;
  postTransaction(json: unknown): boolean;
  putChunk(json: unknown): void;
  /** Stores what another gateway has and was verified: nobody pays for it here. */
  adopt(found: Found): void;
}

/** Winston for storing that many bytes. */
export function priceOf(bytes: number): bigint {
  return PRICE_BASE + PRICE_PER_BYTE * BigInt(bytes);
}

export function createIntake(
  store: Store,
  miner: Miner,
  now: () => number,
  reserved: Reserved,
): Intake {
  const unbundle = (tags: readonly Tag[], data: Uint8Array, id: string): readonly BundledItem[] => {
    const items = openBundle(tags, data, id);
    for (const { item } of items) {
      reserved.check(item);
      find(store, item.id);
    }
    return items;
  };

  function appendAll(items: readonly BundledItem[]): void {
    for (const { item, bundledIn } of items) {
      if (!find(store, item.id)) store.append(itemEntry(item, '', bundledIn, now()), item.data);
    }
  }

  return {
    putItem(signed, { alias = '' } = {}) {
      const item = 'item' in signed ? signed.item : signed;
      const known = find(store, item.id);
      if (alias !== '' && alias !== known?.alias) checkAlias(store, alias, known);
      if (known) return;
      miner.catchUp();
      store.append(itemEntry(item, alias, '', now()), item.data);
    },
    postTransaction(json) {
      const transaction = parseTransaction(json);
      const { id, address, target, quantity, reward, tags } = transaction;
      if (find(store, id)) return false;
      const { dataSize } = transaction;
      if (dataSize > L1_DATA_BYTES_MAX) throw tooLarge(dataSize);
      const least = priceOf(dataSize);
      if (reward < least) {
        throw new ArlocalError('REWARD_TOO_LOW', { reward: String(reward), price: String(least) });
      }
      const balance = store.balance(address);
      const cost = quantity + reward;
      if (balance < cost) {
        const amounts = { balance: String(balance), cost: String(cost) };
        throw new ArlocalError('BALANCE_TOO_LOW', { address, ...amounts });
      }
      const data = transaction.data ?? store.data(transaction.dataRoot);
      if (data && data.length !== dataSize) throw wrongSize(dataSize, data.length);
      const items = data ? unbundle(tags, data, id) : [];
      miner.catchUp();
      store.append(transactionEntry(transaction, now(), store.weaveEnd), data);
      store.setBalance(address, balance - cost);
      if (quantity > 0n) store.setBalance(target, store.balance(target) + quantity);
      appendAll(items);
      return true;
    },
    adopt(found) {
      miner.catchUp();
      if (found.kind === 'item') {
        if (!reserved.has(found.item.address)) appendAll([found]);
        return;
      }
      const { transaction } = found;
      if (find(store, transaction.id)) return;
      store.append(transactionEntry(transaction, now(), store.weaveEnd), transaction.data);
    },
    putChunk(json) {
      miner.catchUp();
      const complete = putChunk(store, json);
      for (const { dataKey, tags, id } of complete) {
        appendAll(unbundle(tags, store.data(dataKey) ?? new Uint8Array(0), id));
      }
    },
  };
}

interface BundledItem {
  readonly item: DataItem;
  readonly bundledIn: string;
}

function tooLarge(got: number): ArlocalError {
  return new ArlocalError('DATA_TOO_LARGE', { got, limit: L1_DATA_BYTES_MAX });
}

function wrongSize(said: number, bytes: number): ArlocalError {
  const reason = `its data_size is ${said}, the data of its data_root has ${bytes} bytes`;
  return new ArlocalError('TRANSACTION_MALFORMED', { reason });
}

/** The items in data that its tags call a bundle, those of bundles among them included. */
function openBundle(
  tags: readonly Tag[],
  data: Uint8Array,
  bundledIn: string,
  depth = 1,
): BundledItem[] {
  if (depth > BUNDLE_DEPTH_MAX || !isBundle(tags)) return [];
  return decodeBundle(data).flatMap((item) => [
    { item, bundledIn },
    ...openBundle(item.tags, item.data, item.id, depth + 1),
  ]);
}

/**
 * What has this id of its own. Where an id was pinned to something else, processes may stand on that: it
 * stays, and the item whose own id it is cannot come in any more.
 * @throws {ALIAS_TAKEN}
 */
function find(store: Store, id: string): Entry | undefined {
  const entry = store.get(id)?.entry;
  if (entry && entry.id !== id) throw new ArlocalError('ALIAS_TAKEN', { alias: id });
  return entry;
}

/**
 * @param known the item that is to answer at the alias, if it is here
 * @throws {TARGET_INVALID, ALIAS_TAKEN, ALIAS_TOO_LATE}
 */
function checkAlias(store: Store, alias: string, known: Entry | undefined): void {
  if (!isId(alias)) throw new ArlocalError('TARGET_INVALID', { target: alias });
  if (store.get(alias)) throw new ArlocalError('ALIAS_TAKEN', { alias });
  if (known) throw new ArlocalError('ALIAS_TOO_LATE', { id: known.id, alias });
}

/** The entry of an item that came by itself or in a bundle. */
export function itemEntry(
  item: DataItem,
  alias: string,
  bundledIn: string,
  receivedMs: number,
): Entry {
  return {
    kind: 'item',
    id: item.id,
    alias,
    owner: item.owner,
    address: item.address,
    signature: item.signature,
    signatureType: item.signatureType,
    target: item.target,
    anchor: item.anchor,
    tags: item.tags,
    tagBytes: item.tagBytes,
    dataSize: item.data.length,
    dataKey: item.id,
    bundledIn,
    receivedMs,
    l1: null,
  };
}
