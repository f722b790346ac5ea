/**
 * The tables of a SQLite store. All but `terms` and `projections` are the truth, and each of their
 * rows has the checksum of the rest of it.
 */

/** Counts up whenever the tables or the files beside them change. */
export const STORE_VERSION = 2;

export const TABLES = `
  CREATE TABLE IF NOT EXISTS log (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    alias TEXT UNIQUE,
    weave_end INTEGER,
    sum INTEGER NOT NULL,
    entry BLOB NOT NULL,
    data BLOB,
    data_sum INTEGER
  );
  CREATE INDEX IF NOT EXISTS log_weave ON log (weave_end) WHERE weave_end IS NOT NULL;
  CREATE TABLE IF NOT EXISTS data (
    key TEXT PRIMARY KEY, bytes BLOB, file TEXT, sum INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS chunks (
    root TEXT, start INTEGER, end INTEGER, path BLOB, bytes BLOB, sum INTEGER NOT NULL,
    PRIMARY KEY (root, start)
  );
  CREATE TABLE IF NOT EXISTS blocks (
    height INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    previous TEXT NOT NULL,
    timestamp_ms INTEGER NOT NULL,
    sequence_end INTEGER NOT NULL,
    weave_size INTEGER NOT NULL,
    sum INTEGER NOT NULL
  );
  CREATE INDEX IF NOT EXISTS blocks_end ON blocks (sequence_end, height);
  CREATE TABLE IF NOT EXISTS balances (
    address TEXT PRIMARY KEY, winston TEXT NOT NULL, sum INTEGER NOT NULL
  );
  CREATE TABLE IF NOT EXISTS journals (
    journal INTEGER PRIMARY KEY, name TEXT NOT NULL, key TEXT NOT NULL, UNIQUE (name, key)
  );
  CREATE TABLE IF NOT EXISTS records (
    journal INTEGER, position INTEGER, id TEXT NOT NULL, bytes BLOB NOT NULL, sum INTEGER NOT NULL,
    PRIMARY KEY (journal, position)
  ) WITHOUT ROWID;
  CREATE UNIQUE INDEX IF NOT EXISTS records_id ON records (journal, id);
  CREATE TABLE IF NOT EXISTS cells (
    cell INTEGER PRIMARY KEY, name TEXT NOT NULL, key TEXT NOT NULL, bytes BLOB NOT NULL,
    sum INTEGER NOT NULL, UNIQUE (name, key)
  );
  CREATE TABLE IF NOT EXISTS commits (one INTEGER PRIMARY KEY, number INTEGER NOT NULL);
  INSERT OR IGNORE INTO commits VALUES (1, 0);
  CREATE TABLE IF NOT EXISTS projections (name TEXT PRIMARY KEY, version INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS terms (
    segment INTEGER, term INTEGER, places BLOB NOT NULL, PRIMARY KEY (segment, term)
  ) WITHOUT ROWID;
`;
