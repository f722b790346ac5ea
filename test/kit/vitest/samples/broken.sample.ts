import { createNetwork } from 'corral';
import { corralTest } from 'corral/vitest';
import { describe, expect } from 'vitest';

const COUNTER = `Handlers.add('increment', 'Increment', function(msg) msg.reply({}) end)`;

describe('a world that is changed', () => {
  const test = corralTest(async () => {
    const network = await createNetwork();
    const counter = await network.spawn({ name: 'counter', source: COUNTER });
    return { network, increment: () => counter.send({ from: 'alice', action: 'Increment' }) };
  });

  test('by a function that closes over it', async ({ increment }) => {
    expect(await increment()).toHaveMessage({ to: 'alice' });
  });

  test('fails that test alone', async ({ network }) => {
    await network.send({ from: 'alice', to: 'counter', action: 'Increment' });
  });
});

describe('a world without a network', () => {
  const test = corralTest(async () => ({ network: undefined as never }));

  test('is refused', () => undefined);
});

describe('a world with a field of vitest', () => {
  const test = corralTest(async () => ({ network: await createNetwork(), task: 'to do' }));

  test('is refused too', () => undefined);
});

describe('a world that cannot be built', () => {
  const test = corralTest(async () => {
    const network = await createNetwork();
    await network.spawn({ name: 'counter', source: 'error("no hay")' });
    return network;
  });

  test('says why', () => undefined);
});
