/**
 * The log of entries in SQLite, and finding entries in it.
 *
 * The data of a small item is in the row of its entry: one row and one look-up less for nearly all
 * that is ever stored. What matches a query is decided by the shared matcher; the index of terms only
 * names candidates.
 */
import { createMatcher, type Filter } from '../filter.js';
import type { Entry, Stored } from '../store.js';
import { checksum } from './checksum.js';
import { type Connection, damaged, readText } from './connection.js';
import { decodeEntry, encodeEntry } from './entry-codec.js';
import { createTermIndex } from './term-index.js';

interface LogRow {
  readonly sequence: number;
  readonly id: ArrayBuffer;
  readonly alias: ArrayBuffer | null;
  readonly entry: ArrayBuffer;
  readonly weave_end: number | null;
  readonly sum: number;
}

/** All of a row that an entry is read from. */
const COLUMNS = `sequence, CAST(id AS BLOB) AS id, CAST(alias AS BLOB) AS alias, entry, weave_end,
  sum`;

/** Candidates read at first; each further batch doubles, up to the largest. */
const BATCH_FIRST = 32;
const BATCH_LAST = 1024;

export interface Log {
  readonly sequenceEnd: number;
  readonly weaveEnd: number;
  /** @param data of the item itself, to be kept in its row */
  append(entry: Entry, data: Uint8Array | undefined): number;
  get(id: string): Stored | undefined;
  /** The data in the row of an item. */
  data(id: string): Uint8Array | undefined;
  find(filter: Filter): Iterable<Stored>;
  ids(sequenceMin: number, sequenceMax: number): string[];
  transactionAt(weaveOffset: number): Stored | undefined;
}

export function createLog(connection: Connection): Log {
  const insert = connection.prepare(
    'INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?)', // in the order of the table
  );
  const selectById = connection.prepare<LogRow>(
    `SELECT ${COLUMNS} FROM log WHERE id = ? OR alias = ?`,
  );
  const selectData = connection.prepare<{ data: ArrayBuffer | null; data_sum: number }>(
    'SELECT data, data_sum FROM log WHERE id = ?',
  );
  const selectByOffset = connection.prepare<LogRow>(
    `SELECT ${COLUMNS} FROM log WHERE weave_end >= ? ORDER BY weave_end LIMIT 1`,
  );
  const selectIds = connection.prepare<{ id: ArrayBuffer }>(
    'SELECT CAST(id AS BLOB) AS id FROM log WHERE sequence BETWEEN ? AND ? ORDER BY sequence',
  );
  const readNumber = (sql: string) =>
    connection.prepare<{ value: number | null }>(sql).get()?.value ?? 0;
  const readRow = (row: LogRow | undefined) => row && decodeRow(connection, row);
  const readRange = (low: number, high: number) => scan(connection, low, high, 'asc');
  let sequenceEnd = readNumber('SELECT max(sequence) AS value FROM log');
  let weaveEnd = readNumber('SELECT max(weave_end) AS value FROM log');
  const index = createTermIndex(connection, readRange, () => sequenceEnd);
  index.project();

  return {
    get sequenceEnd() {
      return sequenceEnd;
    },
    get weaveEnd() {
      return weaveEnd;
    },
    append(entry, data) {
      const hasWeave = entry.l1 !== null && entry.dataSize > 0;
      const sequence = sequenceEnd + 1;
      const weave = hasWeave ? entry.l1.weaveEnd : null;
      const { id, alias } = entry;
      const bytes = encodeEntry(entry);
      const sum = rowSum(sequence, weave, bytes);
      const dataSum = data ? checksum([id], data) : null;
      insert.run(sequence, id, alias || null, weave, sum, bytes, data ?? null, dataSum);
      sequenceEnd = sequence;
      if (hasWeave) weaveEnd = entry.l1.weaveEnd;
      index.add({ sequence, entry });
      return sequence;
    },
    get: (id) => readRow(selectById.get(id, id)),
    data(id) {
      const row = selectData.get(id);
      if (!row?.data) return undefined;
      const data = new Uint8Array(row.data);
      if (checksum([id], data) === row.data_sum) return data;
      throw damaged(connection.folder, 'log', id, 'its data does not match its checksum');
    },
    *find(filter) {
      const matches = createMatcher(filter);
      for (const stored of candidates(filter)) if (matches(stored)) yield stored;
    },
    ids: (low, high) => selectIds.all(low, high).map(({ id }) => readText(id)),
    transactionAt: (offset) => readRow(selectByOffset.get(offset)),
  };

  /** A superset of what the filter matches, in its order. */
  function candidates(filter: Filter): Iterable<Stored> {
    if (filter.ids) return named(connection, filter.ids, filter.order);
    const sequences = index.candidates(filter);
    if (sequences) return pick(connection, sequences, filter.order);
    return scan(connection, filter.sequenceMin, filter.sequenceMax, filter.order);
  }
}

/** The entries with these ids or aliases. */
function named(
  connection: Connection,
  ids: readonly string[],
  order: Filter['order'],
): Iterable<Stored> {
  const list = '(SELECT value FROM json_each(?))';
  const rows = connection
    .prepare<LogRow>(
      `SELECT ${COLUMNS} FROM log WHERE id IN ${list} OR alias IN ${list} ORDER BY sequence ${order}`,
    )
    .all(JSON.stringify(ids), JSON.stringify(ids));
  return rows.map((row) => decodeRow(connection, row));
}

/** The entries with these sequence numbers, which come in that order. */
function* pick(
  connection: Connection,
  sequences: Iterable<number>,
  order: Filter['order'],
): Generator<Stored> {
  const select = connection.prepare<LogRow>(
    `SELECT ${COLUMNS} FROM log WHERE sequence IN (SELECT value FROM json_each(?))
     ORDER BY sequence ${order}`,
  );
  let limit = BATCH_FIRST;
  let batch: number[] = [];
  const read = () => select.all(JSON.stringify(batch)).map((row) => decodeRow(connection, row));
  for (const sequence of sequences) {
    batch.push(sequence);
    if (batch.length < limit) continue;
    yield* read();
    batch = [];
    limit = Math.min(limit * 2, BATCH_LAST);
  }
  yield* read();
}

/** All entries of a range of the log. */
function* scan(
  connection: Connection,
  low: number,
  high: number,
  order: Filter['order'],
): Generator<Stored> {
  const select = connection.prepare<LogRow>(
    `SELECT ${COLUMNS} FROM log WHERE sequence BETWEEN ? AND ? ORDER BY sequence ${order} LIMIT ?`,
  );
  let range = [low, high] as const;
  for (let limit = BATCH_FIRST; range[0] <= range[1]; limit = Math.min(limit * 2, BATCH_LAST)) {
    const rows = select.all(...range, limit);
    yield* rows.map((row) => decodeRow(connection, row));
    const end = rows.at(-1)?.sequence;
    if (end === undefined || rows.length < limit) return;
    range = order === 'asc' ? [end + 1, high] : [low, end - 1];
  }
}

function decodeRow({ folder }: Connection, row: LogRow): Stored {
  const { sequence, weave_end, sum } = row;
  const bytes = new Uint8Array(row.entry);
  if (rowSum(sequence, weave_end, bytes) !== sum)
    throw damaged(folder, 'log', sequence, 'it does not match its checksum');
  const entry = decodeEntry(bytes);
  // What it is found by stands outside of the checksum, and inside of it once more.
  if (readText(row.id) !== entry.id)
    throw damaged(folder, 'log', sequence, 'its id is not that of its entry');
  if ((row.alias === null ? '' : readText(row.alias)) !== entry.alias)
    throw damaged(folder, 'log', sequence, 'its alias is not that of its entry');
  return { sequence, entry };
}

function rowSum(sequence: number, weaveEnd: number | null, entry: Uint8Array): number {
  return checksum([sequence, weaveEnd], entry);
}
