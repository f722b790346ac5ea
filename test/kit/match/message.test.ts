import { afterAll, describe, expect, test } from 'vitest';
import { checkMessage } from '../../../kit/match/message.js';
import type { MessagePattern } from '../../../kit/match/pattern.js';
import { subjectOf } from '../../../kit/match/subject.js';
import { setStage, thrownBy } from './stage.js';

const { network, pong, boom, receipt } = await setStage();
afterAll(() => network.close());
const subject = subjectOf(receipt);
const alice = network.wallet('alice');

const holds = (pattern: MessagePattern) => checkMessage(subject, pattern).pass;
const failure = (pattern: MessagePattern) => checkMessage(subject, pattern).message();

describe('a field may be', () => {
  test.each<[string, MessagePattern]>([
    ['a name', { to: 'alice', from: 'pong' }],
    ['an id', { to: alice.address, from: pong.id }],
    ['a process or a wallet', { to: alice, from: pong }],
    ['a RegExp', { to: /^ali/, action: /^P.ng$/, tags: { Count: /\d/ }, data: /said/ }],
    ['a predicate', { to: (name) => name === 'alice', data: (data) => data.length > 3 }],
    ['an asymmetric matcher', { action: expect.stringContaining('on'), to: expect.anything() }],
    ['a number, for a tag or data', { tags: { Count: 3 }, action: 'Pong' }],
    ['a bigint, for a tag', { tags: { Count: 3n } }],
    ['a wallet, for a tag', { tags: { Recipient: alice } }],
    ['null, for a tag that must not be there', { action: 'Pong', tags: { Quantity: null } }],
    ['JSON, which may have more fields', { data: { said: 'hi' } }],
    ['JSON with patterns in it', { data: { said: /^h/, list: [1, (x: number) => x > 1] } }],
    ['JSON in an asymmetric matcher', { data: expect.objectContaining({ said: 'hi' }) }],
    ['a text', { data: `from ${pong.id}` }],
    ['left out', {}],
  ])('%s', (_name, pattern) => {
    expect(holds(pattern)).toBe(true);
  });

  test.each<[string, MessagePattern]>([
    ['another name', { to: 'pong' }],
    ['another id', { to: boom.id, from: boom.id }],
    ['another text', { action: 'Pon' }],
    ['a RegExp that does not fit', { action: /^ong/ }],
    ['a predicate that does not hold', { action: 'Pong', data: () => false }],
    ['an asymmetric matcher that does not fit', { action: expect.stringContaining('x') }],
    ['null for a tag that is there', { action: 'Pong', tags: { Count: null } }],
    ['JSON with another value', { data: { said: 'ho' } }],
    ['JSON with a field that is not there', { data: { heard: 'hi' } }],
    ['JSON with a shorter list', { data: { list: [1] } }],
    ['a number as a text in JSON', { data: { list: ['1', '2'] } }],
  ])('and does not match as %s', (_name, pattern) => {
    expect(holds(pattern)).toBe(false);
  });
});

test('all fields are about one message', () => {
  expect(holds({ to: 'boom', action: 'Boom' })).toBe(true);
  expect(holds({ to: 'alice', action: 'Boom' })).toBe(false);
});

test('the message that was sent is not among those that it set off', () => {
  expect(holds({ action: 'Ping' })).toBe(false);
  const delivery = subjectOf(receipt.tree, network.names);
  expect(checkMessage(delivery, { action: 'Ping' }).pass).toBe(true);
});

test('a RegExp that remembers where it stopped is used from the start', () => {
  const sticky = /ong/g;
  expect([holds({ action: sticky }), holds({ action: sticky })]).toEqual([true, true]);
});

test('a predicate is asked only about a message that fits otherwise', () => {
  const asked: string[] = [];
  const data = (text: string) => asked.push(text) > 0;
  expect(holds({ action: 'Boom', data })).toBe(true);
  expect(asked).toEqual([`from ${pong.id}`]);
});

describe('how many there must be', () => {
  test('at least one, unless told', () => {
    expect(checkMessage(subject, {}).pass).toBe(true);
    expect(checkMessage(subject, {}, { times: 2 }).pass).toBe(true);
    expect(checkMessage(subject, {}, { times: 1 }).pass).toBe(false);
    expect(checkMessage(subject, { action: 'Nope' }, { times: 0 }).pass).toBe(true);
  });

  test('is said when it is not so', () => {
    const text = checkMessage(subject, { from: 'pong' }, { times: 3 }).message();
    expect(text).toMatch(/^2 messages match \{ from: pong \}, expected 3\n/);
    expect(text.match(/<- matches/g)).toHaveLength(2);
  });
});

describe('a failure', () => {
  test('tells the nearest miss, field by field, and shows the tree', () => {
    const text = failure({
      to: 'alice',
      action: 'Pong',
      tags: { Count: '4' },
      data: { said: 'ho' },
    });
    expect(`\n${text}\n`).toBe(`
no message matches { to: alice, action: "Pong", tags: { Count: "4" }, data: { said: "ho" } }

The nearest of 2 messages, pong -> alice  Pong, differs in 2 of 4 fields:
  tags.Count  expected "4"
              got      "3"
  data.said   expected "ho"
              got      "hi"

alice -> pong  Ping
│ prints "got hi"
│ not sent: a message has the number 12 as its target [UNSENDABLE_MESSAGE]
│   Target is the 43 characters of a process id or of a wallet address.
├─ pong -> alice  Pong  <- nearest
└─ pong -> boom  Boom
     error in handler "boom", line 4: attempt to index a nil value (local 'none')
`);
  });

  test('knows a tag that differs in case only', () => {
    expect(failure({ action: 'Pong', tags: { count: '3' } })).toContain(
      '  tags.count  expected "3"\n              got      no such tag; there is Count: "3"\n',
    );
  });

  test('shows data that is no JSON, though JSON was expected', () => {
    expect(failure({ action: 'Boom', data: { said: 'hi' } })).toContain(', which is no JSON\n');
  });

  test('shows a short predicate as it is written, and a long one by name', () => {
    const isLarge = (text: string) =>
      text.length > 1_000_000_000 && text.startsWith('a long one') && text.endsWith('indeed');
    expect(failure({ action: 'Pong', data: (d) => d === '' })).toMatch(/expected \(?d\)?\s*=>/);
    expect(failure({ action: 'Pong', data: isLarge })).toContain('the predicate isLarge');
  });

  test('says that no message was sent at all', async () => {
    const bob = network.wallet('bob');
    const alone = await network.send({ from: 'alice', to: bob, action: 'Hello' });
    expect(checkMessage(subjectOf(alone), { action: 'Pong' }).message()).toBe(
      'no message matches { action: "Pong" }\n\nalice -> bob  Hello',
    );
  });

  test('of what was not to be marks what there is', () => {
    expect(failure({ action: 'Pong' })).toMatch(/^a message matches \{ action: "Pong" \}\n\n/);
    expect(failure({ action: 'Pong' })).toContain('pong -> alice  Pong  <- matches');
  });
});

describe('what cannot be meant is refused:', () => {
  test.each<[string, unknown, RegExp]>([
    ['a name that nobody has', { to: 'allice' }, /nobody is called so/],
    ['an unknown field', { Quantity: '3' }, /no field Quantity/],
    ['a field that is undefined', { to: undefined }, /to of the message is undefined/],
    ['a tag that is undefined', { tags: { Count: undefined } }, /tag Count .* undefined/],
    ['a text', 'Pong', /is "Pong"/],
    ['a list', [{ action: 'Pong' }], /is a list/],
    ['tags that are a list', { tags: [{ name: 'Count', value: '3' }] }, /tags of the message/],
    ['a kind that there is not', { kind: 'notice' }, /kind of the message is "notice"/],
    ['a target that is a number', { to: 7 }, /to of the message is 7/],
    ['a Map', new Map([['action', 'Pong']]), /is a Map/],
    ['an action that is a list', { action: ['Pong'] }, /action of what is looked for is a list/],
    ['an action that is a number', { action: 5 }, /action of what is looked for is 5/],
    ['tags that are a Map', { tags: new Map([['Count', '3']]) }, /tags of the message are a Map/],
    ['a tag that is a list', { tags: { Count: ['3'] } }, /tags.Count .* is a list/],
    ['a tag that is an object', { tags: { Count: {} } }, /tags.Count .* is an object/],
    ['a tag that is no number', { tags: { Count: Number.NaN } }, /tags.Count .* is NaN/],
    ['data that is a promise', { data: Promise.resolve('hi') }, /^data .* is a promise/],
    ['a promise in data', { data: { said: Promise.resolve('hi') } }, /^data.said .* is a promise/],
    ['data that is a Map', { data: new Map([['said', 'hi']]) }, /^data .* is a Map/],
    ['a Set in a list in data', { data: { list: [1, new Set([2])] } }, /^data.list\[1\] .* a Set/],
    ['data that is a Date', { data: new Date(0) }, /^data .* is a Date/],
    ['a field of data that is undefined', { data: { said: undefined } }, /^data.said .* undefined/],
  ])('%s', (_name, pattern, message) => {
    const error = thrownBy(() => holds(pattern as MessagePattern));
    expect(error).toMatchObject({ code: 'BAD_MATCHER', message: expect.stringMatching(message) });
    expect(error.hint).toMatch(/./);
  });

  test('a number of times that is none', () => {
    const error = thrownBy(() => checkMessage(subject, {}, { times: -1 }));
    expect(error).toMatchObject({ code: 'BAD_MATCHER', message: 'times is -1' });
  });

  test.each<[unknown, RegExp]>([
    [{ time: 1 }, /toHaveMessage has no option time$/],
    [3, /the options of toHaveMessage are 3$/],
    [null, /the options of toHaveMessage are null$/],
  ])('the options %j', (options, message) => {
    const error = thrownBy(() => checkMessage(subject, {}, options as object));
    expect(error).toMatchObject({ code: 'BAD_MATCHER', message: expect.stringMatching(message) });
    expect(error.hint).toBe('toHaveMessage takes { times }.');
  });

  test('data that is within itself', () => {
    const round: { list?: unknown } = {};
    round.list = [round];
    expect(thrownBy(() => holds({ data: round }))).toMatchObject({ code: 'BAD_MATCHER' });
  });

  test('a predicate that answers a promise', () => {
    const data = (async () => false) as unknown as () => boolean;
    expect(() => holds({ action: 'Pong', data })).toThrow('answered a promise');
  });
});
