import { afterAll, describe, expect, test } from 'vitest';
import { bootHerd, PINNED } from '../../../herd/herd.js';
import { publishModules } from '../../../herd/modules.js';
import { balancesOf, war } from '../../../kit/match/balances.js';
import { checkConserved, readQuantity } from '../../../kit/match/conserve.js';
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

describe('a quantity', () => {
  test('may be the sum alone', async () => {
    expect(await readQuantity({ name: 'coins', read: () => 5n })).toBe(5n);
    const verdict = checkConserved('coins', 5n, 4n);
    expect(verdict.pass).toBe(false);
    expect(verdict.message()).toBe('coins is not conserved: 5 before, 4 after, -1');
  });

  test.each([
    ['coins is 5', 5],
    ['coins is undefined', undefined],
    ['a part of coins is 5', new Map([['alice', 5]])],
    ['coins is an object with alice', { alice: 5n }],
  ])('is refused: %s', async (message, found) => {
    const reading = readQuantity({ name: 'coins', read: () => found as never });
    await expect(reading).rejects.toMatchObject({ code: 'BAD_MATCHER', message });
  });
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

  test('that are long numbers in JSON lose not one digit', async () => {
    await using network = await createNetwork();
    const source = `Handlers.add('b', 'Balances', function(msg) msg.reply({ Data = Told }) end)`;
    const ledger = await network.spawn({ source });
    const read = async (told: string) => {
      await ledger.setState('Told', told);
      return balancesOf(network, ledger).read();
    };
    expect(await read('{"a":9007199254740993,"b\\"12345678901234567890":3}')).toEqual(
      new Map([
        ['a', 9007199254740993n],
        ['b"12345678901234567890', 3n],
      ]),
    );
    for (const told of [
      'oops',
      '{"a":1e22}',
      '{"a":9007199254740993.5}',
      '{"a":-1}',
      '{"a":null}',
    ]) {
      await expect(read(told)).rejects.toMatchObject({
        code: 'BAD_MATCHER',
        message: expect.stringContaining(ledger.id),
      });
    }
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
