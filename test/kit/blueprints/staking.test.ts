/** The blueprints `staking` and `voting`, on a token: what time in blocks does. */
import { describe, expect } from 'vitest';
import { bundleLua, createNetwork } from '../../../index.js';
import { corralTest } from '../../../kit/vitest/vitest.js';

const test = corralTest(async () => {
  const network = await createNetwork({ mining: 'manual' });
  const token = await network.spawn({ file: 'processes/blueprints/token.lua' });
  for (const name of ['staking', 'voting']) {
    await token.eval(bundleLua(`processes/blueprints/${name}.lua`, '.'));
  }
  const [alice = '', bob = ''] = ['alice', 'bob'].map((name) => network.wallet(name).address);
  await token.setState(['Balances', alice], '100');
  await token.setState(['Balances', bob], '100');
  return { network, token, alice, bob };
});

/** @param tags of a message to the token */
const say = (from: string, action: string, tags: Record<string, string> = {}) => ({
  ...{ from, action },
  tags,
});

describe('a stake', () => {
  test('leaves the balance, and grows', async ({ token, alice }) => {
    const receipt = await token.send(say('alice', 'Stake', { Quantity: '30' }));
    expect(receipt).toHaveMessage({ to: 'alice', data: 'Successfully Staked 30' });
    await token.send(say('alice', 'Stake', { Quantity: '20' }));
    expect(await token.read(['Balances', alice])).toBe('50');
    const stakers = await token.send(say('bob', 'Stakers'));
    expect(stakers).toHaveMessage({ data: { [alice]: { amount: '50' } } });
  });

  test.for([
    ['Stake', '101', 'Insufficient balance to stake'],
    ['Stake', '0', 'Quantity must be greater than 0'],
    ['Unstake', '1', 'Insufficient staked amount'],
  ] as const)('%s of %s: %s', async ([action, quantity, reason], { token }) => {
    expect(await token.send(say('alice', action, { Quantity: quantity }))).toFailWith(reason);
    expect(await token.send(say('alice', action))).toFailWith('Quantity is required!');
  });

  test('comes back 670 blocks after it was given up', async ({ network, token, alice }) => {
    await token.send(say('alice', 'Stake', { Quantity: '30' }));
    const receipt = await token.send(say('alice', 'Unstake', { Quantity: '30' }));
    expect(receipt).toHaveMessage({ data: 'Successfully unstaked 30' });
    await network.mine(669);
    await token.send(say('bob', 'Info'));
    expect(await token.read(['Balances', alice])).toBe('70');
    await network.mine(1);
    await token.send(say('bob', 'Info'));
    expect(await token.read(['Balances', alice])).toBe('100');
  });
});

describe('a vote', () => {
  const vote = (side: string, tags: Record<string, string> = {}) => ({
    Target: 'more hay',
    Side: side,
    Deadline: '10',
    ...tags,
  });

  test('weighs what its voter has staked, and is counted at its deadline', async ({
    network,
    token,
  }) => {
    await token.send(say('alice', 'Stake', { Quantity: '30' }));
    await token.send(say('bob', 'Stake', { Quantity: '20' }));
    await token.send(say('alice', 'Vote', vote('yay')));
    await token.send(say('bob', 'Vote', vote('nay')));
    expect(await token.read('Votes["more hay"]')).toMatchObject({ yay: '30', nay: '20' });
    await network.mine(10);
    const counted = await token.send(say('bob', 'Info'));
    expect(counted.result?.prints).toMatchObject([{ text: 'Handle Vote' }]);
    expect(await token.read('Votes')).toEqual([]);
  });

  test('that is lost is forgotten', async ({ network, token }) => {
    await token.send(say('alice', 'Stake', { Quantity: '30' }));
    await token.send(say('alice', 'Vote', vote('nay')));
    await network.mine(10);
    const counted = await token.send(say('bob', 'Info'));
    expect(counted.result?.prints ?? []).toEqual([]);
    expect(await token.read('Votes')).toEqual([]);
  });

  test('needs a stake, a side and a deadline', async ({ token }) => {
    expect(await token.send(say('alice', 'Vote', vote('yay')))).toFailWith('No staked amount');
    await token.send(say('alice', 'Stake', { Quantity: '30' }));
    expect(await token.send(say('alice', 'Vote', vote('maybe')))).toFailWith('yay or nay');
    const endless = vote('yay', { Deadline: 'never' });
    expect(await token.send(say('alice', 'Vote', endless))).toFailWith('a number of blocks');
    expect(await token.send(say('alice', 'Vote', { Side: 'yay' }))).toFailWith(
      'Target is required!',
    );
  });
});
