import { expect, test } from 'vitest';
import { createNetwork } from '../../../actors/network.js';
import { printed, startNetwork } from '../kernel-module.js';

test('a fork goes on where its network was, and neither sees the other', async () => {
  const { network, spawn } = await startNetwork();
  const counter = await spawn('Count = 1');
  const idle = await spawn('Name = "idle"');
  const state = await network.capture();
  const fork = await createNetwork({ state, shared: network.shared });
  const count = (on: typeof network) =>
    on.send({
      from: on.wallet('alice'),
      to: counter.id,
      action: 'Eval',
      data: 'Count = Count + 1; return Count',
    });
  expect(await fork.stateHash(idle.id)).toBe(await network.stateHash(idle.id));
  expect(printed(await count(fork))).toBe('2');
  expect(printed(await count(fork))).toBe('3');
  expect(printed(await count(network))).toBe('2');
  const again = await createNetwork({ state: structuredClone(state) });
  const [one, two] = [await count(again), await count(again)];
  expect(printed(two)).toBe('3');
  expect(await again.stateHash(counter.id)).toBe(await fork.stateHash(counter.id));
  expect(network.trace(one.id)).toBeDefined();
  expect(fork.trace(counter.id)?.children).toEqual(network.trace(counter.id)?.children);
  expect(await fork.replay(counter.id)).toBe(await fork.stateHash(counter.id));
});
