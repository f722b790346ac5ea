import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bootKernel, bundleProgram, Neighbourhood, OWNER, type Post, plain } from './harness.js';

const kernel = bootKernel();
const program = bundleProgram('war.lua');
let network: Neighbourhood;

function begin(): void {
  network = new Neighbourhood(kernel);
  network.spawn('WAR', program, {
    'Initial-Balances': JSON.stringify({ ALICE: '1000', BOB: '1' }),
  });
}

function end(): void {
  expect(network.errors).toEqual([]);
  network.dispose();
}

beforeEach(begin);
afterEach(end);

const transfer = (from: string, tags: Record<string, string>): Post[] =>
  network.send({ from, to: 'WAR', action: 'Transfer', tags });

const balances = (): Record<string, string> =>
  JSON.parse(network.send({ from: 'X', to: 'WAR', action: 'Balances' })[0]?.data ?? '');

const actions = (posts: Post[]): string[] =>
  posts.map((post) => `${post.tags.Action} to ${post.to}`);

describe('questions', () => {
  test('Info', () => {
    const [info] = network.send({ from: 'ALICE', to: 'WAR', action: 'Info' });
    expect(info?.tags).toMatchObject({
      Name: 'Wrapped AR',
      Ticker: 'wAR',
      Denomination: '12',
      Supply: '1001',
    });
  });

  test('Balance of the sender, of a Recipient, of a Target, of a stranger', () => {
    const ask = (tags: Record<string, string>) =>
      network.send({ from: 'ALICE', to: 'WAR', action: 'Balance', tags })[0];
    expect(ask({})).toMatchObject({ data: '1000', tags: { Account: 'ALICE', Ticker: 'wAR' } });
    expect(ask({ Recipient: 'BOB' })).toMatchObject({ data: '1', tags: { Balance: '1' } });
    expect(ask({ Target: 'BOB' })).toMatchObject({ data: '1', tags: { Account: 'BOB' } });
    expect(ask({ Recipient: 'NOBODY' })).toMatchObject({ data: '0' });
  });

  test('Total-Supply', () => {
    const [supply] = network.send({ from: 'ALICE', to: 'WAR', action: 'Total-Supply' });
    expect(supply).toMatchObject({ data: '1001', tags: { Action: 'Total-Supply', Ticker: 'wAR' } });
  });

  test('Balances without any is an empty object', () => {
    transfer('ALICE', { Recipient: 'BOB', Quantity: '1000' });
    expect(balances()).toEqual({ BOB: '1001' });
    network.spawn('EMPTY', program);
    const [none] = network.send({ from: 'X', to: 'EMPTY', action: 'Balances' });
    expect(none?.data).toBe('{}');
  });
});

describe('transfer', () => {
  test('moves money and tells both, with every X- tag', () => {
    const posts = transfer('ALICE', {
      Recipient: 'BOB',
      Quantity: '007',
      'X-Prompt': 'hi',
      'x-low': 'l',
      Memo: 'not forwarded',
    });
    expect(balances()).toEqual({ ALICE: '993', BOB: '8' });
    const [debit, credit] = posts;
    expect(posts).toHaveLength(2);
    expect(debit?.to).toBe('ALICE');
    expect(plain(debit?.data ?? '')).toBe('You transferred 7 to BOB');
    expect(debit?.tags).toMatchObject({
      Action: 'Debit-Notice',
      Recipient: 'BOB',
      Quantity: '7',
      'X-Prompt': 'hi',
      'X-Low': 'l',
    });
    expect(credit?.to).toBe('BOB');
    expect(credit?.tags).toMatchObject({
      Action: 'Credit-Notice',
      Sender: 'ALICE',
      Quantity: '7',
      'X-Prompt': 'hi',
      'X-Low': 'l',
    });
    expect(credit?.tags).not.toHaveProperty('Memo');
  });

  test('with Cast is silent', () => {
    expect(transfer('ALICE', { Recipient: 'BOB', Quantity: '1', Cast: 'true' })).toEqual([]);
    expect(balances()).toEqual({ ALICE: '999', BOB: '2' });
  });

  test('to oneself changes nothing and is confirmed', () => {
    const posts = transfer('ALICE', { Recipient: 'ALICE', Quantity: '10' });
    expect(actions(posts)).toEqual(['Debit-Notice to ALICE', 'Credit-Notice to ALICE']);
    expect(balances()).toEqual({ ALICE: '1000', BOB: '1' });
  });

  test('of everything leaves nothing', () => {
    transfer('BOB', { Recipient: 'CAROL', Quantity: '1' });
    expect(balances()).toEqual({ ALICE: '1000', CAROL: '1' });
  });

  test.each([
    ['no recipient', { Recipient: '', Quantity: '1' }, 'Recipient is required!'],
    ['no quantity', { Recipient: 'BOB' }, 'Quantity is required!'],
    ['zero', { Recipient: 'BOB', Quantity: '0' }, 'Quantity must be greater than 0'],
    ['many zeros', { Recipient: 'BOB', Quantity: '000' }, 'Quantity must be greater than 0'],
    ['a negative one', { Recipient: 'BOB', Quantity: '-5' }, 'Quantity must be greater than 0'],
    ['more than is there', { Recipient: 'BOB', Quantity: '1001' }, 'Insufficient Balance!'],
    ['2^256', { Recipient: 'BOB', Quantity: String(2n ** 256n) }, 'Insufficient Balance!'],
    ['2^256 + 1', { Recipient: 'BOB', Quantity: String(2n ** 256n + 1n) }, 'Insufficient Balance!'],
    [
      'a thousand digits',
      { Recipient: 'BOB', Quantity: '9'.repeat(1000) },
      'Insufficient Balance!',
    ],
  ])('of %s moves nothing: %o', (_, tags, error) => {
    const [reply] = transfer('ALICE', { ...tags, 'X-Reference': 'r1' });
    expect(reply).toMatchObject({
      to: 'ALICE',
      tags: { Action: 'Transfer-Error', Error: error, 'X-Reference': 'r1', Balance: '1000' },
    });
    expect(balances()).toEqual({ ALICE: '1000', BOB: '1' });
  });

  test('with X- tags that no notice has room for moves nothing', () => {
    const tags = { Recipient: 'BOB', Quantity: '1', 'X-A': 'a'.repeat(3000) };
    expect(transfer('ALICE', { ...tags, 'X-B': 'b'.repeat(586) })).toHaveLength(2);
    const [reply] = transfer('ALICE', { ...tags, 'X-B': 'b'.repeat(587) });
    expect(reply?.tags.Error).toBe('X- tags are too long to forward');
    expect(balances()).toEqual({ ALICE: '999', BOB: '2' });
  });

  test('with more X- tags than a notice has room for moves nothing', () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`X-${i}`, '1']));
    expect(transfer('ALICE', { Recipient: 'BOB', Quantity: '1', ...many(100) })).toHaveLength(2);
    const [reply] = transfer('ALICE', { Recipient: 'BOB', Quantity: '1', ...many(101) });
    expect(reply?.tags.Error).toBe('More than 100 X- tags');
    expect(balances()).toEqual({ ALICE: '999', BOB: '2' });
  });

  test.each(['1.5', '1e2', '0x10', ' 5', '5 ', '+5', 'abc', '١', '--5', '-1.5', '5\n'])(
    'of %j is not a quantity',
    (quantity) => {
      const [reply] = transfer('ALICE', { Recipient: 'BOB', Quantity: quantity });
      expect(reply?.tags.Error).toBe('Quantity must be a whole number of the smallest unit');
      expect(balances()).toEqual({ ALICE: '1000', BOB: '1' });
    },
  );
});

describe('nobody can have answers sent to somebody else by Reply-To:', () => {
  test.each([
    ['Transfer', { Recipient: 'BOB', Quantity: '5' }, 'Transfer-Error'],
    ['Mint', { Quantity: '5' }, 'Mint-Error'],
    ['Balance', {}, undefined],
    ['Info', {}, undefined],
  ])('%s', (action, tags, answer) => {
    const forged = { ...tags, 'X-Reference': 'llama-0', 'Reply-To': 'ALICE' };
    const posts = network.send({ from: 'EVE', to: 'WAR', action, tags: forged });
    expect(posts).toMatchObject([{ to: 'EVE', tags: { 'X-Reference': 'llama-0' } }]);
    expect(posts[0]?.tags.Action).toBe(answer);
  });

  test('a Debit-Notice', () => {
    const posts = transfer('BOB', { Recipient: 'CAROL', Quantity: '1', 'Reply-To': 'ALICE' });
    expect(actions(posts)).toEqual(['Debit-Notice to BOB', 'Credit-Notice to CAROL']);
  });
});

describe('mint', () => {
  const mint = (from: string, tags: Record<string, string>) =>
    network.send({ from, to: 'WAR', action: 'Mint', tags })[0];

  test('by the owner, for anyone', () => {
    expect(mint(OWNER, { Quantity: '5', Recipient: 'CAROL' })?.tags.Action).toBe(
      'Mint-Confirmation',
    );
    expect(mint(OWNER, { Quantity: '2' })?.tags.Recipient).toBe(OWNER);
    expect(balances()).toEqual({ ALICE: '1000', BOB: '1', CAROL: '5', [OWNER]: '2' });
  });

  test('by anybody else is refused', () => {
    expect(mint('ALICE', { Quantity: '5' })?.tags).toMatchObject({
      Action: 'Mint-Error',
      Error: 'Only the owner can mint wAR!',
    });
  });

  test.each([
    ['0', 'Quantity must be greater than 0'],
    ['-1', 'Quantity must be greater than 0'],
    ['1.5', 'Quantity must be a whole number of the smallest unit'],
    ['9'.repeat(76), 'Total supply would pass 10^76 - 1'],
    ['9'.repeat(200), 'Total supply would pass 10^76 - 1'],
  ])('of %s is refused', (quantity, error) => {
    expect(mint(OWNER, { Quantity: quantity })?.tags.Error).toBe(error);
    expect(balances()).toEqual({ ALICE: '1000', BOB: '1' });
  });

  test('goes up to 10^76 - 1, exactly', () => {
    const rest = 10n ** 76n - 1n - 1001n;
    expect(mint(OWNER, { Quantity: String(rest), Recipient: 'CAROL' })?.tags.Quantity).toBe(
      String(rest),
    );
    transfer('CAROL', { Recipient: 'ALICE', Quantity: String(rest - 1n) });
    expect(balances()).toEqual({ ALICE: String(999n + rest), BOB: '1', CAROL: '1' });
  });
});

test('whatever is sent, no wAR is made or lost', () => {
  const names = ['ALICE', 'BOB', 'CAROL', 'WAR', OWNER];
  const quantity = fc.oneof(
    fc.bigInt(-5n, 1200n).map(String),
    fc.bigInt(0n, 2n ** 300n).map(String),
    fc.constantFrom('', '1.5', 'all', '00012', '1e3'),
  );
  const step = fc.record({
    from: fc.constantFrom(...names),
    Recipient: fc.constantFrom(...names),
    Quantity: quantity,
    action: fc.constantFrom('Transfer', 'Transfer', 'Transfer', 'Mint'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      end();
      begin();
      let minted = 0n;
      const supply = () =>
        BigInt(network.send({ from: 'X', to: 'WAR', action: 'Total-Supply' })[0]?.data ?? '');
      const before = supply();
      for (const { from, action, ...tags } of steps) {
        const posts = network.send({ from, to: 'WAR', action, tags });
        const made = posts.find((post) => post.tags.Action === 'Mint-Confirmation');
        if (made) minted += BigInt(made.tags.Quantity ?? '');
      }
      const all = Object.values(balances()).map(BigInt);
      expect(all.every((balance) => balance > 0n)).toBe(true);
      expect(all.reduce((sum, balance) => sum + balance, 0n)).toBe(supply());
      expect(supply()).toBe(before + minted);
    }),
    { numRuns: 40, seed: 7 },
  );
});
