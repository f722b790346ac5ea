/**
 * The tables of a SQLite store, and opening them.
 *
 * `log`, `data`, `chunks`, `blocks`, `balances`, `records` and `cells` are the truth, and each row has
 * the checksum of the rest of it. `terms` is a projection of the log.
 */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ArlocalError } from '../errors.js';
import { type Connection, connect, damaged } from './connection.js';
import { type Head, openHead } from './head.js';
import { type Holder, takeLock } from './lock.js';
import { openPageSums, type PageSums } from './page-sums.js';
import { syncFolder } from './whole-file.js';

const STORE_VERSION = 2;

const TABLES = `
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

/** Takes the lock for writing at once. */
const BEGIN = 'BEGIN IMMEDIATE';

/** The write-ahead log is moved into the database when it has grown to this: a pause of ~0.1 s. */
const LOG_BYTES_MAX = 16 * 1024 * 1024;

export interface OpenDatabase {
  readonly connection: Connection;
  /** Makes what was written since the last commit durable. */
  commit(): void;
  close(): void;
}

/**
 * The database of a folder, in an open transaction.
 * @throws {STORE_UNUSABLE, STORE_IN_USE, STORE_DAMAGED, STORE_FAILED}
 */
export function openDatabase(folder: string, holder: Holder): OpenDatabase {
  const undo: (() => void)[] = [];
  try {
    makeFolder(resolve(folder));
    if (!statSync(folder).isDirectory()) throw new Error('it is a file');
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    undo.push(takeLock(folder, holder));
    const file = join(folder, 'gateway.db');
    const version = readVersion(folder, file);
    const head = openHead(folder);
    undo.push(head.close);
    const sums = openPageSums(folder, file);
    undo.push(sums.close);
    const files = { file, head, sums, close: () => runBackwards(undo) };
    return prepare(folder, files, version === 0);
  } catch (cause) {
    runBackwards(undo);
    if (cause instanceof ArlocalError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ArlocalError('STORE_UNUSABLE', { folder, reason }, { cause });
  }
}

interface Files {
  readonly file: string;
  readonly head: Head;
  readonly sums: PageSums;
  readonly close: () => void;
}

function prepare(folder: string, files: Files, isNew: boolean): OpenDatabase {
  const { head, sums, file } = files;
  const last = head.read();
  if (isNew && (last ?? 0) > 0) throw damaged(folder, 'gateway.db', '', 'it is missing');
  if (!isNew) sums.check();
  const connection = connect(folder, file);
  connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  connection.exec('PRAGMA wal_autocheckpoint = 0'); // the sums come first
  if (isNew) connection.exec(`BEGIN; ${TABLES} PRAGMA user_version = ${STORE_VERSION}; COMMIT`);
  const setNumber = connection.prepare('UPDATE commits SET number = ?');
  const row = connection.prepare<{ number: number }>('SELECT number FROM commits').get();
  let number = row?.number ?? 0;
  if (!isNew) checkHead(folder, last, number);

  /** Moves the write-ahead log into the database. */
  const settle = () => {
    head.sync();
    sums.sync();
    connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) === 0) sums.restart();
  };
  const note = () => {
    head.write(number);
    sums.note();
  };
  if (isNew) {
    note();
    settle();
    syncFolder(folder);
  }
  connection.exec(BEGIN);
  const end = () => {
    if (connection.changed) setNumber.run(++number);
    connection.exec('COMMIT');
    if (connection.changed) note();
    connection.changed = false;
  };
  return {
    connection,
    commit() {
      if (!connection.changed) return;
      end();
      if (sums.logSize > LOG_BYTES_MAX) settle();
      connection.exec(BEGIN);
    },
    close() {
      try {
        if (connection.failure === undefined) {
          end();
          settle();
        }
      } finally {
        connection.close();
        files.close();
      }
    },
  };
}

function checkHead(folder: string, last: number | undefined, number: number): void {
  if (last === undefined) throw damaged(folder, 'head', '', 'it is missing');
  if (number >= last) return;
  const reason = `the log ends with commit ${number}, the last was ${last}`;
  throw damaged(folder, 'gateway.db-wal', '', reason);
}

/** The version in the file itself, 0 for a new one, before SQLite is let near it. */
function readVersion(folder: string, path: string): number {
  if (!existsSync(path)) return 0;
  const header = Buffer.alloc(100);
  const file = openSync(path, 'r');
  const length = readSync(file, header, 0, header.length, 0);
  closeSync(file);
  if (length === 0) return 0;
  if (length < header.length || header.toString('latin1', 0, 16) !== 'SQLite format 3\0')
    throw damaged(folder, 'gateway.db', '', 'it is no database');
  const version = header.readUInt32BE(60);
  if (version === 0 || version === STORE_VERSION) return version;
  const reason = `its version is ${version}, this Corral writes version ${STORE_VERSION}`;
  throw new ArlocalError('STORE_UNUSABLE', { folder, reason });
}

/** Node's own recursive `mkdirSync` never ends where a parent cannot exist, as under /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
}

function runBackwards(steps: (() => void)[]): void {
  for (const step of steps.splice(0).reverse()) step();
}
