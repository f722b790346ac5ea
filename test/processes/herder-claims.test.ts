/**
 * The herder with an arbiter: it tells what it delivered, and acts on the arbiter's word: a payer is
 * refunded in full, once; a worker that was wrong leaves for good.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Post, Tags } from './harness.js';
import { LIFE, Market, postsTo, refunds } from './market.js';

const ROOT = 'ab'.repeat(32);
let market: Market;

beforeEach(() => {
  market = new Market({ Arbiter: 'ARBITER' });
});

afterEach(() => market.close());

/** The arbiter says something about a job. */
const rule = (action: string, tags: Tags = {}, from = 'ARBITER'): Post[] =>
  market.network.send({
    from,
    to: 'HERDER',
    action,
    tags: { 'Job-Id': '1', Worker: 'LLAMA', ...tags },
  });
const claimed = (worker = 'LLAMA', text = 'To graze.'): Post[] =>
  market.answer(worker, text, { 'State-Root': ROOT, 'Model-ID': 'MODEL' });

describe('an answer', () => {
  test('is told to the arbiter, and its claim to the payer', () => {
    market.hire('LLAMA');
    market.pay('ALICE', 27, { 'X-Termination': 'STOP' });
    const posts = claimed();
    const [told] = postsTo(posts, 'ARBITER', 'Answered');
    expect(told?.tags).toMatchObject({
      'Job-Id': '1',
      Worker: 'LLAMA',
      'Model-ID': 'MODEL',
      'State-Root': ROOT,
      Tokens: '20',
      Termination: 'STOP',
    });
    expect(JSON.parse(told?.data ?? '')).toEqual({ prompt: LIFE, answer: 'To graze.' });
    expect(postsTo(posts, 'ALICE', 'Inference-Response')[0]?.tags).toMatchObject({
      'State-Root': ROOT,
      Claim: 'HERDER:1',
    });
  });

  test('comes from the model that the owner named, whatever the worker says', () => {
    market.hire('LLAMA');
    market.asOwner('Register-Worker', { Worker: 'LLAMA', 'Model-ID': 'GOOD' });
    market.pay('ALICE', 27);
    expect(postsTo(claimed(), 'ARBITER', 'Answered')[0]?.tags['Model-ID']).toBe('GOOD');
  });

  test('without a State-Root is not delivered: another worker gets the job', () => {
    market.hire('LLAMA', 'SPARE');
    market.pay('ALICE', 27);
    const posts = market.answer('LLAMA', 'Trust me.');
    expect(postsTo(posts, 'ALICE', 'Inference-Response')).toEqual([]);
    expect(market.jobs('SPARE')).toBe(LIFE);
  });

  test('is as before for a herder without an arbiter', () => {
    const plain = new Market();
    plain.hire('LLAMA');
    plain.pay('ALICE', 27);
    const posts = plain.answer('LLAMA', 'To graze.');
    expect(posts.map(({ tags }) => tags.Action)).not.toContain('Answered');
    expect(postsTo(posts, 'ALICE', 'Inference-Response')[0]?.tags).not.toHaveProperty('Claim');
    plain.close();
  });
});

describe.each<[string, Tags, string]>([
  ['Claim-Refused', { Error: 'no' }, 'The claim was refused: no'],
  ['Claim-Missing', {}, 'The worker did not claim its answer'],
  ['Claim-Refuted', { Reason: 'step 7' }, 'The answer was refuted: step 7'],
])('%s', (action, tags, reason) => {
  test('refunds the payer in full, once, and sends the worker away for good', () => {
    market.hire('LLAMA');
    market.pay('ALICE', 40, { 'X-Reference': 'r-1' });
    claimed();
    const posts = rule(action, tags);
    expect(refunds(posts)).toMatchObject([
      { to: 'ALICE', tags: { Quantity: '40', 'X-Reason': reason, 'X-Reference': 'r-1' } },
    ]);
    expect(market.balance('ALICE')).toBe(1000n);
    expect(refunds(rule(action, tags))).toEqual([]);
    expect(refunds(rule('Claim-Refuted'))).toEqual([]);
    const back = market.network.send({ from: 'LLAMA', to: 'HERDER', action: 'Register-Worker' });
    expect(postsTo(back, 'LLAMA', 'Worker-Refused')).toHaveLength(1);
    market.network.advance(10_000_000);
    expect(postsTo(market.tick(), 'LLAMA', 'Rejoin')).toEqual([]);
    expect(market.info()['Idle-Workers']).toBe('0');
    market.asOwner('Register-Worker', { Worker: 'LLAMA' });
    expect(market.info()['Idle-Workers']).toBe('1');
  });

  test('is not believed of anybody but the arbiter', () => {
    market.hire('LLAMA');
    market.pay('ALICE', 40);
    claimed();
    expect(rule(action, tags, 'EVE')).toEqual([]);
    expect(market.info()['Idle-Workers']).toBe('1');
    expect(market.network.printed.get('HERDER')).toContain(`${action} from EVE: not the arbiter`);
  });

  test('about another worker, or an unknown job, changes nothing', () => {
    market.hire('LLAMA', 'OTHER');
    market.pay('ALICE', 40);
    claimed();
    expect(rule(action, { ...tags, Worker: 'OTHER' })).toEqual([]);
    expect(rule(action, { ...tags, 'Job-Id': '7' })).toEqual([]);
    expect(market.info()['Idle-Workers']).toBe('2');
    expect(market.balance('ALICE')).toBe(960n);
  });
});

test('the job that a refuted worker holds goes to another', () => {
  market.hire('LLAMA', 'SPARE');
  market.pay('ALICE', 27);
  claimed();
  market.pay('BOB', 27); // SPARE is idle longest
  market.pay('CAROL', 27, { 'X-Prompt': 'Next?' });
  expect(market.jobs('LLAMA')).toBe('Next?');
  rule('Claim-Refuted');
  claimed('SPARE');
  expect(market.jobs('SPARE')).toBe('Next?');
  expect(market.balance('ALICE')).toBe(1000n);
  expect(market.balance('CAROL')).toBe(973n);
});

test('a claim that is refused before its answer came sends the worker away, and the job on', () => {
  market.hire('LLAMA', 'SPARE');
  market.pay('ALICE', 27);
  expect(refunds(rule('Claim-Refused', { Error: 'no' }))).toEqual([]);
  expect(market.jobs('SPARE')).toBe(LIFE);
  expect(postsTo(claimed('LLAMA'), 'ALICE', 'Inference-Response')).toEqual([]);
  expect(postsTo(claimed('SPARE'), 'ALICE', 'Inference-Response')).toHaveLength(1);
});

test.each<[string, Tags]>([
  ['Claim-Refused', { Error: 'The free deposit is below the bond', Code: 'NO_DEPOSIT' }],
  ['Answered-Refused', { Error: 'Model-ID is not a registered model' }],
])(
  'an answer that nobody can be held to is refunded, its worker away for a while: %s',
  (action, tags) => {
    market.hire('LLAMA', 'SPARE');
    market.pay('ALICE', 27);
    claimed();
    expect(refunds(rule(action, tags))).toMatchObject([{ to: 'ALICE', tags: { Quantity: '27' } }]);
    expect(market.info()['Idle-Workers']).toBe('1');
    expect(refunds(rule('Claim-Refused', { Error: 'no' }))).toEqual([]);
    market.network.advance(600_001);
    expect(postsTo(market.tick(), 'LLAMA', 'Rejoin')).toHaveLength(1);
    market.network.send({ from: 'LLAMA', to: 'HERDER', action: 'Register-Worker' });
    expect(market.info()['Idle-Workers']).toBe('2');
  },
);

test.each(['', 'ab'.repeat(31), 'AB'.repeat(32), 'Z'.repeat(64)])(
  'an answer with the State-Root "%s" is not delivered',
  (root) => {
    market.hire('LLAMA', 'SPARE');
    market.pay('ALICE', 27);
    const posts = market.answer('LLAMA', 'garbage', { 'State-Root': root });
    expect(postsTo(posts, 'ALICE', 'Inference-Response')).toEqual([]);
    expect(market.jobs('SPARE')).toBe(LIFE);
  },
);

describe('a worker that is suspended', () => {
  const register = () =>
    market.network.send({ from: 'LLAMA', to: 'HERDER', action: 'Register-Worker' });
  const idle = () => market.info()['Idle-Workers'];

  beforeEach(() => {
    market.hire('LLAMA');
    market.pay('ALICE', 27);
    claimed();
    rule('Claim-Refused', { Error: 'no deposit', Code: 'NO_DEPOSIT' });
  });

  test('cannot come back before its time is over, by whatever it sends', () => {
    const late = { 'Job-Id': '1', Tokens: '20' };
    market.network.advance(599_000);
    expect(postsTo(register(), 'LLAMA', 'Worker-Refused')[0]?.tags.Error).toMatch(
      /suspended until \d+ ms/,
    );
    for (const action of ['Inference-Response', 'Inference-Error', 'Unregister-Worker']) {
      market.network.send({ from: 'LLAMA', to: 'HERDER', action, tags: late });
      register();
      expect(idle()).toBe('0');
    }
    market.network.advance(1001);
    expect(postsTo(register(), 'LLAMA', 'Worker-Registered')).toHaveLength(1);
    expect(idle()).toBe('1');
  });

  test('is back as soon as the owner says so', () => {
    market.asOwner('Register-Worker', { Worker: 'LLAMA' });
    expect(idle()).toBe('1');
    market.pay('BOB', 27);
    claimed();
    expect(idle()).toBe('1');
  });
});

test('a worker whose answer has no State-Root cannot come back at once', () => {
  market.hire('LLAMA', 'SPARE');
  market.pay('ALICE', 27);
  market.answer('LLAMA', 'Trust me.');
  const posts = market.network.send({ from: 'LLAMA', to: 'HERDER', action: 'Register-Worker' });
  expect(postsTo(posts, 'LLAMA', 'Worker-Refused')).toHaveLength(1);
});

test('a worker whose claim is refused for want of a deposit before it answers loses the job', () => {
  market.hire('LLAMA', 'SPARE');
  market.pay('ALICE', 27);
  rule('Claim-Refused', { Error: 'no deposit', Code: 'NO_DEPOSIT' });
  expect(market.jobs('SPARE')).toBe(LIFE);
  expect(
    refunds(rule('Claim-Refused', { Worker: 'SPARE', 'Job-Id': '9', Code: 'NO_DEPOSIT' })),
  ).toEqual([]);
  expect(postsTo(claimed('SPARE'), 'ALICE', 'Inference-Response')).toHaveLength(1);
});

test('after Claim-Final the money stays where it is', () => {
  market.hire('LLAMA');
  market.pay('ALICE', 27);
  claimed();
  expect(rule('Claim-Final')).toEqual([]);
  expect(rule('Claim-Refuted')).toEqual([]);
  expect(market.balance('ALICE')).toBe(973n);
  expect(market.info()['Idle-Workers']).toBe('1');
});
