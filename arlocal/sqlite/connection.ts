/**
 * SQLite as the store uses it: prepared statements whose errors name the folder, and an end to all
 * writing after the first write that failed. What is in memory is ahead of the disk then, so that
 * only a new start from the last commit is safe.
 */
import { basename } from 'node:path';
import Database from 'libsql';
import { ArlocalError, type ArlocalErrorCode } from '../errors.js';

type Value = string | number | null | Uint8Array;

export interface Statement<Row> {
  /** Answers how many rows changed. */
  run(...values: readonly Value[]): number;
  get(...values: readonly Value[]): Row | undefined;
  all(...values: readonly Value[]): Row[];
}

export interface Connection {
  readonly folder: string;
  prepare<Row = unknown>(sql: string): Statement<Row>;
  exec(sql: string): void;
  /** The value of a pragma. */
  pragma(name: string): unknown;
  /** True if something was written since this was last set to false. */
  changed: boolean;
  /** Does something with a file beside the database, which may fail just as well. */
  guard<Result>(act: () => Result): Result;
  /** Why nothing can be read or written any more. */
  readonly failure: ArlocalError | undefined;
  /** What was not committed is gone. */
  close(): void;
}

/** SQLite's result codes as ours; all others mean that the disk or the file system failed. */
const CODES: Readonly<Record<string, ArlocalErrorCode>> = {
  SQLITE_CORRUPT: 'STORE_DAMAGED',
  SQLITE_NOTADB: 'STORE_DAMAGED',
  SQLITE_BUSY: 'STORE_IN_USE',
  SQLITE_LOCKED: 'STORE_IN_USE',
};

/**
 * @param file of the database, in `folder`
 * @param goesOn after a failure, to see what else can be read
 */
export function connect(folder: string, file: string, goesOn = false): Connection {
  let failure: ArlocalError | undefined;
  let changed = false;

  function attempt<Result>(act: () => Result): Result {
    if (failure) throw failure;
    try {
      return act();
    } catch (cause) {
      if (cause instanceof ArlocalError) throw cause;
      const error = translate(cause, folder, file);
      if (error.code !== 'STORE_IN_USE' && !goesOn) failure = error;
      throw error;
    }
  }

  const database = attempt(() => new Database(file));
  return {
    folder,
    prepare<Row>(sql: string): Statement<Row> {
      const statement = attempt(() => database.prepare(sql));
      // One array of values: libsql takes a lone object for named parameters.
      return {
        run(...values) {
          changed = true;
          return attempt(() => statement.run(values)).changes;
        },
        get: (...values) => attempt(() => statement.get(values)) as Row | undefined,
        all: (...values) => attempt(() => statement.all(values)) as Row[],
      };
    },
    guard: attempt,
    exec: (sql) => attempt(() => void database.exec(sql)),
    pragma(name) {
      const [row = {}] = attempt(() => database.prepare(`PRAGMA ${name}`).all([])) as object[];
      return Object.values(row)[0];
    },
    get changed() {
      return changed;
    },
    set changed(value) {
      changed = value;
    },
    get failure() {
      return failure;
    },
    close() {
      failure ??= new ArlocalError('STORE_CLOSED', { folder });
      if (database.inTransaction) database.exec('ROLLBACK'); // else its lock would stay
      database.close();
    },
  };
}

function translate(cause: unknown, folder: string, file: string): ArlocalError {
  const { code = '', message } = cause as { code?: string; message: string };
  const [base = ''] = /^SQLITE_[A-Z]+/.exec(code) ?? [];
  const known = CODES[base] ?? 'STORE_FAILED';
  if (known === 'STORE_DAMAGED')
    return damaged(folder, basename(file, '?mode=ro'), '', message, cause);
  return new ArlocalError(known, { folder, reason: message, holder: '' }, { cause });
}

/**
 * Text that was read as a BLOB. It must be: libsql ends the whole program over text that is not
 * UTF-8, as damaged text may be.
 */
export function readText(bytes: ArrayBuffer): string {
  return Buffer.from(bytes).toString('utf8');
}

/** What does not match its checksum, or is missing. `table` may be a file, too. */
export function damaged(
  folder: string,
  table: string,
  key: string | number,
  reason: string,
  cause?: unknown,
): ArlocalError {
  const place = key === '' ? table : `${table} ${key}`;
  return new ArlocalError('STORE_DAMAGED', { folder, table, key, place, reason }, { cause });
}
