import { describe, expect, onTestFinished, test } from 'vitest';
import type { AdoptRequest } from '../../../kit/adopt/request.js';
import { createNetwork, type Network, type NetworkOptions } from '../../../kit/network.js';
import { as } from '../../../kit/read/decoders.js';
import { type Elsewhere, SHOP, startElsewhere } from './elsewhere.js';

async function startHere(options: NetworkOptions = { seed: 3 }) {
  const network = await createNetwork(options);
  onTestFinished(() => network.close());
  return network;
}

/** A shop elsewhere that has sold something, failed once, and written to somebody. */
async function startShop(options?: NetworkOptions) {
  const there = await startElsewhere(options);
  const { network } = there;
  const shop = await network.spawn({ name: 'shop', source: SHOP });
  const friend = await network.spawn({ name: 'friend', source: SHOP });
  await shop.send({ from: 'alice', action: 'Restock', tags: { Item: 'apple', Count: '3' } });
  await shop.send({ from: 'alice', action: 'Buy', tags: { Item: 'apple' } });
  await shop.send({ from: 'bob', action: 'Buy', tags: { Item: 'pear' } });
  await friend.send({ from: 'bob', action: 'Notify', tags: { To: shop.id } });
  await shop.send({ from: 'bob', action: 'Notify', tags: { To: friend.id } });
  return { there, shop, friend };
}

const WAYS: [string, (there: Elsewhere) => Partial<AdoptRequest>][] = [
  ['a scheduler unit', ({ su, gateway }) => ({ su, gateway })],
  ["a node in HyperBEAM's shape", ({ node }) => ({ node })],
  [
    "a compute unit's checkpoint",
    ({ su, cu, gateway }) => ({ su, cu, gateway, state: 'checkpoint' }),
  ],
];

describe.each(WAYS)('a process that is adopted by way of %s', (_, way) => {
  const adopt = (here: Network, there: Elsewhere, process: string) =>
    here.adopt({ process, ...way(there) });

  test('comes when it is touched, with its state, and lives here from then on', async () => {
    const { there, shop } = await startShop();
    const here = await startHere();
    const adopted = await adopt(here, there, shop.id);
    expect(there.asked).toEqual([]);
    expect(await adopted.read('Stock', as.record(as.integer))).toEqual({ apple: 2n });
    expect(await here.stateHash(adopted)).toBe(await there.network.stateHash(shop));
    expect(there.asked).not.toEqual([]);
    const sold = await adopted.send({ from: 'carol', action: 'Buy', tags: { Item: 'apple' } });
    expect(sold.errors).toEqual([]);
    expect(sold.messages).toMatchObject([{ action: 'Sold', target: here.wallet('carol').address }]);
    expect(sold.assignment?.nonce).toBe(6);
    expect(await here.read('shop', 'Stock.apple')).toBe(1);
    expect(await shop.read('Stock.apple')).toBe(2); // there, nothing has happened
    expect(await here.replay(adopted)).toBe(await here.stateHash(adopted));
  });

  test('keeps its ids, and sends nothing of its past again', async () => {
    const { there, shop, friend } = await startShop();
    const here = await startHere();
    const heard: string[] = [];
    here.events.on('*', ({ type }) => heard.push(type));
    const adopted = await adopt(here, there, shop.id);
    await adopted.read('Sold');
    const { log } = there.network.units;
    expect(here.units.log.read(shop.id, 0)).toEqual(log.read(shop.id, 0));
    for (const { messageId, assignmentId } of log.read(shop.id, 0)) {
      expect(here.gateway.item(messageId)?.signature).toBe(
        there.network.gateway.item(messageId)?.signature,
      );
      expect(here.gateway.item(assignmentId)).toBeDefined();
    }
    expect(heard.filter((type) => type === 'sent' || type === 'evaluated')).toEqual([]);
    const inbox = await adopt(here, there, friend.id);
    expect(await inbox.read('Sold')).toBe(0);
    expect(here.units.log.next(friend.id)).toBe(there.network.units.log.next(friend.id));
  });

  test('is trusted by nobody more than it was, and trusts the unit that stands in here', async () => {
    const { there, shop } = await startShop();
    const here = await startHere();
    const adopted = await adopt(here, there, shop.id);
    const local = await here.spawn({ name: 'local', source: SHOP });
    await local.eval(`ao.send({ Target = '${shop.id}', Action = 'Who' })`);
    expect(await adopted.read('LastFrom')).toBe(local.id);
    await adopted.send({ from: 'mallory', action: 'Eval', data: 'Sold = 99' });
    expect(await adopted.read('Sold')).toBe(1);
    const owner = there.network.wallet('owner').address;
    expect(here.ownerOf(adopted)).toEqual({ address: owner, impersonated: true });
    await adopted.eval('Sold = 7');
    expect(await adopted.read('Sold')).toBe(7);
  });

  test('is brought by a process that sends to it, and by assignments', async () => {
    const { there, shop } = await startShop();
    const here = await startHere();
    await adopt(here, there, shop.id);
    const local = await here.spawn({ source: SHOP });
    const { messages, errors } = await local.eval(
      `ao.send({ Target = '${shop.id}', Action = 'Restock', Item = 'plum', Count = '2' })`,
    );
    expect(errors).toEqual([]);
    expect(messages).toMatchObject([{ target: shop.id, nonce: 6 }]);
    expect(await here.read(shop.id, 'Stock')).toEqual({ apple: 2, plum: 2 });
  });

  test('goes with snapshots, forks and files, before it came and after', async () => {
    const { there, shop } = await startShop();
    const here = await startHere();
    const adopted = await adopt(here, there, shop.id);
    const before = await here.snapshot();
    expect(await adopted.read('Sold')).toBe(1);
    const after = await here.snapshot();
    const fork = await here.fork(before);
    onTestFinished(() => fork.close());
    expect(fork.units.scheduler.process(shop.id)).toBeUndefined();
    expect(await fork.read(shop.id, 'Sold')).toBe(1);
    await here.revert(before);
    expect(here.units.scheduler.process(shop.id)).toBeUndefined();
    await here.revert(after);
    const late = await here.fork();
    onTestFinished(() => late.close());
    there.damage = () => new Response('gone', { status: 500 });
    await late.send({ from: 'alice', to: 'shop', action: 'Buy', tags: { Item: 'apple' } });
    expect(await late.read('shop', 'Sold')).toBe(2);
    expect(await late.replay('shop')).toBe(await late.stateHash('shop'));
  });

  test('gives what is new there, until it lives here', async () => {
    const { there, shop } = await startShop();
    const here = await startHere();
    const adopted = await adopt(here, there, shop.id);
    expect(await adopted.load()).toBe(6);
    expect(await adopted.load()).toBe(0);
    await shop.send({ from: 'alice', action: 'Buy', tags: { Item: 'apple' } });
    expect(await adopted.read('Sold')).toBe(1);
    expect(await adopted.load()).toBe(1);
    expect(await adopted.read('Sold')).toBe(2);
    await adopted.send({ from: 'alice', action: 'Buy', tags: { Item: 'apple' } });
    await shop.send({ from: 'alice', action: 'Buy', tags: { Item: 'apple' } });
    await expect(adopted.load()).rejects.toMatchObject({ code: 'LOG_CONFLICT' });
    expect(await here.replay(adopted)).toBe(await here.stateHash(adopted));
  });
});
