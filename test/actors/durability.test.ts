/** What a crash leaves: the files of a store as they are while the network still runs. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createVirtualClock } from '../../actors/clock.js';
import { createSchedulerApp } from '../../actors/http/scheduler.js';
import { protocolTags } from '../../actors/items/protocol.js';
import { signDataItem } from '../../arlocal/data-item.js';
import { createGateway, type Gateway } from '../../arlocal/gateway.js';
import { createSqliteStore } from '../../arlocal/sqlite/sqlite-store.js';
import { startNetwork } from './kernel-module.js';

const breathe = () => new Promise<void>((resolve) => setImmediate(resolve));
const now = () => createVirtualClock().now();
let folder: string;
const open = (name: string): Gateway =>
  createGateway({ store: createSqliteStore(join(folder, name)), now });
const copy = (name: string): Gateway => {
  cpSync(join(folder, 'running'), join(folder, name), { recursive: true });
  return open(name);
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'corral-durability-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('what was taken is durable a breath later, what the scheduler unit took at once', async () => {
  const gateway = open('running');
  const { network, alice, spawn } = await startNetwork({ gateway, breathe });
  const { id: target } = await spawn();
  const message = (to: string, data: string) => {
    const tags = [...protocolTags('Message'), { name: 'Action', value: 'Eval' }];
    return signDataItem(alice, { target: to, data, tags });
  };
  const evaluated = network.accept(message(target, 'return 6 * 7').bytes);
  await breathe();
  const left = copy('left');
  const again = await startNetwork({ gateway: left });
  const { output } = await again.network.result(target, evaluated.id);
  expect(output).toMatchObject({ data: '42' });

  const stored = network.accept(message(alice.address, 'to a wallet').bytes);
  await breathe();
  const second = copy('second');
  expect(second.item(stored.id)?.target).toBe(alice.address);

  const { item, bytes } = message(target, '1');
  const body = Buffer.from(bytes);
  await createSchedulerApp(network).request('/', { method: 'POST', body });
  const later = copy('later');
  expect(later.item(item.id)?.id).toBe(item.id);
  await Promise.all([network.close(), again.network.close()]);
  for (const opened of [gateway, left, second, later]) opened.close();
});
