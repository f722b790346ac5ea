/**
 * Journals and cells in SQLite, in the transaction of the log.
 *
 * A record's checksum covers the names of its journal and key, its position and its id, so that
 * neither its bytes nor its place can change unnoticed.
 */
import type { Cells, Journal, Records } from '../records.js';
import { checksum } from './checksum.js';
import { type Connection, damaged, readText } from './connection.js';

interface RecordRow {
  readonly position: number;
  readonly id: ArrayBuffer;
  readonly bytes: ArrayBuffer;
  readonly sum: number;
}

/** Positions are never this large. */
const NO_END = Number.MAX_SAFE_INTEGER;

export interface SqliteRecords extends Records {
  /** True if somebody has something to write before the next commit. */
  readonly pending: boolean;
  /** Has everybody write what is pending. */
  beforeCommit(): void;
}

export function createRecords(connection: Connection): SqliteRecords {
  const writers: (() => void)[] = [];
  const journals = new Map<string, Journal>();
  const cells = new Map<string, Cells>();
  let pending = false;
  return {
    journal: (name) => once(journals, name, () => createJournal(connection, name)),
    cells: (name) => once(cells, name, () => createCells(connection, name)),
    names: () => ({
      journals: selectNames(connection, 'journals'),
      cells: selectNames(connection, 'cells'),
    }),
    onCommit(write) {
      writers.push(write);
      return () => {
        pending = true;
      };
    },
    get pending() {
      return pending;
    },
    beforeCommit() {
      for (const write of writers) write();
      pending = false;
    },
  };
}

/** One of each name: they know where their logs end, and have prepared their statements. */
function once<Value>(known: Map<string, Value>, name: string, make: () => Value): Value {
  const value = known.get(name) ?? make();
  known.set(name, value);
  return value;
}

function selectNames(connection: Connection, table: 'journals' | 'cells'): string[] {
  return connection
    .prepare<{ name: ArrayBuffer }>(
      `SELECT DISTINCT CAST(name AS BLOB) AS name FROM ${table} ORDER BY ${table}.name`,
    )
    .all()
    .map(({ name }) => readText(name));
}

/** Where the log of a key is, and where it ends. */
interface Place {
  readonly number: number;
  next: number;
}

function createJournal(connection: Connection, name: string): Journal {
  const insertKey = connection.prepare('INSERT INTO journals (name, key) VALUES (?, ?)');
  const selectKey = connection.prepare<{ journal: number }>(
    'SELECT journal FROM journals WHERE name = ? AND key = ?',
  );
  const selectKeys = connection.prepare<{ key: ArrayBuffer }>(
    'SELECT CAST(key AS BLOB) AS key FROM journals WHERE name = ? ORDER BY journal',
  );
  const selectEnd = connection.prepare<{ value: number | null }>(
    'SELECT max(position) + 1 AS value FROM records WHERE journal = ?',
  );
  const insert = connection.prepare('INSERT OR IGNORE INTO records VALUES (?, ?, ?, ?, ?)');
  const select = connection.prepare<RecordRow>(
    `SELECT position, CAST(id AS BLOB) AS id, bytes, sum FROM records
     WHERE journal = ? AND position >= ? AND position < ? ORDER BY position`,
  );
  const selectId = connection.prepare<{ position: number }>(
    'SELECT position FROM records WHERE journal = ? AND id = ?',
  );
  const places = new Map<string, Place>();

  const findPlace = (key: string): Place | undefined => {
    const known = places.get(key);
    if (known) return known;
    const row = selectKey.get(name, key);
    if (!row) return undefined;
    const place = { number: row.journal, next: selectEnd.get(row.journal)?.value ?? 0 };
    places.set(key, place);
    return place;
  };
  const makePlace = (key: string): Place => {
    insertKey.run(name, key);
    return findPlace(key) as Place;
  };
  const sumOf = (key: string, position: number, id: string, bytes: Uint8Array) =>
    checksum([name, key, position, id], bytes);
  const readRows = (key: string, from: number, to: number) => {
    const place = findPlace(key);
    if (!place) return [];
    const start = Math.max(0, from);
    const rows = select.all(place.number, start, Math.min(to, place.next));
    const missing = Math.max(0, Math.min(to, place.next) - start) - rows.length;
    if (missing !== 0) throw broken(key, from, `${missing} records are missing from here on`);
    return rows.map(({ position, id: idBytes, bytes, sum }) => {
      const read = new Uint8Array(bytes);
      const id = readText(idBytes);
      if (sumOf(key, position, id, read) === sum) return { id, bytes: read };
      throw broken(key, position, `record ${id} does not match its checksum`);
    });
  };
  const broken = (key: string, position: number, reason: string) =>
    damaged(connection.folder, name, `${key} ${position}`, reason);

  return {
    append(key, position, id, bytes) {
      const place = findPlace(key) ?? (position === 0 ? makePlace(key) : undefined);
      if (place?.next !== position) return 'stale';
      const sum = sumOf(key, position, id, bytes);
      if (insert.run(place.number, position, id, bytes, sum) === 0) return 'duplicate';
      place.next++;
      return 'appended';
    },
    at: (key, position) => (position < 0 ? [] : readRows(key, position, position + 1))[0]?.bytes,
    read: (key, from, to = NO_END) => readRows(key, from, to).map(({ bytes }) => bytes),
    entries: (key, from, to = NO_END) => readRows(key, from, to),
    find(key, id) {
      const place = findPlace(key);
      return place && selectId.get(place.number, id)?.position;
    },
    next: (key) => findPlace(key)?.next ?? 0,
    keys: () => selectKeys.all(name).map(({ key }) => readText(key)),
  };
}

function createCells(connection: Connection, name: string): Cells {
  const upsert = connection.prepare(
    `INSERT INTO cells (name, key, bytes, sum) VALUES (?, ?, ?, ?)
     ON CONFLICT (name, key) DO UPDATE SET bytes = excluded.bytes, sum = excluded.sum`,
  );
  const select = connection.prepare<{ bytes: ArrayBuffer; sum: number }>(
    'SELECT bytes, sum FROM cells WHERE name = ? AND key = ?',
  );
  const remove = connection.prepare('DELETE FROM cells WHERE name = ? AND key = ?');
  const selectKeys = connection.prepare<{ key: ArrayBuffer }>(
    'SELECT CAST(key AS BLOB) AS key FROM cells WHERE name = ? ORDER BY cells.key',
  );
  return {
    put: (key, bytes) => void upsert.run(name, key, bytes, checksum([name, key], bytes)),
    get(key) {
      const row = select.get(name, key);
      if (!row) return undefined;
      const bytes = new Uint8Array(row.bytes);
      if (checksum([name, key], bytes) === row.sum) return bytes;
      throw damaged(connection.folder, name, key, 'it does not match its checksum');
    },
    drop: (key) => void remove.run(name, key),
    keys: () => selectKeys.all(name).map(({ key }) => readText(key)),
  };
}
