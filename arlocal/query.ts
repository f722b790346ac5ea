/**
 * Pages of entries, newest or oldest block first, with cursors.
 *
 * Entries are numbered as they arrive and blocks close in that order, so ordering by height is
 * ordering by sequence number: pending entries are the newest, and a cursor is a sequence number.
 */
import { ArlocalError } from './errors.js';
import type { Filter } from './filter.js';
import type { Block, Store, Stored } from './store.js';

type Sort = 'HEIGHT_DESC' | 'HEIGHT_ASC';

type Conditions = Omit<Filter, 'sequenceMin' | 'sequenceMax' | 'order'>;

export interface Query extends Conditions {
  readonly blockMin?: number | undefined; // heights, inclusive; either one leaves out the pending
  readonly blockMax?: number | undefined;
  readonly sort?: Sort | undefined; // HEIGHT_DESC unless told otherwise
  readonly first?: number | undefined; // 10 unless told otherwise, at most PAGE_MAX
  readonly after?: string | undefined; // a cursor
}

/** An entry with its block; no block while it is pending. */
export interface Located extends Stored {
  readonly block: Block | undefined;
}

export interface Page {
  readonly edges: readonly (Located & { readonly cursor: string })[];
  readonly hasNextPage: boolean;
}

/** Entries on one page: the bound of Arweave's gateways is 100, ours leaves room for tools. */
export const PAGE_MAX = 1000;
const PAGE_DEFAULT = 10;

/** Entries on a page that was asked for with `first`. @throws {PAGE_SIZE_INVALID} */
export function pageSize(first: number = PAGE_DEFAULT): number {
  if (first < 0) throw new ArlocalError('PAGE_SIZE_INVALID', { first, max: PAGE_MAX });
  return Math.min(first, PAGE_MAX);
}

/** @throws {CURSOR_INVALID, PAGE_SIZE_INVALID} */
export function findPage(store: Store, query: Query): Page {
  const first = pageSize(query.first);
  const found: Stored[] = [];
  for (const stored of store.find(createFilter(store, query))) {
    found.push(stored);
    if (found.length > first) break;
  }
  const edges = found.slice(0, first).map((stored) => ({
    ...stored,
    block: store.blockOf(stored.sequence),
    cursor: writeCursor(stored.sequence),
  }));
  return { edges, hasNextPage: found.length > first };
}

/** How many entries a query matches on all its pages. */
export function countMatches(store: Store, query: Query): number {
  const filter = createFilter(store, { ...query, after: undefined });
  const { sequenceMin, sequenceMax, order: _order, ...conditions } = filter;
  // Without conditions it is every entry in the range, and none need be read.
  const isAll = Object.values(conditions).every((condition) => condition === undefined);
  if (isAll) return Math.max(0, sequenceMax - Math.max(1, sequenceMin) + 1);
  let count = 0;
  for (const _ of store.find(filter)) count++;
  return count;
}

function createFilter(store: Store, query: Query): Filter {
  const { blockMin, blockMax, sort, first: _first, after, ...conditions } = query;
  const order = sort === 'HEIGHT_ASC' ? 'asc' : 'desc';
  let [sequenceMin, sequenceMax] = blockRange(store, blockMin, blockMax);
  if (after !== undefined && after !== '') {
    const sequence = readCursor(after);
    if (order === 'asc') sequenceMin = Math.max(sequenceMin, sequence + 1);
    else sequenceMax = Math.min(sequenceMax, sequence - 1);
  }
  return { ...conditions, sequenceMin, sequenceMax, order };
}

function blockRange(store: Store, min?: number, max?: number): [number, number] {
  if (min === undefined && max === undefined) return [1, store.sequenceEnd];
  const tip = store.tip?.height ?? -1;
  const endOf = (height: number) => store.block(Math.min(height, tip))?.sequenceEnd ?? 0;
  return [endOf((min ?? 0) - 1) + 1, endOf(max ?? tip)];
}

function writeCursor(sequence: number): string {
  return Buffer.from(`entry ${sequence}`).toString('base64url');
}

function readCursor(cursor: string): number {
  const match = /^entry (\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (!match) throw new ArlocalError('CURSOR_INVALID', { cursor });
  return Number(match[1]);
}
