/**
 * A ledger of what is pending: named values that mostly come and go between two commits. Only the
 * difference since the last commit is written, so what came and went costs the store nothing.
 */
import type { Records } from '../../arlocal/records.js';
import { fromBytes, toBytes } from './entry-forms.js';

export interface Ledger<Value> {
  /** The value may still change until the next commit, when it is written as JSON. */
  put(key: string, value: Value): void;
  drop(key: string): void;
}

export interface LedgerOptions<Value> {
  readonly records: Records;
  /** Name of the cells. */
  readonly name: string;
  /** What is written of a value. @default all of it */
  readonly toJson?: (value: Value) => unknown;
}

export function createLedger<Value>({
  records,
  name,
  toJson = (value) => value,
}: LedgerOptions<Value>): Ledger<Value> {
  const cells = records.cells(name);
  const stored = new Set(cells.keys());
  const changed = new Map<string, Value | undefined>();
  const ask = records.onCommit(() => {
    for (const [key, value] of changed) {
      if (value === undefined) {
        cells.drop(key);
        stored.delete(key);
      } else {
        cells.put(key, toBytes(toJson(value)));
        stored.add(key);
      }
    }
    changed.clear();
  });
  return {
    put(key, value) {
      changed.set(key, value);
      ask();
    },
    drop(key) {
      if (!stored.has(key)) {
        changed.delete(key);
        return;
      }
      changed.set(key, undefined);
      ask();
    },
  };
}

/** What the ledger of this name held when the store was last committed. */
export function readLedger<Value>(records: Records, name: string): Map<string, Value> {
  const cells = records.cells(name);
  const values = new Map<string, Value>();
  for (const key of cells.keys()) {
    const bytes = cells.get(key);
    if (bytes) values.set(key, fromBytes<Value>(bytes));
  }
  return values;
}
