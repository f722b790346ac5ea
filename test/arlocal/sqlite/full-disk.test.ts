/**
 * A disk that is full: writing ends with an error that says so, what was acknowledged before is kept,
 * and with room again the folder is whole. Needs the right to mount a small file system.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { signDataItem } from '../../../arlocal/data-item.js';
import { createGateway, type Gateway } from '../../../arlocal/gateway.js';
import { inspectSqliteStore } from '../../../arlocal/sqlite/inspect.js';
import { createSqliteStore } from '../../../arlocal/sqlite/sqlite-store.js';
import { verifyStore } from '../../../arlocal/verify-store.js';
import { walletFromSeed } from '../../../arlocal/wallet.js';

const disk = mkdtempSync(join(tmpdir(), 'corral-disk-'));
const mount = (options: string) =>
  spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk]);
const canMount = mount('size=2m').status === 0;
afterAll(() => {
  if (canMount) spawnSync('umount', ['--lazy', disk]);
  rmSync(disk, { recursive: true, force: true });
});

const alice = walletFromSeed(6, 'alice');
const open = (folder: string): Gateway =>
  createGateway({ store: createSqliteStore(folder), now: () => 0 });

/** Stores items until it fails, and answers the ids of those that were acknowledged. */
async function fill(gateway: Gateway, size: number): Promise<{ kept: string[]; error: unknown }> {
  const kept: string[] = [];
  for (;;) {
    const data = new Uint8Array(size).fill(kept.length % 250);
    const { item } = signDataItem(alice, { data, anchor: `${kept.length}`.padStart(32, '0') });
    try {
      gateway.putItem(item);
      await gateway.durable();
    } catch (error) {
      return { kept, error };
    }
    kept.push(item.id);
  }
}

test.skipIf(!canMount).each([
  ['rows', 20_000],
  ['files', 300_000],
])('filled up by %s', async (name, size) => {
  const folder = join(disk, name);
  mount(`remount,size=${name === 'rows' ? 2 : 4}m`);
  const gateway = open(folder);
  const { kept, error } = await fill(gateway, size);
  expect(error).toMatchObject({ code: 'STORE_FAILED', details: { folder } });
  expect(kept.length).toBeGreaterThan(3);
  await expect(gateway.durable()).rejects.toMatchObject({ code: 'STORE_FAILED' });
  expect(() => gateway.mine()).toThrow(expect.objectContaining({ code: 'STORE_FAILED' }));
  gateway.close();

  mount('remount,size=64m');
  const again = open(folder);
  for (const id of kept) expect(again.data(id)?.length, id).toBe(size);
  again.close();
  const { store, files, trees } = inspectSqliteStore(folder);
  const findings: unknown[] = [];
  verifyStore(store, { tell: (finding) => findings.push(finding) });
  store.close();
  expect([...files, ...trees, ...findings]).toEqual([]);
  rmSync(folder, { recursive: true });
});
