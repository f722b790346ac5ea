import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { expect, test } from 'vitest';
import { signDataItem } from '../../arlocal/data-item.js';
import { createGateway } from '../../arlocal/gateway.js';
import { sha256 } from '../../arlocal/hashing.js';
import { createSqliteStore } from '../../arlocal/sqlite/sqlite-store.js';
import { walletFromSeed } from '../../arlocal/wallet.js';
import { temporaryFolder } from './gateways.js';
import { postL1 } from './transactions.js';

const alice = walletFromSeed(7, 'alice');
const alias = 'xU9zFkq3X2ZQ6olwNVvr1vUWIjc3kXTWr7xKQD6dh10';
const openGateway = (folder: string) =>
  createGateway({ store: createSqliteStore(folder), now: () => 1_700_000_000_000 });

test('opening the folder again gives everything back', async () => {
  const folder = temporaryFolder();
  const before = openGateway(folder);
  const item = signDataItem(alice, {
    data: 'small',
    tags: [{ name: 'Topic', value: 'cats' }],
  }).item;
  const large = signDataItem(alice, { data: new Uint8Array(300_000).fill(7) }).item;
  before.putItem(item, { alias });
  before.putItem(large);
  const { id, address } = await postL1(before, { data: 'layer one', mint: 10n ** 12n });
  before.mine(2);
  const pending = signDataItem(alice, { data: 'pending' }).item;
  before.putItem(pending);
  const look = (gateway: typeof before) => ({
    item: gateway.item(item.id),
    pinned: gateway.item(alias)?.id,
    large: gateway.data(large.id)?.length,
    data: Buffer.from(gateway.data(id) ?? []).toString(),
    transaction: gateway.locate(id),
    balance: gateway.balance(address),
    last: gateway.lastTransaction(address),
    tip: gateway.tip,
    pendingIds: gateway.pendingIds,
    weaveSize: gateway.weaveSize,
    cats: gateway.query({ tags: [{ name: 'Topic', values: ['cats'] }] }),
    all: gateway.query({}),
  });
  const seen = look(before);
  before.close();
  const after = openGateway(folder);
  expect(look(after)).toEqual(seen);
  expect(seen).toMatchObject({ pinned: item.id, large: 300_000, pendingIds: [pending.id] });
  expect(after.mine().sequenceEnd).toBe(4);
  after.close();
});

test('once it is closed nothing is taken, and nothing is acknowledged', async () => {
  const folder = temporaryFolder();
  const store = createSqliteStore(folder);
  const turns: (() => void)[] = [];
  const breathe = () => new Promise<void>((resolve) => turns.push(resolve));
  const gateway = createGateway({ store, now: () => 0, breathe });
  const closed = expect.objectContaining({ code: 'STORE_CLOSED', details: { folder } });
  const { item } = signDataItem(alice, { data: 'kept' });
  gateway.putItem(item);
  const durable = gateway.durable(); // not yet: it takes a breath
  gateway.close();
  for (const turn of turns) turn();
  await durable;
  expect(() => gateway.acceptItem(signDataItem(alice, { data: 'late' }).bytes)).toThrow(closed);
  expect(() => gateway.putItem(item)).toThrow(closed);
  expect(() => gateway.mine()).toThrow(closed);
  expect(() => gateway.mint(alice.address, 1n)).toThrow(closed);
  expect(() => gateway.records?.cells('x').put('y', new Uint8Array(1))).toThrow(closed);
  expect(() => gateway.flush()).toThrow(closed);
  const late = gateway.durable();
  for (const turn of turns) turn();
  await expect(late).rejects.toEqual(closed);
  gateway.close();
  const again = openGateway(folder);
  expect(again.pendingIds).toEqual([item.id]);
  again.close();
});

test('large data is a file named by its SHA-256, kept once', () => {
  const folder = temporaryFolder();
  const gateway = openGateway(folder);
  const data = new Uint8Array(300_000).fill(7);
  gateway.putItem(signDataItem(alice, { data }));
  gateway.putItem(signDataItem(alice, { data, tags: [{ name: 'Again', value: 'yes' }] }));
  gateway.close();
  const files = readdirSync(join(folder, 'data'), { recursive: true, withFileTypes: true });
  const names = files.filter((file) => file.isFile()).map(({ name }) => name);
  expect(names).toEqual([sha256(data).toString('hex')]);
});

test('the index is rebuilt from the log when it is lost', () => {
  const folder = temporaryFolder();
  const gateway = openGateway(folder);
  const { item } = signDataItem(alice, { tags: [{ name: 'Topic', value: 'cats' }] });
  gateway.putItem(item);
  gateway.close();
  const database = new Database(join(folder, 'gateway.db'));
  database.exec('DELETE FROM terms; DELETE FROM projections');
  database.close();
  const again = openGateway(folder);
  expect(again.query({ tags: [{ name: 'Topic', values: ['cats'] }] }).edges).toHaveLength(1);
  again.close();
});

test('what was flushed outlives a crash, the rest is gone as a whole', () => {
  const folder = temporaryFolder();
  const store = createSqliteStore(folder);
  const gateway = createGateway({ store, now: () => 0 });
  const [kept, lost] = ['kept', 'lost'].map((data) => signDataItem(alice, { data }).item);
  gateway.putItem(kept!);
  gateway.flush();
  gateway.putItem(lost!);
  // A crash: what another reader finds is what the file holds, not what the process meant.
  const reader = new Database(join(folder, 'gateway.db'), { readonly: true });
  const ids = reader.prepare('SELECT id FROM log').all() as { id: string }[];
  expect(ids.map(({ id }) => id)).toEqual([kept?.id]);
  reader.close();
  gateway.close();
});

test('a folder that cannot hold a store is refused, with the reason', () => {
  const folder = temporaryFolder();
  const unusable = (path: string) => {
    expect(() => createSqliteStore(path)).toThrow(
      expect.objectContaining({
        code: 'STORE_UNUSABLE',
        details: expect.objectContaining({ folder: path }),
      }),
    );
  };
  writeFileSync(join(folder, 'file'), '');
  unusable(join(folder, 'file'));
  unusable(join(folder, 'file', 'below'));
  unusable('/proc/corral');
  const locked = join(folder, 'locked');
  mkdirSync(locked);
  chmodSync(locked, 0o500);
  if (process.getuid?.() !== 0) unusable(locked); // root may write anywhere
});

test('a second network on the same folder is refused', () => {
  const folder = temporaryFolder();
  const first = createSqliteStore(folder);
  expect(() => createSqliteStore(folder)).toThrow('is open in another network');
  first.close();
  createSqliteStore(folder).close();
});
