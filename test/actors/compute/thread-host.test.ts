/** Processes with devices, on real compute threads (the build in dist/). */
import { describe, expect, test } from 'vitest';
import { createWallClock } from '../../../actors/clock.js';
import type { NetworkEvent } from '../../../actors/events.js';
import { createLineCounter } from '../../../actors/lua/line-hits.js';
import type { NetworkOptions } from '../../../actors/network.js';
import { signDataItem } from '../../../arlocal/data-item.js';
import { kernelModule, printed, startNetwork } from '../kernel-module.js';

const TALLY = `local tally = require('tally')
  Handlers.add('add', 'Add', function(m) m.reply({ Data = tostring(tally.add(m.N)) }) end)
  Handlers.add('sleep', 'Sleep', function(m) tally.sleep(m.Ms); m.reply({ Action = 'Awake' }) end)`;

async function startTally(options: NetworkOptions = {}) {
  const url = new URL('../tally-device.mjs', import.meta.url).href;
  const devices = [{ extension: 'Tally', url, options: { word: 'from outside' } }];
  const started = await startNetwork({ devices, ...options });
  const { network, alice } = started;
  const module = network.publishModule(kernelModule(), { Extension: 'Tally' });
  const spawnTally = async () => {
    const process = await network.spawn({ from: alice, module });
    await process.eval(TALLY);
    return process;
  };
  return { ...started, module, spawnTally };
}

describe('a process with a device', () => {
  test('runs on a thread, with its options, its data and its events', async () => {
    const { network, alice, spawnTally } = await startTally();
    const events: NetworkEvent[] = [];
    network.events.on('device', (event) => {
      if (event.event.type === 'token') events.push(event);
    });
    const a = await spawnTally();
    const b = await spawnTally();
    const data = await network.send({ from: alice, to: alice.address, data: 'weights' });
    expect(printed(await a.eval(`require('tally').read('${data.id}')`))).toBe('weights true 1');
    expect(printed(await b.eval(`require('tally').option()`))).toBe('from outside');
    const later = signDataItem(alice, { data: 'more weights' });
    const read = `require('tally').read('${later.item.id}')`;
    expect((await a.eval(read)).errors[0]?.text).toContain(`no data ${later.item.id}`);
    network.gateway.putItem(later);
    expect(printed(await a.eval(read))).toMatch(/^more weights true/);
    const added = await network.send({ from: alice, to: a.id, action: 'Add', tags: { N: '5' } });
    expect(added.messages).toHaveLength(1);
    expect(events).toEqual([
      {
        type: 'device',
        process: a.id,
        message: added.id,
        event: { type: 'token', text: '5', index: 0 },
      },
    ]);
    await network.close();
  });

  test('tells of the lines that run there', async () => {
    const told = createLineCounter();
    const { network, spawnTally } = await startTally({ watch: told.hook });
    const process = await spawnTally();
    told.take();
    await process.eval('local sum = 0\nfor i = 1, 3 do\n  sum = sum + i\nend\nreturn sum');
    const evaluated = [...told.hits].filter(([source]) => source.startsWith('aos '));
    expect(evaluated.map(([, counts]) => counts)).toEqual([[0, 1, 4, 3, 0, 1]]);
    expect(told.hits.get('.process')).toBeDefined();
    await network.close();
  });

  test('rolls its device back with its memory', async () => {
    const { network, spawnTally } = await startTally();
    const a = await spawnTally();
    const add = (n: number) => a.eval(`require('tally').add(${n})`);
    expect(printed(await add(1))).toBe('1');
    await a.eval(`require('tally').add(100); error('no')`);
    expect(printed(await add(1))).toBe('2');
    const dry = await a.dryRun({
      Owner: network.wallet('alice').address,
      Tags: [{ name: 'Action', value: 'Eval' }],
      Data: `require('tally').add(100)`,
    });
    expect(dry.output).toMatchObject({ data: '102' });
    expect(printed(await add(1))).toBe('3');
    expect(await network.replay(a.id)).toBe(await network.stateHash(a.id));
    await network.close();
  });

  test('may be part of a chain without end: the bounds count afresh where it answers', async () => {
    const limits = { crankDepth: 10, crankDeliveries: 12 };
    const { network, spawn, spawnTally } = await startTally({ limits });
    const tally = await spawnTally();
    const caller =
      await spawn(`Handlers.add('answer', function(m) return m.From == '${tally.id}' end,
      function(m) if tonumber(m.Data) < 30 then m.reply({ Action = 'Add', N = '1' }) end end)`);
    const receipt = await caller.eval(`Send({ Target = '${tally.id}', Action = 'Add', N = '1' })`);
    expect(receipt.errors).toEqual([]);
    expect(receipt.messages).toHaveLength(60);
    expect(receipt.messages.at(-1)?.depth).toBe(60);
    const loop = `Handlers.add('ball', 'Ball', function(m) Send({ Target = ao.id, Action = 'Ball' }) end)`;
    await caller.eval(loop);
    const awake = `Handlers.prepend('awake', 'Awake', function() Send({ Target = ao.id, Action = 'Ball' }) end)`;
    await caller.eval(awake);
    const runaway = await caller.eval(
      `Send({ Target = '${tally.id}', Action = 'Sleep', Ms = '1' })`,
    );
    expect(runaway.errors).toMatchObject([{ code: 'CRANK_TOO_DEEP' }]);
    expect(runaway.messages.length).toBeLessThan(20);
    await network.close();
  });

  test('sleeps when too many are awake, and nothing is computed again', async () => {
    const { network, spawnTally } = await startTally({ limits: { liveMachines: 2 } });
    const tallies = [];
    for (let i = 0; i < 5; i++) tallies.push(await spawnTally());
    const told: string[] = [];
    network.events.on('device', ({ event }) => {
      if (event.type === 'progress') told.push(event.stage);
      if (event.type === 'token') told.push(event.text);
    });
    for (let round = 1; round <= 3; round++) {
      for (const { eval: evaluate } of tallies) {
        expect(printed(await evaluate(`require('tally').add(1)`))).toBe(`${round}`);
      }
    }
    expect(told.filter((text) => text !== 'restored')).toHaveLength(15);
    expect(told.filter((text) => text === 'restored').length).toBeGreaterThan(5);
    for (const { id } of tallies) {
      expect(await network.replay(id)).toBe(await network.stateHash(id));
    }
    await network.close();
  });

  test('takes messages while it boots, in order', async () => {
    const { network, module, alice } = await startTally();
    const spawning = network.spawn({ from: alice, module });
    const [to = ''] = network.units.scheduler.processes();
    const sends = [TALLY, ...Array.from({ length: 9 }, (_, i) => `L = (L or '') .. ${i}`), 'L'].map(
      (data) => network.send({ from: alice, to, action: 'Eval', data }),
    );
    const receipts = await Promise.all(sends);
    await spawning;
    expect(receipts.map(({ assignment }) => assignment?.nonce)).toEqual(sends.map((_, i) => i + 1));
    expect(printed(receipts.at(-1) ?? {})).toBe('012345678');
    await network.close();
  });

  test('never holds up the others', async () => {
    const { network, alice, spawn, spawnTally } = await startTally();
    const slow = await spawnTally();
    const quick = await spawn();
    const done: string[] = [];
    const sleeping = network
      .send({ from: alice, to: slow.id, action: 'Sleep', tags: { Ms: '800' } })
      .then(() => done.push('slow'));
    await quick.eval('1 + 1').then(() => done.push('quick'));
    await sleeping;
    expect(done).toEqual(['quick', 'slow']);
    await network.close();
  });

  test.each([
    ['virtual', {}, ['800', '1']],
    ['wall-clock', { clock: createWallClock(Date.now) }, ['1', '800']],
  ])('answers in %s time', async (_, options, order) => {
    const { network, alice, spawn, spawnTally } = await startTally(options);
    const herder = await spawn(`Handlers.add('awake', 'Awake', function(m)
      Woken = (Woken or '') .. m.From .. ' ' end)`);
    const [slow, quick] = [await spawnTally(), await spawnTally()];
    const sleep = (to: string, ms: number) =>
      herder.eval(`Send({ Target = '${to}', Action = 'Sleep', Ms = '${ms}' })`);
    await Promise.all([sleep(slow.id, 800), sleep(quick.id, 1)]);
    const ids = order.map((ms) => (ms === '800' ? slow.id : quick.id));
    expect(printed(await herder.eval('Woken'))).toBe(`${ids.join(' ')} `);
    expect(alice.name).toBe('alice');
    await network.close();
  });
});

describe('a thread that ends by itself', () => {
  test('fails what waits for it, and its processes live again with their next message', async () => {
    const { network, alice, module, spawnTally } = await startTally({ threads: 1 });
    const a = await spawnTally();
    const b = await network.spawn({
      from: alice,
      module,
      tags: { 'Cron-Interval': '10-seconds', 'Cron-Tag-Action': 'Tick' },
    });
    const tick = `Handlers.add('tick', 'Tick', function() require('tally').add(10) end)`;
    await b.eval(tick);
    const add = (process: typeof a) => process.eval(`require('tally').add(1)`);
    await add(a);
    await add(b);
    await network.clock.advance(25_000);
    expect(printed(await add(b))).toBe('22');
    await a.eval(`require('tally').add(100); error('no')`);
    const hash = await network.stateHash(b.id);
    const answers = await Promise.all([a.eval(`require('tally').exit()`), a.eval('1 + 1')]);
    expect(answers[0]?.errors).toMatchObject([{ code: 'COMPUTE_FAILED', process: a.id }]);
    expect(printed(answers[1] ?? {})).toBe('2');
    expect(printed(await add(a))).toBe('2');
    expect(await network.stateHash(b.id)).toBe(hash);
    expect(printed(await add(b))).toBe('23');
    expect(printed(await add(await spawnTally()))).toBe('1');
    for (const { id } of [a, b]) {
      expect(await network.replay(id)).toBe(await network.stateHash(id));
    }
    await network.close();
  });
});

describe('closing a network in mid answer', () => {
  test('ends the threads, and what waits ends with a coded error and no record', async () => {
    const { network, alice, spawnTally } = await startTally();
    const a = await spawnTally();
    const asleep = new Promise<void>((resolve) => {
      network.events.on('device', () => resolve());
    });
    const answer = network.send({ from: alice, to: a.id, action: 'Sleep', tags: { Ms: '60000' } });
    const behind = a.eval('1');
    await asleep;
    const results = network.units.compute.evaluations(a.id).length;
    await network.close();
    for (const receipt of [await answer, await behind]) {
      expect(receipt.errors).toMatchObject([{ code: 'NETWORK_CLOSED', process: a.id }]);
    }
    expect(network.units.compute.evaluations(a.id)).toHaveLength(results);
    await network.close();
  });

  test('a device that cannot be loaded is an error of the process', async () => {
    const devices = [{ extension: 'Tally', url: 'file:///nowhere/device.js' }];
    const { network, alice, module } = await startTally({ devices });
    const process = await network.spawn({ from: alice, module });
    expect(process.spawned.errors).toMatchObject([{ code: 'COMPUTE_FAILED', process: process.id }]);
    await network.close();
  });
});
