/**
 * The index of a store in memory: entries by id and by term, which whoever goes on from a saved state
 * shares with all others that do. Terms are read when a query comes, because most networks have none.
 */
import { createMatcher, type Filter } from './filter.js';
import { createLayeredMap, type LayeredMap } from './layered-map.js';
import type { Stored } from './store.js';
import { entryTerms, filterTerms } from './terms.js';

/** What the index of a saved state holds. Follows from the state. */
export interface IndexState {
  readonly byId: ReadonlyMap<string, Stored>;
  /** Sequence numbers by term, of the first so many entries. */
  readonly postings: ReadonlyMap<string, readonly number[]>;
  readonly indexed: number;
}

export interface MemoryIndex {
  /** Takes an entry that was added to the log. */
  add(stored: Stored): void;
  /** By id or alias. */
  get(id: string): Stored | undefined;
  find(filter: Filter): Iterable<Stored>;
  /** Leaves out entries that were taken from the log. */
  remove(stored: readonly Stored[]): void;
  seal(): IndexState;
}

/** @param state of the log up to some entry, or nothing: then all of it is added anew */
export function createMemoryIndex(log: readonly Stored[], state?: IndexState): MemoryIndex {
  const byId = createLayeredMap(state?.byId);
  const postings = createPostings(log, byId, state);
  const add = (stored: Stored) => {
    const { id, alias } = stored.entry;
    byId.set(id, stored);
    if (alias !== '') byId.set(alias, stored);
  };
  if (!state) for (const stored of log) add(stored);
  return {
    add,
    get: byId.get,
    find: postings.find,
    remove(gone) {
      for (const { entry } of gone) {
        byId.drop(entry.id);
        if (entry.alias !== '') byId.drop(entry.alias);
      }
      postings.reset();
    },
    seal: () => ({ byId: byId.seal(), ...postings.seal() }),
  };
}

/** Sequence numbers by term, brought up to date by each query. */
function createPostings(
  log: readonly Stored[],
  byId: LayeredMap<string, Stored>,
  state?: IndexState,
) {
  // A list is changed only while it is in no other index.
  let postings = createLayeredMap<string, readonly number[]>(state?.postings);
  let indexed = state?.indexed ?? 0;

  function post(term: string, sequence: number): void {
    const list = postings.get(term);
    if (list && postings.isOwn(term)) (list as number[]).push(sequence);
    else postings.set(term, list ? [...list, sequence] : [sequence]);
  }

  function catchUp(): void {
    for (; indexed < log.length; indexed++) {
      const { sequence, entry } = log[indexed] as Stored;
      for (const term of entryTerms(entry)) post(term, sequence);
    }
  }

  /** The shortest list that holds every match, undefined if only a scan of the log does. */
  function narrow(filter: Filter): readonly number[] | undefined {
    const lists = filterTerms(filter).map((terms) => terms.map((term) => postings.get(term) ?? []));
    const size = (parts: readonly (readonly number[])[]) =>
      parts.reduce((sum, part) => sum + part.length, 0);
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
    const sequenceAt = (place: number) => candidates?.[place] ?? log[place]?.sequence ?? 0;
    const length = candidates?.length ?? log.length;
    const first = bisect(length, (place) => sequenceAt(place) >= filter.sequenceMin);
    const end = bisect(length, (place) => sequenceAt(place) > filter.sequenceMax);
    for (let step = 0; step < end - first; step++) {
      const place = filter.order === 'asc' ? first + step : end - 1 - step;
      const stored = candidates ? entryAt(log, sequenceAt(place)) : log[place];
      if (stored && matches(stored)) yield stored;
    }
  }

  return {
    find,
    /** The next query reads the terms of all that is left. */
    reset() {
      postings = createLayeredMap();
      indexed = 0;
    },
    seal: () => ({ postings: postings.seal(), indexed }),
  };
}

/** Of entries with ascending sequence numbers, the place of the first from a number on. */
export function placeOf(log: readonly Stored[], sequence: number): number {
  if (log[sequence - 1]?.sequence === sequence) return sequence - 1; // nothing was forgotten before
  return bisect(log.length, (place) => (log[place]?.sequence ?? 0) >= sequence);
}

function entryAt(log: readonly Stored[], sequence: number): Stored | undefined {
  const stored = log[placeOf(log, sequence)];
  return stored?.sequence === sequence ? stored : undefined;
}

/** The first place from 0 where a condition holds that stays true from there on. */
export function bisect(length: number, holds: (place: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
