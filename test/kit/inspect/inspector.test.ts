/** Looking into a kit's network: states at any nonce, changes by message, trees; and after a revert. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createInspector, type Inspector } from '../../../kit/inspect/inspector.js';
import { createNetwork, type Network } from '../../../kit/network.js';

const COUNTER = `
  Count, Big, Half = 0, 9007199254740992, 0.5
  local seen = {}
  Handlers.add('add', 'Add', function(msg)
    Count = Count + tonumber(msg.Tags.By)
    seen[msg.From] = true
    Half = Half * 2
    print('now ' .. Count)
  end)
  Handlers.add('big', 'Big', function() Big = Big + 1 end)
  Handlers.add('tell', 'Tell', function(msg) Send({ Target = ao.id, Action = 'Add', By = '5' }) end)
`;

let network: Network;
let inspector: Inspector;
beforeEach(async () => {
  network = await createNetwork();
  inspector = createInspector(network);
});
afterEach(async () => {
  inspector.close();
  await network[Symbol.asyncDispose]();
});

test('a state is read as it was after any nonce, and as it is now', async () => {
  const counter = await network.spawn({ name: 'counter', source: COUNTER });
  await counter.send({ from: 'alice', action: 'Add', tags: { By: '2' } });
  await counter.send({ from: 'alice', action: 'Add', tags: { By: '3' } });
  const countAt = async (nonce?: number) =>
    (await inspector.state(counter.id, nonce)).globals.Count;
  expect([await countAt(0), await countAt(1), await countAt(2), await countAt()]).toEqual([
    0, 2, 5, 5,
  ]);
  await expect(inspector.state(counter.id, 9)).rejects.toMatchObject({ code: 'MESSAGE_NOT_FOUND' });
  await expect(inspector.state('nobody')).rejects.toMatchObject({ code: 'UNKNOWN_PROCESS' });
});

test('changes are exact: integers beyond 2^53, and floats that are whole', async () => {
  const counter = await network.spawn({ name: 'counter', source: COUNTER });
  const big = await counter.send({ from: 'alice', action: 'Big' });
  expect(await inspector.changes(counter.id, big.id)).toEqual([
    { path: 'Big', from: 9007199254740992n, to: 9007199254740993n },
  ]);
  const add = await counter.send({ from: 'alice', action: 'Add', tags: { By: '1' } });
  const { address } = network.wallet('alice');
  const path = expect.stringContaining(`aos: seen`);
  expect(await inspector.changes(counter.id, add.id)).toEqual([
    { path: 'Count', from: 0, to: 1 },
    { path: 'Half', from: 0.5, to: { '<lua>': '1.0' } },
    { path, to: true },
  ]);
  expect(address).toHaveLength(43);
});

test('a tree has times, prints with their lines, and what each message changed', async () => {
  const counter = await network.spawn({ name: 'counter', source: COUNTER });
  const tell = await counter.send({ from: 'alice', action: 'Tell' });
  const tree = await inspector.trace(tell.id, { state: true });
  expect(tree).toMatchObject({ action: 'Tell', nonce: 1, changes: [], timestampMs: 1735689600000 });
  expect(tree.children[0]).toMatchObject({
    action: 'Add',
    prints: [{ text: 'now 5', line: 8 }],
    changes: [
      { path: 'Count', from: '0', to: '5' },
      { path: 'Half', from: '0.5', to: '1.0' },
      { path: expect.stringMatching(/^aos: seen/), to: 'true' },
    ],
  });
  expect((await inspector.trace(tell.id.slice(0, 20))).id).toBe(tell.id);
  expect((await inspector.trace(`${tell.id.slice(0, 3)}...${tell.id.slice(-3)}`)).id).toBe(tell.id);
  await expect(inspector.trace('')).rejects.toMatchObject({ code: 'MESSAGE_NOT_FOUND' });
  await expect(inspector.trace('...')).rejects.toMatchObject({
    code: 'MESSAGE_AMBIGUOUS',
    hint: expect.stringContaining(tell.id),
  });
  expect((await inspector.trace(tell.id, { most: 1 })).children).toEqual([]);
});

test("after a revert it reads the past that is the network's now", async () => {
  const counter = await network.spawn({ name: 'counter', source: COUNTER });
  const snapshot = await network.snapshot();
  await counter.send({ from: 'alice', action: 'Add', tags: { By: '1' } });
  expect((await inspector.state(counter.id)).globals.Count).toBe(1);
  await network.revert(snapshot);
  expect((await inspector.state(counter.id)).globals.Count).toBe(0);
  await counter.send({ from: 'alice', action: 'Add', tags: { By: '7' } });
  expect((await inspector.state(counter.id, 1)).globals.Count).toBe(7);
});

test('a long past is walked from the nearest state that is known, forwards and backwards', async () => {
  const counter = await network.spawn({ name: 'counter', source: COUNTER });
  for (let i = 0; i < 120; i++) {
    await counter.send({
      from: 'alice',
      action: i % 10 === 9 ? 'Nothing' : 'Add',
      tags: { By: '1' },
    });
  }
  const counts: unknown[] = [];
  for (const nonce of [120, 40, 41, 7, 100, 33, 0]) {
    counts.push((await inspector.state(counter.id, nonce)).globals.Count);
  }
  expect(counts).toEqual([108, 36, 37, 7, 90, 30, 0]);
  const hash = await network.stateHash(counter.id);
  const again = await inspector.past.at(counter.id, 121, ({ machine }) => machine.hash());
  expect(again).toBe(hash);
});
