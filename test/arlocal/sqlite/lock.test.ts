/** The lock of a folder: who comes second is told who came first, and who dies leaves nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createSqliteStore } from '../../../arlocal/sqlite/sqlite-store.js';
import { temporaryFolder } from '../gateways.js';

const child = fileURLToPath(new URL('holding-child.mjs', import.meta.url));
const inUse = (text: string) =>
  expect.objectContaining({ code: 'STORE_IN_USE', message: expect.stringContaining(text) });

/** A program that holds a folder until it is ended; answers when it does. */
async function hold(folder: string, how = 'stay') {
  const holder = spawn(process.execPath, [child, folder, how], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  return holder;
}

test('the second is told who holds the folder', async () => {
  const folder = temporaryFolder();
  const holder = await hold(folder);
  const who = `(pid ${holder.pid}, since 2025-01-01T00:00:00.000Z, ports from 4000)`;
  expect(() => createSqliteStore(folder)).toThrow(inUse(who));
  writeFileSync(join(folder, 'holder.json'), 'garbage');
  expect(() => createSqliteStore(folder)).toThrow(inUse('holder.json cannot be read'));
  holder.kill('SIGKILL');
  await once(holder, 'close');
});

test('a holder that died leaves no trouble', async () => {
  const folder = temporaryFolder();
  const holder = await hold(folder);
  holder.kill('SIGKILL');
  await once(holder, 'close');
  const store = createSqliteStore(folder, { holder: { pid: 1 } });
  expect(store.balance('kept')).toBe(7n);
  expect(store.balance('lost')).toBe(0n);
  expect(JSON.parse(readFileSync(join(folder, 'holder.json'), 'utf8'))).toEqual({ pid: 1 });
  store.close();
  expect(existsSync(join(folder, 'holder.json'))).toBe(false);
});

test('a program that exits without closing leaves a folder that is whole', async () => {
  const folder = temporaryFolder();
  const holder = await hold(folder, 'exit');
  await once(holder, 'close');
  const store = createSqliteStore(folder);
  expect(store.balance('kept')).toBe(7n);
  expect(store.balance('lost')).toBe(0n);
  store.close();
});
