/** A network whose units have a thread that signs for them is the same network, to the last byte. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRingMemory, createRingPoster } from '../../actors/signing/ring.js';
import { type SigningThread, startSigningThread } from '../../actors/signing/signing-thread.js';
import { encodeDataItem, prepareDataItem, signDataItem } from '../../arlocal/data-item.js';
import { walletFromSeed } from '../../arlocal/wallet.js';
import { startNetwork } from './kernel-module.js';

const SEED = 7;
let thread: SigningThread;
beforeAll(async () => {
  thread = await startSigningThread(SEED);
});
afterAll(() => thread.close());

const FAN = `
Handlers.add('Go', 'Go', function(msg)
  for n = 1, 100 do Send({ Target = msg.Other, Action = 'Ball', N = tostring(n) }) end
end)
Handlers.add('Ball', 'Ball', function(msg) msg.reply({ Data = msg.N }) end)
`;

/** All items of a network in which one process sends a hundred messages to another. */
async function play(signing?: SigningThread) {
  const { network, alice, spawn } = await startNetwork({
    seed: SEED,
    ...(signing ? { signing } : {}),
  });
  const [one, other] = [await spawn(FAN), await spawn(FAN)];
  const tags = { Other: other.id };
  const { errors, messages } = await network.send({ from: alice, to: one.id, action: 'Go', tags });
  expect(errors).toEqual([]);
  const { log } = network.units;
  const chain = [one.id, other.id].map((id) => log.at(id, log.next(id) - 1));
  const ids = network.gateway.pendingIds;
  const items = ids.map((id) => Buffer.from(encodeDataItem(network.gateway.item(id) as never)));
  const block = network.gateway.mine();
  await network.close();
  return { ids, items, chain, block, messages: messages.map(({ id }) => id) };
}

test('items, assignments, logs and blocks are the same with it and without', async () => {
  const [alone, helped] = [await play(), await play(thread)];
  expect(helped).toEqual(alone);
  expect(alone.messages).toHaveLength(200);
});

test('a snapshot has what nobody looked at before', async () => {
  const { network, alice, spawn } = await startNetwork({ seed: SEED, signing: thread });
  const process = await spawn(FAN);
  await network.send({ from: alice, to: process.id, action: 'Ball', tags: { N: '1' } });
  const state = structuredClone(await network.capture());
  const entries = state.log.get(process.id) ?? [];
  expect(entries.length).toBeGreaterThan(2);
  const known = new Set(state.gateway.log.map(({ entry }) => entry.id));
  for (const { assignmentId } of entries) expect(known.has(assignmentId)).toBe(true);
});

test('a wallet of no unit signs alone', () => {
  const alice = walletFromSeed(SEED, 'alice');
  expect(thread.assist(alice)).toBe(alice);
});

test('what was posted and never asked for does no harm', () => {
  const wallet = walletFromSeed(SEED, 'messenger-unit');
  const assisted = thread.assist(wallet);
  const fieldsOf = (n: number) => ({ tags: [{ name: 'N', value: `${n}` }], data: `${n}` });
  for (let n = 0; n < 1_000; n++) {
    const make = prepareDataItem(assisted, fieldsOf(n));
    if (n % 3 > 0) continue;
    expect(make().item.id).toBe(signDataItem(wallet, fieldsOf(n)).item.id);
    expect(make()).toBe(make());
  }
});

test('without anybody who signs, a ring gives back what was posted', () => {
  const ring = createRingPoster(createRingMemory());
  const message = (n: number) => new Uint8Array(48).fill(n);
  expect(ring.post(0, new Uint8Array(47))).toBeUndefined();
  const slots = Array.from({ length: 256 }, (_, n) => ring.post(0, message(n)));
  expect(slots.every((slot) => slot !== undefined)).toBe(true);
  expect(ring.post(0, message(1))).toBeUndefined(); // full
  expect(ring.take(slots[3] as number, message(4))).toBeUndefined(); // of another message
  expect(ring.take(slots[3] as number, message(3))).toBeUndefined(); // nobody has begun it
});
