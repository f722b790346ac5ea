/**
 * A store in memory, for tests and for networks that need not outlive their run.
 *
 * Appending is the hot path of a network, so it only pushes; the index that queries use catches
 * up with the log when a query comes. All that it holds can be captured as a plain value, from which
 * any number of stores go on, each for itself.
 */
import { ArlocalError } from './errors.js';
import { sha256Text } from './hashing.js';
import { createLayeredMap } from './layered-map.js';
import { bisect, createMemoryIndex, type IndexState, placeOf } from './memory-index.js';
import type { Block, Chunk, Entry, Store, Stored, StoreState } from './store.js';

/** Indexes of states, by the state: they follow from it, and making one takes longer than a fork. */
export type StateIndexes = WeakMap<StoreState, IndexState>;

export function createStateIndexes(): StateIndexes {
  return new WeakMap();
}

export interface MemoryStoreOptions {
  /** What another store captured, to go on from. */
  readonly state?: StoreState | undefined;
  /** Shared by the stores that go on from one another's states. */
  readonly indexes?: StateIndexes | undefined;
}

export function createMemoryStore(options: MemoryStoreOptions = {}): Store {
  const { state, indexes } = options;
  const log: Stored[] = state ? [...state.log] : []; // what was not forgotten, in order
  let sequenceEnd = log.length;
  const forgotten = createForgotten();
  const index = createMemoryIndex(log, state && indexes?.get(state));
  const dataByKey = createLayeredMap(state?.data);
  const chunks = createChunks(state?.chunks);
  const weave = createWeave(log);
  const blocks = createBlocks(state?.blocks);
  const balances = createLayeredMap(state?.balances);
  const append = (entry: Entry, data: Uint8Array | undefined) => {
    sequenceEnd++;
    const stored = { sequence: sequenceEnd, entry };
    log.push(stored);
    index.add(stored);
    weave.add(stored);
    if (data) dataByKey.set(entry.dataKey, data);
    return stored.sequence;
  };
  const late = createLate((entry) => append(entry, NO_DATA));
  return {
    append(entry, data) {
      late.settle();
      return append(entry, data);
    },
    appendLater: late.push,
    get: (id) => index.get(id) ?? (late.settle() ? index.get(id) : undefined),
    find(filter) {
      late.settle();
      return index.find(filter);
    },
    get sequenceEnd() {
      late.settle();
      return sequenceEnd;
    },
    ids(low, high) {
      late.settle();
      const entries = log.slice(placeOf(log, low), placeOf(log, high + 1));
      return [...forgotten.ids(low), ...entries.map(({ entry }) => entry.id)];
    },
    transactionAt: weave.at,
    get weaveEnd() {
      return weave.end;
    },
    putData: dataByKey.set,
    data: (key) => dataByKey.get(key) ?? (late.settle() ? dataByKey.get(key) : undefined),
    hasData: (key) => dataByKey.has(key) || (late.settle() && dataByKey.has(key)),
    ...chunks.port,
    ...blocks.port,
    appendBlock(block) {
      blocks.append(block);
      forgotten.clear();
    },
    get tip() {
      return blocks.all.at(-1);
    },
    balance: (address) => balances.get(address) ?? 0n,
    setBalance: balances.set,
    accounts: balances.keys,
    ...NOTHING_LASTS,
    forget(isOver) {
      late.settle();
      const gone = takeOut(log, placeOf(log, forgotten.end + 1), isOver);
      for (const { entry } of gone) dataByKey.drop(entry.dataKey);
      forgotten.add(gone, sequenceEnd);
      index.remove(gone);
    },
    capture() {
      late.settle();
      if (forgotten.count > 0) throw new ArlocalError('SNAPSHOT_NEEDS_HISTORY');
      const captured: StoreState = {
        log: [...log],
        data: dataByKey.seal(),
        chunks: chunks.copy(),
        blocks: [...blocks.all],
        balances: balances.seal(),
      };
      indexes?.set(captured, index.seal());
      return captured;
    },
  };
}

const NOTHING_LASTS = {
  records: undefined,
  pending: false,
  flush: () => undefined,
  close: () => undefined,
};

/** Takes entries out of the first so many, and answers them. */
function takeOut(log: Stored[], count: number, isOver: (entry: Entry) => boolean): Stored[] {
  const old = log.slice(0, count);
  const gone = new Set(old.filter(({ entry }) => isOver(entry)));
  log.splice(0, count, ...old.filter((stored) => !gone.has(stored)));
  return [...gone];
}

/**
 * The ids that a block still has to commit to and that nobody knows any more: one digest over them all
 * stands in their place.
 */
function createForgotten() {
  let digest = '';
  let last = 0;
  let end = 0;
  let count = 0;
  return {
    get count() {
      return count;
    },
    /** The end of the log when something was to be forgotten the last time. */
    get end() {
      return end;
    },
    add(gone: readonly Stored[], endNow: number) {
      end = endNow;
      count += gone.length;
      last = gone.at(-1)?.sequence ?? last;
      for (const { entry } of gone) digest = sha256Text(Buffer.from(`${digest}\n${entry.id}`));
    },
    /** What stands for those among the entries from a sequence number on. */
    ids: (sequenceMin: number) => (digest !== '' && sequenceMin <= last ? [digest] : []),
    clear() {
      digest = '';
    },
  };
}

const NO_DATA = new Uint8Array(0);

/** Entries that wait until somebody looks. */
function createLate(add: (entry: Entry) => void) {
  let waiting: (() => Entry)[] = [];
  return {
    push: (make: () => Entry): void => void waiting.push(make),
    /** Adds what waits. @returns whether anything did */
    settle(): boolean {
      if (waiting.length === 0) return false;
      const all = waiting;
      waiting = [];
      for (const make of all) add(make());
      return true;
    },
  };
}

/** The L1 transactions that have data, in order. */
function createWeave(log: readonly Stored[]) {
  const all: Stored[] = [];
  const endOf = (stored: Stored | undefined) => stored?.entry.l1?.weaveEnd ?? 0;
  const add = (stored: Stored): void => {
    if (stored.entry.l1 !== null && stored.entry.dataSize > 0) all.push(stored);
  };
  for (const stored of log) add(stored);
  return {
    add,
    at: (offset: number) => all[bisect(all.length, (place) => endOf(all[place]) >= offset)],
    get end() {
      return endOf(all.at(-1));
    },
  };
}

function createBlocks(state: readonly Block[] = []) {
  const all = [...state];
  const byId = new Map(all.map((block) => [block.id, block]));
  const port: Pick<Store, 'block' | 'blockOf'> = {
    block: (key) => (typeof key === 'number' ? all[key] : byId.get(key)),
    blockOf(sequence) {
      const closedAfter = (place: number) => (all[place]?.sequenceEnd ?? 0) >= sequence;
      return all[bisect(all.length, closedAfter)];
    },
  };
  const append = (block: Block): void => {
    all.push(block);
    byId.set(block.id, block);
  };
  return { all, port, append };
}

/** The part of a store that keeps pieces of data which is not complete yet. */
function createChunks(state: StoreState['chunks'] = new Map()) {
  const byRoot = copyChunks(state);
  type Port = Pick<Store, 'putChunk' | 'chunks' | 'chunkBytes' | 'chunkRoots' | 'dropChunks'>;
  const port: Port = {
    putChunk(dataRoot, chunk) {
      const chunks = byRoot.get(dataRoot) ?? new Map<number, Chunk>();
      byRoot.set(dataRoot, chunks.set(chunk.start, chunk));
    },
    chunks: (dataRoot) => {
      const chunks = byRoot.get(dataRoot)?.values() ?? [];
      return [...chunks].sort((a, b) => a.start - b.start);
    },
    chunkBytes(dataRoot) {
      let total = 0;
      for (const { bytes } of byRoot.get(dataRoot)?.values() ?? []) total += bytes.length;
      return total;
    },
    chunkRoots: () => byRoot.keys(),
    dropChunks: (dataRoot) => void byRoot.delete(dataRoot),
  };
  return { port, copy: () => copyChunks(byRoot) };
}

function copyChunks(chunks: StoreState['chunks']): Map<string, Map<number, Chunk>> {
  return new Map([...chunks].map(([root, pieces]) => [root, new Map(pieces)]));
}
