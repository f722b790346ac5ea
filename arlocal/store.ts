/**
 * The store port: what a gateway keeps, and nothing about how.
 *
 * The log of entries (data items and transactions, in order of arrival) with their data, the
 * blocks and the balances are the truth. Whatever a store builds to answer `find` is a projection
 * of that log and can be thrown away. An entry never changes: its block is the first one that
 * closed at or after its sequence number, so mining touches no entry.
 */
import type { Filter } from './filter.js';
import type { Records } from './records.js';
import type { Tag } from './tags.js';
import type { SignatureType } from './wallet.js';

/** A data item ("item") or an L1 transaction ("transaction"), without its data. */
export interface Entry {
  readonly kind: 'item' | 'transaction';
  readonly id: string;
  readonly alias: string; // the id it is served under instead of its own; '' if none
  readonly owner: string;
  readonly address: string;
  readonly signature: string;
  readonly signatureType: SignatureType;
  readonly target: string;
  readonly anchor: string; // as in a data item; a transaction's last_tx in base64url
  readonly tags: readonly Tag[];
  readonly tagBytes: Uint8Array; // an item's tags as they were signed; empty for a transaction
  readonly dataSize: number; // bytes, whether or not the data has arrived
  readonly dataKey: string; // what the data is stored under: the id, or the root of L1 data
  readonly bundledIn: string; // '' if it came by itself
  readonly receivedMs: number;
  readonly l1: L1Fields | null; // null for an item
}

interface L1Fields {
  readonly format: 1 | 2;
  readonly quantity: bigint; // winston
  readonly reward: bigint; // winston
  readonly dataRoot: string; // '' without data and in format 1
  readonly weaveEnd: number; // offset of its last byte in the weave of this network, from 1
}

/** An entry with its place in the log. Sequence numbers start at 1. */
export interface Stored {
  readonly sequence: number;
  readonly entry: Entry;
}

export interface Block {
  readonly height: number;
  readonly id: string; // base64url, 48 bytes
  readonly previous: string; // '' for the genesis block
  readonly timestampMs: number;
  readonly sequenceEnd: number; // the last entry in it; the first is the last block's end + 1
  readonly weaveSize: number; // bytes of L1 data up to and with this block
}

/** A piece of L1 data that was posted with its proof. Offsets are in the data, end exclusive. */
export interface Chunk {
  readonly start: number;
  readonly end: number;
  readonly dataPath: Uint8Array;
  readonly bytes: Uint8Array;
}

/** All that a store in memory holds, as plain values that nobody changes any more. */
export interface StoreState {
  readonly log: readonly Stored[];
  readonly data: ReadonlyMap<string, Uint8Array>; // by key
  readonly chunks: ReadonlyMap<string, ReadonlyMap<number, Chunk>>; // by data root and start
  readonly blocks: readonly Block[];
  readonly balances: ReadonlyMap<string, bigint>; // by address, winston
}

export interface Store {
  /** Adds to the log and answers the sequence number. The caller has checked that the id is new. */
  append(entry: Entry, data: Uint8Array | undefined): number;
  /** By id or alias. */
  get(id: string): Stored | undefined;
  /** Entries that match, in order of the log or against it; lazily, so that a page costs a page. */
  find(filter: Filter): Iterable<Stored>;
  readonly sequenceEnd: number;
  /** Ids of the entries in a range of the log, in its order, without reading the entries. */
  ids(sequenceMin: number, sequenceMax: number): readonly string[];
  /** The L1 transaction whose data covers an offset in the weave (from 1), and the weave's end. */
  transactionAt(weaveOffset: number): Stored | undefined;
  readonly weaveEnd: number;

  putData(key: string, bytes: Uint8Array): void;
  data(key: string): Uint8Array | undefined;
  /** Whether data was put under the key, without reading it. */
  hasData(key: string): boolean;

  /** Pieces of data that is not complete yet, by data root, in order of their start. */
  putChunk(dataRoot: string, chunk: Chunk): void;
  chunks(dataRoot: string): readonly Chunk[];
  /** Bytes of them all, without reading them. */
  chunkBytes(dataRoot: string): number;
  dropChunks(dataRoot: string): void;
  /** Roots of data that is not complete yet, or that was cut in its own way. */
  chunkRoots(): Iterable<string>;

  appendBlock(block: Block): void;
  /** By height or id. */
  block(key: number | string): Block | undefined;
  /** The block that an entry is in, undefined while it is pending. */
  blockOf(sequence: number): Block | undefined;
  readonly tip: Block | undefined;

  balance(address: string): bigint;
  setBalance(address: string, winston: bigint): void;
  /** Addresses that have, or had, a balance. */
  accounts(): Iterable<string>;

  /** What the units of a network keep; undefined where nothing outlives the program anyway. */
  readonly records: Records | undefined;

  /** All that the store holds, for others to go on from; absent where it lasts by itself. */
  capture?(): StoreState;
  /**
   * Forgets entries that were here at the call before, with their data; absent where the store lasts.
   * The next block commits to their ids all the same.
   */
  forget?(isOver: (entry: Entry) => boolean): void;

  /** True if there may be something that is not durable; always after a failure. */
  readonly pending: boolean;
  /** Makes everything so far durable. @throws {STORE_FAILED} and from then on at every call */
  flush(): void;
  /** Makes everything durable; from then on every call of a store that lasts throws STORE_CLOSED. */
  close(): void;
}
