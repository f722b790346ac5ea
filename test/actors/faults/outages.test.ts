/** Units and processes that stop: what they had waits, and nothing is lost or doubled. */
import { describe, expect, test } from 'vitest';
import { kernelModule, printed, startNetwork } from '../kernel-module.js';
import { startPair } from './pair.js';

const code = (code: string) => expect.objectContaining({ code });

describe('a process that has crashed', () => {
  test('is assigned its messages, and evaluates them when it is up again', async () => {
    const { network, a, b, say, tell, heard } = await startPair();
    await say('before');
    const crash = network.faults.crash(b.id);
    const inside = await say('inside');
    const outside = await tell('outside');
    expect(inside).toMatchObject({ pending: 1, messages: [{ nonce: 3 }] });
    expect(inside.messages[0]?.result).toBeUndefined();
    expect(outside).toMatchObject({ pending: 1, assignment: { nonce: 4 } });
    expect(network.pendingDeliveries()).toMatchObject([
      { from: a.id, to: b.id, action: 'Say', reason: 'process-down' },
      { id: outside.id, reason: 'process-down', faults: [{ rule: crash.number }] },
    ]);
    const down = code('PROCESS_DOWN');
    await expect(heard()).rejects.toThrow(down);
    await expect(network.stateHash(b.id)).rejects.toThrow(down);
    await expect(network.result(b.id, outside.id)).rejects.toThrow(down);
    await expect(network.crons(b.id)).rejects.toThrow(down);
    expect(await network.stateHash(a.id)).toBe(await network.replay(a.id)); // others are as ever
    await network.faults.restart(b.id);
    expect(await heard()).toBe('before inside outside');
    expect([inside.pending, outside.pending]).toEqual([0, 0]);
    expect(outside.result?.error).toBeUndefined();
    expect(inside.messages[0]?.faults).toMatchObject([
      { fault: 'crash', text: 'not evaluated at once: the process had crashed' },
    ]);
    expect(await network.replay(b.id)).toBe(await network.stateHash(b.id));
    await network.close();
  });

  test('comes back with the state that it had, though it changed it a thousand ways', async () => {
    const { network, b } = await startPair();
    await b.eval(
      'Count = 0; Names = { [1] = true, x = {} }; local n = 1; Next = function() n = n + 1; return n end',
    );
    for (let i = 0; i < 20; i++)
      await b.eval('Count = Count + Next(); Names[Count] = math.random()');
    await b.eval('Count = Count + 1; error("rolled back")');
    const hash = await network.stateHash(b.id);
    for (let i = 0; i < 3; i++) {
      network.faults.crash(b.id);
      await network.faults.restart();
      expect(await network.stateHash(b.id)).toBe(hash);
    }
    await network.close();
  });
});

test('a compute unit that has crashed evaluates nothing; what is scheduled waits', async () => {
  const { network, a, b, alice, module, say, tell, heard } = await startPair();
  network.faults.crash('cu');
  const receipts = [await tell('one'), await say('two'), await tell('three')];
  expect(receipts.map(({ pending }) => pending)).toEqual([1, 1, 1]);
  expect(receipts.map(({ assignment }) => assignment?.nonce)).toEqual([2, 1, 3]);
  const { spawned } = await network.spawn({ from: alice, module });
  expect(spawned).toMatchObject({ pending: 1, assignment: { nonce: 0 } });
  await expect(heard()).rejects.toThrow(code('UNIT_DOWN'));
  expect(network.pendingDeliveries().map(({ reason }) => reason)).toEqual(
    Array.from({ length: 4 }, () => 'cu-down'),
  );
  await network.faults.restart('cu');
  expect(await heard()).toBe('one three two'); // a said it once it was evaluated
  expect([...receipts, spawned].map(({ pending }) => pending)).toEqual([0, 0, 0, 0]);
  for (const { id } of [a, b]) expect(await network.replay(id)).toBe(await network.stateHash(id));
  await network.close();
});

test('a scheduler unit that has crashed takes nothing: what the messenger unit has waits', async () => {
  const { network, b, alice, say, tell, heard } = await startPair();
  await say('before');
  network.faults.crash('su');
  const told = await tell('outside');
  expect(told).toMatchObject({ pending: 1, tree: { undelivered: 'su-down' } });
  const again = network.assign(b.id, told.id); // through the messenger unit, too
  expect(await again).toMatchObject({ pending: 1 });
  const item = network.gateway.item(b.id);
  expect(() => network.units.scheduler.schedule(item as never)).toThrow(code('UNIT_DOWN'));
  expect(await heard()).toBe('before'); // the compute unit is up
  await network.faults.restart('su');
  expect(await heard()).toBe('before outside');
  expect(await again).toMatchObject({ pending: 0, errors: [{ code: 'DUPLICATE_MESSAGE' }] });
  expect(network.units.log.next(b.id)).toBe(4);
  expect(alice.address).toBe(told.tree.from);
  await network.close();
});

test('a messenger unit that has crashed answers nobody, and sends what it had once it is up', async () => {
  const { network, b, say, tell, heard } = await startPair();
  network.faults.hold({ from: b.id });
  await b.eval(`Handlers.add('echo', 'Echo', function(m)
    Send({ Target = ao.id, Action = 'Say', Data = m.Data }) end)`);
  const hold = network.faults.hold({ action: 'Say' });
  const receipt = await say('one', 'two');
  network.faults.crash('mu');
  await hold.end();
  expect(network.pendingDeliveries().map(({ reason }) => reason)).toEqual(['mu-down', 'mu-down']);
  await expect(tell('outside')).rejects.toThrow(code('UNIT_DOWN'));
  await expect(network.assign(b.id, receipt.id)).rejects.toThrow(code('UNIT_DOWN'));
  expect(await heard()).toBe('');
  await network.faults.restart('mu');
  expect(await heard()).toBe('one two');
  expect(receipt.pending).toBe(0);
  await tell('outside');
  expect(await heard()).toBe('one two outside');
  expect(await network.replay(b.id)).toBe(await network.stateHash(b.id));
  await network.close();
});

describe('a busy compute unit', () => {
  test('evaluates when its time is over', async () => {
    const { network, a, b, say, tell, heard } = await startPair();
    const start = network.clock.now;
    network.faults.busy('cu', 5_000);
    const told = await tell('one');
    expect(told).toMatchObject({ pending: 1, assignment: { nonce: 2 } });
    expect(network.pendingDeliveries()).toMatchObject([{ reason: 'busy', dueMs: start + 5_000 }]);
    await expect(heard()).rejects.toThrow(code('UNIT_BUSY'));
    await network.clock.advance(5_000);
    expect(await heard()).toBe('one');
    expect(told.pending).toBe(0);
    expect(network.faults.list()).toEqual([]);

    const busy = network.faults.busy(b.id, 1_000);
    await say('two'); // a is not busy
    expect(await network.stateHash(a.id)).toBe(await network.replay(a.id));
    await busy.end();
    expect(await heard()).toBe('one two');
    await network.close();
  });

  test('sends on the crons of a monitored process late, and each of them once', async () => {
    const { network, alice, module, b, heard } = await startPair();
    const cron = await network.spawn({
      from: alice,
      module,
      tags: [
        { name: 'Cron-Interval', value: '10-seconds' },
        { name: 'Cron-Tag-Action', value: 'Cron' },
      ],
    });
    await cron.eval(`Handlers.add('c', 'Cron', function(m)
      Send({ Target = '${b.id}', Action = 'Say', Data = tostring(m.Timestamp % 60000) }) end)`);
    await network.monitor(cron.id);
    await network.clock.advance(10_000);
    network.faults.crash(cron.id);
    await network.clock.advance(25_000);
    expect(await heard()).toBe('10000');
    await network.faults.restart();
    expect(await heard()).toBe('10000 20000 30000');
    await network.clock.advance(5_000);
    expect(await heard()).toBe('10000 20000 30000 40000');
    expect(await network.replay(cron.id)).toBe(await network.stateHash(cron.id));
    await network.close();
  });
});

describe('the memory of a process that crashes', () => {
  test('is gone: it is woken again from its log', async () => {
    let awoken = 0;
    const counter = {
      extension: 'Counter',
      create: () => {
        awoken++;
        return {
          name: 'counter',
          functions: {},
          save: () => new Uint8Array(),
          restore: () => undefined,
        };
      },
    };
    const { network, alice, spawn } = await startNetwork({ localDevices: [counter] });
    const module = network.publishModule(kernelModule(), { Extension: 'Counter' });
    const counted = await network.spawn({ from: alice, module });
    const other = await spawn('X = 1');
    await counted.eval('X = 1');
    const before = awoken;
    network.faults.crash(counted.id);
    await network.faults.restart();
    await other.eval('X = 2');
    expect(awoken).toBe(before); // until somebody needs it
    expect(printed(await counted.eval('X'))).toBe('1');
    expect(awoken).toBe(before + 1);
    network.faults.crash('cu');
    await network.faults.restart();
    expect(printed(await counted.eval('X'))).toBe('1');
    expect(awoken).toBe(before + 2);
    await network.close();
  });

  test('is gone in the middle of an evaluation, which is made again', async () => {
    const url = new URL('../tally-device.mjs', import.meta.url).href;
    const devices = [{ extension: 'Tally', url, options: {} }];
    const { network, alice } = await startNetwork({ devices });
    const module = network.publishModule(kernelModule(), { Extension: 'Tally' });
    const tally = await network.spawn({ from: alice, module });
    await tally.eval(`Handlers.add('add', 'Add', function(m)
      require('tally').sleep(50); Sum = require('tally').add(m.N); m.reply({ Data = tostring(Sum) }) end)`);
    const add = (n: number) =>
      network.send({ from: alice, to: tally.id, action: 'Add', tags: { N: String(n) } });
    await add(1);
    const asleep = new Promise<void>((resolve) => {
      network.events.on('device', () => resolve());
    });
    const sent = add(2);
    await asleep;
    network.faults.crash(tally.id);
    expect(await sent).toMatchObject({ pending: 1, messages: [] });
    const third = await add(4);
    await network.faults.restart();
    expect((await sent).messages).toHaveLength(1);
    expect(third).toMatchObject({ pending: 0 });
    expect(printed(await tally.eval('Sum'))).toBe('7');
    expect(await network.replay(tally.id)).toBe(await network.stateHash(tally.id));
    await network.close();
  });
});
