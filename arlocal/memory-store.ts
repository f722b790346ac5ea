/**
 * A store in memory, for tests and for networks that need not outlive their run.
 *
 * Appending is the hot path of a network, so it only pushes; the index that queries use catches
 * up with the log when a query comes. All that it holds can be captured as a plain value, from which
 * any number of stores go on, each for itself.
 */
import { createLayeredMap } from './layered-map.js';
import { bisect, createMemoryIndex, type IndexState } from './memory-index.js';
import type { Block, Chunk, Store, Stored, StoreState } from './store.js';

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
  const log: Stored[] = state ? [...state.log] : [];
  const index = createMemoryIndex(log, state && indexes?.get(state));
  const dataByKey = createLayeredMap(state?.data);
  const chunksByRoot = copyChunks(state?.chunks ?? new Map());
  const weave = log.filter(isOfWeave); // the L1 transactions that have data, in order
  const blocks: Block[] = state ? [...state.blocks] : [];
  const blockById = new Map(blocks.map((block) => [block.id, block]));
  const balances = createLayeredMap(state?.balances);
  return {
    append(entry, data) {
      const stored = { sequence: log.length + 1, entry };
      log.push(stored);
      index.add(stored);
      if (isOfWeave(stored)) weave.push(stored);
      if (data) dataByKey.set(entry.dataKey, data);
      return stored.sequence;
    },
    get: index.get,
    find: index.find,
    get sequenceEnd() {
      return log.length;
    },
    ids: (low, high) => log.slice(low - 1, high).map(({ entry }) => entry.id),
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
    putChunk(dataRoot, chunk) {
      const chunks = chunksByRoot.get(dataRoot) ?? new Map<number, Chunk>();
      chunksByRoot.set(dataRoot, chunks.set(chunk.start, chunk));
    },
    chunks: (dataRoot) => {
      const chunks = chunksByRoot.get(dataRoot)?.values() ?? [];
      return [...chunks].sort((a, b) => a.start - b.start);
    },
    chunkBytes(dataRoot) {
      let total = 0;
      for (const { bytes } of chunksByRoot.get(dataRoot)?.values() ?? []) total += bytes.length;
      return total;
    },
    chunkRoots: () => chunksByRoot.keys(),
    dropChunks: (dataRoot) => void chunksByRoot.delete(dataRoot),
    appendBlock(block) {
      blocks.push(block);
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
    capture() {
      const captured: StoreState = {
        log: [...log],
        data: dataByKey.seal(),
        chunks: copyChunks(chunksByRoot),
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

function isOfWeave({ entry }: Stored): boolean {
  return entry.l1 !== null && entry.dataSize > 0;
}

function copyChunks(chunks: StoreState['chunks']): Map<string, Map<number, Chunk>> {
  return new Map([...chunks].map(([root, pieces]) => [root, new Map(pieces)]));
}
