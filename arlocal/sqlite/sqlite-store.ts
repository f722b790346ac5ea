/**
 * A store in a folder: SQLite for the log and its index, files for large data.
 *
 * Writes collect in one open transaction, which `flush` commits; reads on the same connection see
 * them before that. Opening the folder again gives everything that was committed.
 */
import { join } from 'node:path';
import type { Store } from '../store.js';
import { createBlobFiles } from './blob-files.js';
import { BEGIN, openDatabase } from './database.js';
import { createLog } from './log.js';
import {
  createBalanceTable,
  createBlockTable,
  createChunkTable,
  createDataTable,
} from './tables.js';

/** Opens the folder, making it if need be. @throws {STORE_UNUSABLE, STORE_IN_USE} */
export function createSqliteStore(folder: string): Store {
  const database = openDatabase(folder);
  const log = createLog(database);
  const data = createDataTable(database, createBlobFiles(join(folder, 'data')));
  const chunks = createChunkTable(database);
  const blocks = createBlockTable(database);
  const balances = createBalanceTable(database);
  let tip = blocks.newest();

  log.project();

  return {
    append(entry, bytes) {
      const sequence = log.append(entry);
      if (bytes) data.put(entry.dataKey, bytes);
      return sequence;
    },
    get: log.get,
    find: log.find,
    get sequenceEnd() {
      return log.sequenceEnd();
    },
    transactionAt: log.transactionAt,
    get weaveEnd() {
      return log.weaveEnd();
    },
    putData: data.put,
    data: data.get,
    putChunk: chunks.put,
    chunks: chunks.of,
    dropChunks: chunks.drop,
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
    flush() {
      database.exec('COMMIT');
      database.exec(BEGIN);
    },
    close() {
      database.exec('COMMIT');
      database.close();
    },
  };
}
