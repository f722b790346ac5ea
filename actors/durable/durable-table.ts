/** A table in a store: read once, kept in memory, and its changes written with the next commit. */
import type { Records } from '../../arlocal/records.js';
import type { Table } from '../ports.js';
import { createLedger, readLedger } from './ledger.js';

export function createDurableTable<Value>(records: Records, name: string): Table<Value> {
  const values = readLedger<Value>(records, name);
  const ledger = createLedger<Value>({ records, name });
  return {
    get: (key) => values.get(key),
    has: (key) => values.has(key),
    keys: () => values.keys(),
    set(key, value) {
      values.set(key, value);
      ledger.put(key, value);
    },
    delete(key) {
      if (!values.delete(key)) return false;
      ledger.drop(key);
      return true;
    },
  };
}
