import { expect, onTestFinished, test } from 'vitest';
import { bootHerd, PINNED } from '../../../herd/herd.js';
import { publishModules } from '../../../herd/modules.js';
import { parseWar } from '../../../kit/cheats/mint-war.js';
import { createNetwork } from '../../../kit/network.js';

async function start() {
  const network = await createNetwork();
  onTestFinished(() => network.close());
  return network;
}

test('wAR is booted at its own id, and minted as often as asked', async () => {
  const network = await start();
  const alice = network.wallet('alice');
  await network.mintWar('alice', '1.5');
  const receipt = await network.mintWar(alice, 7n);
  expect(receipt.tree).toMatchObject({ target: PINNED.war, impersonated: true, action: 'Mint' });
  expect(network.names.get(receipt.tree.from ?? '')).toBe('operator');
  expect(await network.read('wAR', ['Balances', alice.address])).toBe('1500000000007');
  const { messages } = await network.dryRun('wAR', { from: 'alice', action: 'Balance' });
  expect(messages[0]?.Data).toBe('1500000000007');
});

test('processes can be given wAR too, and spend it', async () => {
  const network = await start();
  const shop = await network.spawn({ name: 'shop' });
  await network.mintWar('shop', '2');
  const bob = network.wallet('bob').address;
  const transfer = `ao.send({
    Target = '${PINNED.war}', Action = 'Transfer', Recipient = '${bob}', Quantity = '5'
  })`;
  expect((await shop.eval(transfer)).errors).toEqual([]);
  expect(await network.read('wAR', ['Balances', bob])).toBe('5');
});

test('a herd that comes later finds the same wAR', async () => {
  const network = await start();
  await network.mintWar(network.wallet('alice'), '1');
  const { processes } = await bootHerd(network, publishModules(network), { workers: 0 });
  expect(processes.war).toBe(PINNED.war);
  await network.mintWar('alice', '1');
  expect(await network.read('wAR', ['Balances', network.wallet('alice').address])).toBe(
    `${2n * 10n ** 12n}`,
  );
});

test('a process at its id that does not mint says so', async () => {
  const network = await start();
  const refuse = `Handlers.add('Mint', 'Mint', function(msg)
    msg.reply({ Action = 'Mint-Error', Error = 'closed' })
  end)`;
  await network.spawn({ id: PINNED.war, source: refuse });
  await expect(network.mintWar('owner', '1')).rejects.toMatchObject({
    code: 'WAR_REFUSED',
    message: 'wAR was not minted: closed',
  });
});

test.each([1.5, 3, '1,5', '-1', '', '0', 0n, -4n, '1.1234567890123', 'one', null, '1e3'])(
  '%s is no amount',
  (amount) => {
    expect(() => parseWar(amount as string)).toThrow(
      expect.objectContaining({ code: 'BAD_AMOUNT' }),
    );
  },
);

test('amounts are exact', () => {
  expect(parseWar('0.000000000001')).toBe(1n);
  expect(parseWar('123456789012345678.000000000009')).toBe(123456789012345678000000000009n);
  expect(parseWar('3')).toBe(3n * 10n ** 12n);
  expect(() => parseWar(1.5 as unknown as string)).toThrow(
    expect.objectContaining({
      hint: "A number cannot hold every amount: write '1.5' for wAR, or 1n for winston.",
    }),
  );
});
