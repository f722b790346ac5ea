/** A network that was cut off goes on as if it had not been. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NetworkEvent } from '../../actors/events.js';
import { protocolTags } from '../../actors/items/protocol.js';
import type { NetworkOptions } from '../../actors/network.js';
import { signDataItem } from '../../arlocal/data-item.js';
import { kernelModule, printed } from './kernel-module.js';
import { breathe, createStores, describeNetwork, pushedIds, type Stores } from './stores.js';

let stores: Stores;
beforeAll(() => {
  stores = createStores();
});
afterAll(() => stores.remove());

/** Sends much, spawns, assigns, and fails: one message that sets off a few hundred. */
const FAN = (target: string, module: string) => `
  for i = 1, 150 do Send({ Target = '${target}', Action = 'Count', N = tostring(i) }) end
  for i = 1, 3 do Spawn('${module}', { Tags = { Nr = tostring(i) } }) end
  Send({ Target = '${target}', Action = 'Count', N = 'no number' })
  Send({ Target = '${target}', Action = 'Count', N = '7', Assignments = { ao.id } })
  Send({ Target = 'nowhere', Action = 'Lost' })`;
const COUNTER = `
  Total = 0
  Handlers.add('count', 'Count', function(m)
    Total = Total + math.tointeger(tonumber(m.N))
    if m.N ~= '7' then m.reply({ Action = 'Counted', Total = tostring(Total) }) end
  end)`;
const CALLER = `
  Heard, Children = {}, {}
  Handlers.add('counted', 'Counted', function(m) table.insert(Heard, m.Total) end)
  Handlers.add('spawned', 'Spawned', function(m)
    table.insert(Children, m.Process)
    Send({ Target = m.Process, Action = 'Eval', Data = 'Awake = true; print("here")' })
  end)`;

describe('a network that is cut off at any breath', () => {
  test('ends in the same logs, results and states, and has sent the same', async () => {
    let copies = 0;
    let copying = false;
    const options: NetworkOptions = {
      async breathe() {
        await breathe();
        if (!copying) return;
        original.gateway.flush();
        stores.copy('fan', `fan-${copies++}`);
      },
    };
    const original = await stores.open('fan', options);
    const { network, module, spawn, gateway } = original;
    const counter = await spawn(COUNTER);
    const caller = await spawn(CALLER);
    copying = true;
    const receipt = await caller.eval(FAN(counter.id, module));
    copying = false;
    expect(receipt.messages.length).toBeGreaterThan(300);
    expect(copies).toBeGreaterThan(4);
    const whole = await describeNetwork(network);
    const sent = pushedIds(gateway, network);
    await original.close();

    for (let copy = 0; copy < copies; copy++) {
      const again = await stores.open(`fan-${copy}`);
      await again.network.resumed;
      if (copy < copies - 1) expect(again.evaluated()).toBeGreaterThan(0);
      expect(await describeNetwork(again.network)).toEqual(whole);
      expect(pushedIds(again.gateway, again.network)).toEqual(sent);
      await again.close();
    }
  });
});

test('a restart evaluates nothing, and what was answered is read', async () => {
  const first = await stores.open('quiet');
  const counter = await first.spawn(COUNTER);
  const asked = await counter.eval('Total = Total + 5; return Total');
  await first.close();
  const second = await stores.open('quiet');
  await second.network.resumed;
  expect(await second.network.result(counter.id, asked.id)).toEqual(asked.result);
  expect(second.network.results(counter.id).edges).toHaveLength(3);
  expect(second.evaluated()).toBe(0);
  const from = second.network.wallet('alice');
  const more = { from, to: counter.id, action: 'Eval', data: 'return Total + 1' };
  expect(printed(await second.network.send(more))).toBe('6');
  expect(second.evaluated()).toBe(1);
  await second.close();
});

test('a receipt of a network that closed is an error, and the work goes on at the next start', async () => {
  const first = await stores.open('closing');
  const counter = await first.spawn(COUNTER);
  const caller = await first.spawn(CALLER);
  const fan = `for i = 1, 100 do Send({ Target = '${counter.id}', Action = 'Count', N = '1' }) end`;
  const receipt = caller.eval(fan);
  const closing = first.close();
  expect((await receipt).errors.at(-1)).toMatchObject({ code: 'NETWORK_CLOSED' });
  await closing;
  const second = await stores.open('closing');
  const takenUp: NetworkEvent[] = [];
  second.network.events.on('resumed', (event) => takenUp.push(event));
  await second.network.resumed;
  expect(takenUp).toMatchObject([{ requests: 1, messages: expect.any(Number) }]);
  const from = second.network.wallet('alice');
  const ask = (to: string, data: string) =>
    second.network.send({ from, to, action: 'Eval', data }).then(printed);
  expect(await ask(counter.id, 'Total')).toBe('100');
  expect(await ask(caller.id, '#Heard')).toBe('100');
  await second.close();
});

test('a message that only the scheduler unit took is evaluated when asked, and never sent', async () => {
  const first = await stores.open('scheduled');
  const { id } = await first.spawn(COUNTER);
  const { scheduler } = first.network.units;
  const message = signDataItem(first.alice, {
    target: id,
    tags: [
      ...protocolTags('Message'),
      { name: 'Action', value: 'Count' },
      { name: 'N', value: '1' },
    ],
  });
  scheduler.schedule(message);
  await first.close();
  const second = await stores.open('scheduled');
  await second.network.resumed;
  expect(second.evaluated()).toBe(0);
  const { messages } = await second.network.result(id, message.item.id);
  expect(messages).toHaveLength(1);
  expect(pushedIds(second.gateway, second.network)).toHaveLength(0);
  await second.close();
  // Now it is asked to be sent: once, and not again.
  const third = await stores.open('scheduled');
  for (let i = 0; i < 2; i++) await third.network.units.messenger.push(id, 2).cascade.idle;
  expect(pushedIds(third.gateway, third.network)).toHaveLength(1);
  await third.close();
  const fourth = await stores.open('scheduled');
  await fourth.network.units.messenger.push(id, 2).cascade.idle;
  expect(pushedIds(fourth.gateway, fourth.network)).toHaveLength(1);
  await fourth.close();
});

test('crons of monitored processes go on from where they were, and so does the time', async () => {
  const first = await stores.open('crons');
  const listener = await first.spawn(`Heard = {}; Handlers.add('t', 'Tick', function(m)
    table.insert(Heard, m.At) end)`);
  const cron = await first.network.spawn({
    from: first.alice,
    module: first.module,
    tags: [
      { name: 'Cron-Interval', value: '10-seconds' },
      { name: 'Cron-Tag-Action', value: 'Cron' },
    ],
  });
  await cron.eval(`Handlers.add('c', 'Cron', function(m)
    Send({ Target = '${listener.id}', Action = 'Tick', At = tostring(m.Timestamp) }) end)`);
  await first.network.monitor(cron.id);
  const start = first.network.clock.now;
  await first.network.clock.advance(15_000);
  await first.gateway.durable();
  stores.copy('crons', 'crons-cut');
  await first.close();
  const second = await stores.open('crons-cut');
  expect(second.network.clock.now).toBe(start + 15_000);
  await second.network.clock.advance(15_000);
  const from = second.network.wallet('alice');
  const data = 'return table.concat(Heard, " ")';
  const heard = await second.network.send({ from, to: listener.id, action: 'Eval', data });
  expect(printed(heard)).toBe([10, 20, 30].map((s) => start + s * 1000).join(' '));
  expect(await second.network.replay(cron.id)).toBe(await second.network.stateHash(cron.id));
  await second.network.unmonitor(cron.id);
  await second.close();
  const third = await stores.open('crons-cut');
  await third.network.clock.advance(50_000);
  expect(third.network.units.compute.evaluations(listener.id).length).toBe(6);
  await third.close();
});

describe('a process with a device', () => {
  const url = new URL('tally-device.mjs', import.meta.url).href;
  const devices = [{ extension: 'Tally', url, options: { word: 'from outside' } }];
  const TALLY = `local tally = require('tally')
    Handlers.add('sleep', 'Sleep', function(m)
      tally.add(m.N); tally.sleep(m.Ms); m.reply({ Action = 'Awake', N = tostring(tally.add(0)) })
    end)`;

  test('that was cut off in the middle of an answer gives it after the restart, once', async () => {
    const first = await stores.open('worker', { devices });
    const module = first.network.publishModule(kernelModule(), { Extension: 'Tally' });
    const worker = await first.network.spawn({ from: first.alice, module });
    await worker.eval(TALLY);
    const client = await first.spawn(`Handlers.add('awake', 'Awake', function(m)
      Answers = (Answers or '') .. m.N .. ' ' end)`);
    const ask = (ms: number) =>
      client.eval(`Send({ Target = '${worker.id}', Action = 'Sleep', Ms = '${ms}', N = '5' })`);
    await ask(1);
    const asleep = new Promise<void>((resolve) => {
      first.network.events.on('device', ({ event }) => {
        if (event.type === 'progress') resolve();
      });
    });
    const cut = ask(400);
    await asleep;
    await first.gateway.durable();
    stores.copy('worker', 'worker-cut');
    await cut;
    const whole = await describeNetwork(first.network);
    await first.close();

    const second = await stores.open('worker-cut', { devices });
    await second.network.resumed;
    expect(await describeNetwork(second.network)).toEqual(whole);
    const from = second.network.wallet('alice');
    const answers = { from, to: client.id, action: 'Eval', data: 'return Answers' };
    expect(printed(await second.network.send(answers))).toBe('5 10 ');
    expect(await second.network.replay(worker.id)).toBe(await second.network.stateHash(worker.id));
    await second.close();
  });

  test('that was cut off between two crons of one moment is given the second, and not the first', async () => {
    const first = await stores.open('twins', { devices });
    const module = first.network.publishModule(kernelModule(), { Extension: 'Tally' });
    const worker = await first.network.spawn({
      from: first.alice,
      module,
      tags: [
        { name: 'Cron-Interval', value: '5-seconds' }, // the shorter interval comes first
        { name: 'Cron-Tag-Action', value: 'Quick' },
        { name: 'Cron-Interval', value: '10-seconds' },
        { name: 'Cron-Tag-Action', value: 'Slow' },
      ],
    });
    await worker.eval(`local tally = require('tally')
      Handlers.add('quick', 'Quick', function(m) Said = (Said or '') .. 'q'; tally.add(1)
        Send({ Target = '${first.alice.address}', Action = 'Quick' }) end)
      Handlers.add('slow', 'Slow', function(m) Said = (Said or '') .. 's'; tally.sleep(200)
        Send({ Target = '${first.alice.address}', Action = 'Slow' }) end)`);
    await first.network.monitor(worker.id);
    const asleep = new Promise<void>((resolve) => {
      first.network.events.on('device', ({ event }) => {
        if (event.type === 'progress') resolve(); // at 10 seconds, after Quick
      });
    });
    const advancing = first.network.clock.advance(12_000);
    await asleep;
    await first.gateway.durable();
    stores.copy('twins', 'twins-cut');
    await advancing;
    const whole = await describeNetwork(first.network);
    const sent = pushedIds(first.gateway, first.network);
    expect(sent).toHaveLength(3);
    await first.close();

    const second = await stores.open('twins-cut', { devices });
    const cut = second.network.units.compute.evaluations(worker.id).at(-1);
    expect(cut).toMatchObject({
      cron: '0-5-seconds',
      timestampMs: first.network.clock.now - 2_000,
    });
    await second.network.clock.advance(2_000); // to where the first had come
    expect(await describeNetwork(second.network)).toEqual(whole);
    expect(pushedIds(second.gateway, second.network)).toEqual(sent);
    await second.close();
  });
});
