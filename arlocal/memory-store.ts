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
  const weave = log.filter(isOfWeave); // the L1 transactions that have data, in order
  const blocks: Block[] = state ? [...state.blocks] : [];
  const blockById = new Map(blocks.map((block) => [block.id, block]));
  const balances = createLayeredMap(state?.balances);
  return {
    append(entry, data) {
      sequenceEnd++;
      const stored = { sequence: sequenceEnd, entry };
      log.push(stored);
      index.add(stored);
      if (isOfWeave(stored)) weave.push(stored);
      if (data) dataByKey.set(entry.dataKey, data);
      return stored.sequence;
    },
    get: index.get,
    find: index.find,
    get sequenceEnd() {
      return sequenceEnd;
    },
    ids: (low, high) => [
      ...forgotten.ids(low),
      ...log.slice(placeOf(log, low), placeOf(log, high + 1)).map(({ entry }) => entry.id),
    ],
    transactionAt(offset) {
      const endsAfter = (place: number) => (weave[place]?.entry.l1?.weaveEnd ?? 0) >= offset;
      return weave[bisect(weave.length, endsAfter)];
    },
    get weaveEnd() {
      return weave.at(-1)?.entry.l1?.weaveEnd ?? 0;
    },
    putData: dataByKey.set,
    data: dataByKey.get,
    hasData: dataByKey.has,
    ...chunks.port,
    appendBlock(block) {
      blocks.push(block);
      forgotten.clear();
      blockById.set(block.id, block);
    },
    block: (key) => (typeof key === 'number' ? blocks[key] : blockById.get(key)),
    blockOf(sequence) {
      const closedAfter = (place: number) => (blocks[place]?.sequenceEnd ?? 0) >= sequence;
      return blocks[bisect(blocks.length, closedAfter)];
    },
    get tip() {
      return blocks.at(-1);
    },
    balance: (address) => balances.get(address) ?? 0n,
    setBalance: balances.set,
    accounts: balances.keys,
    records: undefined,
    forget(isOver) {
      const gone = takeOut(log, placeOf(log, forgotten.end + 1), isOver);
      for (const { entry } of gone) dataByKey.drop(entry.dataKey);
      forgotten.add(gone, sequenceEnd);
      index.remove(gone);
    },
    capture() {
      if (forgotten.count > 0) throw new ArlocalError('SNAPSHOT_NEEDS_HISTORY');
      const captured: StoreState = {
        log: [...log],
        data: dataByKey.seal(),
        chunks: chunks.copy(),
        blocks: [...blocks],
        balances: balances.seal(),
      };
      indexes?.set(captured, index.seal());
      return captured;
    },
    pending: false,
    flush: () => undefined,
    close: () => undefined,
  };
}

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

function isOfWeave({ entry }: Stored): boolean {
  return entry.l1 !== null && entry.dataSize > 0;
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
