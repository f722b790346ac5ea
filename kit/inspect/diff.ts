/**
 * What changed between two states: the deepest places that differ, as paths that a person would write.
 */
import { type ProcessState, partsOf } from './process-state.js';
import { fieldPath, isRecord, nameOf, type StateRecord, type StateValue } from './state-value.js';

export interface Change {
  /** `Balances.alice`, `Queue[2].fee`, `token.lua: total`, `Handlers.pay`. */
  readonly path: string;
  /** Absent if there was nothing. */
  readonly from?: StateValue;
  /** Absent if there is nothing now. */
  readonly to?: StateValue;
}

/** Changes that are told; what is beyond is counted by nobody. */
const CHANGES_MAX = 10_000;

export function diffStates(before: ProcessState, after: ProcessState): Change[] {
  const changes: Change[] = [];
  const known = new Map(partsOf(before).map(({ path, value }) => [path, value]));
  for (const { path, value } of partsOf(after)) {
    compare(path, known.get(path), value, changes);
    known.delete(path);
  }
  for (const [path, value] of known) compare(path, value, undefined, changes);
  return changes;
}

function compare(path: string, from: StateValue, to: StateValue, changes: Change[]): void {
  if (from === to || changes.length >= CHANGES_MAX) return;
  if (isTable(from) && isTable(to)) {
    compareTables(path, toRecord(from), toRecord(to), changes);
  } else if (!isSame(from, to)) {
    changes.push({
      path,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    });
  }
}

function compareTables(path: string, from: StateRecord, to: StateRecord, changes: Change[]): void {
  for (const [key, value] of Object.entries(to)) {
    compare(path + fieldPath(key), from[key], value, changes);
  }
  for (const [key, value] of Object.entries(from)) {
    if (!(key in to)) compare(path + fieldPath(key), value, undefined, changes);
  }
}

function isTable(value: StateValue): value is StateRecord | readonly StateValue[] {
  return Array.isArray(value) || (isRecord(value) && nameOf(value) === undefined);
}

/** A list has the keys `[1]` to `[n]`, as a table with holes has. */
function toRecord(table: StateRecord | readonly StateValue[]): StateRecord {
  if (!Array.isArray(table)) return table as StateRecord;
  return Object.fromEntries(table.map((value, index) => [`[${index + 1}]`, value]));
}

function isSame(a: StateValue, b: StateValue): boolean {
  const name = nameOf(a);
  if (name !== undefined) return name === nameOf(b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    return Buffer.from(a).equals(Buffer.from(b));
  }
  return Object.is(a, b);
}
