import { afterAll, describe, expect, test } from 'vitest';
import { checkMessages, type MessagesOptions } from '../../../kit/match/messages.js';
import type { MessagePattern } from '../../../kit/match/pattern.js';
import { subjectOf } from '../../../kit/match/subject.js';
import { setStage, thrownBy } from './stage.js';

const { network, receipt } = await setStage();
afterAll(() => network.close());
const subject = subjectOf(receipt);

const PONG = { to: 'alice', action: 'Pong' };
const BOOM = { to: 'boom', action: 'Boom' };

const holds = (patterns: MessagePattern[], options?: MessagesOptions) =>
  checkMessages(subject, patterns, options).pass;
const failure = (patterns: MessagePattern[], options?: MessagesOptions) =>
  checkMessages(subject, patterns, options).message();

describe('in order', () => {
  test('with others in between', () => {
    expect(holds([PONG, BOOM])).toBe(true);
    expect(holds([BOOM])).toBe(true);
    expect(holds([{}, {}])).toBe(true);
  });

  test('and in no other', () => {
    expect(holds([BOOM, PONG])).toBe(false);
    expect(holds([PONG, PONG])).toBe(false);
    expect(holds([{}, {}, {}])).toBe(false);
  });

  test('tells which is missing, that it came before, and what was found', () => {
    expect(`\n${failure([BOOM, PONG])}\n`).toBe(`
the 2nd of 2 messages is missing, after the 1st: { to: alice, action: "Pong" }
It came before: pong -> alice  Pong.

alice -> pong  Ping
│ prints "got hi"
│ not sent: a message has the number 12 as its target [UNSENDABLE_MESSAGE]
│   Target is the 43 characters of a process id or of a wallet address.
├─ pong -> alice  Pong
└─ pong -> boom  Boom  <- 1st
     error in handler "boom", line 4: attempt to index a nil value (local 'none')
`);
  });

  test('looks for the nearest miss behind what was found', () => {
    const text = failure([PONG, { action: 'Bam' }]);
    expect(text).toContain('the 2nd of 2 messages is missing, after the 1st: { action: "Bam" }');
    expect(text).toContain('The only message, pong -> boom  Boom, differs in its field:');
    expect(text).toContain('pong -> alice  Pong  <- 1st');
    expect(text).toContain('pong -> boom  Boom  <- nearest');
  });

  test('says that there are too few', () => {
    expect(failure([PONG, BOOM, {}])).toMatch(
      /^the 3rd of 3 messages is missing, after the 2nd: anything\n\nalice/,
    );
  });

  test('of what was not to be numbers what there is', () => {
    expect(failure([PONG, BOOM])).toMatch(/Pong {2}<- 1st\n.*Boom {2}<- 2nd/);
  });
});

describe('exactly', () => {
  test('these and no others', () => {
    expect(holds([PONG, BOOM], { exact: true })).toBe(true);
    expect(holds([BOOM], { exact: true })).toBe(false);
    expect(holds([BOOM, PONG], { exact: true })).toBe(false);
    expect(holds([PONG, BOOM, {}], { exact: true })).toBe(false);
  });

  test('none at all', () => {
    expect(holds([], { exact: true })).toBe(false);
    expect(failure([], { exact: true })).toMatch(/^expected exactly 0 messages, got 2\n/);
  });

  test('marks those too many', () => {
    expect(failure([PONG], { exact: true })).toContain('pong -> boom  Boom  <- not expected');
    expect(failure([PONG], { exact: true })).toMatch(/^expected exactly 1 message, got 2\n/);
  });

  test('tells the first that differs, and how', () => {
    expect(failure([{ action: 'Bam' }], { exact: true })).toMatch(
      /^the 1st of 2 messages is not .*\n\nIt, pong -> alice {2}Pong, differs in its field:/,
    );
    const text = failure([PONG, { ...BOOM, data: 'x' }], { exact: true });
    expect(text).toMatch(
      /^the 2nd of 2 messages is not \{ to: boom, action: "Boom", data: "x" \}\n/,
    );
    expect(text).toContain('  data  expected "x"\n        got      "from ');
  });

  test('tells the first that is not there', () => {
    const text = failure([PONG, BOOM, { action: 'Bam' }], { exact: true });
    expect(text).toMatch(/^the 3rd of 3 messages is not \{ action: "Bam" \}\n\nalice/);
  });
});

test.each<[string, unknown]>([
  ['no list', { action: 'Pong' }],
  ['an empty list, which always holds', []],
  ['a list of texts', ['Pong']],
])('refuses %s', (_name, patterns) => {
  const error = thrownBy(() => holds(patterns as MessagePattern[]));
  expect(error).toMatchObject({ code: 'BAD_MATCHER', hint: expect.stringMatching(/./) });
});
