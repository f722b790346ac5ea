import { describe, expect, test } from 'vitest';
import { encodeBundle } from '../../arlocal/bundle.js';
import { type SignedItem, signDataItem } from '../../arlocal/data-item.js';
import type { ArlocalError } from '../../arlocal/errors.js';
import { walletFromSeed } from '../../arlocal/wallet.js';
import { createTestGateway, STORES } from './gateways.js';
import { postL1, signL1 } from './transactions.js';

const alice = walletFromSeed(7, 'alice');
const MINUTE = 60_000;
const BUNDLE_TAGS = [
  { name: 'Bundle-Format', value: 'binary' },
  { name: 'Bundle-Version', value: '2.0.0' },
];
const sign = (data: string, tags = [{ name: 'Kind', value: 'test' }]) =>
  signDataItem(alice, { data, tags, target: alice.address });

describe.each(STORES)('a gateway over the %s store', (kind) => {
  test('gives an item back as it was signed, at once and after its block', () => {
    const { gateway } = createTestGateway({ kind });
    const { item, bytes } = sign('hello');
    gateway.acceptItem(bytes);
    for (const height of [undefined, 1]) {
      const read = gateway.item(item.id);
      expect(read).toMatchObject({ id: item.id, tags: item.tags, target: alice.address });
      expect(Buffer.from(read?.data ?? []).toString()).toBe('hello');
      expect(gateway.locate(item.id)?.block?.height).toBe(height);
      gateway.mine();
    }
  });

  test('takes the same item twice as once', () => {
    const { gateway } = createTestGateway({ kind });
    gateway.putItem(sign('once'));
    gateway.putItem(sign('once'));
    expect(gateway.count({})).toBe(1);
    expect(gateway.pendingIds).toHaveLength(1);
  });

  test('stores nothing of an item that is not signed by its owner', () => {
    const { gateway } = createTestGateway({ kind });
    const bytes = Uint8Array.from(sign('honest').bytes);
    bytes[bytes.length - 1] = 0;
    expect(() => gateway.acceptItem(bytes)).toThrow(
      expect.objectContaining({ code: 'ITEM_NOT_SIGNED' }),
    );
    expect(gateway.count({})).toBe(0);
  });

  test('serves an item under a pinned id as well as its own', () => {
    const { gateway } = createTestGateway({ kind });
    const alias = 'xU9zFkq3X2ZQ6olwNVvr1vUWIjc3kXTWr7xKQD6dh10';
    const { item } = sign('wAR');
    gateway.putItem(item, { alias });
    expect(gateway.item(alias)?.id).toBe(item.id);
    expect(gateway.item(item.id)?.id).toBe(item.id);
    expect(Buffer.from(gateway.data(alias) ?? []).toString()).toBe('wAR');
    expect(gateway.query({ ids: [alias] }).edges[0]?.entry.alias).toBe(alias);
    expect(() => gateway.putItem(sign('other'), { alias })).toThrow(
      expect.objectContaining({ code: 'ALIAS_TAKEN' }),
    );
  });

  test('never takes what is pinned at an id for the item of that id', async () => {
    const { gateway } = createTestGateway({ kind });
    const refused = expect.objectContaining({ code: 'ALIAS_TAKEN' });
    const real = sign('real');
    const pinned = sign('pinned');
    gateway.putItem(pinned, { alias: real.item.id });
    expect(() => gateway.putItem(real)).toThrow(refused);
    expect(() => gateway.acceptItem(real.bytes)).toThrow(refused);
    expect(() => gateway.putItem(real, { alias: sign('x').item.id })).toThrow(refused);
    await expect(
      postL1(gateway, { data: encodeBundle([real]), tags: BUNDLE_TAGS, mint: 10n ** 13n }),
    ).rejects.toEqual(refused);
    const transaction = await signL1(gateway, { data: 'real' });
    gateway.putItem(sign('for a transaction'), { alias: transaction.id });
    expect(() => gateway.postTransaction(transaction.toJSON())).toThrow(refused);
    expect(gateway.item(real.item.id)?.id).toBe(pinned.item.id);
    expect(gateway.count({})).toBe(2);
  });

  test('pins an item when it is stored, at an id that nothing has', () => {
    const { gateway } = createTestGateway({ kind });
    const [alias, other, stored, pinned] = ['alias', 'other', 'stored', 'pinned'].map((name) =>
      sign(name),
    ) as [SignedItem, SignedItem, SignedItem, SignedItem];
    const code = (item: SignedItem, at: SignedItem) => {
      try {
        gateway.putItem(item, { alias: at.item.id });
        return 'pinned';
      } catch (error) {
        return (error as ArlocalError).code;
      }
    };
    gateway.putItem(stored);
    expect(code(stored, alias)).toBe('ALIAS_TOO_LATE');
    expect(code(pinned, stored)).toBe('ALIAS_TAKEN');
    expect(code(pinned, alias)).toBe('pinned');
    expect(code(pinned, alias)).toBe('pinned'); // again: it changes nothing
    expect(code(pinned, other)).toBe('ALIAS_TOO_LATE');
    expect(gateway.locate(other.item.id)).toBeUndefined();
    expect(gateway.count({})).toBe(2);
  });

  test('mines only when asked, unless it has a block interval', () => {
    const manual = createTestGateway({ kind });
    manual.clock.nowMs += 100 * MINUTE;
    expect(manual.gateway.height).toBe(0);

    const { gateway, clock } = createTestGateway({ kind, blockIntervalMs: 2 * MINUTE });
    const first = sign('first').item;
    gateway.putItem(first);
    clock.nowMs += 5 * MINUTE;
    const second = sign('second').item;
    gateway.putItem(second);
    expect(gateway.height).toBe(2);
    expect(gateway.locate(first.id)?.block?.height).toBe(1);
    expect(gateway.locate(second.id)?.block).toBeUndefined();
    expect(gateway.block(2)?.timestampMs).toBe(clock.nowMs - MINUTE);
    clock.nowMs += MINUTE;
    expect(gateway.locate(second.id)?.block?.height).toBe(3);
  });

  test('chains its blocks, and gives the same ones for the same history', () => {
    const history = () => {
      const { gateway } = createTestGateway({ kind });
      gateway.putItem(sign('one'));
      gateway.mine(2);
      return [0, 1, 2].map((height) => gateway.block(height));
    };
    const blocks = history();
    expect(history()).toEqual(blocks);
    expect(blocks[2]?.previous).toBe(blocks[1]?.id);
    expect(blocks[1]?.previous).toBe(blocks[0]?.id);
    expect(new Set(blocks.map((block) => block?.id)).size).toBe(3);
  });

  test('does not mine a senseless number of blocks', () => {
    const { gateway } = createTestGateway({ kind });
    for (const count of [0, -1, 1.5, Number.NaN, 10_001]) {
      expect(() => gateway.mine(count)).toThrow(
        expect.objectContaining({ code: 'BLOCK_COUNT_INVALID' }),
      );
    }
    expect(gateway.height).toBe(0);
  });

  test('charges what a transaction costs, and refuses what nobody can pay', async () => {
    const { gateway } = createTestGateway({ kind });
    await expect(postL1(gateway, { data: 'hi' })).rejects.toMatchObject({
      code: 'BALANCE_TOO_LOW',
    });
    const { address } = await postL1(gateway, { data: 'hi', mint: 10n ** 12n });
    expect(gateway.balance(address)).toBe(10n ** 12n - gateway.price(2));
    await expect(postL1(gateway, { data: 'ho', reward: 1n })).rejects.toMatchObject({
      code: 'REWARD_TOO_LOW',
    });
    const to = alice.address;
    await postL1(gateway, { target: to, quantity: 5n });
    expect(gateway.balance(to)).toBe(5n);
  });

  test('refuses a transaction whose fields were changed after signing', async () => {
    const { gateway } = createTestGateway({ kind });
    const change = (json: object) => ({ ...json, quantity: '7' });
    await expect(postL1(gateway, { data: 'hi', mint: 10n ** 12n, change })).rejects.toMatchObject({
      code: 'TRANSACTION_NOT_SIGNED',
    });
    const other = (json: object) => ({ ...json, data: Buffer.from('ho').toString('base64url') });
    await expect(postL1(gateway, { data: 'hi', change: other })).rejects.toMatchObject({
      code: 'TRANSACTION_MALFORMED',
    });
  });

  test('indexes the items of a bundle, and of a bundle in it', async () => {
    const { gateway } = createTestGateway({ kind });
    const tags = BUNDLE_TAGS;
    const [inner, outer] = [sign('inner'), sign('outer')];
    const nested = signDataItem(alice, { tags, data: encodeBundle([inner]) });
    const data = encodeBundle([outer, nested]);
    const { id } = await postL1(gateway, { data, tags, mint: 10n ** 12n });
    expect(gateway.locate(outer.item.id)?.entry.bundledIn).toBe(id);
    expect(gateway.locate(inner.item.id)?.entry.bundledIn).toBe(nested.item.id);
    expect(gateway.count({ bundledIn: [id] })).toBe(2);

    const cut = data.subarray(0, data.length - 1);
    await expect(postL1(gateway, { data: cut, tags })).rejects.toMatchObject({
      name: 'ArlocalError',
    });
    expect(gateway.count({})).toBe(4);
  });
});

test('two gateways do not see each other', () => {
  const one = createTestGateway().gateway;
  const two = createTestGateway().gateway;
  const { item } = sign('secret');
  one.putItem(item);
  one.mine();
  one.mint(alice.address, 5n);
  expect(two.item(item.id)).toBeUndefined();
  expect(two.height).toBe(0);
  expect(two.balance(alice.address)).toBe(0n);
});
