/** The blueprint `token`: what anybody's token does. Its process holds all of it at first. */
import { describe, expect } from 'vitest';
import { createNetwork } from '../../../index.js';
import { balancesOf, corralTest } from '../../../kit/vitest/vitest.js';

const SUPPLY = 10_000n * 10n ** 12n;

const test = corralTest(async () => {
  const network = await createNetwork();
  const token = await network.spawn({ file: 'processes/blueprints/token.lua' });
  const alice = network.wallet('alice').address;
  const bob = network.wallet('bob').address;
  const give = (to: string, quantity: string, more: Record<string, string> = {}) => ({
    action: 'Transfer',
    tags: { Recipient: to, Quantity: quantity, ...more },
  });
  await token.send({ from: network.impersonate(token), ...give(alice, '100') });
  return { network, token, alice, bob, give };
});

describe('tells', () => {
  test('what it is', async ({ token }) => {
    expect(await token.send({ from: 'bob', action: 'Info' })).toHaveMessage({
      to: 'bob',
      tags: { name: 'token', ticker: 'PNTS', denomination: 12, supply: SUPPLY },
    });
    const supply = await token.send({ from: 'bob', action: 'Total-Supply' });
    expect(supply).toHaveMessage({ to: 'bob', tags: { Ticker: 'PNTS' }, data: SUPPLY });
  });

  test('balances: one’s own, anybody’s, everybody’s', async ({ token, alice }) => {
    const own = await token.send({ from: 'bob', action: 'Balance' });
    expect(own).toHaveMessage({ to: 'bob', data: '0' });
    const others = await token.send({
      ...{ from: 'bob', action: 'Balance' },
      tags: { Recipient: alice },
    });
    expect(others).toHaveMessage({ tags: { Account: alice, Balance: 100 } });
    const all = await token.send({ from: 'bob', action: 'Balances' });
    expect(all).toHaveMessage({ data: { [alice]: '100', [token.id]: `${SUPPLY - 100n}` } });
  });

  test('not itself its supply, for ever', async ({ network, token }) => {
    const receipt = await token.send({ from: network.impersonate(token), action: 'Total-Supply' });
    expect(receipt).toFailWith('Cannot call Total-Supply from the same process!');
  });
});

describe('a transfer', () => {
  test('moves what is there, and tells both with the X- tags', async ({
    network,
    token,
    bob,
    give,
  }) => {
    await expect(async () => {
      const receipt = await token.send({ from: 'alice', ...give(bob, '40', { 'X-For': 'hay' }) });
      expect(receipt).toHaveMessages([
        { to: 'alice', action: 'Debit-Notice', tags: { Quantity: 40, 'X-For': 'hay' } },
        { to: 'bob', action: 'Credit-Notice', tags: { Quantity: 40, 'X-For': 'hay' } },
      ]);
    }).toConserve(balancesOf(network, token));
    expect(await token.read(['Balances', bob])).toBe('40');
  });

  test('with Cast is quiet', async ({ token, bob, give }) => {
    const receipt = await token.send({ from: 'alice', ...give(bob, '40', { Cast: 'true' }) });
    expect(receipt).not.toHaveMessage({ action: /Notice/ });
    expect(await token.read(['Balances', bob])).toBe('40');
  });

  test('of more than is there is refused', async ({ token, bob, give }) => {
    expect(await token.send({ from: 'alice', ...give(bob, '101') })).toHaveMessage({
      to: 'alice',
      action: 'Transfer-Error',
      tags: { Error: 'Insufficient Balance!' },
    });
  });

  test.for([
    [{ Quantity: '5' }, 'Recipient is required!'],
    [{ Recipient: 'bob' }, 'Quantity is required!'],
    [{ Recipient: 'bob', Quantity: '-5' }, 'Quantity must be greater than 0'],
  ] as const)('%o: %s', async ([tags, reason], { token }) => {
    expect(await token.send({ from: 'alice', action: 'Transfer', tags })).toFailWith(reason);
  });
});

describe('is minted', () => {
  const mint = { action: 'Mint', tags: { Quantity: '50' } };

  test('by the process itself', async ({ network, token }) => {
    await token.send({ from: network.impersonate(token), ...mint });
    expect(await token.read('TotalSupply')).toBe(`${SUPPLY + 50n}`);
  });

  test('by nobody else', async ({ token }) => {
    expect(await token.send({ from: 'alice', ...mint })).toHaveMessage({
      to: 'alice',
      action: 'Mint-Error',
      tags: { Error: 'Only the Process Id can mint new PNTS tokens!' },
    });
  });

  test.for([
    [{}, 'Quantity is required!'],
    [{ Quantity: '0' }, 'Quantity must be greater than zero!'],
  ] as const)('not with %o: %s', async ([tags, reason], { token }) => {
    expect(await token.send({ from: 'alice', action: 'Mint', tags })).toFailWith(reason);
  });
});

test('cannot be burned', async ({ token }) => {
  const receipt = await token.send({ from: 'alice', action: 'Burn' });
  expect(receipt.result?.prints).toMatchObject([
    { text: 'not implemented', source: 'processes/blueprints/token.lua' },
  ]);
});
