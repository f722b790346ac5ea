/** What else can be adopted: WebAssembly, pinned ids, crons, data that is no text, from a store's network. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createVirtualClock } from '../../../actors/clock.js';
import { createGateway } from '../../../arlocal/gateway.js';
import { createSqliteStore } from '../../../arlocal/sqlite/sqlite-store.js';
import { PINNED } from '../../../herd/herd.js';
import { writeCard } from '../../../herd/open-store.js';
import { verifyNetwork } from '../../../herd/verify.js';
import { createNetwork, type NetworkOptions } from '../../../kit/network.js';
import { as } from '../../../kit/read/decoders.js';
import { compileTally } from '../../actors/wasm/tally.js';
import { SHOP, startElsewhere } from './elsewhere.js';

async function startHere(options: NetworkOptions = { seed: 3 }) {
  const network = await createNetwork(options);
  onTestFinished(() => network.close());
  return network;
}

test.each(['log', 'checkpoint'] as const)('a WebAssembly process, by its %s', async (state) => {
  const there = await startElsewhere();
  const { network } = there;
  const module = network.publishModule({ wasm: await compileTally() });
  const tally = await network.spawn({ module, data: '+' });
  for (const data of ['+', 'm', 's', 'e', '+']) await tally.send({ from: 'alice', data });
  const here = await startHere();
  const { su, cu, gateway } = there;
  const adopted = await here.adopt({ process: tally.id, su, cu, gateway, state });
  const file = join(mkdtempSync(join(tmpdir(), 'corral-tally-')), 'x');
  onTestFinished(() => rmSync(join(file, '..'), { recursive: true }));
  await adopted.load();
  const memory = Buffer.from(await here.units.compute.memory(tally.id));
  expect(memory.equals(await network.units.compute.memory(tally.id))).toBe(true);
  await here.fork().then((fork) => fork.close());
  await here.save(file); // before it was ever awake here
  const { result } = await adopted.send({ from: 'bob', data: '+' });
  expect(result?.output).toBe((await tally.send({ from: 'bob', data: '+' })).result?.output);
  await adopted.send({ from: 'bob', data: 'm' });
  const more = await adopted.send({ from: 'bob', data: '+' });
  await tally.send({ from: 'bob', data: 'm' });
  expect(more.result?.output).toBe((await tally.send({ from: 'bob', data: '+' })).result?.output);
});

test("wAR at its pinned id, which then is this network's wAR", async () => {
  const there = await startElsewhere();
  await there.network.mintWar(there.network.wallet('alice'), '2');
  const here = await startHere();
  const { su, gateway } = there;
  await here.adopt({ process: PINNED.war, su, gateway });
  const alice = there.network.wallet('alice').address;
  await here.mintWar(here.wallet('bob'), '1.5');
  const balances = await here.read(PINNED.war, 'Balances', as.record(as.string));
  expect(balances[alice]).toBe('2000000000000');
  expect(balances[here.wallet('bob').address]).toBe('1500000000000');
  expect(here.idOf('wAR')).toBe(PINNED.war);
  expect(await here.replay('wAR')).toBe(await here.stateHash('wAR'));
});

test('a process of a network of the same seed, whose units have the same keys', async () => {
  const there = await startElsewhere({ seed: 3 });
  const shop = await there.network.spawn({ name: 'shop', source: SHOP });
  const other = await there.network.spawn({ name: 'other', source: SHOP });
  await other.eval(`ao.send({ Target = '${shop.id}', Action = 'Who' })`);
  await shop.send({ from: there.network.impersonate(other), action: 'Who' });
  const here = await startHere();
  const { su, gateway } = there;
  const adopted = await here.adopt({ process: shop.id, su, gateway });
  expect(await adopted.read('LastFrom')).toBe(other.id);
  await adopted.send({ from: 'alice', action: 'Who' });
  expect(await here.replay(adopted)).toBe(await here.stateHash(adopted));
});

test('crons of its past are evaluated, and not sent; those to come are', async () => {
  const there = await startElsewhere();
  const source = `Beats = 0
    Handlers.add('Beat', 'Cron', function(msg) Beats = Beats + 1 ao.send({ Target = ao.id, Action = 'Echo' }) end)
    Echoes = 0
    Handlers.add('Echo', 'Echo', function() Echoes = Echoes + 1 end)`;
  const tags = { 'Cron-Interval': '1-hour', 'Cron-Tag-Action': 'Cron' };
  const clockwork = await there.network.spawn({ source, tags });
  await there.network.monitor(clockwork);
  await there.network.clock.advance('3h');
  await clockwork.send({ from: 'alice', action: 'Nothing' });
  const here = await startHere({ seed: 3, startAt: there.network.clock.now });
  const { su, gateway } = there;
  const adopted = await here.adopt({ process: clockwork.id, su, gateway });
  expect([await adopted.read('Beats'), await adopted.read('Echoes')]).toEqual([3, 3]);
  await here.monitor(adopted);
  await here.clock.advance('2h');
  expect([await adopted.read('Beats'), await adopted.read('Echoes')]).toEqual([5, 5]);
  expect(await here.replay(adopted)).toBe(await here.stateHash(adopted));
});

test('data that is no text comes from the gateway; without one it is missed by name', async () => {
  const there = await startElsewhere();
  const shop = await there.network.spawn({ source: SHOP });
  const bytes = Uint8Array.of(0, 255, 254, 10);
  const { id } = await shop.send({ from: 'alice', action: 'Who', data: bytes });
  const { su, gateway } = there;
  const here = await startHere();
  const blind = await here.adopt({ process: shop.id, su });
  await expect(blind.load()).rejects.toMatchObject({ code: 'ADOPT_SIGNATURE' });
  const adopted = await here.adopt({ process: shop.id, su, gateway });
  expect(await adopted.read('LastFrom')).toBe(there.network.wallet('alice').address);
  expect(Buffer.from(here.gateway.data(id)!)).toEqual(Buffer.from(bytes));
});

test('what it needs may be at the gateway that the network goes on from', async () => {
  const there = await startElsewhere();
  const shop = await there.network.spawn({ source: SHOP });
  const here = await startHere({ seed: 3, gateway: there.gateway });
  const adopted = await here.adopt({ process: shop.id, su: there.su });
  expect(await adopted.read('Sold')).toBe(0);
});

test('into a folder, which verifies', async () => {
  const there = await startElsewhere();
  const shop = await there.network.spawn({ name: 'shop', source: SHOP });
  await shop.send({ from: 'alice', action: 'Restock', tags: { Item: 'apple', Count: '3' } });
  await shop.send({ from: 'bob', action: 'Buy', tags: { Item: 'pear' } });
  await shop.send({ from: 'bob', action: 'Buy', tags: { Item: 'apple' } });
  const folder = mkdtempSync(join(tmpdir(), 'corral-adopted-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const open = async () => {
    const clock = createVirtualClock();
    const own = createGateway({ store: createSqliteStore(folder), now: () => clock.now() });
    writeCard(own.records, { seed: 3 });
    const network = await createNetwork({ seed: 3, clock, gateway: own });
    const close = async () => {
      await network.close();
      own.close();
    };
    return { network, close };
  };
  const first = await open();
  const { su, gateway } = there;
  const adopted = await first.network.adopt({ process: shop.id, su, gateway });
  await adopted.send({ from: 'carol', action: 'Buy', tags: { Item: 'apple' } });
  await first.close();
  const report = await verifyNetwork({ db: folder, devices: [] });
  expect(report.processes.flatMap(({ differences }) => differences)).toEqual([]);
  expect(report).toMatchObject({ whole: true, findings: [] });
  const second = await open();
  expect(await second.network.read(shop.id, 'Stock.apple')).toBe(1);
  expect(second.network.units.scheduler.adoptedUntil(shop.id)).toBe(4);
  expect(await second.network.replay(shop.id)).toBe(await second.network.stateHash(shop.id));
  await second.close();
});
