/**
 * A store from a bundle that `exportStore` made. Every part must be signed by the node and every item
 * must be the one that the parts announce, in order and to the end; what the items themselves say is
 * verified once they are stored.
 */
import { createHash } from 'node:crypto';
import { type DataItem, decodeDataItem } from '../data-item.js';
import { ArlocalError } from '../errors.js';
import { itemEntry } from '../intake.js';
import type { Block, Entry, Store } from '../store.js';
import type { BundledBytes } from './bundle-file.js';
import { ARCHIVE_VERSION } from './export-store.js';
import { type Frame, type PartKind, partKind, readFrames } from './parts.js';

export interface ImportOptions {
  /** An empty one. */
  readonly store: Store;
  /** Address that must have signed the parts, by what the first part says of the network. */
  readonly signerOf: (card: Readonly<Record<string, unknown>>) => string;
  readonly onProgress?: ((what: string, done: number, total: number) => void) | undefined;
}

/** A commit every so many items bounds what is not yet on disk. */
const COMMIT_ITEMS = 5_000;

interface Import extends ImportOptions {
  card: Readonly<Record<string, unknown>> | undefined;
  signer: string;
  /** Entries that are announced and not stored yet, the next one last. */
  expected: Announced[];
  /** Data of L1 transactions of which more is to come. */
  readonly pieces: Map<string, Uint8Array[]>;
  ended: boolean;
}

interface ItemFacts {
  readonly kind: 'item';
  readonly id: string;
  readonly alias: string;
  readonly bundledIn: string;
  readonly receivedMs: number;
}

/**
 * @returns what the first part says of the network
 * @throws {ARCHIVE_REFUSED, BUNDLE_MALFORMED} and what `decodeDataItem` throws
 */
export function importStore(
  items: Iterable<BundledBytes>,
  options: ImportOptions,
): Readonly<Record<string, unknown>> {
  const state: Import = {
    ...options,
    card: undefined,
    signer: '',
    expected: [],
    pieces: new Map(),
    ended: false,
  };
  const digest = createHash('sha256');
  let count = 0;
  for (const { id, bytes } of items) {
    if (state.ended) throw refused('something comes after its end');
    take(state, id, bytes, { count, sha256: () => digest.copy().digest('hex') });
    digest.update(id);
    count++;
    if (count % COMMIT_ITEMS === 0) options.store.flush();
  }
  if (!state.ended || !state.card) throw refused('it has no end');
  return state.card;
}

/** What a part announces: items that follow, and transactions, which are in the part itself. */
type Announced = ItemFacts | TransactionFacts;

interface TransactionFacts extends Omit<Entry, 'kind' | 'tagBytes' | 'l1'> {
  readonly kind: 'transaction';
  readonly l1: { readonly quantity: string; readonly reward: string };
}

/** What has come so far. */
interface SoFar {
  readonly count: number;
  readonly sha256: () => string;
}

function take(state: Import, id: string, bytes: Uint8Array, soFar: SoFar): void {
  const next = state.expected.pop();
  if (next?.kind === 'item') {
    const item = decodeDataItem(bytes, { verify: false, maxBytes: bytes.length });
    if (item.id !== id || id !== next.id) throw refused(`${next.id} is missing`);
    const { alias, bundledIn, receivedMs } = next;
    state.store.append(itemEntry(item, alias, bundledIn, receivedMs), item.data);
    state.onProgress?.('entries', state.store.sequenceEnd, Number(state.card?.entries));
    storeTransactions(state);
    return;
  }
  const part = decodeDataItem(bytes, { verify: true, maxBytes: bytes.length });
  const kind = partKind(part);
  if (part.id !== id) throw refused(`its table says ${id} of the item ${part.id}`);
  if (kind === undefined) throw refused(`the item ${id} is not announced`);
  const frames = readFrames(part);
  if (soFar.count === 0) begin(state, kind, part, frames);
  if (part.address !== state.signer) throw refused(`the part ${id} is not signed by its node`);
  if (kind === 'end') end(state, frames, soFar);
  else for (const frame of frames) TAKE[kind](state, frame);
  if (kind !== 'log') return;
  state.expected.reverse();
  storeTransactions(state);
}

/** Stores the announced transactions that come before the next item. */
function storeTransactions({ expected, store }: Import): void {
  for (let next = expected.at(-1); next?.kind === 'transaction'; next = expected.at(-1)) {
    const { quantity, reward } = next.l1;
    const l1 = { ...next.l1, quantity: BigInt(quantity), reward: BigInt(reward) };
    store.append({ ...next, tagBytes: new Uint8Array(0), l1 } as Entry, undefined);
    expected.pop();
  }
}

function begin(state: Import, kind: PartKind, part: DataItem, frames: readonly Frame[]): void {
  const card = frames[0]?.facts as Record<string, unknown> | undefined;
  if (kind !== 'network' || !card) throw refused('it was not made by corral export');
  if (card.version !== ARCHIVE_VERSION) {
    throw refused(`its version is ${card.version}, this Corral reads version ${ARCHIVE_VERSION}`);
  }
  state.card = card;
  state.signer = state.signerOf(card);
  if (part.address !== state.signer) throw refused('its first part is not signed by its node');
}

function end(state: Import, frames: readonly Frame[], soFar: SoFar): void {
  const [{ facts } = { facts: {} }] = frames;
  const { items, sha256 } = facts as { items: number; sha256: string };
  if (items !== soFar.count || sha256 !== soFar.sha256()) throw refused('items were left out');
  if (state.store.sequenceEnd !== state.card?.entries) throw refused('entries were left out');
  if (state.pieces.size > 0) throw refused('data of a transaction was left out');
  state.ended = true;
}

/** What is done with a frame of each kind of part. */
const TAKE: Record<Exclude<PartKind, 'end'>, (state: Import, frame: Frame) => void> = {
  network: () => undefined,
  data({ pieces, store }, { facts, bytes }) {
    const { key, size } = facts as { key: string; size: number };
    const group = [...(pieces.get(key) ?? []), bytes];
    pieces.set(key, group);
    if (group.reduce((sum, { length }) => sum + length, 0) < size) return;
    store.putData(key, Buffer.concat(group));
    pieces.delete(key);
  },
  log: ({ expected }, { facts }) => void expected.push(facts as Announced),
  blocks: ({ store }, { facts }) => store.appendBlock(facts as Block),
  balances({ store }, { facts }) {
    const { address, winston } = facts as { address: string; winston: string };
    store.setBalance(address, BigInt(winston));
  },
  chunks({ store }, { facts, bytes }) {
    const { root, start, end: last, path } = facts as ChunkFacts;
    store.putChunk(root, { start, end: last, dataPath: Buffer.from(path, 'base64url'), bytes });
  },
  journal({ store }, { facts, bytes }) {
    const { name, key, position, id } = facts as RecordFacts;
    const answer = store.records?.journal(name).append(key, position, id, bytes);
    if (answer !== 'appended') throw refused(`the record ${name} ${key} ${position} is ${answer}`);
  },
  cells({ store }, { facts, bytes }) {
    const { name, key } = facts as Pick<RecordFacts, 'name' | 'key'>;
    store.records?.cells(name).put(key, bytes);
  },
};

interface ChunkFacts {
  readonly root: string;
  readonly start: number;
  readonly end: number;
  readonly path: string;
}

interface RecordFacts {
  readonly name: string;
  readonly key: string;
  readonly position: number;
  readonly id: string;
}

function refused(reason: string): ArlocalError {
  return new ArlocalError('ARCHIVE_REFUSED', { reason });
}
