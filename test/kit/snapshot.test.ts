import { describe, expect, onTestFinished, test } from 'vitest';
import { printedText } from '../../actors/compute/result.js';
import { walletFromSeed } from '../../arlocal/wallet.js';
import { bootHerd } from '../../herd/herd.js';
import { publishModules } from '../../herd/modules.js';
import { createNetwork, type Network, type NetworkOptions } from '../../kit/network.js';

const COUNTER = `Count = Count or 0
Handlers.add('Increment', 'Increment', function(msg)
  Count = Count + 1
  msg.reply({ Action = 'Counted', Data = tostring(Count) })
end)`;

async function start(options: NetworkOptions = {}) {
  const network = await createNetwork(options);
  onTestFinished(() => network.close());
  const counter = await network.spawn({ name: 'counter', source: COUNTER });
  const hit = (on: Network = network) =>
    on.send({ from: 'alice', to: 'counter', action: 'Increment' });
  return { network, counter, hit };
}

async function forkOf(network: Network, from?: Parameters<Network['fork']>[0]) {
  const fork = await network.fork(from);
  onTestFinished(() => fork.close());
  return fork;
}

describe('revert', () => {
  test('takes a network back, and what holds it goes on', async () => {
    const { network, counter, hit } = await start();
    await hit();
    const before = await network.snapshot();
    const hash = await network.stateHash(counter);
    const { id } = await hit();
    await network.clock.advance('1h');
    const later = await network.spawn({ name: 'later' });
    await network.revert(before);
    expect(await counter.read('Count')).toBe(1);
    expect(await network.stateHash(counter)).toBe(hash);
    expect(network.clock.now).toBe(Date.parse('2025-01-01'));
    expect(() => network.idOf('later')).toThrow(expect.objectContaining({ code: 'UNKNOWN_NAME' }));
    await expect(later.eval('1')).rejects.toMatchObject({ code: 'UNKNOWN_PROCESS' });
    expect((await hit()).id).toBe(id); // the same message again, to the letter
    expect(await network.replay(counter)).toBe(await network.stateHash(counter));
  });

  test('can be done as often as one likes, and to later snapshots too', async () => {
    const { network, counter, hit } = await start();
    const none = await network.snapshot();
    await hit();
    await hit();
    const two = await network.snapshot();
    for (const [snapshot, count] of [
      [none, 0],
      [two, 2],
      [none, 0],
      [two, 2],
    ] as const) {
      await network.revert(snapshot);
      expect(await counter.read('Count')).toBe(count);
      await hit();
      expect(await counter.read('Count')).toBe(count + 1);
    }
  });

  test('keeps listeners, and forgets the trace, blocks and wallets of what was undone', async () => {
    const { network, hit } = await start({ mining: 'instant' });
    const heard: string[] = [];
    network.events.on('scheduled', ({ process }) => heard.push(process));
    network.wallet('alice');
    const before = await network.snapshot();
    const { height } = network.gateway;
    const { id } = await hit();
    network.wallet('bob');
    await network.revert(before);
    expect(network.gateway.height).toBe(height);
    expect(network.trace(id)).toBeUndefined();
    expect([...network.names.values()]).toContain('alice');
    expect([...network.names.values()]).not.toContain('bob');
    const bob = network.wallet('bob');
    await network.send({ from: 'alice', to: bob });
    await hit();
    expect(heard).toHaveLength(2);
  });

  test('keeps wallets from elsewhere', async () => {
    const { network, counter } = await start();
    const stranger = walletFromSeed('elsewhere', 'stranger');
    await counter.send({ from: stranger, action: 'Increment' });
    const before = await network.snapshot();
    await network.revert(before);
    const { tree } = await network.send({ from: 'alice', to: 'stranger' });
    expect(tree.target).toBe(stranger.address);
  });

  test('refuses what is no snapshot of this network', async () => {
    const { network } = await start();
    const refused = (snapshot: unknown, code: string) =>
      expect(network.revert(snapshot as never)).rejects.toMatchObject({ code });
    await refused(undefined, 'SNAPSHOT_INVALID');
    await refused({}, 'SNAPSHOT_INVALID');
    await refused(network.snapshot(), 'SNAPSHOT_INVALID'); // not awaited
    const other = await start({ seed: 2 });
    await refused(await other.network.snapshot(), 'SNAPSHOT_FOREIGN');
  });

  test('of stopped real time leaves it stopped', async () => {
    const { network } = await start({ time: 'real' });
    network.clock.freeze();
    const before = await network.snapshot();
    await network.clock.advance('1h');
    network.clock.unfreeze();
    await network.revert(before);
    expect(network.clock.frozen).toBe(true);
    expect(network.clock.now).toBe(before.state.nowMs);
  });
});

describe('reverts, and what happens beside them', () => {
  test('two at once are done one after another', async () => {
    const { network, counter, hit } = await start();
    const none = await network.snapshot();
    await hit();
    const one = await network.snapshot();
    const scheduled: string[] = [];
    network.events.on('scheduled', ({ process }) => scheduled.push(process));
    await Promise.all([network.revert(none), network.revert(one)]);
    expect(await counter.read('Count')).toBe(1);
    await Promise.all([network.revert(one), network.revert(none)]);
    expect(await counter.read('Count')).toBe(0);
    await hit();
    expect(scheduled).toEqual([counter.id]);
  });

  test('calls meanwhile wait, and happen in the state that was reverted to', async () => {
    const { network, counter, hit } = await start();
    const none = await network.snapshot();
    await hit();
    const reverting = network.revert(none);
    const [receipt, fork, snapshot] = await Promise.all([
      hit(),
      network.fork(),
      network.snapshot(),
      network.clock.advance('1h'),
      network.faults.clear(),
      network.mine(),
      reverting,
    ]);
    onTestFinished(() => fork.close());
    expect(receipt.result?.messages).toMatchObject([{ Data: '1' }]);
    expect(await counter.read('Count')).toBe(1);
    expect(await fork.read('counter', 'Count')).toBeLessThanOrEqual(1);
    expect(snapshot.state.seed).toBe(network.seed);
    expect(network.clock.now).toBe(none.state.nowMs + 3_600_000);
  });

  test('a fault that is ended meanwhile waits, and a process that is not watched any more', async () => {
    const { network, counter, hit } = await start();
    const beating = await network.spawn({
      source: `Echoes = 0
        Handlers.add('Cron', 'Cron', function() Send({ Target = ao.id, Action = 'Echo' }) end)
        Handlers.add('Echo', 'Echo', function() Echoes = Echoes + 1 end)`,
      tags: { 'Cron-Interval': '1-hour', 'Cron-Tag-Action': 'Cron' },
    });
    await network.monitor(beating);
    const hold = network.faults.hold({ to: counter });
    await hit();
    const held = await network.snapshot();
    const reverting = network.revert(held);
    await Promise.all([hold.end(), network.unmonitor(beating), reverting]);
    expect(network.faults.list()).toEqual([]);
    expect(await counter.read('Count')).toBe(1);
    await network.clock.advance('3h');
    expect(await beating.read('Echoes')).toBe(0);
  });

  test('who steps through deliveries goes on with those of the snapshot', async () => {
    const { network } = await start({ crank: 'manual' });
    await network.step(); // the spawn
    await network.send({ from: 'alice', to: 'counter', action: 'Increment' });
    const waiting = await network.snapshot();
    const deliveries = network.deliveries();
    expect(await deliveries.next()).toMatchObject({ value: { action: 'Increment' } });
    await network.revert(waiting);
    expect(await deliveries.next()).toMatchObject({ value: { action: 'Increment' } });
    expect(await network.read('counter', 'Count')).toBe(1);
  });

  test('one that fails leaves the network as it was, and holds up nothing', async () => {
    const { network, counter, hit } = await start();
    const none = await network.snapshot();
    await hit();
    const { state } = none;
    const broken = [
      { ...none, state: { seed: state.seed } },
      { ...none, state: { ...state, gateway: {} } },
      { ...none, state: { ...state, log: undefined } },
      { ...none, wallets: {} },
      { ...none, adoptions: undefined },
    ];
    for (const one of broken) {
      const reverting = network.revert(one as never);
      const receipt = await hit(); // waits for it
      await expect(reverting).rejects.toMatchObject({ code: 'SNAPSHOT_INVALID' });
      expect(receipt.errors).toEqual([]);
    }
    expect(await counter.read('Count')).toBe(1 + broken.length);
    expect(await network.replay(counter)).toBe(await network.stateHash(counter));
    await network.revert(none);
    expect(await counter.read('Count')).toBe(0);
  });

  test('the receipt of what was kept back says that it was ended', async () => {
    const { network, counter, hit } = await start();
    const none = await network.snapshot();
    network.faults.hold({ to: counter });
    const receipt = await hit();
    expect(receipt.pending).toBe(1);
    await network.revert(none);
    expect(receipt).toMatchObject({ pending: 0, errors: [{ code: 'NETWORK_CLOSED' }] });
    expect(network.pendingDeliveries()).toEqual([]);
  });

  test('a closed network does not come back, and its time stands still', async () => {
    const { network, counter } = await start();
    const before = await network.snapshot();
    const reverting = network.revert(before);
    const closing = network.close();
    await Promise.all([reverting, closing]);
    const calls = {
      revert: () => network.revert(before),
      advance: () => network.clock.advance('1h'),
      set: () => network.clock.set('2030-01-01'),
      tick: () => network.clock.tick(),
      mine: () => network.mine(),
      step: () => network.step(),
      send: () => counter.send({ from: 'alice', action: 'Increment' }),
      snapshot: () => network.snapshot(),
    };
    for (const [name, call] of Object.entries(calls)) {
      await expect(call(), name).rejects.toMatchObject({ code: 'NETWORK_CLOSED' });
    }
    expect(network.clock.now).toBe(before.state.nowMs);
  });
});

describe('a fork', () => {
  test('goes its own way', async () => {
    const { network, counter, hit } = await start();
    await hit();
    const fork = await forkOf(network);
    await hit(fork);
    await hit(fork);
    expect(await fork.read(counter, 'Count')).toBe(3);
    expect(await counter.read('Count')).toBe(1);
    expect(await fork.process('counter').read('Count')).toBe(3);
    await hit();
    expect(await fork.replay('counter')).toBe(await fork.stateHash('counter'));
    expect(fork.wallet('alice')).toBe(network.wallet('alice'));
  });

  test('does what its origin would have done', async () => {
    const { network, hit } = await start();
    const before = await network.snapshot();
    const [one, other] = [await forkOf(network, before), await forkOf(network, before)];
    const ids = await Promise.all([network, one, other].map(async (each) => (await hit(each)).id));
    expect(new Set(ids).size).toBe(1);
    const fork = await forkOf(one);
    expect(await fork.stateHash('counter')).toBe(await network.stateHash('counter'));
  });

  test('outlives its origin', async () => {
    const network = await createNetwork();
    await network.spawn({ name: 'counter', source: COUNTER });
    const fork = await forkOf(network);
    await network.close();
    expect(await fork.read('counter', 'Count')).toBe(0);
  });

  test('mines as its origin does', async () => {
    const { network, hit } = await start({ mining: 'instant' });
    const fork = await forkOf(network);
    const { height } = fork.gateway;
    await hit(fork);
    expect(fork.gateway.height).toBe(height + 1);
    expect(network.gateway.height).toBe(height);
    expect(fork.mining).toBe('instant');
  });

  test('of a herd answers as the herd would have', async () => {
    const network = await createNetwork({ seed: 7 });
    onTestFinished(() => network.close());
    const modules = publishModules(network);
    await bootHerd(network, modules, { workers: 1 });
    await network.mintWar(network.wallet('alice'), '1');
    const ask = (on: Network) =>
      on.send({
        from: 'alice',
        to: 'wAR',
        action: 'Transfer',
        tags: {
          Recipient: on.idOf('llama-herder'),
          Quantity: '100000',
          'X-Prompt': 'Once upon a time',
          'X-Tokens': '4',
          'X-Reference': '1',
        },
      });
    const fork = await forkOf(network);
    const [here, there] = [await ask(network), await ask(fork)];
    expect(there.messages.map(({ id, action }) => [id, action])).toEqual(
      here.messages.map(({ id, action }) => [id, action]),
    );
    expect(there.messages.length).toBeGreaterThan(5);
  });
});

test('messages are told in the fork as in the network', async () => {
  const { network } = await start();
  const fork = await forkOf(network);
  const { result } = await fork.eval('counter', 'return Count');
  expect(printedText(result!)).toBe('0');
});
