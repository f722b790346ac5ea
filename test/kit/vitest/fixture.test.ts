import { beforeEach, describe, expect } from 'vitest';
import { createNetwork } from '../../../kit/network.js';
import type { Network } from '../../../kit/network-api.js';
import { corralTest } from '../../../kit/vitest/vitest.js';

const COUNTER = `
Count = Count or 0
Handlers.add('increment', 'Increment', function(msg)
  Count = Count + 1
  msg.reply({ Action = 'Counted', Data = tostring(Count) })
end)`;

let built = 0;

const test = corralTest(async () => {
  built++;
  const network = await createNetwork({ seed: 'fixture' });
  const counter = await network.spawn({ name: 'counter', source: COUNTER });
  const others = [await network.spawn({ name: 'other', source: COUNTER })];
  await network.send({ from: 'alice', to: counter, action: 'Increment' });
  const loop: { self?: unknown } = {};
  loop.self = loop;
  return {
    network,
    counter,
    others,
    byName: new Map([['counter', { counter }]]),
    all: new Set([counter]),
    alice: network.wallet('alice'),
    price: 7n,
    double: (n: number) => 2 * n,
    loop,
  };
});

const increment = async (network: Network) => {
  const receipt = await network.send({ from: 'alice', to: 'counter', action: 'Increment' });
  return receipt;
};

describe('every test has the world as it was built', () => {
  for (const time of ['one', 'another', 'a third']) {
    test(`${time} test that changes it`, async ({ network, counter }) => {
      expect(await increment(network)).toHaveMessage({ to: 'alice', data: '2' });
      await network.clock.advance('1h');
      expect(await counter.read('Count')).toBe(2);
      expect(network.clock.now).toBe(Date.UTC(2025, 0, 1, 1));
    });
  }

  test('which was built once', () => {
    expect(built).toBe(1);
  });
});

describe.concurrent('tests at the same time', () => {
  for (const times of [1, 2, 3, 4]) {
    test(`do not see each other: ${times}`, async ({ network, counter, expect: check }) => {
      for (let n = 0; n < times; n++) await increment(network);
      check(await counter.read('Count')).toBe(1 + times);
    });
  }
});

describe('what a world holds', () => {
  test('processes, wherever they are, are those of the network of the test', async ({
    network,
    counter,
    others,
    byName,
    all,
  }) => {
    await increment(network);
    await others[0]?.send({ from: 'alice', action: 'Increment' });
    expect(await others[0]?.read('Count')).toBe(1);
    expect(await byName.get('counter')?.counter.read('Count')).toBe(2);
    expect(byName.get('counter')?.counter).toBe(counter);
    expect([...all]).toEqual([counter]);
    expect(counter.spawned.tree.kind).toBe('spawn');
  });

  test('all else is handed over', ({ alice, price, double, loop, network }) => {
    expect(network.wallet('alice').address).toBe(alice.address);
    expect([price, double(2)]).toEqual([7n, 4]);
    expect(loop.self).toBe(loop);
    expect(network.names.get(alice.address)).toBe('alice');
  });
});

test.for([1, 2])('cases have it as well: %s', async (times, { network, counter }) => {
  for (let n = 0; n < times; n++) await increment(network);
  expect(await counter.read('Count')).toBe(1 + times);
});

const tried: unknown[] = [];
test('a test that is tried again begins anew', { retry: 1 }, async ({ network, counter }) => {
  await increment(network);
  tried.push(await counter.read('Count'));
  expect(tried).toEqual([2, 2]);
});

describe('a hook before each test', () => {
  beforeEach<{ network: Network }>(async ({ network }) => {
    await increment(network);
  });

  test('acts on the network of the test', async ({ counter }) => {
    expect(await counter.read('Count')).toBe(2);
  });
});

describe('after a test', () => {
  const seen: Network[] = [];

  test('its network', async ({ network }) => {
    seen.push(network);
    await increment(network);
  });

  test('is closed', async () => {
    await expect(increment(seen[0] as Network)).rejects.toFailWith('NETWORK_CLOSED');
  });
});

const bare = corralTest(async () => {
  const network = await createNetwork();
  await network.spawn({ name: 'counter', source: COUNTER });
  return network;
});

bare('a world may be a network alone', async ({ network }) => {
  expect(await increment(network)).toHaveMessage({ to: 'alice', data: '1' });
});

describe('a world of a describe', () => {
  let times = 0;
  const inside = corralTest(async () => {
    times++;
    return createNetwork();
  });

  inside('is built once', () => expect(times).toBe(1));
  inside('for its tests', () => expect(times).toBe(1));
});
