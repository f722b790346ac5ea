/**
 * The index of terms in SQLite: a projection of the log that can be built again at any time.
 *
 * It is kept by segments of the log. A segment is written once, when it is full and in the order of
 * the table, so that indexing costs few pages; the last one, not yet full, is in memory. A query
 * looks its terms up in one segment after the other, which is also the order of its answer. Terms
 * are kept as CRC-32: a collision only adds a candidate.
 */
import { crc32 } from 'node:zlib';
import type { Filter } from '../filter.js';
import type { Stored } from '../store.js';
import { entryTerms, filterTerms } from '../terms.js';
import type { Connection } from './connection.js';

/** Counts up whenever `entryTerms` or the form of the index changes. */
const VERSION = 2;

/** Entries of a segment; their places in it are written as 16 bits. */
const SEGMENT = 1024;
const PLACE_BYTES = 2;

/** Segments looked up at once: few at first, since one page of answers may be all that is wanted. */
const SEGMENTS_FIRST = 4;
const SEGMENTS_LAST = 128;

export interface TermIndex {
  /** Takes the next entry of the log. */
  add(stored: Stored): void;
  /** Sequence numbers of all matches and maybe others, in order; undefined if no term helps. */
  candidates(filter: Filter): Iterable<number> | undefined;
  /** Builds the index again if it is missing or of another version. */
  project(): void;
}

/** Places in a segment by term. */
type Postings = Map<number, number[]>;

interface TermRow {
  readonly segment: number;
  readonly term: number;
  readonly places: ArrayBuffer;
}

/** @param entries reads the log from one sequence number up to another, inclusive */
export function createTermIndex(
  connection: Connection,
  entries: (sequenceMin: number, sequenceMax: number) => Iterable<Stored>,
  sequenceEnd: () => number,
): TermIndex {
  const insertAll = connection.prepare(
    'INSERT INTO terms SELECT ?, value ->> 0, unhex(value ->> 1) FROM json_each(?)', // in one call
  );
  let last: { segment: number; postings: Postings; size: number } | undefined;

  /** The segment that is not full, read from the log when it is first needed. */
  const openSegment = () => {
    const segment = segmentOf(sequenceEnd() + 1);
    if (last?.segment !== segment) last = { segment, postings: new Map(), size: 0 };
    const start = segment * SEGMENT + 1 + last.size;
    for (const stored of entries(start, sequenceEnd())) post(last.postings, stored);
    last.size = sequenceEnd() - segment * SEGMENT;
    return last;
  };
  const write = (segment: number) => {
    const postings: Postings = new Map();
    const start = segment * SEGMENT + 1;
    for (const stored of entries(start, start + SEGMENT - 1)) post(postings, stored);
    const sorted = [...postings].sort(([a], [b]) => a - b);
    const rows = sorted.map(([term, places]) => [term, packPlaces(places)]);
    insertAll.run(segment, JSON.stringify(rows));
  };

  return {
    add({ sequence }) {
      if (sequence % SEGMENT === 0) write(segmentOf(sequence));
    },
    candidates(filter) {
      const conditions = filterTerms(filter).map((terms) => terms.map((term) => crc32(term)));
      if (conditions.length === 0) return undefined;
      return search(connection, filter, conditions, openSegment);
    },
    project() {
      const known = connection
        .prepare<{ version: number }>("SELECT version FROM projections WHERE name = 'terms'")
        .get();
      if (known?.version === VERSION) return;
      connection.exec('DELETE FROM terms');
      for (let at = 0; at < segmentOf(sequenceEnd() + 1); at++) write(at);
      connection.prepare("INSERT OR REPLACE INTO projections VALUES ('terms', ?)").run(VERSION);
    },
  };
}

function* search(
  connection: Connection,
  { order, sequenceMin, sequenceMax }: Filter,
  conditions: readonly (readonly number[])[],
  openSegment: () => { segment: number; postings: Postings },
): Generator<number> {
  const open = openSegment();
  const all = [...new Set(conditions.flat())];
  const lookUp = connection.prepare<TermRow>(
    `SELECT segment, term, places FROM terms
     WHERE segment IN (SELECT value FROM json_each(?)) AND term IN (SELECT value FROM json_each(?))`,
  );
  const first = segmentOf(Math.max(1, sequenceMin));
  const end = segmentOf(sequenceMax);
  const wanted = Array.from({ length: Math.max(0, end - first + 1) }, (_, at) =>
    order === 'asc' ? first + at : end - at,
  );
  for (let at = 0, count = SEGMENTS_FIRST; at < wanted.length; at += count) {
    count = at === 0 ? count : Math.min(count * 2, SEGMENTS_LAST);
    const group = wanted.slice(at, at + count);
    const found = new Map<number, Postings>(group.map((segment) => [segment, new Map()]));
    const rows = lookUp.all(JSON.stringify(group), JSON.stringify(all));
    for (const { segment, term, places } of rows)
      found.get(segment)?.set(term, unpackPlaces(places));
    if (found.has(open.segment)) found.set(open.segment, open.postings);
    for (const [segment, postings] of found) {
      const sequences = narrow(postings, conditions).map((place) => segment * SEGMENT + 1 + place);
      const within = sequences.filter((it) => it >= sequenceMin && it <= sequenceMax);
      yield* order === 'asc' ? within : within.reverse();
    }
  }
}

/** The places of the condition that has the fewest, in ascending order. */
function narrow(postings: Postings, conditions: readonly (readonly number[])[]): number[] {
  const lists = conditions.map((terms) => terms.map((term) => postings.get(term) ?? []));
  const size = (parts: readonly number[][]) => parts.reduce((sum, part) => sum + part.length, 0);
  const [shortest = []] = lists.sort((a, b) => size(a) - size(b));
  return [...new Set(shortest.flat())].sort((a, b) => a - b);
}

function post(postings: Postings, { sequence, entry }: Stored): void {
  const place = (sequence - 1) % SEGMENT;
  for (const term of new Set([...entryTerms(entry)].map((it) => crc32(it)))) {
    const places = postings.get(term);
    if (places) places.push(place);
    else postings.set(term, [place]);
  }
}

function segmentOf(sequence: number): number {
  return Math.floor((sequence - 1) / SEGMENT);
}

/** In hexadecimal. */
function packPlaces(places: readonly number[]): string {
  const bytes = Buffer.alloc(places.length * PLACE_BYTES);
  places.forEach((place, at) => void bytes.writeUInt16LE(place, at * PLACE_BYTES));
  return bytes.toString('hex');
}

function unpackPlaces(packed: ArrayBuffer): number[] {
  const bytes = Buffer.from(packed);
  const length = bytes.length / PLACE_BYTES;
  return Array.from({ length }, (_, at) => bytes.readUInt16LE(at * PLACE_BYTES));
}
