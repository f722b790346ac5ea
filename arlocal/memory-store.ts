/**
 * A store in memory, for tests and for networks that need not outlive their run.
 *
 * Appending is the hot path of a network, so it only pushes; the index that queries use catches
 * up with the log when a query comes.
 */
import { createMatcher, type Filter } from './filter.js';
import type { Block, Chunk, Store, Stored } from './store.js';
import { entryTerms, filterTerms } from './terms.js';

export function createMemoryStore(): Store {
  const log: Stored[] = [];
  const byId = new Map<string, Stored>();
  const dataByKey = new Map<string, Uint8Array>();
  const chunksByRoot = new Map<string, Map<number, Chunk>>();
  const weave: Stored[] = []; // the L1 transactions that have data, in order
  const blocks: Block[] = [];
  const blockById = new Map<string, Block>();
  const balances = new Map<string, bigint>();
  const index = createIndex(log, byId);
  return {
    append(entry, data) {
      const stored = { sequence: log.length + 1, entry };
      log.push(stored);
      byId.set(entry.id, stored);
      if (entry.alias !== '') byId.set(entry.alias, stored);
      if (entry.l1 && entry.dataSize > 0) weave.push(stored);
      if (data) dataByKey.set(entry.dataKey, data);
      return stored.sequence;
    },
    get: (id) => byId.get(id),
    find: (filter) => index.find(filter),
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
    putData: (key, bytes) => void dataByKey.set(key, bytes),
    data: (key) => dataByKey.get(key),
    hasData: (key) => dataByKey.has(key),
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
    setBalance: (address, winston) => void balances.set(address, winston),
    accounts: () => balances.keys(),
    records: undefined,
    pending: false,
    flush: () => undefined,
    close: () => undefined,
  };
}

/** The first place from 0 where a condition holds that stays true from there on. */
function bisect(length: number, holds: (place: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Sequence numbers by term, brought up to date by each query. */
function createIndex(log: readonly Stored[], byId: ReadonlyMap<string, Stored>) {
  const postings = new Map<string, number[]>();
  let indexed = 0;

  function catchUp(): void {
    for (; indexed < log.length; indexed++) {
      const { sequence, entry } = log[indexed] as Stored;
      for (const term of entryTerms(entry)) {
        const list = postings.get(term);
        if (list) list.push(sequence);
        else postings.set(term, [sequence]);
      }
    }
  }

  /** The shortest list that holds every match, undefined if only a scan of the log does. */
  function narrow(filter: Filter): readonly number[] | undefined {
    const lists = filterTerms(filter).map((terms) => terms.map((term) => postings.get(term) ?? []));
    const size = (parts: readonly number[][]) => parts.reduce((sum, part) => sum + part.length, 0);
    const shortest = lists.sort((a, b) => size(a) - size(b))[0];
    if (!shortest || shortest.length === 1) return shortest?.[0];
    return [...new Set(shortest.flat())].sort((a, b) => a - b);
  }

  function* find(filter: Filter): Iterable<Stored> {
    const matches = createMatcher(filter);
    if (filter.ids) {
      const found = new Set(filter.ids.flatMap((id) => byId.get(id) ?? []));
      const sign = filter.order === 'asc' ? 1 : -1;
      yield* [...found].filter(matches).sort((a, b) => sign * (a.sequence - b.sequence));
      return;
    }
    catchUp();
    const candidates = narrow(filter);
    // In the log itself, place and sequence number differ by one.
    const sequenceAt = (place: number) => candidates?.[place] ?? place + 1;
    const length = candidates?.length ?? log.length;
    const first = bisect(length, (place) => sequenceAt(place) >= filter.sequenceMin);
    const end = bisect(length, (place) => sequenceAt(place) > filter.sequenceMax);
    for (let step = 0; step < end - first; step++) {
      const place = filter.order === 'asc' ? first + step : end - 1 - step;
      const stored = log[sequenceAt(place) - 1];
      if (stored && matches(stored)) yield stored;
    }
  }

  return { find };
}
