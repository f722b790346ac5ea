/**
 * Opening the database of a folder, and its commits.
 *
 * Beside the database are the number of the last commit (head.ts) and the checksums of its pages
 * (page-sums.ts); they are compared before SQLite reads anything, and written after each commit.
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
import { pathToFileURL } from 'node:url';
import { ArlocalError } from '../errors.js';
import { type Connection, connect, damaged } from './connection.js';
import { READ, syncFolder, WRITE } from './files.js';
import { type Head, openHead } from './head.js';
import { type Holder, takeLock } from './lock.js';
import { openPageSums, type PageSums } from './page-sums.js';
import { STORE_VERSION, TABLES } from './tables-sql.js';

export const DATABASE = 'gateway.db';

/** The page sums come before the write-ahead log is moved, so SQLite must not do so by itself. */
const MODE = 'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0';

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

export interface OpenOptions {
  readonly holder: Holder;
  /**
   * Opens only to look: nothing is written, damage is told here where one can go on in spite of it,
   * and the rest of it is thrown.
   */
  readonly inspect?: ((damage: ArlocalError) => void) | undefined;
}

interface Files {
  readonly folder: string;
  readonly file: string;
  readonly head: Head;
  readonly sums: PageSums;
  /** Gives the folder back. */
  readonly close: () => void;
}

/**
 * The database of a folder, in an open transaction.
 * @throws {STORE_UNUSABLE, STORE_IN_USE, STORE_DAMAGED, STORE_FAILED}
 */
export function openDatabase(folder: string, options: OpenOptions): OpenDatabase {
  const { holder, inspect } = options;
  const undo: (() => void)[] = [];
  try {
    if (!inspect) makeFolder(resolve(folder));
    if (!statSync(folder).isDirectory()) throw new Error('it is a file');
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    if (inspect && !existsSync(join(folder, DATABASE)))
      throw new Error('there is no network in it');
    undo.push(takeLock(folder, holder));
    const file = join(folder, DATABASE);
    const version = readVersion(folder, file);
    const flags = inspect ? READ : WRITE;
    const head = openHead(folder, flags);
    undo.push(head.close);
    const sums = openPageSums(folder, file, flags);
    undo.push(sums.close);
    const files = { folder, file, head, sums, close: () => runBackwards(undo) };
    if (inspect) return openToInspect(files, inspect);
    return version === 0 ? openNew(files) : openToWrite(files);
  } catch (cause) {
    runBackwards(undo);
    if (cause instanceof ArlocalError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ArlocalError('STORE_UNUSABLE', { folder, reason }, { cause });
  }
}

function openNew(files: Files): OpenDatabase {
  const { folder, file, head } = files;
  if ((head.read() ?? 0) > 0) throw damaged(folder, DATABASE, '', 'it is missing');
  const connection = connect(folder, file);
  connection.exec(MODE);
  connection.exec(`BEGIN; ${TABLES} PRAGMA user_version = ${STORE_VERSION}; COMMIT`);
  head.write(0);
  files.sums.note();
  settle(files, connection);
  syncFolder(folder);
  return createCommits(files, connection, 0);
}

function openToWrite(files: Files): OpenDatabase {
  const { folder, file, sums } = files;
  const refuse = (damage: ArlocalError) => {
    throw damage;
  };
  sums.check(refuse);
  const number = readOnly(files, (connection) => checkCommits(files, connection, refuse));
  const connection = connect(folder, file);
  connection.exec(MODE);
  return createCommits(files, connection, number);
}

function openToInspect(files: Files, tell: (damage: ArlocalError) => void): OpenDatabase {
  files.sums.check(tell);
  readOnly(files, (connection) => checkCommits(files, connection, tell));
  const connection = connectReadOnly(files);
  const close = () => {
    connection.close();
    files.close();
  };
  return { connection, commit: () => undefined, close };
}

/**
 * Compares the number of the last commit with the head, and answers it. To be done before anything is
 * opened to write: closing that would move what is left of a damaged log into the database.
 */
function checkCommits(
  { folder, head }: Files,
  connection: Connection,
  tell: (damage: ArlocalError) => void,
): number {
  const number = readNumber(connection);
  try {
    const last = head.read();
    if (last === undefined) tell(damaged(folder, 'head', '', 'it is missing'));
    const reason = `the log ends with commit ${number}, the last was ${last}`;
    if (number < (last ?? 0)) tell(damaged(folder, `${DATABASE}-wal`, '', reason));
  } catch (error) {
    if (!(error instanceof ArlocalError)) throw error;
    tell(error);
  }
  return number;
}

function connectReadOnly({ folder, file }: Files): Connection {
  return connect(folder, `${pathToFileURL(resolve(file)).href}?mode=ro`, true);
}

function readOnly<Result>(files: Files, act: (connection: Connection) => Result): Result {
  const connection = connectReadOnly(files);
  try {
    return act(connection);
  } finally {
    connection.close();
  }
}

/**
 * Takes a folder for right as it is: only after everything in it has been verified.
 * @throws {STORE_UNUSABLE, STORE_IN_USE, STORE_DAMAGED, STORE_FAILED}
 */
export function mendDatabase(folder: string, holder: Holder): void {
  const unlock = takeLock(folder, holder);
  const file = join(folder, DATABASE);
  const connection = connect(folder, file);
  const head = openHead(folder, WRITE);
  const sums = openPageSums(folder, file, WRITE);
  try {
    connection.exec(MODE);
    head.write(readNumber(connection));
    connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    sums.reset();
    head.sync();
  } finally {
    connection.close();
    sums.close();
    head.close();
    unlock();
  }
}

function readNumber(connection: Connection): number {
  return connection.prepare<{ number: number }>('SELECT number FROM commits').get()?.number ?? 0;
}

/** Moves the write-ahead log into the database. */
function settle({ file, head, sums }: Files, connection: Connection): void {
  connection.guard(() => {
    head.sync();
    sums.sync();
  });
  connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const { size = 0 } = statSync(`${file}-wal`, { throwIfNoEntry: false }) ?? {};
  if (size === 0) sums.restart();
}

function createCommits(files: Files, connection: Connection, last: number): OpenDatabase {
  const { head, sums } = files;
  const setNumber = connection.prepare('UPDATE commits SET number = ?');
  let number = last;
  connection.exec(BEGIN);
  const end = () => {
    if (connection.changed) setNumber.run(++number);
    connection.exec('COMMIT');
    if (!connection.changed) return;
    connection.guard(() => {
      head.write(number);
      sums.note();
    });
    connection.changed = false;
  };
  return {
    connection,
    commit() {
      if (connection.failure) throw connection.failure;
      if (!connection.changed) return;
      end();
      if (sums.logSize > LOG_BYTES_MAX) settle(files, connection);
      connection.exec(BEGIN);
    },
    close() {
      try {
        if (connection.failure === undefined) {
          end();
          settle(files, connection);
        }
      } finally {
        connection.close();
        files.close();
      }
    },
  };
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
    throw damaged(folder, DATABASE, '', 'it is no database');
  const version = header.readUInt32BE(60);
  if (version === 0 || version === STORE_VERSION) return version;
  const reason = `its version is ${version}, this Corral writes version ${STORE_VERSION}`;
  throw new ArlocalError('STORE_UNUSABLE', { folder, reason });
}

/** Node's own recursive `mkdirSync` never ends where a parent cannot exist, as under /proc. */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
}

function runBackwards(steps: (() => void)[]): void {
  for (const step of steps.splice(0).reverse()) step();
}
