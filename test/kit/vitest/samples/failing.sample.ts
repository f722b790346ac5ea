import { createNetwork } from 'corral';
import { balancesOf, corralTest } from 'corral/vitest';
import { expect } from 'vitest';

const LEDGER = `
Balances = Balances or { alice = 10, bob = 0 }
local json = require('json')
Handlers.add('transfer', 'Transfer', function(msg)
  local quantity = tonumber(msg.Quantity)
  if not quantity then error('no quantity') end
  if quantity > 10 then
    msg.reply({ Action = 'Transfer-Error', Error = 'Insufficient' })
    return
  end
  Balances.alice = Balances.alice - quantity
  if quantity ~= 7 then Balances.bob = Balances.bob + quantity end
  print('moved ' .. quantity)
  Send({ Target = Owner, Action = 'Debit-Notice', Quantity = msg.Quantity })
  msg.reply({ Action = 'Credit-Notice', Quantity = msg.Quantity, Data = json.encode(Balances) })
end)
Handlers.add('balances', 'Balances', function(msg)
  msg.reply({ Data = json.encode({ alice = tostring(Balances.alice), bob = tostring(Balances.bob) }) })
end)`;

const test = corralTest(async () => {
  const network = await createNetwork();
  const ledger = await network.spawn({ name: 'ledger', source: LEDGER });
  const transfer = (tags: Record<string, string>) => ({
    from: 'alice',
    to: 'ledger',
    action: 'Transfer',
    tags,
  });
  return { network, ledger, transfer };
});

test('a message that differs', async ({ network, transfer }) => {
  const receipt = await network.send(transfer({ Quantity: '3' }));
  expect(receipt).toHaveMessage({
    to: 'alice',
    action: 'Credit-Notice',
    tags: { Quantity: '4' },
    data: { bob: (coins: number) => coins > 3 },
  });
});

test('a message that was not to be', async ({ network, transfer }) => {
  const receipt = await network.send(transfer({ Quantity: '11' }));
  expect(receipt).not.toHaveMessage({ action: /Error$/ });
});

test('messages in another order', async ({ network, transfer }) => {
  const receipt = await network.send(transfer({ Quantity: '3' }));
  expect(receipt).toHaveMessages([{ action: 'Credit-Notice' }, { action: 'Debit-Notice' }]);
});

test('a failure of another kind', async ({ network, transfer }) => {
  const receipt = await network.send(transfer({}));
  expect(receipt).toFailWith({ handler: 'transfer', line: 12, text: 'no quantity' });
});

test('no failure at all', async ({ network, transfer }) => {
  const receipt = await network.send(transfer({ Quantity: '3' }));
  expect(receipt).toFailWith('no quantity');
});

test('money that is lost', async ({ network, ledger, transfer }) => {
  await expect(() => network.send(transfer({ Quantity: '7' }))).toConserve(
    balancesOf(network, ledger, 'the money'),
  );
});

test('another trace', async ({ network, transfer }) => {
  const receipt = await network.send(transfer({ Quantity: '3' }));
  expect(receipt).toMatchTrace(`
    alice -> ledger  Transfer
    │ > moved 4
    ├─ ledger -> owner  Debit-Notice
    └─ ledger -> alice  Credit-Notice
  `);
});

test('a name that nobody has', async ({ network, transfer }) => {
  const receipt = await network.send(transfer({ Quantity: '3' }));
  expect(receipt).toHaveMessage({ to: 'allice' });
});

test('a promise that was not awaited', async ({ network, transfer }) => {
  expect(network.send(transfer({ Quantity: '3' }))).toHaveMessage({ to: 'alice' });
});

test('a golden trace that is none', async ({ network, transfer }) => {
  expect(await network.send(transfer({ Quantity: '3' }))).toMatchTrace(7 as never);
});
