/** Each fault by itself: what it does, that the trace shows it, and that nothing else is lost. */
import { describe, expect, test } from 'vitest';
import type { Faults } from '../../../actors/faults/faults.js';
import { createNetwork } from '../../../actors/network.js';
import { createGateway } from '../../../arlocal/gateway.js';
import { createSqliteStore } from '../../../arlocal/sqlite/sqlite-store.js';
import { printed, startNetwork } from '../kernel-module.js';
import { createStores } from '../stores.js';
import { startPair } from './pair.js';

const code = (code: string) => expect.objectContaining({ code });

describe('held', () => {
  test('messages wait until they are released, and show in the receipt', async () => {
    const { network, link, say, heard, b, faultEvents } = await startPair();
    const hold = network.faults.hold(link);
    const receipt = await say('one', 'two');
    expect(receipt).toMatchObject({ pending: 2, messages: [] });
    expect(network.pendingDeliveries()).toMatchObject([
      { ...link, action: 'Say', kind: 'message', reason: 'held', cause: receipt.id },
      { ...link, reason: 'held' },
    ]);
    expect(await heard()).toBe('');
    const id = network.pendingDeliveries()[0]?.id;
    await network.clock.advance(1500);
    await network.faults.release(link);
    expect(await heard()).toBe('one two');
    expect(receipt.pending).toBe(0);
    expect(receipt.messages).toMatchObject([
      { id, faults: [{ fault: 'hold', rule: hold.number, text: 'held for 1500 ms' }] },
      { faults: [{ fault: 'hold' }] },
    ]);
    expect(hold.struck).toBe(2);
    expect(network.faults.list()).toEqual([]);
    expect(faultEvents.map(({ text, message }) => [text, message === id])).toEqual([
      [`hold messages from ${link.from} to ${link.to}`, false],
      ['held', true],
      ['held', false],
      [`over: hold messages from ${link.from} to ${link.to}`, false],
    ]);
    expect(await network.replay(b.id)).toBe(await network.stateHash(b.id));
    await network.close();
  });

  test('from outside wait as well; a narrower release lets some through once', async () => {
    const { network, b, tell, say, heard } = await startPair();
    network.faults.hold({ to: b.id });
    const told = await tell('outside');
    expect(told).toMatchObject({ pending: 1, tree: { undelivered: 'held' } });
    await say('inside');
    await network.faults.release({ from: told.tree.from });
    expect(await heard()).toBe('outside');
    expect(told).toMatchObject({ pending: 0, assignment: { nonce: 2 } });
    expect(told.tree.undelivered).toBeUndefined();
    await tell('again');
    expect(network.pendingDeliveries()).toHaveLength(2);
    await network.faults.release();
    expect(await heard()).toBe('outside inside again');
    await network.close();
  });

  test('by action alone: others pass', async () => {
    const { network, a, b, heard } = await startPair();
    network.faults.hold({ action: 'Other' });
    await a.eval(`Send({ Target = '${b.id}', Action = 'Other', Data = 'held' })
      Send({ Target = '${b.id}', Action = 'Say', Data = 'passes' })`);
    expect(await heard()).toBe('passes');
    await network.close();
    expect(network.pendingDeliveries()).toEqual([]);
  });
});

describe('dropped', () => {
  test('messages are in the trace, and nowhere else', async () => {
    const { network, link, say, heard } = await startPair();
    const drop = network.faults.drop(link, { times: 1 });
    const receipt = await say('lost', 'found');
    expect(receipt.pending).toBe(0);
    expect(receipt.messages).toMatchObject([
      { undelivered: 'dropped', target: link.to, action: 'Say', faults: [{ text: 'dropped' }] },
      { faults: [], nonce: 2 },
    ]);
    const [lost] = receipt.messages;
    expect(lost?.nonce).toBeUndefined();
    expect(network.gateway.item(lost?.id ?? '')).toBeUndefined();
    expect(network.trace(lost?.id ?? '')).toBe(lost);
    expect(await heard()).toBe('found');
    expect(drop.struck).toBe(1);
    expect(network.faults.list()).toEqual([]); // it was to strike once
    await network.close();
  });

  test('by chance: the same ones with the same seed', async () => {
    const play = async (seed: number) => {
      const { network, link, say, heard } = await startPair({ seed });
      network.faults.drop(link, { probability: 0.5 });
      await say(...'abcdefghijklmnopqrst');
      const text = await heard();
      await network.close();
      return text;
    };
    const [first, second, other] = [await play(1), await play(1), await play(2)];
    expect(second).toBe(first);
    expect(other).not.toBe(first);
    expect(String(first).length).toBeGreaterThan(4);
    expect(String(first).length).toBeLessThan(39);
  });

  test('from outside never arrive, and a spawn never happens', async () => {
    const { network, tell, heard, alice, module } = await startPair();
    network.faults.drop({ from: alice.address });
    const told = await tell('lost');
    expect(told).toMatchObject({ pending: 0, tree: { undelivered: 'dropped' } });
    expect(told.assignment).toBeUndefined();
    const { id, spawned } = await network.spawn({ from: alice, module });
    expect(spawned.tree).toMatchObject({ kind: 'spawn', undelivered: 'dropped' });
    await network.faults.clear();
    expect(await heard()).toBe('');
    await expect(network.stateHash(id)).rejects.toThrow(code('UNKNOWN_PROCESS'));
    await network.close();
  });
});

test('duplicated messages are signed twice, and heard twice', async () => {
  const { network, link, say, heard, b } = await startPair();
  network.faults.duplicate(link, { times: 1 });
  const receipt = await say('one', 'two');
  expect(await heard()).toBe('one one two');
  const [first, second, third] = receipt.messages;
  expect(receipt.messages).toHaveLength(3);
  expect(first?.faults).toMatchObject([{ fault: 'duplicate', text: 'duplicated' }]);
  expect(second?.faults).toMatchObject([{ fault: 'duplicate', text: 'second copy' }]);
  expect(third?.faults).toEqual([]);
  expect(new Set(receipt.messages.map(({ id }) => id)).size).toBe(3);
  expect(network.gateway.item(second?.id ?? '')?.address).toBe(network.addresses.messenger);
  expect(await network.replay(b.id)).toBe(await network.stateHash(b.id));
  await network.close();
});

describe('delayed', () => {
  test('messages arrive at their time as the clock moves', async () => {
    const { network, link, say, heard, b } = await startPair();
    const start = network.clock.now;
    network.faults.delay(link, 5_000);
    const receipt = await say('one');
    expect(network.pendingDeliveries()).toMatchObject([
      { reason: 'delayed', dueMs: start + 5_000 },
    ]);
    await network.clock.advance(4_999);
    await say('two');
    expect(await heard()).toBe('');
    await network.clock.advance(60_000);
    expect(await heard()).toBe('one two');
    const times = [2, 3].map((nonce) => network.units.log.at(b.id, nonce)?.timestampMs);
    expect(times).toEqual([start + 5_000, start + 9_999]);
    expect(receipt.messages[0]?.faults).toMatchObject([
      { text: 'delayed by 5000 ms', atMs: start },
    ]);
    await network.close();
  });

  test('never overtake one another on one way, whatever chance says', async () => {
    const { network, link, say, heard } = await startPair();
    network.faults.delay(link, { min: 0, max: 10_000 });
    const words = [...'abcdefghijklmnop'];
    for (const word of words) await say(word);
    await network.clock.advance(10_000);
    expect(await heard()).toBe(words.join(' '));
    await network.close();
  });

  test('arrive among the crons of a monitored process in the order of time', async () => {
    const { network, alice, module, link, say, heard, b } = await startPair();
    const cron = await network.spawn({
      from: alice,
      module,
      tags: [
        { name: 'Cron-Interval', value: '10-seconds' },
        { name: 'Cron-Tag-Action', value: 'Cron' },
      ],
    });
    await cron.eval(`Handlers.add('c', 'Cron', function(m)
      Send({ Target = '${b.id}', Action = 'Say', Data = 'cron' }) end)`);
    await network.monitor(cron.id);
    network.faults.delay(link, 15_000);
    await say('late');
    await network.clock.advance(30_000);
    expect(await heard()).toBe('cron late cron cron');
    await network.close();
  });
});

test('reordered messages all arrive, and none is overtaken too often', async () => {
  const play = async (seed: number) => {
    const { network, link, say, heard } = await startPair({ seed });
    network.faults.reorder(link, { within: 2 });
    const words = [...'abcdefghijklmnopqrstuvwx'];
    const { messages } = await say(...words);
    const order = String(await heard()).split(' ');
    expect([...order].sort()).toEqual(words);
    for (const [i, word] of order.entries()) {
      const after = order.slice(0, i).filter((other) => other > word);
      expect(after.length).toBeLessThanOrEqual(2);
    }
    const texts = messages.flatMap(({ faults }) => faults.map(({ text }) => text));
    expect(texts).toContain('overtaken');
    await network.close();
    return order.join('');
  };
  const [one, two] = [await play(1), await play(2)];
  expect(one).not.toBe('abcdefghijklmnopqrstuvwx');
  expect(one).not.toBe(two);
  expect(await play(1)).toBe(one);
});

test('a partition keeps back both ways until it heals; others talk on', async () => {
  const { network, a, b, alice, say, tell, heard } = await startPair();
  network.faults.partition([a.id], [b.id]);
  const receipt = await say('over there');
  await b.eval(`Send({ Target = '${a.id}', Action = 'Nothing' })`);
  await tell('still here');
  expect(await heard()).toBe('still here');
  expect(network.pendingDeliveries()).toMatchObject([
    { reason: 'partitioned', from: a.id },
    { reason: 'partitioned', from: b.id },
  ]);
  await network.faults.heal();
  expect(await heard()).toBe('still here over there');
  expect(receipt.pending).toBe(0);
  expect(() => network.faults.partition([a.id], [alice.address, a.id])).toThrow(code('BAD_FAULT'));
  await network.close();
});

describe('what is wrong with a fault', () => {
  test('is told at once', async () => {
    const { faults, close } = (await startNetwork()).network;
    const bad = code('BAD_FAULT');
    expect(() => faults.hold({ form: 'a' } as never)).toThrow(bad);
    expect(() => faults.hold('a' as never)).toThrow(bad);
    expect(() => faults.hold({ kind: 'cron' } as never)).toThrow(bad);
    expect(() => faults.drop({}, { probability: 2 })).toThrow(bad);
    expect(() => faults.drop({}, { times: 0 })).toThrow(bad);
    expect(() => faults.drop({}, { time: 1 } as never)).toThrow(bad);
    expect(() => faults.delay({}, -1)).toThrow(bad);
    expect(() => faults.delay({}, { min: 2, max: 1 })).toThrow(bad);
    expect(() => faults.reorder({}, { within: 0 })).toThrow(bad);
    expect(() => faults.partition('a' as never, [])).toThrow(bad);
    expect(() => faults.busy('su', 1)).toThrow(bad);
    expect(() => faults.crash(undefined as never)).toThrow(bad);
    expect(() => faults.crash('nobody')).toThrow(code('UNKNOWN_PROCESS'));
    expect(faults.list()).toEqual([]);
    await close();
  });

  type Odd = (faults: Faults, odd: never) => unknown;
  const inChance: Odd = (faults, odd) => faults.drop({}, odd);
  const inDuplicate: Odd = (faults, odd) => faults.duplicate({}, odd);
  const inDelay: Odd = (faults, odd) => faults.delay({}, odd);
  const inReorder: Odd = (faults, odd) => faults.reorder({}, odd);
  test.each<[says: string, Odd, odd: unknown]>([
    ['a probability is "0.5"', inChance, { probability: '0.5' }],
    ['a probability is null', inChance, { probability: null }],
    ['a probability is NaN', inDuplicate, { probability: Number.NaN }],
    ['times is "2"', inChance, { times: '2' }],
    ['the chance of a fault is 0.5', inChance, 0.5],
    ['the chance of a fault is null', inDuplicate, null],
    ['the chance of a fault has no chance', inChance, { chance: 1 }],
    ['a delay is null', inDelay, null],
    ['a delay is "5"', inDelay, '5'],
    ['what reorder is given is 5', inReorder, 5],
    ['what reorder is given has no witin', inReorder, { witin: 1 }],
    ['a link is "one"', (faults, odd) => faults.hold(odd), 'one'],
    ['a link is false', (faults, odd) => faults.release(odd), false],
    ['a link has to 5', (faults, odd) => faults.hold({ to: odd }), 5],
    ['and here is "a"', (faults, odd) => faults.partition(odd, []), 'a'],
    ['and here is 7', (faults, odd) => faults.partition([odd], []), 7],
    ['the target of a fault is 5', (faults, odd) => faults.crash(odd), 5],
  ])('with its value: %s', async (says, ask, odd) => {
    const { faults, close } = (await startNetwork()).network;
    const told = { code: 'BAD_FAULT', message: expect.stringContaining(says) };
    expect(() => ask(faults, odd as never)).toThrow(expect.objectContaining(told));
    expect(faults.list()).toEqual([]);
    await close();
  });
});

test('who is told of a fault may end it on the spot', async () => {
  const { network, link, say, heard } = await startPair();
  const hold = network.faults.hold(link);
  network.events.on('fault', ({ message }) => {
    if (message !== undefined) void hold.end();
  });
  const receipt = await say('one', 'two');
  expect(receipt.pending).toBe(0);
  expect(await heard()).toBe('one two');
  await network.close();
});

test('a network that is closed keeps nothing back', async () => {
  const { network, b, say, tell } = await startPair();
  network.faults.hold({ to: b.id });
  const [inside, outside] = [await say('never'), await tell('never')];
  await network.close();
  expect(inside).toMatchObject({ pending: 0, errors: [{ code: 'NETWORK_CLOSED' }] });
  expect(outside).toMatchObject({ pending: 0, errors: [{ code: 'NETWORK_CLOSED' }] });
});

test('a spawn, what its child sends and the notice of it go their own ways', async () => {
  const { network, a, module } = await startPair();
  network.faults.hold({ from: a.id, action: 'Spawned' });
  const receipt =
    await a.eval(`Handlers.add('spawned', 'Spawned', function(m) Child = m.Process end)
    Spawn('${module}', { Tags = { Authority = ao.authorities[1] } })`);
  expect(receipt.messages).toMatchObject([{ kind: 'spawn' }]);
  expect(network.pendingDeliveries()).toMatchObject([{ to: a.id, action: 'Spawned' }]);
  await network.faults.release();
  expect(printed(await a.eval('return Child'))).toBe(receipt.messages[0]?.id);
  await network.close();
});

test('a message for several goes to each of them on a way of its own', async () => {
  const { network, a, b, spawn } = await startPair();
  const c = await spawn(`ao.addAssignable('all', function() return true end)`);
  network.faults.hold({ to: c.id, kind: 'assignment' });
  const receipt = await a.eval(`Send({ Target = '${b.id}', Action = 'Say', Data = 'to all',
    Assignments = { '${c.id}' } })`);
  expect(receipt).toMatchObject({ pending: 1, messages: [{ target: b.id, action: 'Say' }] });
  expect(network.pendingDeliveries()).toMatchObject([
    { id: receipt.messages[0]?.id, to: c.id, kind: 'assignment', cause: receipt.messages[0]?.id },
  ]);
  await network.faults.release();
  expect(receipt).toMatchObject({ pending: 0, errors: [] });
  expect(receipt.messages[1]).toMatchObject({ kind: 'assignment', target: c.id, nonce: 2 });
  await network.close();
});

test('a spawn that is duplicated makes two processes', async () => {
  const { network, a, module } = await startPair();
  network.faults.duplicate({ from: a.id, kind: 'spawn' });
  const receipt = await a.eval(`Spawn('${module}', { Tags = { Authority = ao.authorities[1] } })`);
  const children = receipt.messages.filter(({ kind }) => kind === 'spawn');
  expect(children).toHaveLength(2);
  expect(new Set(children.map(({ id }) => id)).size).toBe(2);
  for (const { id } of children) {
    expect(await network.replay(id)).toBe(await network.stateHash(id));
  }
  await network.close();
});

test('a network that is captured goes on with its faults, and with what they keep back', async () => {
  const { network, link, say, tell, b } = await startPair();
  network.faults.drop(link, { probability: 0.5 });
  network.faults.hold({ from: network.wallet('alice').address, to: b.id, action: 'Say' });
  await tell('held');
  network.faults.crash(b.id);
  await say('one', 'two', 'three', 'four');
  const state = structuredClone(await network.capture());
  const fork = await createNetwork({ state });
  expect(fork.pendingDeliveries()).toEqual(network.pendingDeliveries());
  expect(fork.faults.list()).toEqual(network.faults.list());
  for (const each of [network, fork]) {
    await each.faults.restart();
    await each.faults.release();
  }
  await say('five', 'six', 'seven');
  const words = ['five', 'six', 'seven'];
  const from = fork.wallet('alice');
  const data = words.map(
    (word) => `Send({ Target = '${b.id}', Action = 'Say', Data = '${word}' })`,
  );
  await fork.send({ from, to: link.from, action: 'Eval', data: data.join('\n') });
  expect(await fork.stateHash(b.id)).toBe(await network.stateHash(b.id));
  expect(fork.trace(b.id)?.children).toEqual(network.trace(b.id)?.children);
  await fork.close();
  await network.close();
});

test('over a store that lasts there are no faults, and no crank that is turned by hand', async () => {
  const stores = createStores();
  const gateway = () =>
    createGateway({ store: createSqliteStore(stores.path('faults')), now: () => 0 });
  const first = gateway();
  const network = await createNetwork({ gateway: first });
  const none = code('FAULTS_NEED_MEMORY');
  expect(() => network.faults.hold()).toThrow(none);
  await network.close();
  await expect(createNetwork({ gateway: first, crank: 'manual' })).rejects.toThrow(none);
  first.close();
  stores.remove();
});
