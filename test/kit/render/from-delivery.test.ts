/** Deliveries of a real network as nodes of a tree, with all that can happen to them. */
import { afterAll, expect, test } from 'vitest';
import type { Delivery } from '../../../actors/messenger/trace.js';
import { createNetwork } from '../../../kit/network.js';
import { toTreeNode } from '../../../kit/render/from-delivery.js';
import { renderTree, type TreeDetail } from '../../../kit/render/tree.js';

const network = await createNetwork();
afterAll(() => network.close());

const SOURCE = `
Handlers.add('ask', 'Ask', function(msg)
  print('asked by ' .. msg.From)
  msg.reply({ Action = 'Answer', Data = 'yes' })
end)
Handlers.add('tick', 'Tick', function() Send({ Target = Owner, Action = 'Tock' }) end)`;

const tags = { 'Cron-Interval': '10-minutes', 'Cron-Tag-Action': 'Tick' };
const oracle = await network.spawn({ name: 'oracle', source: SOURCE, tags });

const draw = (delivery: Delivery, detail: TreeDetail = {}) =>
  renderTree(toTreeNode(delivery), { names: network.names, detail }).split('\n');

const ask = async (from: Parameters<typeof network.send>[0]['from'] = 'alice') =>
  (await oracle.send({ from, action: 'Ask' })).tree;

test('a message, what it printed and where, and what it cost', async () => {
  const delivery = await ask();
  expect(draw(delivery, { output: 'all', data: true })).toEqual([
    'alice -> oracle  Ask',
    '│ > asked by alice  ([string "aos"]:3)',
    '└─ oracle -> alice  Answer',
    '     data "yes"',
  ]);
  const { nonce, gas } = toTreeNode(delivery);
  expect(draw(delivery, { gas: true, nonce: true })[0]).toBe(
    `alice -> oracle  Ask  #${nonce}  ${gas?.toLocaleString('en')} gas`,
  );
});

test('a message of somebody who did not sign it', async () => {
  const lines = draw(await ask(network.impersonate('owner')), { tags: true });
  expect(lines.slice(0, 2)).toEqual([
    'owner -> oracle  Ask',
    '│ impersonated: its sender did not sign it',
  ]);
});

test('a cron, with the action of its message', async () => {
  await network.monitor(oracle);
  await network.clock.advance('10m');
  const cron = network.units.trace.all().find(({ kind }) => kind === 'cron');
  expect(draw(cron!)).toEqual(['cron 10-minutes -> oracle  Tick', '└─ oracle -> owner  Tock']);
});

test('a message that was lost, and one that came late', async () => {
  const lost = network.faults.drop({ from: oracle }, { times: 1 });
  expect(draw(await ask())).toEqual([
    'alice -> oracle  Ask',
    '│ prints "asked by alice"',
    '└─ oracle -> alice  Answer',
    '     not delivered: dropped',
  ]);
  await lost.end();
  const late = network.faults.delay({ from: oracle }, '10m');
  const delivery = await ask();
  expect(draw(delivery)).toHaveLength(2); // what is on its way is not in the tree yet
  await network.clock.advance('10m');
  expect(draw(delivery).slice(2)).toEqual([
    '└─ oracle -> alice  Answer',
    '     fault: delayed by 600000 ms',
  ]);
  await late.end();
});

test('a tree grows as its message is delivered', async () => {
  const held = network.faults.hold({ to: oracle });
  const { tree } = await oracle.send({ from: 'alice', action: 'Ask' });
  const node = toTreeNode(tree);
  expect(node.children).toEqual([]);
  await held.end();
  expect(node.children.map(({ action }) => action)).toEqual(['Answer']);
  expect(node.children).toBe(node.children);
});
