/**
 * The gateway: what was stored, who owns what, and in which block.
 *
 * One object over one store, with no clock, network or state outside it; HTTP and GraphQL are
 * layers on top. Data items are seen at once, with no block until one is mined, as on a gateway
 * that indexes optimistically.
 */
import { createMiner } from './blocks.js';
import { type DataItem, decodeDataItem, type SignedItem } from './data-item.js';
import { isId } from './encoding.js';
import { ArlocalError } from './errors.js';
import { createIntake, type Intake, priceOf } from './intake.js';
import { countMatches, findPage, type Located, type Page, type Query } from './query.js';
import type { Records } from './records.js';
import { createReserved, type Reserved } from './reserved.js';
import type { Block, Chunk, Entry, Store, StoreState } from './store.js';
import { chunkAt, dataOf } from './uploads.js';
import { type AttachedUpstream, attachUpstream, type UpstreamSetup } from './upstream/attach.js';
import type { FetchOptions } from './upstream/fetcher.js';

export interface GatewayOptions {
  readonly store: Store;
  readonly now: () => number; // milliseconds since 1970
  /** Milliseconds between blocks on that clock; left out, blocks are mined only on request. */
  readonly blockIntervalMs?: number | undefined;
  /**
   * Lets others have the thread for a moment, e.g. by `setImmediate`: what they store meanwhile
   * becomes durable in the same commit. Left out, `durable` commits at once.
   */
  readonly breathe?: (() => Promise<void>) | undefined;
  /** A gateway behind this one. */
  readonly upstream?: UpstreamSetup | undefined;
}

export interface Gateway {
  /**
   * Stores an item that the caller made or has verified; the same item again changes nothing.
   * With an alias, the item is served under that id as well as its own: an id that nothing has yet.
   * @throws {ALIAS_TAKEN} for an alias that leads elsewhere, and for an item whose id is one
   * @throws {ALIAS_TOO_LATE} for an item that was stored without that alias
   */
  putItem(signed: SignedItem | DataItem, options?: { alias?: string | undefined }): void;
  /**
   * From now on items from outside that this address signed are refused: a unit of the network signs
   * with it, and its key may be known, since it follows from a seed.
   */
  reserve(address: string): void;
  /** Gives back an item from outside whose signature was verified. @throws {SIGNER_RESERVED} */
  checkSigner(item: DataItem): DataItem;
  /**
   * Reads and checks an item from outside: every way in takes items through here.
   * @throws {SIGNER_RESERVED} and what `decodeDataItem` throws
   */
  readItem(bytes: Uint8Array, options?: { maxBytes?: number | undefined }): DataItem;
  /** Reads an item from outside and stores it. Throws what `readItem` throws. */
  acceptItem(bytes: Uint8Array, options?: { maxBytes?: number | undefined }): DataItem;
  /** A data item by id or alias; its `id` is its own. Undefined for an L1 transaction. */
  item(id: string): DataItem | undefined;
  /** An item or transaction with its block, by id or alias. */
  locate(id: string): Located | undefined;
  /** The data of an item or transaction; undefined if unknown or not all uploaded. */
  data(id: string): Uint8Array | undefined;
  query(query: Query): Page;
  count(query: Query): number;

  /**
   * Checks a transaction's JSON, charges its owner and stores it.
   * @returns false if it was here already
   * @throws {REWARD_TOO_LOW, BALANCE_TOO_LOW}, what `parseTransaction` throws, and what
   *   `decodeBundle` throws if its data is a bundle
   */
  postTransaction(json: unknown): boolean;
  /** Takes the body of `POST /chunk`. @throws {CHUNK_INVALID} and for bundles as above */
  putChunk(json: unknown): void;
  /** @throws {CHUNK_NOT_FOUND} */
  chunkAt(weaveOffset: number): Chunk;
  readonly weaveSize: number; // bytes of L1 data
  /** Winston for storing that many bytes. */
  price(bytes: number): bigint;

  readonly height: number;
  readonly tip: Block;
  /** Mines blocks, 1 unless told otherwise, and answers the last. @throws {BLOCK_COUNT_INVALID} */
  mine(count?: number): Block;
  /** By height or id. */
  block(key: number | string): Block | undefined;
  /** Ids of the L1 transactions in a block. */
  transactionsIn(block: Block): string[];
  readonly pendingIds: readonly string[]; // stored since the last block
  readonly pendingCount: number;

  balance(address: string): bigint; // winston
  /** Gives winston from nowhere and answers the new balance. @throws {ADDRESS_INVALID} */
  mint(address: string, winston: bigint): bigint;
  /** @throws {ADDRESS_INVALID} */
  setBalance(address: string, winston: bigint): void;
  /** Id of the last L1 transaction of an address, '' if none. */
  lastTransaction(address: string): string;

  /** The gateway behind this one, if there is one. */
  readonly upstream: AttachedUpstream | undefined;
  /**
   * Has what is not here read from the gateway behind this one, verified and stored; does nothing
   * without one. What nobody has is no error here: it is missed by whoever looks for it then.
   * @throws {UPSTREAM_AWAY, UPSTREAM_REFUSED, UPSTREAM_TOO_LARGE, UPSTREAM_UNTRUE, LIST_TOO_LONG}
   */
  fetchMissing(ids: readonly string[], options?: FetchOptions): Promise<void>;

  /** All that was stored, for a store in memory to go on from. @throws {SNAPSHOT_NEEDS_MEMORY} */
  capture(): StoreState;
  /** Forgets entries that were here at the call before. @throws {HISTORY_NEEDS_MEMORY} */
  forget(isOver: (entry: Entry) => boolean): void;
  /** What the units of a network keep durably; undefined over a store in memory. */
  readonly records: Records | undefined;
  /**
   * Resolves when everything stored so far is durable: at once if it is, else with the one commit that
   * many calls share. Nothing may be told to anybody before. Never commits inside the call.
   * @throws {STORE_FAILED} when nothing can be stored any more
   */
  durable(): Promise<void>;
  /** Lets others have the thread for a moment, if the gateway was told how. */
  breathe(): Promise<void>;
  /** Makes everything so far durable now: never in the middle of a change. @throws {STORE_FAILED} */
  flush(): void;
  /** Makes everything durable; over a store that lasts, nothing is taken any more (STORE_CLOSED). */
  close(): void;
}

export function createGateway(options: GatewayOptions): Gateway {
  const { store, now, blockIntervalMs, breathe } = options;
  const miner = createMiner(store, now, blockIntervalMs);
  const reserved = createReserved();
  const intake = createIntake(store, miner, now, reserved);
  const { durable, close } = createDurable(store, breathe);
  const attached =
    options.upstream &&
    attachUpstream(options.upstream, {
      store,
      adopt: intake.adopt,
      mine: () => void miner.mine(1),
      durable,
    });
  return {
    ...createDoor(intake, reserved),
    item(id) {
      const entry = store.get(id)?.entry;
      return entry?.kind === 'item' ? entryItem(entry, store) : undefined;
    },
    locate(id) {
      miner.catchUp();
      const stored = store.get(id);
      return stored && { ...stored, block: store.blockOf(stored.sequence) };
    },
    data(id) {
      const entry = store.get(id)?.entry;
      return entry && dataOf(store, entry);
    },
    query(query) {
      miner.catchUp();
      return findPage(store, query);
    },
    count(query) {
      miner.catchUp();
      return countMatches(store, query);
    },
    postTransaction: intake.postTransaction,
    putChunk: intake.putChunk,
    chunkAt: (weaveOffset) => chunkAt(store, weaveOffset),
    get weaveSize() {
      return store.weaveEnd;
    },
    price: priceOf,
    get height() {
      miner.catchUp();
      return miner.tip.height;
    },
    get tip() {
      miner.catchUp();
      return miner.tip;
    },
    mine: (count = 1) => miner.mine(count),
    block(key) {
      miner.catchUp();
      return store.block(key);
    },
    transactionsIn({ height, sequenceEnd: sequenceMax }) {
      const sequenceMin = (store.block(height - 1)?.sequenceEnd ?? 0) + 1;
      const range = { sequenceMin, sequenceMax, order: 'asc' } as const;
      return [...store.find({ ...range, kind: 'transaction' })].map(({ entry }) => entry.id);
    },
    get pendingIds() {
      return miner.pendingIds;
    },
    get pendingCount() {
      return miner.pendingCount;
    },
    balance: (address) => store.balance(address),
    mint: (address, winston) => mint(store, address, winston),
    setBalance: (address, winston) => setBalance(store, address, winston),
    lastTransaction: (address) => lastTransaction(store, address),
    upstream: attached?.upstream,
    fetchMissing: attached?.fetchMissing ?? (() => Promise.resolve()),
    ...createPast(store),
    records: store.records,
    breathe: breathe ?? (() => Promise.resolve()),
    durable,
    flush: () => store.flush(),
    close,
  };
}

/** What only a store in memory does with all that it holds. */
function createPast(store: Store): Pick<Gateway, 'capture' | 'forget'> {
  return {
    capture() {
      if (!store.capture) throw new ArlocalError('SNAPSHOT_NEEDS_MEMORY');
      return store.capture();
    },
    forget(isOver) {
      if (!store.forget) throw new ArlocalError('HISTORY_NEEDS_MEMORY');
      store.forget(isOver);
    },
  };
}

/** How items get in: those that were made or checked here, and those from outside. */
function createDoor(
  { putItem }: Intake,
  reserved: Reserved,
): Pick<Gateway, 'putItem' | 'acceptItem' | 'readItem' | 'reserve' | 'checkSigner'> {
  const readItem: Gateway['readItem'] = (bytes, { maxBytes } = {}) =>
    reserved.check(decodeDataItem(bytes, { verify: true, ...(maxBytes ? { maxBytes } : {}) }));
  return {
    putItem,
    reserve: reserved.add,
    checkSigner: reserved.check,
    readItem,
    acceptItem(bytes, options) {
      const item = readItem(bytes, options);
      putItem(item);
      return item;
    },
  };
}

function lastTransaction(store: Store, address: string): string {
  const all = { sequenceMin: 1, sequenceMax: store.sequenceEnd, order: 'desc' } as const;
  const [last] = store.find({ ...all, owners: [address], kind: 'transaction' });
  return last?.entry.id ?? '';
}

function mint(store: Store, address: string, winston: bigint): bigint {
  if (winston < 0n) throw new ArlocalError('QUANTITY_INVALID', { quantity: String(winston) });
  setBalance(store, address, store.balance(address) + winston);
  return store.balance(address);
}

function setBalance(store: Store, address: string, winston: bigint): void {
  if (!isId(address)) throw new ArlocalError('ADDRESS_INVALID', { address });
  store.setBalance(address, winston);
}

function entryItem(entry: Entry, store: Store): DataItem {
  const { id, owner, address, signature, signatureType, target, anchor, tags, tagBytes } = entry;
  const data = store.data(entry.dataKey) ?? new Uint8Array(0);
  return { id, owner, address, signature, signatureType, target, anchor, tags, tagBytes, data };
}

/** Commits once for all who ask during one breath, if there is anything to commit. */
function createDurable(
  store: Store,
  breathe: () => Promise<void> = () => Promise.resolve(),
): Pick<Gateway, 'durable' | 'close'> {
  let pending: Promise<void> | undefined;
  const commit = () => {
    if (!pending) return; // closed meanwhile, which commits
    pending = undefined;
    store.flush();
  };
  const nothing = Promise.resolve();
  return {
    durable() {
      if (!store.pending) return nothing;
      pending ??= breathe().then(commit);
      return pending;
    },
    close() {
      store.close();
      pending = undefined;
    },
  };
}
