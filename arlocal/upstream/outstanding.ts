/**
 * What of the log is still to be posted: a place in it, kept with it, so that nothing is lost and
 * nothing is posted out of order. What came from the given gateway is not posted back.
 */
import { encodeBundle } from '../bundle.js';
import { type DataItem, encodeDataItem, type SignedItem } from '../data-item.js';
import type { Cells } from '../records.js';
import type { Entry, Store } from '../store.js';

/** Items for one bundle, or one transaction of a user; the place in the log after it. */
export type Batch =
  | { readonly kind: 'items'; readonly items: readonly Entry[]; readonly end: number }
  | { readonly kind: 'transaction'; readonly entry: Entry; readonly end: number };

export interface Outstanding {
  /** The next that is to be posted, up to a place; undefined if all up to there is. */
  next(end: number): Batch | undefined;
  /** It was posted, or will never be. */
  settle(batch: Batch): void;
  /** It came from the gateway. */
  skip(id: string): void;
  /** A transaction was posted whose data has not all been uploaded here. */
  owe(id: string): void;
  /** Those of them whose data is here now. */
  readonly payable: readonly Entry[];
  /** The data was posted, or never will be. */
  forgive(id: string): void;
  /** The transaction that was posted last; undefined if none was. */
  readonly last: string | undefined;
  /** That transaction was posted, and taken. */
  remember(transaction: string): void;
  /** The gateway has lost what it had: nothing was posted to it, and nothing came from it. */
  startOver(): void;
  /** How many entries are behind the last that was posted. */
  readonly waiting: number;
}

/** Bytes of items in one bundle; a larger item has one to itself. Fits into one request. */
const BUNDLE_BYTES_MAX = 4 * 1024 * 1024;
const BUNDLE_ITEMS_MAX = 100; // ArLocal takes its time with each

const NOTHING = new Uint8Array(0);

/** @param url of the gateway: another has nothing of what was posted to this one */
export function createOutstanding(store: Store, cells: Cells, url: string): Outstanding {
  const placeKey = `place ${url}`;
  const lastKey = `last ${url}`;
  const skipped = `skip ${url} `;
  const skipKey = (id: string) => skipped + id;
  const owed = `owed ${url} `;
  const saved = cells.get(placeKey);
  let place = saved ? Number(Buffer.from(saved).toString('utf8')) : 0;

  const goTo = (sequence: number) => {
    place = sequence;
    cells.put(placeKey, Buffer.from(String(place)));
  };

  /** Items of bundles are posted with the transaction that they came in. */
  const isOurs = ({ id, kind, bundledIn }: Entry) =>
    (kind === 'transaction' || bundledIn === '') && cells.get(skipKey(id)) === undefined;

  return {
    next(end) {
      const range = { sequenceMin: place + 1, sequenceMax: end, order: 'asc' } as const;
      const items: Entry[] = [];
      let bytes = 0;
      let last = place;
      for (const { sequence, entry } of store.find(range)) {
        if (isOurs(entry)) {
          const isItem = entry.kind === 'item';
          if (items.length === 0 && !isItem) return { kind: 'transaction', entry, end: sequence };
          bytes += entry.dataSize;
          const isFull = items.length >= BUNDLE_ITEMS_MAX || bytes > BUNDLE_BYTES_MAX;
          if (!isItem || (isFull && items.length > 0)) break;
          items.push(entry);
        }
        last = sequence;
      }
      return last === place ? undefined : { kind: 'items', items, end: last };
    },
    settle: (batch) => goTo(batch.end),
    get last() {
      const bytes = cells.get(lastKey);
      return bytes && Buffer.from(bytes).toString('utf8');
    },
    remember: (transaction) => cells.put(lastKey, Buffer.from(transaction)),
    startOver() {
      const ofThat = [...cells.keys()].filter(
        (key) => key === lastKey || key.startsWith(skipped) || key.startsWith(owed),
      );
      for (const key of ofThat) cells.drop(key);
      goTo(0);
    },
    skip: (id) => cells.put(skipKey(id), NOTHING),
    owe: (id) => cells.put(owed + id, NOTHING),
    forgive: (id) => cells.drop(owed + id),
    get payable() {
      const keys = [...cells.keys()].filter((key) => key.startsWith(owed));
      const entries = keys.flatMap((key) => store.get(key.slice(owed.length))?.entry ?? []);
      return entries.filter(({ dataKey }) => store.data(dataKey) !== undefined);
    },
    get waiting() {
      return store.sequenceEnd - place;
    },
  };
}

/** Entries as the bundle that is posted. */
export function bundleOf(store: Store, entries: readonly Entry[]): Uint8Array {
  const items = entries.map((entry): SignedItem => {
    const item: DataItem = { ...entry, data: store.data(entry.dataKey) ?? new Uint8Array(0) };
    return { item, bytes: encodeDataItem(item) };
  });
  return encodeBundle(items);
}
