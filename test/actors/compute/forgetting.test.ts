/** A network that keeps only its latest messages: what it forgets, what it says of it, what stays. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createMemoryLog } from '../../../actors/memory-ports.js';
import { createGateway } from '../../../arlocal/gateway.js';
import { createSqliteStore } from '../../../arlocal/sqlite/sqlite-store.js';
import { printed, startNetwork } from '../kernel-module.js';

const COUNTER = `
Count = 0
Handlers.add('Add', 'Add', function(msg) Count = Count + 1 msg.reply({ Data = tostring(Count) }) end)
`;
const MESSAGES = 10;

async function startCounter(count: number, history: 'all' | { messages: number }) {
  const world = await startNetwork({ history });
  const { network, alice, spawn } = world;
  const process = await spawn(COUNTER);
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    ids.push((await network.send({ from: alice, to: process.id, action: 'Add' })).id);
  }
  return { ...world, process, ids };
}

const codeOf = (asked: Promise<unknown>) =>
  asked.then(
    () => undefined,
    (error: { code?: string }) => error.code,
  );

test('the latest messages are there, what is older is forgotten and told so', async () => {
  const { network, process, ids } = await startCounter(50, { messages: MESSAGES });
  const latest = ids.slice(-MESSAGES);
  for (const id of latest) expect((await network.result(process.id, id)).messages).toHaveLength(1);
  expect(await codeOf(network.result(process.id, ids[0] as string))).toBe('HISTORY_FORGOTTEN');
  const known = ids.filter((id) => network.gateway.item(id) !== undefined);
  expect(known.length).toBeGreaterThanOrEqual(MESSAGES);
  expect(known.length).toBeLessThanOrEqual(2 * MESSAGES + 1);
  expect(network.gateway.item(process.id)).toBeDefined();
  const { edges } = network.results(process.id, { limit: 1_000 });
  expect(edges.length).toBeLessThanOrEqual(2 * MESSAGES + 1);
  expect(edges.at(-1)?.node.messages).toHaveLength(1);
  const backwards = network.results(process.id, { limit: 1_000, sort: 'DESC' });
  expect(backwards.edges.map(({ node }) => node)).toEqual(edges.map(({ node }) => node).reverse());
  expect(printed(await process.eval('return Count'))).toBe('50');
  await network.close();
});

test('states and ids are those of a network that keeps all', async () => {
  const all = await startCounter(40, 'all');
  const some = await startCounter(40, { messages: MESSAGES });
  expect(some.ids).toEqual(all.ids);
  expect(await some.network.stateHash(some.process.id)).toBe(
    await all.network.stateHash(all.process.id),
  );
  const { log } = some.network.units;
  const last = log.next(some.process.id) - 1;
  expect(log.at(some.process.id, last)).toEqual(all.network.units.log.at(some.process.id, last));
  expect(log.at(some.process.id, 0)?.messageId).toBe(some.process.id);
});

test('a process that lost its memory is woken without what is forgotten, twice', async () => {
  const { network, process } = await startCounter(40, { messages: MESSAGES });
  for (const _ of ['once', 'twice']) {
    const crash = network.faults.crash(process.id);
    await crash.end();
    expect(printed(await process.eval('return Count'))).toBe('40');
  }
});

test('nothing that takes all of the past is done with a part of it', async () => {
  const { network, process } = await startCounter(40, { messages: MESSAGES });
  expect(await codeOf(network.replay(process.id))).toBe('HISTORY_FORGOTTEN');
  expect(await codeOf(network.capture())).toBe('SNAPSHOT_NEEDS_HISTORY');
});

test('the next block commits to what is forgotten', async () => {
  const { network } = await startCounter(40, { messages: MESSAGES });
  const pending = network.gateway.pendingIds;
  expect(pending.length).toBeLessThan(80);
  const block = network.gateway.mine();
  expect(network.gateway.block(1)).toEqual(block);
  expect(network.gateway.pendingIds).toEqual([]);
  const again = await startCounter(40, { messages: MESSAGES });
  expect(again.network.gateway.pendingIds).toEqual(pending);
});

test('a network whose store lasts keeps all', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'corral-history-'));
  const store = createSqliteStore(folder);
  const gateway = createGateway({ store, now: () => 0 });
  expect(() => gateway.forget(() => true)).toThrow(
    expect.objectContaining({ code: 'HISTORY_NEEDS_MEMORY' }),
  );
  await expect(startNetwork({ gateway, history: { messages: 5 } })).rejects.toMatchObject({
    code: 'HISTORY_NEEDS_MEMORY',
  });
  gateway.close();
  rmSync(folder, { recursive: true });
});

test('a log keeps its first entry and the positions of those that are left', () => {
  const log = createMemoryLog<string>((entry) => entry);
  log.append('p', 0, ['a', 'b', 'c', 'd', 'e']);
  log.forget?.('p', 3);
  expect([0, 1, 2, 3, 4].map((position) => log.at('p', position))).toEqual([
    'a',
    undefined,
    undefined,
    'd',
    'e',
  ]);
  expect(log.read('p', 0)).toEqual(['d', 'e']);
  expect(log.read('p', 1, 4)).toEqual(['d']);
  expect([log.start?.('p'), log.next('p')]).toEqual([3, 5]);
  expect([log.find('p', 'b'), log.find('p', 'e'), log.find('p', 'a')]).toEqual([undefined, 4, 0]);
  expect(log.append('p', 5, ['f'])).toEqual({ kind: 'appended' });
  expect(log.at('p', 5)).toBe('f');
});
