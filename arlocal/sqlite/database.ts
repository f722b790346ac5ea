/**
 * The tables of a SQLite store, and opening them.
 *
 * `log`, `data`, `chunks`, `blocks` and `balances` are the truth. `terms` is a projection of the
 * log: when its version in `projections` is not ours, it is dropped and built again.
 */
import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Database from 'libsql';
import { ArlocalError } from '../errors.js';

const LOG_VERSION = 1;

/** Counts up whenever `entryTerms` changes what it answers. */
export const TERMS_VERSION = 1;

const TABLES = `
  CREATE TABLE IF NOT EXISTS log (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    alias TEXT UNIQUE,
    kind TEXT NOT NULL,
    header BLOB NOT NULL,
    data_key TEXT NOT NULL,
    data_size INTEGER NOT NULL,
    bundled_in TEXT NOT NULL,
    received_ms INTEGER NOT NULL,
    weave_end INTEGER
  );
  CREATE INDEX IF NOT EXISTS log_weave ON log (weave_end) WHERE weave_end IS NOT NULL;
  CREATE TABLE IF NOT EXISTS data (key TEXT PRIMARY KEY, bytes BLOB, file TEXT) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS chunks (
    root TEXT, start INTEGER, end INTEGER, path BLOB, bytes BLOB, PRIMARY KEY (root, start)
  );
  CREATE TABLE IF NOT EXISTS blocks (
    height INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    previous TEXT NOT NULL,
    timestamp_ms INTEGER NOT NULL,
    sequence_end INTEGER NOT NULL,
    weave_size INTEGER NOT NULL
  );
  CREATE INDEX IF NOT EXISTS blocks_end ON blocks (sequence_end, height);
  CREATE TABLE IF NOT EXISTS balances (address TEXT PRIMARY KEY, winston TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS projections (name TEXT PRIMARY KEY, version INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS terms (
    term TEXT, sequence INTEGER, PRIMARY KEY (term, sequence)
  ) WITHOUT ROWID;
`;

/** Takes the lock for writing at once. */
export const BEGIN = 'BEGIN IMMEDIATE';

/** The database of a folder, in an open transaction. @throws {STORE_UNUSABLE, STORE_IN_USE} */
export function openDatabase(folder: string): Database.Database {
  try {
    makeFolder(resolve(folder));
    if (!statSync(folder).isDirectory()) throw new Error('it is a file');
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    const database = new Database(join(folder, 'gateway.db'));
    prepare(database, folder);
    return database;
  } catch (cause) {
    if (cause instanceof ArlocalError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    if (message.includes('locked')) throw new ArlocalError('STORE_IN_USE', { folder }, { cause });
    throw new ArlocalError('STORE_UNUSABLE', { folder, reason: message }, { cause });
  }
}

/** Node's own recursive `mkdirSync` never ends where a parent cannot exist, as under /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
}

function prepare(database: Database.Database, folder: string): void {
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('PRAGMA synchronous = NORMAL');
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as {
    user_version: number;
  };
  if (version !== 0 && version !== LOG_VERSION) {
    const reason = `its version is ${version}, this Corral writes version ${LOG_VERSION}`;
    throw new ArlocalError('STORE_UNUSABLE', { folder, reason });
  }
  database.exec(TABLES);
  database.exec(`PRAGMA user_version = ${LOG_VERSION}`);
  // Held from here on, so that a second network is refused now and not in the middle of its work.
  database.exec(BEGIN);
}
