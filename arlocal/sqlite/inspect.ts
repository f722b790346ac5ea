/**
 * Opening a store that is damaged, or may be, to look through it. Nothing in the folder is changed.
 * What does not match is told instead of thrown, as far as one can go on.
 */
import { ArlocalError } from '../errors.js';
import type { Store } from '../store.js';
import { type Connection, damaged, readText } from './connection.js';
import { openDatabase } from './database.js';
import type { Holder } from './lock.js';
import { createStore } from './sqlite-store.js';

export interface InspectOptions {
  readonly holder: Holder;
  readonly tell: (damage: ArlocalError) => void;
}

/** Pages that are named before they are only counted. */
const PAGES_NAMED = 5;

/**
 * Compares the files of a folder with their checksums, and lets the database check its own trees.
 * @returns the store as it is, for reading
 * @throws {STORE_UNUSABLE, STORE_IN_USE}, and STORE_DAMAGED if nothing in it can be read
 */
export function inspectSqliteStore(folder: string, { holder, tell }: InspectOptions): Store {
  const pages: ArlocalError[] = [];
  const database = openDatabase(folder, { holder, inspect: (damage) => pages.push(damage) });
  for (const damage of pages.slice(0, PAGES_NAMED)) tell(damage);
  if (pages.length > PAGES_NAMED) {
    tell(damaged(folder, 'gateway.db', '', `${pages.length} pages are not what was written`));
  }
  try {
    checkTrees(database.connection, tell);
    return createStore(folder, database);
  } catch (error) {
    database.close();
    throw error;
  }
}

/** SQLite's own check: trees are trees, and indexes say what the tables say. */
function checkTrees(connection: Connection, tell: InspectOptions['tell']): void {
  try {
    const rows = connection
      .prepare<{ text: ArrayBuffer }>(
        'SELECT CAST(integrity_check AS BLOB) AS text FROM pragma_integrity_check(20)',
      )
      .all();
    for (const { text } of rows) {
      const problem = readText(text);
      if (problem !== 'ok') tell(damaged(connection.folder, 'gateway.db', '', problem));
    }
  } catch (error) {
    if (!(error instanceof ArlocalError)) throw error;
    tell(error);
  }
}
