/** Claims: how their two halves meet, what is refused, and when they are final. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BOND, Court, honestTracer, type Job, PROMPT, refusal, told } from './court.js';
import type { Tags } from './harness.js';

const JOB: Job = { prompt: PROMPT, maxTokens: 3 };
const truth = honestTracer(JOB).claim();
const SECOND_OTHER = '0'.repeat(64);

let court: Court;

beforeEach(() => {
  court = new Court();
  court.deposit('WORKER');
});

afterEach(() => court.close());

const locked = () => BigInt(court.account('WORKER').locked);

describe('a claim', () => {
  test('is open when both halves are there, in either order', () => {
    court.claim('1', truth);
    expect(court.ask('Open-Claims')).toEqual([]);
    court.answered('1', JOB, truth);
    court.answered('2', JOB, truth);
    court.claim('2', truth);
    expect(court.ask('Open-Claims')).toEqual(['HERDER:1', 'HERDER:2']);
    expect(locked()).toBe(2n * BOND);
  });

  test('tells all that a challenger needs', () => {
    const posts = court.claim('1', truth);
    court.answered('1', JOB, truth);
    const [message] = court.network.posts.filter(({ tags }) => tags.Action === 'Claim');
    expect(message && posts).toBeDefined();
    expect(court.claimView('HERDER:1')).toMatchObject({
      id: 'HERDER:1',
      herder: 'HERDER',
      job: '1',
      worker: 'WORKER',
      model: 'TOY',
      prompt: PROMPT,
      params: { maxTokens: 3, temperature: 0, topP: 1, seed: '0', stops: [], trim: false },
      answer: truth.data.answer,
      tokens: 3,
      n: truth.n,
      inputRoot: truth.inputRoot,
      traceRoot: truth.traceRoot,
      claimRoot: truth.claimRoot,
      claimMessage: expect.stringMatching(/^MESSAGE-/),
      status: 'open',
      games: [],
    });
  });

  test('that nobody challenges is final at the end of its window, and not before', () => {
    const id = court.open(JOB, truth);
    expect(told(court.advance(99_000), 'HERDER', 'Claim-Final')).toEqual([]);
    expect(told(court.advance(1000), 'HERDER', 'Claim-Final')).toMatchObject([
      { tags: { 'Job-Id': '1', Worker: 'WORKER' } },
    ]);
    const view = court.claimView(id);
    expect(view.status).toBe('final');
    // No bond pays any more for the room that its texts would take.
    expect(view).not.toHaveProperty('prompt');
    expect(view).not.toHaveProperty('answer');
    expect(court.account('WORKER')).toMatchObject({ free: `${10n * BOND}`, locked: '0' });
    court.advance(3_600_001);
    expect(court.claimView(id)).toEqual({ error: 'There is no claim HERDER:1' });
  });

  test('of an answer that nobody told of costs nothing but the wait', () => {
    court.claim('1', truth);
    expect(locked()).toBe(BOND);
    const posts = court.advance(10_001);
    expect(refusal(posts)).toMatch(/did not say in time/);
    expect(told(posts, 'HERDER', 'Claim-Refused')).toEqual([]);
    expect(locked()).toBe(0n);
  });

  test('that does not come in time is missed', () => {
    court.answered('1', JOB, truth);
    expect(court.advance(9000)).toEqual([]);
    expect(told(court.advance(1001), 'HERDER', 'Claim-Missing')).toMatchObject([
      { tags: { 'Job-Id': '1', Worker: 'WORKER' } },
    ]);
    expect(court.advance(60_000)).toEqual([]);
  });
});

describe('refuses to the worker and the herder, and gives the bond back:', () => {
  const other = honestTracer({ ...JOB, prompt: 'Another question?' }).claim();
  test.each<[string, () => void, RegExp]>([
    ['another prompt', () => answer({ prompt: 'no' }), /does not commit to this job/],
    ['another answer', () => answer({ answer: 'no' }), /another answer/],
    ['more tokens', () => answer({}, { Tokens: '4' }), /does not commit to this job/],
    ['a stop text', () => answer({}, { Termination: 'x' }), /does not commit to this job/],
    ['a temperature', () => answer({}, { Temperature: '0.5' }), /does not commit to this job/],
    ['a seed', () => answer({}, { Seed: '1' }), /does not commit to this job/],
    ['another root', () => answer({}, { 'State-Root': SECOND_OTHER }), /another State-Root/],
  ])('%s', (_, meet, reason) => {
    court.claim('1', truth);
    meet();
    const refused = court.network.posts.filter(({ tags }) => tags.Action === 'Claim-Refused');
    expect(refused.map(({ to }) => to)).toEqual(['WORKER', 'HERDER']);
    expect(refused[0]?.tags.Error).toMatch(reason);
    expect(locked()).toBe(0n);
    expect(court.ask('Open-Claims')).toEqual([]);
  });

  const answer = (data: Record<string, unknown>, tags: Tags = {}) =>
    court.answered('1', JOB, truth, { data, tags });

  test.each<[string, Record<string, unknown>, Tags, RegExp]>([
    ['no leaves', { leaves: '' }, {}, /leaves must be/],
    ['one leaf', { leaves: truth.data.leaves.slice(0, 64) }, {}, /leaves must be/],
    ['half a leaf', { leaves: truth.data.leaves.slice(1) }, {}, /leaves must be/],
    ['a start of its own', { leaves: truth.data.leaves.slice(64) }, {}, /not a fresh answer/],
    ['an end of its own', { leaves: truth.data.leaves.slice(0, -64) }, {}, /not the answer shown/],
    ['other text', { answer: 'no' }, {}, /not the answer shown/],
    ['other ids', { ids: [1, 2, 3] }, {}, /not the answer shown/],
    ['other counts', { tokens: 2 }, {}, /not the answer shown/],
    ['half a token', { tokens: 2.5 }, {}, /tokens is not a count/],
    ['another reason to stop', { stopReason: 2 }, {}, /not the answer shown/],
    ['no random state', { random: 'xyz' }, {}, /not hexadecimal/],
    ['another job’s trace', { leaves: other.data.leaves }, {}, /not the answer shown/],
    ['an unknown model', {}, { 'Model-ID': 'NONE' }, /not a registered model/],
    ['no root', {}, { 'State-Root': 'x' }, /64 hexadecimal/],
  ])('%s', (_, data, tags, reason) => {
    court.answered('1', JOB, truth);
    const posts = court.claim('1', truth, { data, tags });
    expect(posts.map(({ to }) => to).sort()).toEqual(['HERDER', 'WORKER']);
    expect(refusal(posts)).toMatch(reason);
    expect(locked()).toBe(0n);
  });

  test('a worker without the bond', () => {
    court.send('WORKER', 'Withdraw', { Quantity: `${9n * BOND + 1n}` });
    court.answered('1', JOB, truth);
    expect(refusal(court.claim('1', truth))).toMatch(/below the Claim-Bond/);
  });

  test('data that is no JSON, too large, or of the wrong shape', () => {
    for (const data of [
      '',
      '[',
      '7',
      `"${'x'.repeat(2 ** 20)}"`,
      `${'['.repeat(100_000)}`,
      '{"leaves":{}}',
    ]) {
      const tags = {
        'Job-Id': '1',
        Herder: 'HERDER',
        'Model-ID': 'TOY',
        'State-Root': truth.claimRoot,
      };
      expect(refusal(court.send('WORKER', 'Claim', tags, data))).toBeDefined();
      expect(
        refusal(court.send('HERDER', 'Answered', { ...tags, Worker: 'WORKER', Tokens: '3' }, data)),
      ).toBeDefined();
    }
    expect(locked()).toBe(0n);
  });
});

describe('a claim that was refused before its answer was told of', () => {
  const bad = { data: { leaves: '' } };

  test('is refused to the herder as soon as it asks', () => {
    court.claim('1', truth, bad);
    const posts = court.answered('1', JOB, truth);
    expect(told(posts, 'HERDER', 'Claim-Refused')[0]?.tags.Error).toMatch(/leaves must be/);
    expect(told(court.advance(60_000), 'HERDER', 'Claim-Missing')).toEqual([]);
  });

  test('for want of a deposit says so by a code', () => {
    court.send('WORKER', 'Withdraw', { Quantity: `${10n * BOND}` });
    expect(court.claim('1', truth)[0]?.tags.Code).toBe('NO_DEPOSIT');
    const posts = court.answered('1', JOB, truth);
    expect(told(posts, 'HERDER', 'Claim-Refused')[0]?.tags.Code).toBe('NO_DEPOSIT');
  });

  test('can be made again in time', () => {
    court.claim('1', truth, bad);
    court.claim('1', truth);
    court.answered('1', JOB, truth);
    expect(court.ask('Open-Claims')).toEqual(['HERDER:1']);
  });

  test('is forgotten after the grace', () => {
    court.claim('1', truth, bad);
    court.advance(10_001);
    expect(court.answered('1', JOB, truth)).toEqual([]);
    expect(court.network.eval('ARBITER', 'return Arbiter.waiting.refusals == nil')).toBe('true');
  });
});

test('a half that comes twice is refused and changes nothing', () => {
  court.claim('1', truth);
  expect(refusal(court.claim('1', truth))).toMatch(/here already/);
  court.answered('1', JOB, truth);
  expect(refusal(court.claim('1', truth))).toMatch(/has a claim: it is open/);
  expect(refusal(court.answered('1', JOB, truth))).toMatch(/has a claim: it is open/);
  expect(locked()).toBe(BOND);
  expect(court.ask('Open-Claims')).toEqual(['HERDER:1']);
});

test('a stranger cannot have the herder told about a job that he did not do', () => {
  court.deposit('EVE');
  expect(
    court.claim('1', truth, { from: 'EVE', data: { leaves: '' } }).map(({ to }) => to),
  ).toEqual(['EVE']);
  court.claim('1', truth, { from: 'EVE' });
  court.answered('1', JOB, truth);
  expect(court.ask('Open-Claims')).toEqual([]);
  court.claim('1', truth);
  expect(court.ask('Open-Claims')).toEqual(['HERDER:1']);
  expect(told(court.advance(10_001), 'HERDER', 'Claim-Missing')).toEqual([]);
  expect(court.account('EVE').locked).toBe('0');
});

test('answers that wait for claims are bounded, of one herder and in all', () => {
  for (let job = 1; job <= 64; job++) court.answered(`${job}`, JOB, truth);
  expect(refusal(court.answered('65', JOB, truth))).toMatch(/Too many answers wait/);
  court.claim('66', truth); // its claim is there: nothing has to wait
  court.answered('66', JOB, truth);
  expect(court.ask('Open-Claims')).toEqual(['HERDER:66']);
  for (let message = 0; message < 5; message++) court.advance(10_001);
  expect(told(court.network.posts, 'HERDER', 'Claim-Missing')).toHaveLength(64);
  expect(refusal(court.answered('65', JOB, truth))).toBeUndefined();
});

test('herders out of nowhere cannot take all the room where answers wait', () => {
  court.open(JOB, truth);
  court.advance(100_000); // HERDER has a final claim now
  const data = JSON.stringify({ prompt: PROMPT, answer: truth.data.answer });
  const waits = (herder: string, job: number) => {
    const tags = { Worker: 'WORKER', 'Model-ID': 'TOY', 'State-Root': truth.claimRoot };
    const all = { ...tags, 'Job-Id': `${job}`, Tokens: '3' };
    return refusal(court.send(herder, 'Answered', all, data)) === undefined;
  };
  for (let n = 0; n < 512; n += 1) expect(waits(`FAKE-${n % 8}`, n)).toBe(true);
  expect(waits('FAKE-8', 0)).toBe(false);
  expect(waits('HERDER', 100)).toBe(true);
});

describe('prompts and answers are bounded in bytes', () => {
  const SIZE = PROMPT.length + truth.data.answer.length;
  const bytes = () => court.network.eval('ARBITER', 'return tostring(Arbiter.waiting.bytes)');
  const setBytes = (name: string, count: number) =>
    court.network.eval('ARBITER', `Arbiter.waiting['${name}'] = ${count}`);

  test('to 64 MB in all: the herder is told why, and the worker gets its bond back', () => {
    court.claim('1', truth);
    setBytes('bytes', 64 * 2 ** 20 - SIZE + 1);
    const posts = court.answered('1', JOB, truth);
    expect(told(posts, 'HERDER', 'Answered-Refused')[0]?.tags).toMatchObject({
      'Job-Id': '1',
      Worker: 'WORKER',
      Error: expect.stringMatching(/all open claims take 64 MB already/),
    });
    court.advance(10_001);
    expect(locked()).toBe(0n);
    setBytes('bytes', 64 * 2 ** 20 - SIZE);
    court.open(JOB, truth);
    expect(court.ask('Open-Claims')).toEqual(['HERDER:1']);
  });

  test('to 8 MB of what waits for herders that never had a final claim, 16 MB for others', () => {
    setBytes('waiting bytes', 8 * 2 ** 20);
    expect(refusal(court.answered('7', JOB, truth))).toMatch(/Too many answers wait/);
    court.open(JOB, truth);
    court.advance(100_000);
    expect(refusal(court.answered('7', JOB, truth))).toBeUndefined();
  });

  test('to 16 MB of what waits, which leaves room for claims that are there', () => {
    court.open(JOB, truth);
    court.advance(100_000);
    setBytes('waiting bytes', 16 * 2 ** 20 - SIZE + 1);
    expect(refusal(court.answered('7', JOB, truth))).toMatch(/Too many answers wait/);
    court.open(JOB, truth);
    expect(court.ask('Open-Claims')).toEqual(['HERDER:2']);
    expect(bytes()).toBe(`${SIZE}`);
  });

  test('that are given back at every end', () => {
    court.answered('1', JOB, truth); // never claimed
    court.answered('2', JOB, truth);
    court.claim('2', truth, { data: { leaves: '' } }); // refused
    court.claim('3', truth);
    court.answered('3', JOB, truth, { data: { answer: 'no' } }); // a contradiction
    court.answered('4', JOB, truth);
    court.claim('4', truth); // final
    expect(bytes()).toBe(`${2 * SIZE}`);
    court.advance(10_001);
    expect(bytes()).toBe(`${SIZE}`);
    court.advance(100_000);
    expect(court.network.eval('ARBITER', 'return next(Arbiter.waiting) == nil')).toBe('true');
  });
});
