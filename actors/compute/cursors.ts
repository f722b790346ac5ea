/**
 * Cursors into the evaluations of a process: base64 JSON {timestamp, ordinate, cron, sort}, as the
 * reference compute unit writes them and clients take them apart.
 */
import { fieldsOf, numberOf, textOf } from '../../arlocal/json-fields.js';
import { ActorError, invariant } from '../errors.js';
import { weightOf } from '../json-weight.js';
import { compareCronNames } from '../scheduler/cron.js';
import { findPlace, type Sequence } from '../sequence.js';

/** Where an evaluation stands: crons share the ordinate of the message before them. */
export interface Ordinate {
  readonly timestampMs: number;
  /** Nonce of the message, or of the last one before a cron. */
  readonly nonce: number;
  readonly cron?: string;
}

export type Sort = 'ASC' | 'DESC';

export interface Page<Node> {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  readonly hasNextPage: boolean;
}

export interface PageQuery {
  /** Cursor or bare timestamp; what it points at is left out. */
  readonly from?: string | undefined;
  /** Cursor or bare timestamp; what it points at is included. */
  readonly to?: string | undefined;
  readonly sort?: Sort | undefined;
  readonly limit?: number | undefined;
}

export function encodeCursor(at: Ordinate, sort: Sort): string {
  return Buffer.from(
    JSON.stringify({
      timestamp: at.timestampMs,
      ordinate: String(at.nonce),
      cron: at.cron,
      sort,
    }),
  ).toString('base64');
}

/** @throws {BAD_CURSOR} */
export function decodeCursor(text: string): Ordinate {
  if (/^\d+$/.test(text)) return { timestampMs: Number(text), nonce: Number.POSITIVE_INFINITY };
  const fields = fieldsOf(parseJson(Buffer.from(text, 'base64').toString('utf8')));
  const [timestampMs, nonce] = [numberOf(fields.get('timestamp')), textOf(fields.get('ordinate'))];
  const cron = fields.get('cron');
  if (Number.isFinite(timestampMs) && /^\d+$/.test(nonce ?? '')) {
    return { timestampMs, nonce: Number(nonce), ...(typeof cron === 'string' ? { cron } : {}) };
  }
  throw new ActorError('BAD_CURSOR', `"${text}" is neither a cursor nor a timestamp`, {
    hint: 'Pass the cursor of an edge that /results answered, or milliseconds since 1970.',
    details: { cursor: text },
  });
}

/** Characters of JSON that a page has at most, whatever its limit; a single result may have more. */
const PAGE_BYTES = 16 * 1024 * 1024;

/**
 * The page of `entries` (in the order of evaluation) that a query asks for, of those that `isMeant`.
 * Reads little more than what is on it.
 * @throws {BAD_CURSOR}
 */
export function pageOf<Entry extends Ordinate, Node>(
  entries: Sequence<Entry>,
  query: PageQuery,
  limitDefault: number,
  toNode: (entry: Entry) => Node,
  isMeant: (entry: Entry) => boolean = () => true,
): Page<Node> {
  const sort = query.sort ?? 'ASC';
  const limit = query.limit ?? limitDefault;
  const from = query.from === undefined ? undefined : decodeCursor(query.from);
  const to = query.to === undefined ? undefined : decodeCursor(query.to);
  const step = sort === 'ASC' ? 1 : -1;
  const { length, start = 0 } = entries;
  const isAfter = (place: number, at: Ordinate) => compare(entryAt(entries, place), at) > 0;
  const isFrom = (place: number, at: Ordinate) => compare(entryAt(entries, place), at) >= 0;
  let place = step === 1 ? start : length - 1;
  if (from && step === 1) place = findPlace(length, (it) => isAfter(it, from), start);
  if (from && step === -1) place = findPlace(length, (it) => isFrom(it, from), start) - 1;
  const edges: { cursor: string; node: Node }[] = [];
  let bytes = 0;
  for (; place >= start && place < length; place += step) {
    const entry = entryAt(entries, place);
    if (to !== undefined && compare(entry, to) * step > 0) break;
    if (!isMeant(entry)) continue;
    if (edges.length === limit) return { edges, hasNextPage: true };
    const node = toNode(entry);
    bytes += weightOf(node);
    if (edges.length > 0 && bytes > PAGE_BYTES) return { edges, hasNextPage: true };
    edges.push({ cursor: encodeCursor(entry, sort), node });
  }
  return { edges, hasNextPage: false };
}

function entryAt<Entry>(entries: Sequence<Entry>, place: number): Entry {
  const entry = entries.at(place);
  invariant(entry !== undefined, 'a sequence has all entries up to its length');
  return entry;
}

/** Order of evaluation: by nonce, the message before its crons, these by time and then by interval. */
function compare(entry: Ordinate, at: Ordinate): number {
  if (at.nonce === Number.POSITIVE_INFINITY) return entry.timestampMs - at.timestampMs;
  if (entry.nonce !== at.nonce) return entry.nonce - at.nonce;
  if (entry.cron === undefined || at.cron === undefined) {
    return Number(entry.cron !== undefined) - Number(at.cron !== undefined);
  }
  return entry.timestampMs - at.timestampMs || compareCronNames(entry.cron, at.cron);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
