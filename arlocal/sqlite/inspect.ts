/**
 * Opening a store that is damaged, or may be, to look through it. Nothing in the folder is changed.
 * What does not match is listed instead of thrown, as far as one can go on.
 */
import { ArlocalError } from '../errors.js';
import type { Store } from '../store.js';
import { type Connection, damaged, readText } from './connection.js';
import { openDatabase } from './database.js';
import type { Holder } from './lock.js';
import { createStore } from './sqlite-store.js';

export interface Inspection {
  /** The store as it is, for reading. */
  readonly store: Store;
  /** What the files beside the database say about it. */
  readonly files: readonly ArlocalError[];
  /** What SQLite says about it. */
  readonly trees: readonly ArlocalError[];
}

/** Pages that are named before they are only counted. */
const PAGES_NAMED = 5;

/**
 * Compares the files of a folder with their checksums, and lets the database check its own trees.
 * @throws {STORE_UNUSABLE, STORE_IN_USE}, and STORE_DAMAGED if nothing in it can be read
 */
export function inspectSqliteStore(folder: string, holder: Holder = {}): Inspection {
  const files: ArlocalError[] = [];
  const database = openDatabase(folder, { holder, inspect: (damage) => files.push(damage) });
  if (files.length > PAGES_NAMED) {
    const reason = `${files.length - PAGES_NAMED} more pages are not what was written`;
    files.splice(PAGES_NAMED, files.length, damaged(folder, 'gateway.db', '', reason));
  }
  try {
    const trees = checkTrees(database.connection);
    return { store: createStore(folder, database), files, trees };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** SQLite's own check: trees are trees, and indexes say what the tables say. */
function checkTrees(connection: Connection): ArlocalError[] {
  try {
    const rows = connection
      .prepare<{ text: ArrayBuffer }>(
        'SELECT CAST(integrity_check AS BLOB) AS text FROM pragma_integrity_check(20)',
      )
      .all();
    const problems = rows.map(({ text }) => readText(text)).filter((problem) => problem !== 'ok');
    return problems.map((problem) => damaged(connection.folder, 'gateway.db', '', problem));
  } catch (error) {
    if (!(error instanceof ArlocalError)) throw error;
    return [error];
  }
}
