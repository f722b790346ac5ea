import { createNetwork } from 'corral';
import { corralTest } from 'corral/vitest';
import { expect } from 'vitest';

const test = corralTest(async () => {
  const network = await createNetwork();
  const counter = await network.spawn({ file: 'process/counter.lua' });
  return { network, counter };
});

test('counts', async ({ network, counter }) => {
  const receipt = await network.send({ from: 'alice', to: counter, action: 'Increment' });
  expect(receipt).toHaveMessage({ to: 'alice', action: 'Counted', data: '1' });
});

test('tells what it counted', async ({ network, counter }) => {
  await network.send({ from: 'alice', to: counter, action: 'Increment', tags: { Step: '20' } });
  expect(await network.send({ from: 'bob', to: counter, action: 'Count' })).toHaveMessage({
    to: 'bob',
    data: '20',
  });
});
