/**
 * A log in a store: the entries are records of a journal, read when somebody asks and not kept. Those
 * used last are, because a message is read a moment after it was written.
 */
import type { Journal } from '../../arlocal/records.js';
import type { Log } from '../ports.js';
import { createRecent } from '../recent.js';

/** How the entries of a log are written. */
export interface EntryForm<Entry> {
  readonly idOf: (entry: Entry) => string;
  readonly encode: (entry: Entry) => Uint8Array;
  readonly decode: (bytes: Uint8Array, process: string, position: number) => Entry;
}

/** Entries kept decoded, and their bytes as they are written. */
const RECENT = { entries: 1024, bytes: 4 * 1024 * 1024 };

export function createDurableLog<Entry>(journal: Journal, form: EntryForm<Entry>): Log<Entry> {
  const recent = createRecent<Entry>(RECENT);
  const keyOf = (process: string, position: number) => `${process}:${position}`;
  // A group is taken whole or not at all; of a single record the journal says so itself.
  const isTaken = (process: string, ids: readonly string[], id: string, i: number) =>
    ids.indexOf(id) !== i || journal.find(process, id) !== undefined;

  const at = (process: string, position: number): Entry | undefined => {
    const key = keyOf(process, position);
    const cached = recent.get(key);
    if (cached !== undefined) return cached;
    const bytes = position < 0 ? undefined : journal.at(process, position);
    if (bytes === undefined) return undefined;
    const entry = form.decode(bytes, process, position);
    recent.set(key, entry, bytes.length);
    return entry;
  };
  return {
    append(process, expected, entries) {
      const ids = entries.map(form.idOf);
      const duplicate =
        ids.length > 1 ? ids.find((id, i) => isTaken(process, ids, id, i)) : undefined;
      if (duplicate !== undefined) return { kind: 'duplicate', id: duplicate };
      for (const [i, entry] of entries.entries()) {
        const [id, position] = [ids[i] ?? '', expected + i];
        const bytes = form.encode(entry);
        const answer = journal.append(process, position, id, bytes);
        if (answer === 'stale') return { kind: 'stale', next: journal.next(process) };
        if (answer === 'duplicate') return { kind: 'duplicate', id };
        recent.set(keyOf(process, position), entry, bytes.length);
      }
      return { kind: 'appended' };
    },
    read(process, from, to) {
      const first = Math.max(0, from);
      return journal
        .read(process, first, to)
        .map((bytes, i) => form.decode(bytes, process, first + i));
    },
    at,
    find: (process, id) => journal.find(process, id),
    next: (process) => journal.next(process),
    processes: () => journal.keys(),
  };
}
