/** Deposits, withdrawals, delegates, terms and models: who may do what, and that no wAR is lost. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeConstants } from '../../opml/claim.js';
import { BOND, Court, honestTracer, PROMPT, refusal, START, told, toyConstants } from './court.js';
import { OWNER, type Tags } from './harness.js';

let court: Court;

beforeEach(() => {
  court = new Court();
});

afterEach(() => court.close());

describe('a deposit', () => {
  test('is what the token says that it credited', () => {
    court.deposit('ALICE', 700n);
    court.deposit('ALICE', 50n);
    expect(court.account('ALICE')).toMatchObject({ free: '750', locked: '0' });
    expect(court.balance('ALICE')).toBe(START - 750n);
  });

  test('is not what anybody else says', () => {
    court.send('EVE', 'Credit-Notice', { Sender: 'EVE', Quantity: '999' });
    court.send('EVE', 'Credit-Notice', { Sender: 'EVE', Quantity: '999', 'From-Process': 'WAR' });
    expect(court.account('EVE').free).toBe('0');
  });

  test('of more than 2^63 is counted exactly', () => {
    const much = 123_456_789_012_345_678_901_234_567_890n;
    const mint = { Recipient: 'ALICE', Quantity: `${much}` };
    court.network.send({ from: OWNER, to: 'WAR', action: 'Mint', tags: mint });
    court.deposit('ALICE', much);
    court.deposit('ALICE', 1n);
    expect(court.account('ALICE').free).toBe(`${much + 1n}`);
    court.send('ALICE', 'Withdraw', { Quantity: `${much}` });
    expect(court.account('ALICE').free).toBe('1');
    const back = { Recipient: OWNER, Quantity: `${much}` };
    court.network.send({ from: 'ALICE', to: 'WAR', action: 'Transfer', tags: back });
  });

  test('may name who plays for the account', () => {
    court.deposit('ALICE', 700n, { 'X-Delegate': 'BOB' });
    expect(court.account('ALICE').delegate).toBe('BOB');
  });
});

describe('a withdrawal', () => {
  test('pays out what is free', () => {
    court.deposit('ALICE', 700n);
    court.send('ALICE', 'Withdraw', { Quantity: '200' });
    expect(court.account('ALICE').free).toBe('500');
    expect(court.balance('ALICE')).toBe(START - 500n);
  });

  test.each<[string, Tags, RegExp]>([
    ['more than is there', { Quantity: '701' }, /Only 700 winston are free/],
    ['nothing', { Quantity: '0' }, /above 0/],
    ['less than nothing', { Quantity: '-5' }, /above 0/],
    ['half a winston', { Quantity: '1.5' }, /above 0/],
    ['no quantity', {}, /above 0/],
    ['77 digits', { Quantity: '9'.repeat(77) }, /76 digits/],
  ])('of %s is refused', (_, tags, reason) => {
    court.deposit('ALICE', 700n);
    expect(refusal(court.send('ALICE', 'Withdraw', tags))).toMatch(reason);
    expect(court.account('ALICE').free).toBe('700');
  });

  test('does not touch bonds', () => {
    court.deposit('WORKER', BOND + 1n);
    const job = { prompt: PROMPT, maxTokens: 2 };
    court.open(job, honestTracer(job).claim());
    expect(court.account('WORKER')).toMatchObject({ free: '1', locked: `${BOND}` });
    expect(refusal(court.send('WORKER', 'Withdraw', { Quantity: '2' }))).toMatch(/Only 1 winston/);
  });

  test('that the token could not make is credited again, once, on its word alone', () => {
    court.deposit('ALICE', 700n);
    court.network.crash('WAR'); // the transfer is lost, and its reference known to us
    const [transfer] = court.send('ALICE', 'Withdraw', { Quantity: '300' });
    court.network.restart('WAR');
    const tags = { 'X-Reference': transfer?.tags['X-Reference'] ?? '', Error: 'no' };
    court.send('EVE', 'Transfer-Error', tags);
    expect(court.account('ALICE').free).toBe('400');
    const posts = court.send('WAR', 'Transfer-Error', tags);
    expect(told(posts, 'ALICE', 'Withdraw-Failed')).toMatchObject([{ tags: { Quantity: '300' } }]);
    court.send('WAR', 'Transfer-Error', tags);
    court.send('WAR', 'Transfer-Error', { ...tags, 'X-Reference': 'arbiter-77' });
    expect(court.account('ALICE').free).toBe('700');
  });
});

describe('a delegate', () => {
  test('is named by the account itself, and taken back', () => {
    court.deposit('ALICE', 700n);
    court.send('ALICE', 'Delegate', { Delegate: 'BOB' });
    expect(court.account('ALICE').delegate).toBe('BOB');
    court.send('ALICE', 'Delegate', { Delegate: '' });
    expect(court.account('ALICE').delegate).toBeUndefined();
  });

  test('of an account without money is not kept: that would cost nothing', () => {
    expect(refusal(court.send('EVE', 'Delegate', { Delegate: 'BOB' }))).toMatch(
      /Deposit wAR first/,
    );
  });

  test('must be an id', () => {
    court.deposit('ALICE', 700n);
    expect(refusal(court.send('ALICE', 'Delegate', { Delegate: 'no id!' }))).toMatch(/an id/);
  });
});

describe('the owner', () => {
  test('alone sets terms', () => {
    expect(refusal(court.send('EVE', 'Set-Terms', { Window: '1' }))).toMatch(/Only the owner/);
    court.send(OWNER, 'Set-Terms', { Window: '7', 'Claim-Bond': '90000000000000000000' });
    expect(court.info().terms).toMatchObject({ windowMs: 7, claimBond: '90000000000000000000' });
  });

  test.each<Tags>([
    { Window: '7', Clock: '0' },
    { Window: '7', 'Reward-Percent': '101' },
    { Window: '7', 'Claim-Bond': '0' },
    { Window: '7', 'Challenge-Bond': '-1' },
  ])('sets all of the terms or none: %o', (tags) => {
    expect(refusal(court.send(OWNER, 'Set-Terms', tags))).toMatch(/must be/);
    expect(court.info().terms).toMatchObject({ windowMs: 100_000, clockMs: 50_000 });
  });

  test('alone registers models, and only whole ones', () => {
    const tags = { 'Model-ID': 'NEW' };
    expect(refusal(court.send('EVE', 'Register-Model', tags, '{}'))).toMatch(/Only the owner/);
    expect(refusal(court.send(OWNER, 'Register-Model', tags, 'no'))).toMatch(/JSON/);
    expect(refusal(court.send(OWNER, 'Register-Model', tags, '{}'))).toMatch(/codeRoot/);
    expect(court.info().models).toEqual(['TOY']);
  });

  test('has told which program judges a model: the one registered last', () => {
    const info = () => court.ask('Model-Info', { 'Model-ID': 'TOY' });
    const registered = describeConstants(toyConstants);
    expect(info()).toMatchObject({ id: 'TOY', programRoot: registered.programRoot });
    const data = JSON.stringify({
      ...registered,
      weightsRoot: '11'.repeat(32),
      template: '{prompt}.',
    });
    court.send(OWNER, 'Register-Model', { 'Model-ID': 'TOY' }, data);
    expect(info()).toMatchObject({ id: 'TOY', template: '{prompt}.' });
    expect(info().programRoot).not.toBe(registered.programRoot);
    expect(court.ask('Model-Info', { 'Model-ID': 'NEW' }).error).toBe('There is no model NEW');
    expect(court.ask('Model-Info').error).toBe('There is no model nil');
  });
});

test('answers go to who asked, whatever Reply-To says', () => {
  for (const action of ['Info', 'Account', 'Withdraw', 'Challenge', 'Move', 'Set-Terms']) {
    const posts = court.send('EVE', action, { 'Reply-To': 'ALICE' });
    expect(posts.map(({ to }) => to)).toEqual(['EVE']);
  }
});
