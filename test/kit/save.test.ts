import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { walletFromSeed } from '../../arlocal/wallet.js';
import { createNetwork, type LoadOptions, loadNetwork } from '../../kit/network.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'corral-save-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const COUNTER = `Count = Count or 0
Handlers.add('Increment', 'Increment', function(msg) Count = Count + 1 msg.reply({ Data = tostring(Count) }) end)`;

async function load(file: string, options?: LoadOptions) {
  const network = await loadNetwork(file, options);
  onTestFinished(() => network.close());
  return network;
}

test('a network from a file goes on as the one that was saved', async () => {
  const file = join(folder, 'saved.corral');
  const network = await createNetwork({ seed: 'saved', mining: 'instant', startAt: '2030-01-01' });
  onTestFinished(() => network.close());
  const counter = await network.spawn({ name: 'counter', source: COUNTER });
  const stranger = walletFromSeed('elsewhere', 'stranger');
  const hit = (on = network) => on.send({ from: 'alice', to: 'counter', action: 'Increment' });
  await hit();
  await counter.send({ from: stranger, action: 'Increment' });
  network.faults.hold({ from: 'counter' });
  await hit();
  await network.save(file);
  const loaded = await load(file);
  expect(loaded.seed).toBe('saved');
  expect(loaded.mining).toBe('instant');
  expect(loaded.clock.now).toBe(network.clock.now);
  expect(await loaded.read('counter', 'Count')).toBe(3);
  expect(loaded.pendingDeliveries()).toEqual(network.pendingDeliveries());
  expect(loaded.wallet('alice').address).toBe(network.wallet('alice').address);
  expect(loaded.idOf('stranger')).toBe(stranger.address);
  await Promise.all([network.faults.clear(), loaded.faults.clear()]);
  expect((await hit(loaded)).id).toBe((await hit()).id);
  expect(await loaded.stateHash('counter')).toBe(await network.stateHash('counter'));
  expect(await loaded.replay('counter')).toBe(await loaded.stateHash('counter'));
});

test('it may do some things otherwise, and its seed and time are what they are', async () => {
  const file = join(folder, 'plain.corral');
  const network = await createNetwork();
  await network.spawn({ name: 'counter', source: COUNTER });
  await network.save(file);
  await network.close();
  const loaded = await load(file, { crank: 'manual', mining: 'manual' });
  expect([loaded.crank, loaded.mining]).toEqual(['manual', 'manual']);
  for (const option of ['seed', 'startAt', 'time', 'clock', 'gateway']) {
    await expect(load(file, { [option]: 1 })).rejects.toMatchObject({ code: 'BAD_OPTION' });
  }
});

test('what is no snapshot is refused by name', async () => {
  const file = join(folder, 'foreign.corral');
  writeFileSync(file, 'not one of ours');
  await expect(load(file)).rejects.toMatchObject({ code: 'SNAPSHOT_INVALID' });
  await expect(load(join(folder, 'none'))).rejects.toMatchObject({ code: 'FILE_NOT_READABLE' });
});
