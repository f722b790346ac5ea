/** Journals and cells: what the units of a network keep beside the log of entries. */
import { expect, test } from 'vitest';
import { createSqliteStore } from '../../arlocal/sqlite/sqlite-store.js';
import { temporaryFolder } from './gateways.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const same = (read: Uint8Array | undefined, expected: Uint8Array) =>
  read !== undefined && Buffer.from(read).equals(expected);
const text = (read: Uint8Array | undefined) => read && new TextDecoder().decode(read);

function openRecords(folder = temporaryFolder()) {
  const store = createSqliteStore(folder);
  const { records } = store;
  if (!records) throw new Error('a SQLite store has records');
  return { store, records, folder };
}

test('a journal takes records in order, and an id once per key', () => {
  const { store, records } = openRecords();
  const journal = records.journal('results');
  expect(journal.next('p')).toBe(0);
  expect(journal.append('p', 1, 'b', bytes('1'))).toBe('stale');
  expect(journal.append('p', 0, 'a', bytes('0'))).toBe('appended');
  expect(journal.append('p', 0, 'b', bytes('0'))).toBe('stale');
  expect(journal.append('p', 1, 'a', bytes('1'))).toBe('duplicate');
  expect(journal.append('p', 1, 'b', bytes('1'))).toBe('appended');
  expect(journal.append('o', 0, 'a', bytes('other key'))).toBe('appended');
  expect(records.journal('assignments').append('p', 0, 'a', bytes('other name'))).toBe('appended');
  expect(journal.next('p')).toBe(2);
  expect(journal.find('p', 'b')).toBe(1);
  expect(journal.find('p', 'c')).toBeUndefined();
  expect(text(journal.at('p', 1))).toBe('1');
  expect(journal.at('p', 2)).toBeUndefined();
  expect(journal.at('p', -1)).toBeUndefined();
  expect(journal.read('p', 0).map(text)).toEqual(['0', '1']);
  expect(journal.read('p', 1, 9).map(text)).toEqual(['1']);
  expect(journal.read('p', 5)).toEqual([]);
  expect([...journal.keys()]).toEqual(['p', 'o']);
  store.close();
});

test('records and cells are there when the folder is opened again', () => {
  const { store, records, folder } = openRecords();
  const large = new Uint8Array(700_000).map((_, index) => index % 251);
  records.journal('log').append('p', 0, 'a', large);
  records.cells('checkpoints').put('p', bytes('first'));
  records.cells('checkpoints').put('p', large);
  records.cells('checkpoints').put('q', bytes('q'));
  records.cells('checkpoints').drop('q');
  store.close();
  const again = openRecords(folder);
  expect(again.records.journal('log').next('p')).toBe(1);
  expect(same(again.records.journal('log').at('p', 0), large)).toBe(true);
  expect(same(again.records.cells('checkpoints').get('p'), large)).toBe(true);
  expect([...again.records.cells('checkpoints').keys()]).toEqual(['p']);
  expect(again.records.cells('other').get('p')).toBeUndefined();
  again.store.close();
});

test('whoever has something pending is asked for it before each commit', () => {
  const { store, records, folder } = openRecords();
  const cells = records.cells('counters');
  let pending: string | undefined = 'one';
  const ask = records.onCommit(() => {
    if (pending !== undefined) cells.put('count', bytes(pending));
    pending = undefined;
  });
  store.flush();
  expect(text(cells.get('count'))).toBe('one');
  expect(store.pending).toBe(false);
  ask();
  expect(store.pending).toBe(true);
  store.flush();
  expect(store.pending).toBe(false);
  pending = 'two';
  store.close();
  const again = openRecords(folder);
  expect(text(again.records.cells('counters').get('count'))).toBe('two');
  again.store.close();
});
