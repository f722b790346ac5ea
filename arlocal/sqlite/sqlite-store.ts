/**
 * A store in a folder: SQLite for the log, the records and the index, files for large data.
 *
 * Writes collect in one open transaction, which `flush` commits; reads on the same connection see
 * them before that. Opening the folder again gives everything that was committed.
 */
import { join } from 'node:path';
import type { Store } from '../store.js';
import { createBlobFiles } from './blob-files.js';
import { openDatabase } from './database.js';
import type { Holder } from './lock.js';
import { createLog } from './log.js';
import { createRecords } from './records.js';
import {
  createBalanceTable,
  createBlockTable,
  createChunkTable,
  createDataTable,
  INLINE_BYTES_MAX,
} from './tables.js';

export interface SqliteStoreOptions {
  /** What somebody who finds the folder in use is told of who uses it. @default nothing */
  readonly holder?: Holder | undefined;
}

/**
 * Opens the folder, making it if need be.
 * @throws {STORE_UNUSABLE, STORE_IN_USE, STORE_DAMAGED, STORE_FAILED}
 */
export function createSqliteStore(folder: string, options: SqliteStoreOptions = {}): Store {
  const database = openDatabase(folder, { holder: options.holder ?? {} });
  try {
    return createStore(folder, database);
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The store of an open database. */
export function createStore(folder: string, database: ReturnType<typeof openDatabase>): Store {
  const { connection } = database;
  const log = createLog(connection);
  const data = createDataTable(connection, createBlobFiles(join(folder, 'data')));
  const chunks = createChunkTable(connection);
  const blocks = createBlockTable(connection);
  const balances = createBalanceTable(connection);
  const records = createRecords(connection);
  let tip = blocks.newest();
  let closed = false;

  return {
    append(entry, bytes) {
      const isInline = entry.kind === 'item' && bytes && bytes.length <= INLINE_BYTES_MAX;
      if (bytes && !isInline) data.put(entry.dataKey, bytes);
      return log.append(entry, isInline ? bytes : undefined);
    },
    get: log.get,
    find: log.find,
    get sequenceEnd() {
      return log.sequenceEnd;
    },
    ids: log.ids,
    transactionAt: log.transactionAt,
    get weaveEnd() {
      return log.weaveEnd;
    },
    putData: data.put,
    data: (key) => log.data(key) ?? data.get(key),
    hasData: data.has,
    putChunk: chunks.put,
    chunks: chunks.of,
    chunkBytes: chunks.bytes,
    dropChunks: chunks.drop,
    chunkRoots: chunks.roots,
    appendBlock(block) {
      blocks.append(block);
      tip = block;
    },
    block: blocks.get,
    blockOf: blocks.of,
    get tip() {
      return tip;
    },
    balance: balances.get,
    setBalance: balances.set,
    accounts: balances.addresses,
    records,
    get pending() {
      return connection.changed || records.pending || connection.failure !== undefined;
    },
    flush() {
      if (connection.failure) throw connection.failure;
      records.beforeCommit();
      database.commit();
    },
    close() {
      if (closed) return;
      closed = true;
      try {
        if (connection.failure === undefined) records.beforeCommit();
      } finally {
        database.close();
      }
    },
  };
}
