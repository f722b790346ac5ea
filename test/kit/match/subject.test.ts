import { afterAll, expect, test } from 'vitest';
import { checkFailure } from '../../../kit/match/failing.js';
import { checkMessage } from '../../../kit/match/message.js';
import { subjectOf } from '../../../kit/match/subject.js';
import { createNetwork } from '../../../kit/network.js';
import { toTreeNode } from '../../../kit/render/from-delivery.js';
import { setStage, thrownBy } from './stage.js';

const { network, pong, boom, receipt } = await setStage();
afterAll(() => network.close());

const actionsIn = (received: unknown) =>
  subjectOf(received, network.names).messages.map(({ action }) => action);

test('a receipt: what its message set off, and what went wrong at any of it', () => {
  expect(actionsIn(receipt)).toEqual(['Pong', 'Boom']);
  expect(subjectOf(receipt).nodes).toHaveLength(3);
  expect(subjectOf(receipt).names).toBe(network.names);
});

test('a delivery, or a node of a tree: itself and what it set off', () => {
  expect(actionsIn(receipt.tree)).toEqual(['Ping', 'Pong', 'Boom']);
  expect(actionsIn(toTreeNode(receipt.messages[0]!))).toEqual(['Pong']);
});

test('a list: those of it alone, drawn in their trees', () => {
  expect(actionsIn(receipt.messages)).toEqual(['Pong', 'Boom']);
  expect(actionsIn([receipt.tree])).toEqual(['Ping']);
  expect(subjectOf([receipt.tree, ...receipt.messages]).roots).toHaveLength(1);
  expect(actionsIn([])).toEqual([]);
  expect(checkMessage(subjectOf([]), {}).message()).toBe(
    'no message matches anything\n\nNo message was sent.',
  );
});

test('the network: all that it remembers', () => {
  const actions = actionsIn(network);
  expect(actions).toEqual([undefined, undefined, 'Ping', 'Pong', 'Boom']);
  const spawns = subjectOf(network).messages.filter(({ kind }) => kind === 'spawn');
  expect(spawns.map(({ to }) => to)).toEqual([pong.id, boom.id]);
});

test('a network with crons that nobody watches says so where a message is missing', async () => {
  await using other = await createNetwork();
  const source = `Handlers.add('t', 'Tick', function() Send({ Target = Owner, Action = 'Closed' }) end)`;
  const tags = { 'Cron-Interval': '1-hour', 'Cron-Tag-Action': 'Tick' };
  await other.spawn({ name: 'auction', source, tags });
  const hint =
    "\n\nWhat the crons of auction send is sent once they are watched: await network.monitor('auction').";
  const closed = () => checkMessage(subjectOf(other), { action: 'Closed' });
  await other.clock.advance('1h');
  expect(closed().message()).toContain(hint);
  await other.monitor('auction');
  expect(closed().message()).not.toContain('crons of');
  await other.clock.advance('1h');
  expect(closed().pass).toBe(true);
});

test('the result of a dry-run: what it would send, and its error', async () => {
  const result = await network.dryRun(pong, { from: 'alice', action: 'Ping', data: 'dry' });
  const subject = subjectOf(result, network.names);
  expect(checkMessage(subject, { to: 'alice', data: { said: 'dry' } }).pass).toBe(true);
  expect(checkMessage(subject, { to: 'boom' }).message()).toMatch(
    /\ndry-run\n.*\n├─ -> alice {2}Pong/,
  );
  const failed = await network.dryRun(boom, { action: 'Boom' });
  expect(checkFailure(subjectOf(failed), { handler: 'boom', line: 4 }).pass).toBe(true);
});

test('what waits is told below the tree', async () => {
  const held = network.faults.hold({ from: pong });
  const waiting = await network.send({ from: 'alice', to: pong, action: 'Balances' });
  const text = () => checkMessage(subjectOf(waiting), { to: 'alice' }).message();
  expect(text()).toBe(
    'no message matches { to: alice }\n\nalice -> pong  Balances\n' +
      '... and 1 delivery waits: for a step, the end of a fault, or time',
  );
  expect(checkMessage(subjectOf(network), { action: 'None' }).message()).toMatch(
    /1 delivery waits/,
  );
  await held.end();
  expect(text()).toMatch(/^a message matches [\s\S]*<- matches\n {5}fault: held$/);
});

test('what never arrived is no message', () => {
  const [pongs, booms] = receipt.messages.map(toTreeNode);
  const dropped = { ...booms!, undelivered: 'dropped' };
  expect(actionsIn([pongs, dropped])).toEqual(['Pong']);
});

test.each<[string, unknown, RegExp]>([
  ['a promise', Promise.resolve(receipt), /is a promise$/],
  ['a text', 'Pong', /is "Pong"$/],
  ['nothing', undefined, /is undefined$/],
  ['any object', { id: 'x' }, /is an object with id$/],
  ['a list of any objects', [{ id: 'x' }], /one of the list is an object with id$/],
])('refuses %s', (_name, received, message) => {
  const error = thrownBy(() => subjectOf(received));
  expect(error).toMatchObject({
    code: 'BAD_MATCHER',
    message: expect.stringMatching(message),
    hint: expect.stringMatching(/./),
  });
});
