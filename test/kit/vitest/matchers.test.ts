import { describe, expect } from 'vitest';
import { createNetwork } from '../../../kit/network.js';
import { balancesOf, corralTest } from '../../../kit/vitest/vitest.js';

const SHOP = `
Stock = Stock or { apples = 3, sold = 0 }
local json = require('json')
Handlers.add('buy', 'Buy', function(msg)
  assert(Stock.apples > 0, 'sold out')
  Stock.apples, Stock.sold = Stock.apples - 1, Stock.sold + 1
  msg.reply({ Action = 'Sold', Left = tostring(Stock.apples), Data = json.encode({ apple = true }) })
end)
Handlers.add('balances', 'Balances', function(msg)
  msg.reply({ Data = json.encode({ apples = tostring(Stock.apples), sold = tostring(Stock.sold) }) })
end)
Handlers.add('eat', 'Eat', function() Stock.apples = Stock.apples - 1 end)`;

const test = corralTest(async () => {
  const network = await createNetwork();
  const shop = await network.spawn({ name: 'shop', source: SHOP });
  const buy = { from: 'alice', to: 'shop', action: 'Buy' };
  return { network, shop, buy };
});

test('receipts, deliveries, lists, dry-runs and networks have messages', async ({
  network,
  shop,
  buy,
}) => {
  const receipt = await network.send(buy);
  const sold = { from: shop, to: 'alice', action: 'Sold', data: { apple: true } };
  expect(receipt).toHaveMessage(sold);
  expect(receipt).toHaveMessage(sold, { times: 1 });
  expect(receipt).not.toHaveMessage({ ...sold, tags: { Left: '3' } });
  expect(receipt.tree).toHaveMessages([{ action: 'Buy' }, sold], { exact: true });
  expect(receipt.messages).toHaveMessage(sold);
  expect(receipt.messages[0]).toHaveMessage(sold);
  expect(network).toHaveMessages([{ kind: 'spawn' }, { action: 'Buy' }, sold]);
  expect(await shop.dryRun({ from: 'alice', action: 'Buy' })).toHaveMessage({
    to: 'alice',
    tags: { Left: 1 },
  });
});

test('they fail, or they do not', async ({ network, buy }) => {
  for (let apples = 3; apples > 0; apples--) expect(await network.send(buy)).not.toFailWith();
  const receipt = await network.send(buy);
  expect(receipt).toFailWith();
  expect(receipt).toFailWith('sold out');
  expect(receipt).toFailWith({ handler: 'buy', line: 5, text: /^sold out$/, process: 'shop' });
  expect(receipt).not.toFailWith('no money');
  await expect(network.send({ ...buy, to: 'shoop' })).rejects.toFailWith('UNKNOWN_NAME');
  await expect(network.send({ ...buy, to: 'shoop' })).rejects.not.toFailWith('BAD_SENDER');
});

describe('a quantity is conserved, or it is not,', () => {
  test('by a function', async ({ network, shop, buy }) => {
    const apples = balancesOf(network, shop, 'apples');
    await expect(() => network.send(buy)).toConserve(apples);
    await expect(() => network.send({ ...buy, action: 'Eat' })).not.toConserve(apples);
  });

  test('in a network while something happens', async ({ network, shop, buy }) => {
    const apples = balancesOf(network, shop);
    await expect(network).toConserve(apples, () => network.send(buy));
    await expect(
      expect(network).toConserve(apples, () => network.send({ ...buy, action: 'Eat' })),
    ).rejects.toThrow('the sum of balances is not conserved: 3 before, 2 after, -1');
  });

  test('and what is none is refused', async ({ network }) => {
    const quantity = balancesOf(network, 'shop');
    await expect(expect(network).toConserve(quantity)).rejects.toFailWith('BAD_MATCHER');
    await expect(
      expect(() => undefined).toConserve('apples' as unknown as typeof quantity),
    ).rejects.toFailWith({ code: 'BAD_MATCHER', text: 'the quantity is "apples"' });
  });
});

test('networks and processes replay', async ({ network, shop, buy }) => {
  await network.send(buy);
  await expect(network).toReplay();
  await expect(shop).toReplay();
  for (const odd of [{ id: shop.id }, await network.send(buy)]) {
    await expect(expect(odd).toReplay()).rejects.toFailWith('BAD_MATCHER');
  }
});

test('they can stand in for a value elsewhere', async ({ network, buy }) => {
  const receipts = { first: await network.send(buy) };
  expect(receipts).toEqual({ first: expect.toHaveMessage({ action: 'Sold' }) });
  expect(receipts).not.toEqual({ first: expect.toFailWith() });
});

test('types: what is no field of a message is refused by the compiler', async ({
  network,
  buy,
}) => {
  const receipt = await network.send(buy);
  // @ts-expect-error: tags are tags
  expect(() => expect(receipt).toHaveMessage({ Quantity: '3' })).toThrow('no field Quantity');
  // @ts-expect-error: a field that is forgotten would match anything
  expect(() => expect(receipt).toHaveMessage({ to: undefined })).toThrow('to of the message');
  // @ts-expect-error: options are an object
  expect(() => expect(receipt).toHaveMessage({}, 1)).toThrow('options of toHaveMessage are 1');
  // @ts-expect-error: a failure has no message
  expect(() => expect(receipt).toFailWith({ message: 'x' })).toThrow('no field message');
});
