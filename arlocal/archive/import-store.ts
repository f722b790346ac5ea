/**
 * A store from a bundle that `exportStore` made. Every part must be signed by the node and every item
 * must be the one that the parts announce, in order and to the end; what the items themselves say is
 * verified once they are stored.
 */
import { createHash } from 'node:crypto';
import { type DataItem, decodeDataItem } from '../data-item.js';
import { isId, toBase64Url } from '../encoding.js';
import { ArlocalError } from '../errors.js';
import { itemEntry } from '../intake.js';
import { transactionToJson } from '../sign-transaction.js';
import type { Entry, Store } from '../store.js';
import { parseTransaction } from '../transaction.js';
import { transactionEntry } from '../uploads.js';
import type { BundledBytes } from './bundle-file.js';
import { ARCHIVE_VERSION } from './export-store.js';
import { type Frame, factsOf, type PartKind, partKind, readFrames } from './parts.js';

export interface ImportOptions {
  /** An empty one. */
  readonly store: Store;
  /** Address that must have signed the parts, by what the first part says of the network. */
  readonly signerOf: (card: Readonly<Record<string, unknown>>) => string;
  readonly onProgress?: ((what: string, done: number, total: number) => void) | undefined;
}

const NO_BYTES = new Uint8Array(0);

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
 * @throws {ARCHIVE_REFUSED, BUNDLE_MALFORMED} and what `decodeDataItem` and `parseTransaction` throw
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
    attempt(() => take(state, id, bytes, { count, sha256: () => digest.copy().digest('hex') }));
    digest.update(id);
    count++;
    if (count % COMMIT_ITEMS === 0) options.store.flush();
  }
  if (!state.ended || !state.card) throw refused('it has no end');
  return state.card;
}

/** What is no error of ours came of parts that do not say what they should. */
function attempt(act: () => void): void {
  try {
    act();
  } catch (cause) {
    if (cause instanceof ArlocalError) throw cause;
    throw refused(`a part of it cannot be read: ${(cause as Error).message}`);
  }
}

/** What a part announces: items that follow, and transactions, which are in the part itself. */
type Announced = ItemFacts | TransactionFacts;

interface TransactionFacts extends Omit<Entry, 'kind' | 'tagBytes' | 'l1'> {
  readonly kind: 'transaction';
  readonly l1: Omit<NonNullable<Entry['l1']>, 'quantity' | 'reward'> & {
    readonly quantity: string;
    readonly reward: string;
  };
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
    append(state.store, itemEntry(item, alias, bundledIn, receivedMs), item.data);
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
  else if (!Object.hasOwn(TAKE, kind)) throw refused(`a part of it is called ${kind}`);
  else for (const frame of frames) TAKE[kind](state, frame);
  if (kind !== 'log') return;
  state.expected.reverse();
  storeTransactions(state);
}

/** Stores the announced transactions that come before the next item. */
function storeTransactions({ expected, store }: Import): void {
  for (let next = expected.at(-1); next?.kind === 'transaction'; next = expected.at(-1)) {
    append(store, transactionOf(next, store), undefined);
    expected.pop();
  }
}

/** The entry of a transaction, by what its owner signed. */
function transactionOf(facts: TransactionFacts, store: Store): Entry {
  const { anchor: lastTx, l1, receivedMs } = facts;
  const amounts = { quantity: BigInt(l1.quantity), reward: BigInt(l1.reward) };
  const json = transactionToJson({ ...facts, ...l1, ...amounts, lastTx, data: undefined });
  const data = l1.format === 1 ? store.data(facts.id) : undefined; // it is signed with the rest
  const transaction = parseTransaction({ ...json, data: toBase64Url(data ?? NO_BYTES) });
  return transactionEntry(transaction, receivedMs, store.weaveEnd);
}

function append(store: Store, entry: Entry, data: Uint8Array | undefined): void {
  const { id, alias } = entry;
  if (store.get(id)) throw refused(`${id} is in it twice`);
  if (alias !== '' && (!isId(alias) || store.get(alias))) throw refused(`the alias of ${id}`);
  store.append(entry, data);
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
  const { items, sha256 } = factsOf(frames[0]?.facts, { items: 'number', sha256: 'string' });
  if (items !== soFar.count || sha256 !== soFar.sha256()) throw refused('items were left out');
  if (state.store.sequenceEnd !== state.card?.entries) throw refused('entries were left out');
  if (state.pieces.size > 0) throw refused('data of a transaction was left out');
  state.ended = true;
}

const ANNOUNCED = {
  kind: 'string',
  id: 'string',
  alias: 'string',
  bundledIn: 'string',
  receivedMs: 'number',
} as const;
const BLOCK = {
  height: 'number',
  id: 'string',
  previous: 'string',
  timestampMs: 'number',
  sequenceEnd: 'number',
  weaveSize: 'number',
} as const;
const CHUNK = { root: 'string', start: 'number', end: 'number', path: 'string' } as const;
const RECORD = { name: 'string', key: 'string', position: 'number', id: 'string' } as const;

/** What is done with a frame of each kind of part. */
const TAKE: Record<Exclude<PartKind, 'end'>, (state: Import, frame: Frame) => void> = {
  network: () => undefined,
  data({ pieces, store }, { facts, bytes }) {
    const { key, size } = factsOf(facts, { key: 'string', size: 'number' });
    const group = [...(pieces.get(key) ?? []), bytes];
    pieces.set(key, group);
    if (group.reduce((sum, { length }) => sum + length, 0) < size) return;
    store.putData(key, Buffer.concat(group));
    pieces.delete(key);
  },
  log({ expected }, { facts }) {
    const { kind } = factsOf(facts, ANNOUNCED);
    if (kind !== 'item' && kind !== 'transaction') throw refused(`it has a ${kind} in its log`);
    expected.push(facts as Announced);
  },
  blocks({ store }, { facts }) {
    const block = factsOf(facts, BLOCK);
    const isNext = block.height === (store.tip?.height ?? -1) + 1 && !store.block(block.id);
    if (!isNext) throw refused(`its block ${block.height} is out of order`);
    store.appendBlock(block);
  },
  balances({ store }, { facts }) {
    const { address, winston } = factsOf(facts, { address: 'string', winston: 'string' });
    store.setBalance(address, BigInt(winston));
  },
  chunks({ store }, { facts, bytes }) {
    const { root, start, end: last, path } = factsOf(facts, CHUNK);
    store.putChunk(root, { start, end: last, dataPath: Buffer.from(path, 'base64url'), bytes });
  },
  journal({ store }, { facts, bytes }) {
    const { name, key, position, id } = factsOf(facts, RECORD);
    const answer = store.records?.journal(name).append(key, position, id, bytes);
    if (answer !== 'appended') throw refused(`the record ${name} ${key} ${position} is ${answer}`);
  },
  cells({ store }, { facts, bytes }) {
    const { name, key } = factsOf(facts, { name: 'string', key: 'string' });
    store.records?.cells(name).put(key, bytes);
  },
};

function refused(reason: string): ArlocalError {
  return new ArlocalError('ARCHIVE_REFUSED', { reason });
}
