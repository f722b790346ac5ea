/**
 * A whole store as one bundle: every data item as it was signed, and parts signed by the node for all
 * the rest. Anybody who reads ANS-104 can read the items; only Corral needs the parts.
 *
 * Order: network, then groups of entries (the data of L1 transactions, the facts of the group, its
 * items), blocks, balances, chunks, journals, cells, end. The end has a digest of all ids before it.
 */
import { createHash } from 'node:crypto';
import { encodeDataItem } from '../data-item.js';
import type { Entry, Store } from '../store.js';
import type { Wallet } from '../wallet.js';
import { type BundledBytes, signedBytes } from './bundle-file.js';
import { type Frame, factsFrame, PART_BYTES, type PartKind, signPart } from './parts.js';

export const ARCHIVE_VERSION = 1;

/** Entries of a group. */
const GROUP = 1024;
const RECORDS_AT_ONCE = 256;

export interface ExportOptions {
  readonly store: Store;
  /** Signs the parts. */
  readonly wallet: Wallet;
  /** Names of cells that say something of this folder alone. */
  readonly leaveOut: ReadonlySet<string>;
  /** What is to be known of the network before anything else. */
  readonly card: Readonly<Record<string, string | number>>;
  readonly onProgress?: ((what: string, done: number, total: number) => void) | undefined;
}

/** @throws {STORE_DAMAGED} */
export function* exportStore(options: ExportOptions): Generator<BundledBytes> {
  const digest = createHash('sha256');
  let count = 0;
  for (const item of everything(options)) {
    digest.update(item.id);
    count++;
    yield item;
  }
  const facts = { items: count, sha256: digest.digest('hex') };
  yield signedBytes(signPart(options.wallet, 'end', count, [factsFrame(facts)]));
}

function* everything(options: ExportOptions): Generator<BundledBytes> {
  const { store, wallet, card, onProgress } = options;
  let place = 0;
  const part = (kind: PartKind, frames: readonly Frame[]) =>
    signedBytes(signPart(wallet, kind, place++, frames));
  const version = ARCHIVE_VERSION;
  yield part('network', [factsFrame({ version, entries: store.sequenceEnd, ...card })]);
  const sent = new Set<string>(); // data of L1 transactions
  for (let start = 1; start <= store.sequenceEnd; start += GROUP) {
    onProgress?.('entries', start - 1, store.sequenceEnd);
    const ids = store.ids(start, Math.min(store.sequenceEnd, start + GROUP - 1));
    const entries = ids.flatMap((id) => store.get(id)?.entry ?? []);
    for (const entry of entries) {
      if (entry.kind === 'item' || sent.has(entry.dataKey)) continue;
      sent.add(entry.dataKey);
      for (const frame of dataFrames(store, entry)) yield part('data', [frame]);
    }
    yield part('log', entries.map(entryFrame));
    for (const entry of entries) if (entry.kind === 'item') yield itemBytes(store, entry);
  }
  onProgress?.('records', 0, 0);
  for (const [kind, frames] of restFrames(options)) {
    for (const group of grouped(frames)) yield part(kind, group);
  }
}

/** The data of a transaction in pieces. */
function* dataFrames(store: Store, { dataKey }: Entry): Generator<Frame> {
  const data = store.data(dataKey);
  if (!data) return;
  for (let at = 0; at === 0 || at < data.length; at += PART_BYTES) {
    const bytes = data.subarray(at, at + PART_BYTES);
    yield { facts: { key: dataKey, at, size: data.length }, bytes };
  }
}

/** What the bundle does not say of an entry. */
function entryFrame(entry: Entry): Frame {
  const { kind, id, alias, bundledIn, receivedMs } = entry;
  if (kind === 'item') return factsFrame({ kind, id, alias, bundledIn, receivedMs });
  const { tagBytes: _, ...transaction } = entry;
  const l1 = entry.l1 && {
    ...entry.l1,
    quantity: String(entry.l1.quantity),
    reward: String(entry.l1.reward),
  };
  return factsFrame({ ...transaction, l1 });
}

function itemBytes(store: Store, entry: Entry): BundledBytes {
  const data = store.data(entry.dataKey) ?? new Uint8Array(0);
  return { id: entry.id, bytes: encodeDataItem({ ...entry, data }) };
}

function* restFrames({ store, leaveOut }: ExportOptions): Generator<[PartKind, Iterable<Frame>]> {
  yield ['blocks', blockFrames(store)];
  yield ['balances', balanceFrames(store)];
  yield ['chunks', chunkFrames(store)];
  yield ['journal', journalFrames(store)];
  yield ['cells', cellFrames(store, leaveOut)];
}

function* blockFrames(store: Store): Generator<Frame> {
  for (let height = 0; height <= (store.tip?.height ?? -1); height++) {
    yield factsFrame(store.block(height));
  }
}

function* balanceFrames(store: Store): Generator<Frame> {
  for (const address of store.accounts()) {
    yield factsFrame({ address, winston: String(store.balance(address)) });
  }
}

function* chunkFrames(store: Store): Generator<Frame> {
  for (const root of store.chunkRoots()) {
    for (const { start, end, dataPath, bytes } of store.chunks(root)) {
      const path = Buffer.from(dataPath).toString('base64url');
      yield { facts: { root, start, end, path }, bytes };
    }
  }
}

function* journalFrames({ records }: Store): Generator<Frame> {
  for (const name of records?.names().journals ?? []) {
    const journal = records?.journal(name);
    for (const key of journal?.keys() ?? []) {
      const end = journal?.next(key) ?? 0;
      for (let from = 0; from < end; from += RECORDS_AT_ONCE) {
        const read = journal?.entries(key, from, from + RECORDS_AT_ONCE) ?? [];
        for (const [at, { id, bytes }] of read.entries()) {
          yield { facts: { name, key, position: from + at, id }, bytes };
        }
      }
    }
  }
}

function* cellFrames({ records }: Store, leaveOut: ReadonlySet<string>): Generator<Frame> {
  for (const name of records?.names().cells ?? []) {
    if (leaveOut.has(name)) continue;
    const cells = records?.cells(name);
    for (const key of cells?.keys() ?? []) {
      const bytes = cells?.get(key);
      if (bytes) yield { facts: { name, key }, bytes };
    }
  }
}

/** Groups that are about as large as a part may be. */
function* grouped(frames: Iterable<Frame>): Generator<Frame[]> {
  let group: Frame[] = [];
  let size = 0;
  for (const frame of frames) {
    group.push(frame);
    size += frame.bytes.length + FRAME_OVERHEAD;
    if (size < PART_BYTES) continue;
    yield group;
    group = [];
    size = 0;
  }
  if (group.length > 0) yield group;
}

/** About what the facts of a frame take. */
const FRAME_OVERHEAD = 200;
