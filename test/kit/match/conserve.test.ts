import { afterAll, describe, expect, test } from 'vitest';
import { bootHerd, PINNED } from '../../../herd/herd.js';
import { publishModules } from '../../../herd/modules.js';
import { balancesOf, war } from '../../../kit/match/balances.js';
import { checkConserved } from '../../../kit/match/conserve.js';
import { createNetwork } from '../../../kit/network.js';
import { setStage } from './stage.js';

const parts = (fields: Record<string, bigint>) => new Map(Object.entries(fields));

test('a sum is conserved, however it is spread', () => {
  const verdict = checkConserved('wAR', parts({ a: 3n, b: 4n }), parts({ c: 7n }));
  expect(verdict.pass).toBe(true);
  expect(verdict.message()).toBe('wAR is conserved: 7 before and after');
});

test('says who lost and who won, by name', () => {
  const before = parts({ a: 1000n, b: 0n, c: 5n });
  const after = parts({ a: 900n, b: 99n, c: 5n });
  const names = new Map([['a', 'alice']]);
  const verdict = checkConserved('wAR', before, after, names);
  expect(verdict.pass).toBe(false);
  expect(verdict.message().split('\n')).toEqual([
    'wAR is not conserved: 1005 before, 1004 after, -1',
    '',
    '  alice  1000 -> 900  -100',
    '  b      0 -> 99      +99',
  ]);
});

test('of many who changed shows some', () => {
  const many = Array.from({ length: 20 }, (_, n) => [`holder-${n}`, 1n] as const);
  const text = checkConserved('x', new Map(), new Map(many)).message();
  expect(text.split('\n').at(-1)).toBe('  and 8 more');
});

describe('balances', () => {
  test('of a ledger of one own', async () => {
    const { network, pong, boom } = await setStage();
    const quantity = balancesOf(network, pong, 'coins');
    expect(await quantity.read()).toEqual(
      new Map([
        ['alice', 3n],
        ['bob', 4n],
      ]),
    );
    expect(quantity.names).toBe(network.names);
    await expect((async () => balancesOf(network, boom).read())()).rejects.toMatchObject({
      code: 'BAD_MATCHER',
      hint: expect.stringContaining('{ name, read }'),
    });
    await network.close();
  });

  test('of wAR, in every wallet and process', async () => {
    const network = await createNetwork();
    afterAll(() => network.close());
    const { operator } = await bootHerd(network, publishModules(network), { workers: 0 });
    const before = await war(network).read();
    expect(before.get(operator.address)).toBeGreaterThan(0n);
    const tags = { Recipient: network.wallet('zoe').address, Quantity: '5' };
    await network.send({ from: operator, to: PINNED.war, action: 'Transfer', tags });
    const after = await war(network).read();
    expect(after.get(network.wallet('zoe').address)).toBe(5n);
    expect(checkConserved('wAR', before, after).pass).toBe(true);
  });
});
