import { describe, expect, onTestFinished, test } from 'vitest';
import { createNetwork, type Network, type NetworkOptions } from '../../kit/network.js';
import { as } from '../../kit/read/decoders.js';

const RELAY = `Seen = {}
Handlers.add('Note', 'Note', function(msg) table.insert(Seen, msg.Data) end)
Handlers.add('Pass', 'Pass', function(msg) ao.send({ Target = msg.Tags.To, Action = 'Note', Data = msg.Data }) end)`;

async function start(options: NetworkOptions = {}) {
  const network = await createNetwork(options);
  onTestFinished(() => network.close());
  const [one, two] = [
    await network.spawn({ name: 'one', source: RELAY }),
    await network.spawn({ name: 'two', source: RELAY }),
  ];
  const pass = (data: string, on: Network = network) =>
    on.send({ from: 'alice', to: 'one', action: 'Pass', tags: { To: two.id }, data });
  const seen = (on: Network = network) => on.read('two', 'Seen', as.list(as.string));
  return { network, one, two, pass, seen };
}

async function forkOf(network: Network, ...args: Parameters<Network['fork']>) {
  const fork = await network.fork(...args);
  onTestFinished(() => fork.close());
  return fork;
}

describe('faults', () => {
  test('know links by names and handles, and are over at their end', async () => {
    const { network, one, two, pass, seen } = await start();
    const hold = network.faults.hold({ from: 'one', to: two, action: 'Note' });
    const receipt = await pass('held');
    expect(receipt.pending).toBe(1);
    expect(network.pendingDeliveries()).toMatchObject([
      { from: one.id, to: two.id, reason: 'held' },
    ]);
    expect(await seen()).toEqual([]);
    await hold.end();
    expect(receipt.pending).toBe(0);
    expect(await seen()).toEqual(['held']);
    expect(receipt.messages[0]?.faults).toMatchObject([{ fault: 'hold', rule: 1 }]);
  });

  test('say by name who is down', async () => {
    const { network, one } = await start();
    network.faults.crash(one);
    await expect(one.read('Seen')).rejects.toMatchObject({
      code: 'PROCESS_DOWN',
      message: `the process one (${one.id}) has crashed and answers nobody`,
    });
    await network.faults.restart('one');
    network.faults.busy(one, '1m');
    await expect(one.read('Seen')).rejects.toThrow(`does not answer for one (${one.id})`);
  });

  test('take times in words', async () => {
    const { network, pass, seen } = await start();
    network.faults.delay({ to: 'two' }, '90s');
    await pass('late');
    await network.clock.advance('89s');
    expect(await seen()).toEqual([]);
    await network.clock.advance('1s');
    expect(await seen()).toEqual(['late']);
    network.faults.busy('cu', '1m');
    await pass('later');
    await network.clock.advance('3m');
    expect(await seen()).toEqual(['late', 'later']);
    expect(() => network.faults.delay({}, 'a while')).toThrow(
      expect.objectContaining({ code: 'BAD_DURATION' }),
    );
  });

  test('drop, part and crash by name', async () => {
    const { network, pass, seen } = await start();
    network.faults.drop({ to: 'two' }, { times: 1 });
    await pass('lost');
    network.faults.partition(['one'], ['two']);
    await pass('parted');
    await network.faults.heal();
    network.faults.crash('two');
    await pass('down');
    await network.faults.restart('two');
    expect(await seen()).toEqual(['parted', 'down']);
    network.faults.crash('mu');
    await expect(pass('never')).rejects.toMatchObject({ code: 'UNIT_DOWN' });
    await network.faults.clear();
    expect(network.faults.list()).toEqual([]);
  });

  test('about nobody are refused', async () => {
    const { network } = await start();
    expect(() => network.faults.hold({ to: 'three' })).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_NAME' }),
    );
    expect(() => network.faults.crash('three')).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_NAME' }),
    );
  });

  test('go with a snapshot, and what they hold back too', async () => {
    const { network, pass, seen } = await start();
    const rule = network.faults.hold({ to: 'two' });
    await pass('held');
    const held = await network.snapshot();
    const fork = await forkOf(network, held);
    await network.faults.clear();
    expect(await seen()).toEqual(['held']);
    expect(await seen(fork)).toEqual([]);
    expect(fork.faults.list()).toMatchObject([{ fault: 'hold', number: 1, struck: 1 }]);
    await fork.faults.release({ to: 'two' });
    expect(await seen(fork)).toEqual(['held']);
    await network.revert(held);
    expect(await seen()).toEqual([]);
    expect(network.pendingDeliveries()).toHaveLength(1);
    expect(rule.struck).toBe(1);
    await rule.end(); // the rule of that number, in the network that is there now
    expect(await seen()).toEqual(['held']);
  });
});

describe('a crank that is turned by hand', () => {
  test('delivers one message at a time', async () => {
    const { network } = await start();
    const fork = await forkOf(network, undefined, { crank: 'manual' });
    expect(fork.crank).toBe('manual');
    const receipt = await fork.send({
      from: 'alice',
      to: 'one',
      action: 'Pass',
      tags: { To: fork.idOf('two') },
      data: 'x',
    });
    expect(receipt.pending).toBe(1);
    expect(receipt.result).toBeUndefined();
    expect(fork.pendingDeliveries()).toMatchObject([{ action: 'Pass', reason: 'step' }]);
    expect(await fork.step()).toMatchObject({ action: 'Pass' });
    expect(receipt.result).toBeDefined();
    expect(receipt.pending).toBe(1);
    expect(await fork.read('two', 'Seen')).toEqual([]);
    expect(await fork.step()).toMatchObject({ action: 'Note' });
    expect(await fork.read('two', 'Seen')).toEqual(['x']);
    expect(await fork.step()).toBeUndefined();
    expect(receipt.pending).toBe(0);
    expect(network.crank).toBe('auto');
  });

  test('can be read as one goes', async () => {
    const { network, pass } = await start();
    const fork = await forkOf(network, undefined, { crank: 'manual' });
    await pass('a', fork);
    await pass('b', fork);
    const told: string[] = [];
    for await (const { action } of fork.deliveries()) told.push(action ?? '');
    expect(told).toEqual(['Pass', 'Pass', 'Note', 'Note']);
  });

  test('leaves a spawn, and what a test sets, to be stepped too', async () => {
    const network = await createNetwork({ crank: 'manual' });
    onTestFinished(() => network.close());
    const process = await network.spawn({ name: 'slow', source: 'Count = 1' });
    expect(process.spawned.pending).toBe(1);
    await network.step();
    const set = await process.setState('Count', 5);
    expect(set.pending).toBe(1);
    expect(await process.read('Count')).toBe(1);
    await network.step();
    expect(await process.read('Count')).toBe(5);
    await expect(network.mintWar('slow', '1')).rejects.toMatchObject({
      code: 'WAR_REFUSED',
      hint: expect.stringContaining('step'),
    });
  });
});

test('a fork changes what it may, and nothing else', async () => {
  const { network } = await start();
  const fork = await forkOf(network, undefined, { mining: 'instant', limits: { crankDepth: 3 } });
  expect(fork.mining).toBe('instant');
  expect(fork.limits.crankDepth).toBe(3);
  await expect(network.fork(undefined, { seed: 5 } as object)).rejects.toMatchObject({
    code: 'BAD_OPTION',
  });
  await expect(network.fork(undefined, { mining: { every: 'never' } })).rejects.toMatchObject({
    code: 'BAD_DURATION',
  });
});
