import { as, createNetwork } from 'corral';
import { corralTest } from 'corral/vitest';
import { expect } from 'vitest';

const test = corralTest(async () => {
  const network = await createNetwork();
  const token = await network.spawn({ file: 'process/token.lua' });
  const tags = { Quantity: '1000' };
  await network.send({ from: 'owner', to: token, action: 'Mint', tags });
  return { network, token };
});

test('moves the amount and tells both sides', async ({ network, token }) => {
  const tags = { Recipient: network.wallet('alice').address, Quantity: '300' };
  const receipt = await network.send({ from: 'owner', to: token, action: 'Transfer', tags });
  expect(receipt).toHaveMessage({ to: 'owner', action: 'Debit-Notice', tags: { Quantity: '300' } });
  expect(receipt).toHaveMessage({ to: 'alice', action: 'Credit-Notice' });
  const balances = await network.read(token, 'Balances', as.record(as.string));
  expect(Object.values(balances).sort()).toEqual(['300', '700']);
});

test('refuses more than there is', async ({ network, token }) => {
  const tags = { Recipient: network.wallet('bob').address, Quantity: '1' };
  const receipt = await network.send({ from: 'alice', to: token, action: 'Transfer', tags });
  expect(receipt).toFailWith('the balance is too low');
});
