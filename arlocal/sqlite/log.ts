/**
 * The log of entries in SQLite, and finding entries in it.
 *
 * A query reads candidates in batches by the rarest of its terms, or else along the log; what
 * really matches is decided by the shared matcher.
 */
import { createMatcher, type Filter } from '../filter.js';
import type { Entry, Stored } from '../store.js';
import { entryTerms, filterTerms } from '../terms.js';
import { checksum } from './checksum.js';
import { type Connection, damaged } from './connection.js';
import { TERMS_VERSION } from './database.js';
import { decodeEntry, encodeEntry } from './entry-codec.js';

interface LogRow {
  readonly sequence: number;
  readonly id: string;
  readonly alias: string | null;
  readonly kind: Entry['kind'];
  readonly header: ArrayBuffer;
  readonly data_key: string;
  readonly data_size: number;
  readonly bundled_in: string;
  readonly received_ms: number;
  readonly weave_end: number | null;
  readonly sum: number;
}

/** Candidates read at first; each further batch doubles, up to the largest. */
const BATCH_FIRST = 32;
const BATCH_LAST = 1024;
/** Terms are counted no further than this to find the rarest. */
const COUNT_MAX = 10_000;

export function createLog(database: Connection) {
  const insertEntry = database.prepare(
    'INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', // in the order of the table
  );
  const insertTerms = database.prepare(
    'INSERT INTO terms SELECT value, ? FROM json_each(?)', // one call, not one for each term
  );
  const selectById = database.prepare<LogRow>('SELECT * FROM log WHERE id = ? OR alias = ?');
  const selectByOffset = database.prepare<LogRow>(
    'SELECT * FROM log WHERE weave_end >= ? ORDER BY weave_end LIMIT 1',
  );
  const selectIds = database.prepare<{ id: string }>(
    'SELECT id FROM log WHERE sequence BETWEEN ? AND ? ORDER BY sequence',
  );
  const readNumber = (sql: string) =>
    database.prepare<{ value: number | null }>(sql).get()?.value ?? 0;
  const readRow = (row: LogRow | undefined) => row && decodeRow(database, row);
  let sequenceEnd = readNumber('SELECT max(sequence) AS value FROM log');
  let weaveEnd = readNumber('SELECT max(weave_end) AS value FROM log');

  function index({ sequence, entry }: Stored): void {
    insertTerms.run(sequence, JSON.stringify([...entryTerms(entry)]));
  }

  function* find(filter: Filter): Iterable<Stored> {
    const matches = createMatcher(filter);
    for (const stored of findCandidates(database, filter)) if (matches(stored)) yield stored;
  }

  return {
    sequenceEnd: () => sequenceEnd,
    weaveEnd: () => weaveEnd,
    find,
    append(entry: Entry): number {
      const stored = { sequence: sequenceEnd + 1, entry };
      const hasWeave = entry.l1 !== null && entry.dataSize > 0;
      const row = {
        sequence: stored.sequence,
        id: entry.id,
        alias: entry.alias || null,
        kind: entry.kind,
        data_key: entry.dataKey,
        data_size: entry.dataSize,
        bundled_in: entry.bundledIn,
        received_ms: entry.receivedMs,
        weave_end: hasWeave ? entry.l1.weaveEnd : null,
      };
      const header = encodeEntry(entry);
      const { sequence, id, alias, kind, ...others } = row;
      const sum = rowSum(row, header);
      insertEntry.run(sequence, id, alias, kind, header, ...Object.values(others), sum);
      index(stored);
      sequenceEnd = stored.sequence;
      if (hasWeave) weaveEnd = entry.l1.weaveEnd;
      return sequenceEnd;
    },
    get: (id: string): Stored | undefined => readRow(selectById.get(id, id)),
    transactionAt: (offset: number): Stored | undefined => readRow(selectByOffset.get(offset)),
    ids: (sequenceMin: number, sequenceMax: number): string[] =>
      selectIds.all(sequenceMin, sequenceMax).map(({ id }) => id),
    /** Builds the terms again if they are missing or of another version. */
    project(): void {
      const known = database
        .prepare<{ version: number }>("SELECT version FROM projections WHERE name = 'terms'")
        .get();
      if (known?.version === TERMS_VERSION) return;
      database.exec('DELETE FROM terms');
      const all = { sequenceMin: 1, sequenceMax: sequenceEnd, order: 'asc' } as const;
      for (const stored of find(all)) index(stored);
      database.prepare("INSERT OR REPLACE INTO projections VALUES ('terms', ?)").run(TERMS_VERSION);
    },
  };
}

/** A superset of what the filter matches, in its order. */
function* findCandidates(database: Connection, filter: Filter): Iterable<Stored> {
  const isAscending = filter.order === 'asc';
  const { sql, parameters } = narrow(database, filter);
  const batch = database.prepare<LogRow>(
    `SELECT * FROM log WHERE sequence BETWEEN ? AND ? AND ${sql}
     ORDER BY sequence ${isAscending ? 'ASC' : 'DESC'} LIMIT ?`,
  );
  let { sequenceMin: low, sequenceMax: high } = filter;
  for (let limit = BATCH_FIRST; low <= high; limit = Math.min(limit * 2, BATCH_LAST)) {
    const rows = batch.all(low, high, ...parameters, limit);
    yield* rows.map((row) => decodeRow(database, row));
    const last = rows.at(-1);
    if (!last || rows.length < limit) return;
    if (isAscending) low = last.sequence + 1;
    else high = last.sequence - 1;
  }
}

/** A condition on the log that the index answers and every match satisfies. */
function narrow(
  database: Connection,
  filter: Filter,
): { sql: string; parameters: readonly string[] } {
  if (filter.ids) {
    const marks = placeholders(filter.ids);
    const parameters = [...filter.ids, ...filter.ids];
    return { sql: `(id IN (${marks}) OR alias IN (${marks}))`, parameters };
  }
  const [first, ...others] = filterTerms(filter).map((terms) => {
    const sql = `SELECT sequence FROM terms WHERE term IN (${placeholders(terms)})`;
    return { sql, parameters: terms };
  });
  if (!first) return { sql: 'true', parameters: [] };
  const count = ({ sql, parameters }: { sql: string; parameters: string[] }) => {
    const counted = `SELECT count(*) AS value FROM (${sql} LIMIT ${COUNT_MAX})`;
    return database.prepare<{ value: number }>(counted).get(...parameters)?.value ?? 0;
  };
  let rarest = first;
  for (const other of others) if (count(other) < count(rarest)) rarest = other;
  return { sql: `sequence IN (${rarest.sql})`, parameters: rarest.parameters };
}

function placeholders(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}

function decodeRow({ folder }: Connection, row: LogRow): Stored {
  const header = new Uint8Array(row.header);
  if (rowSum(row, header) !== row.sum) {
    throw damaged(folder, 'log', row.sequence, `entry ${row.id} does not match its checksum`);
  }
  const columns = {
    kind: row.kind,
    alias: row.alias ?? '',
    dataKey: row.data_key,
    dataSize: row.data_size,
    bundledIn: row.bundled_in,
    receivedMs: row.received_ms,
  };
  return { sequence: row.sequence, entry: decodeEntry(header, columns) };
}

function rowSum(row: Omit<LogRow, 'header' | 'sum'>, header: Uint8Array): number {
  const { sequence, id, alias, kind, data_key, data_size, bundled_in, received_ms, weave_end } =
    row;
  return checksum(
    [sequence, id, alias, kind, data_key, data_size, bundled_in, received_ms, weave_end],
    header,
  );
}
