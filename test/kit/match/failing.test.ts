import { afterAll, describe, expect, test } from 'vitest';
import { KitError } from '../../../kit/errors.js';
import { checkFailure, checkThrown, type Failing } from '../../../kit/match/failing.js';
import { subjectOf } from '../../../kit/match/subject.js';
import { toTreeNode } from '../../../kit/render/from-delivery.js';
import { setStage, thrownBy } from './stage.js';

const { network, boom, receipt } = await setStage();
afterAll(() => network.close());
const subject = subjectOf(receipt);
const fine = subjectOf(await network.eval('pong', 'return 1'));

const holds = (failing?: Failing) => checkFailure(subject, failing).pass;
const failure = (failing?: Failing) => checkFailure(subject, failing).message();

test.each<[string, Failing | undefined]>([
  ['anything', undefined],
  ['a code', 'EVALUATION_FAILED'],
  ['the code of what was not sent', 'UNSENDABLE_MESSAGE'],
  ['a part of the text', 'index a nil value'],
  ['a RegExp of the text', /nil value \(local 'none'\)$/],
  ['handler and line', { handler: 'boom', line: 4 }],
  ['code, text and process', { code: /FAILED/, text: 'index', process: 'boom' }],
  ['a predicate of the text', { text: (text) => text.startsWith('attempt') }],
  ['a process', { process: boom }],
])('fails with %s', (_name, failing) => {
  expect(holds(failing)).toBe(true);
});

test.each<[string, Failing]>([
  ['another code', 'OUT_OF_GAS'],
  ['another text', 'no such thing'],
  ['a RegExp that does not fit', /^nil/],
  ['another line', { handler: 'boom', line: 5 }],
  ['two fields of different failures', { code: 'UNSENDABLE_MESSAGE', handler: 'boom' }],
  ['another process', { handler: 'boom', process: 'pong' }],
])('does not fail with %s', (_name, failing) => {
  expect(holds(failing)).toBe(false);
});

test('knows the file and line of a program that has files', () => {
  const text = '[string ".handlers"]:157: shop/pay.lua:41: no hay';
  const subjectIn = subjectOf({ ...toTreeNode(receipt.tree), errors: [{ code: 'X', text }] });
  const says = (failing: Failing) => checkFailure(subjectIn, failing).pass;
  expect(says({ file: 'shop/pay.lua', line: 41, text: /^no hay$/ })).toBe(true);
  expect(says({ file: /pay/, code: 'X' })).toBe(true);
  expect(says('pay.lua:41: no hay')).toBe(true);
  expect(says({ file: 'pay.lua' })).toBe(false);
  expect(says({ line: 157 })).toBe(false);
});

test('nothing fails where nothing went wrong', () => {
  expect(checkFailure(fine).pass).toBe(false);
  expect(checkFailure(fine, 'OUT_OF_GAS').message()).toMatch(
    /^the receipt did not fail with "OUT_OF_GAS": nothing went wrong\n\nowner -> pong {2}Eval/,
  );
});

describe('a failure of the matcher', () => {
  test('tells the nearest', () => {
    expect(failure({ handler: 'bom', line: 4 }).split('\n').slice(0, 6)).toEqual([
      'the receipt failed, but not with { handler: "bom", line: 4 }',
      '',
      'The nearest of 2 failures differs:',
      '  handler  expected "bom"',
      '           got      "boom"',
      '',
    ]);
  });

  test('shows code and text where either could have been meant', () => {
    expect(failure('NO_FUNDS')).toContain('code or text  expected "NO_FUNDS"');
    expect(failure('NO_FUNDS')).toContain(
      'a message has the number 12 as its target" [UNSENDABLE_MESSAGE]',
    );
  });

  test('tells what failed though nothing was to', () => {
    expect(failure()).toMatch(/^the receipt failed: not sent: a message has the number 12/);
    expect(failure('EVALUATION_FAILED')).toMatch(
      /^the receipt failed with "EVALUATION_FAILED": error in handler "boom", line 4: attempt/,
    );
    expect(failure('EVALUATION_FAILED')).toContain('pong -> boom  Boom  <- fails');
  });
});

describe('what a call threw', () => {
  const error = new KitError('UNKNOWN_NAME', 'nobody is called "x" here', { hint: 'Known: y.' });

  test('fails with its code or text', () => {
    expect(checkThrown(error).pass).toBe(true);
    expect(checkThrown(error, 'UNKNOWN_NAME').pass).toBe(true);
    expect(checkThrown(error, /called "x"/).pass).toBe(true);
    expect(checkThrown(new TypeError('x'), { code: 'TypeError', text: 'x' }).pass).toBe(true);
    expect(checkThrown(error, 'BAD_SENDER').pass).toBe(false);
  });

  test('is told', () => {
    expect(checkThrown(error, { code: 'BAD_SENDER' }).message()).toBe(
      'it failed, but not with { code: "BAD_SENDER" }: nobody is called "x" here [UNKNOWN_NAME]\n' +
        '  code  expected "BAD_SENDER"\n        got      "UNKNOWN_NAME"',
    );
  });
});

test.each<[string, unknown]>([
  ['a number', 4],
  ['an empty text, which every text has', ''],
  ['a predicate by itself', () => true],
  ['an unknown field', { message: 'x' }],
  ['a field that is undefined', { handler: undefined }],
  ['a line that is none', { line: '4' }],
  ['a code that is a list', { code: ['OUT_OF_GAS'] }],
  ['a text that is a promise', { text: Promise.resolve('x') }],
  ['a Map', new Map([['code', 'OUT_OF_GAS']])],
  ['a process that nobody has heard of', { process: 'bang' }],
])('refuses %s', (_name, failing) => {
  const error = thrownBy(() => holds(failing as Failing));
  expect(error).toMatchObject({ code: 'BAD_MATCHER', hint: expect.stringMatching(/./) });
});
