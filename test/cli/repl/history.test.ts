import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { historyFile, openHistory } from '../../../cli/repl/history.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corral-history-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const complaints = () => {
  const told: string[] = [];
  return { told, complain: (reason: string) => told.push(reason) };
};

test('lines are there in the next session, newest first', () => {
  const file = historyFile({ XDG_STATE_HOME: folder });
  const { told, complain } = complaints();
  const first = openHistory(file, complain);
  for (const line of ['1 + 1', '', 'Inbox']) first.add(line);
  expect(openHistory(file, complain).lines).toEqual(['Inbox', '1 + 1']);
  expect(told).toEqual([]);
});

test('only the last 1000 lines are kept', () => {
  const file = join(folder, 'history');
  writeFileSync(file, Array.from({ length: 1_200 }, (_, index) => `line ${index}\n`).join(''));
  const { lines } = openHistory(file, complaints().complain);
  expect(lines).toHaveLength(1_000);
  expect(lines[0]).toBe('line 1199');
  expect(readFileSync(file, 'utf8')).toMatch(/^line 200\n/);
});

test('a file that cannot be written is complained about once and breaks nothing', () => {
  const { told, complain } = complaints();
  const history = openHistory('/dev/null/corral/history', complain);
  history.add('1 + 1');
  history.add('2 + 2');
  expect(history.lines).toEqual([]);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/^history is off: /);
});
