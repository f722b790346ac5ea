/** The herder under an arbiter, whose part the tests play: refuted answers are refunded, once. */
import { describe, expect } from 'vitest';
import { as } from '../../../index.js';
import { corralTest } from '../../../kit/vitest/vitest.js';
import {
  answer,
  balanceOf,
  buildHired,
  buildJudgedMarket,
  LIFE,
  pay,
  printed,
  tick,
} from './world.js';

const ROOT = 'ab'.repeat(32);

const test = corralTest(async () => {
  const world = await buildHired(buildJudgedMarket);
  const { addressOf } = world;
  /** What somebody says of a job that `llama` answered. */
  const rule = (action: string, tags: Record<string, string> = {}, from = 'arbiter') => ({
    ...{ from, to: 'herder', action },
    tags: { 'Job-Id': '1', Worker: addressOf('llama'), ...tags },
  });
  return { ...world, rule };
});

const claimed = (worker: string, job: number) =>
  answer(worker, job, 'To graze.', { 'State-Root': ROOT, 'Model-ID': 'toy' });

describe('an answer', () => {
  test('is told to the arbiter, and its claim to the payer', async ({
    network,
    herder,
    addressOf,
  }) => {
    await network.send(pay('alice', 27, { 'X-Termination': 'END' }));
    const receipt = await network.send(claimed('llama', 1));
    expect(receipt).toHaveMessage({
      to: 'arbiter',
      action: 'Answered',
      tags: {
        ...{ 'Job-Id': 1, Worker: addressOf('llama'), 'Model-ID': 'toy' },
        ...{ 'State-Root': ROOT, Tokens: 20, Termination: 'END' },
      },
      data: { prompt: LIFE, answer: 'To graze.' },
    });
    expect(receipt).toHaveMessage({
      to: 'alice',
      tags: { 'State-Root': ROOT, Claim: `${herder.id}:1` },
    });
  });

  test('counts as that of the model that the owner named', async ({ network, admit }) => {
    await network.send(admit('llama', { 'Model-ID': 'great' }));
    await network.send(pay('alice', 27));
    const receipt = await network.send(claimed('llama', 1));
    expect(receipt).toHaveMessage({ to: 'arbiter', tags: { 'Model-ID': 'great' } });
  });

  test.for([
    ['none', {}],
    ['an empty one', { 'State-Root': '' }],
    ['a short one', { 'State-Root': 'ab'.repeat(31) }],
    ['one in capitals', { 'State-Root': 'AB'.repeat(32) }],
  ] as const)('needs a State-Root to hold it to, not %s', async ([, tags], { network, herder }) => {
    await network.send(pay('alice', 27));
    const receipt = await network.send(answer('llama', 1, 'Trust me.', tags));
    expect(receipt).not.toHaveMessage({ to: 'alice' });
    expect(receipt).toHaveMessage({ to: 'spare', action: 'Inference' });
    expect(await herder.read('Herder.suspended', as.record(as.number))).not.toEqual({});
  });
});

const FAILURES = [
  ['Claim-Refused', { Error: 'no' }, 'The claim was refused: no'],
  ['Claim-Missing', {}, 'The worker did not claim its answer'],
  ['Claim-Refuted', { Reason: 'step 7' }, 'The answer was refuted: step 7'],
] as const;

describe.for(FAILURES)('%s', ([action, tags, reason]) => {
  test('refunds the payer, once, and sends the worker away for good', async ({ network, rule }) => {
    await network.send(pay('alice', 40, { 'X-Reference': 'r-1' }));
    await network.send(claimed('llama', 1));
    expect(await network.send(rule(action, tags))).toHaveMessage({
      to: 'alice',
      action: 'Credit-Notice',
      tags: { Quantity: 40, 'X-Reason': reason, 'X-Reference': 'r-1' },
    });
    expect(await network.send(rule(action, tags))).not.toHaveMessage();
    expect(await balanceOf(network, 'alice')).toBe(1000n);
    const back = await network.send({ from: 'llama', to: 'herder', action: 'Register-Worker' });
    expect(back).toHaveMessage({ to: 'llama', action: 'Worker-Refused' });
    await network.clock.advance('1d');
    expect(await network.send(tick)).not.toHaveMessage({ to: 'llama' });
  });

  test('is believed of the arbiter alone', async ({ network, rule }) => {
    await network.send(pay('alice', 40));
    await network.send(claimed('llama', 1));
    const receipt = await network.send(rule(action, tags, 'eve'));
    expect(receipt).not.toHaveMessage();
    expect(printed(receipt)).toContain(': not the arbiter');
  });

  test('changes nothing for another worker, or a job that nobody knows', async ({
    network,
    rule,
    addressOf,
  }) => {
    await network.send(pay('alice', 40));
    await network.send(claimed('llama', 1));
    const other = { ...tags, Worker: addressOf('spare') };
    expect(await network.send(rule(action, other))).not.toHaveMessage();
    expect(await network.send(rule(action, { ...tags, 'Job-Id': '7' }))).not.toHaveMessage();
    expect(await balanceOf(network, 'alice')).toBe(960n);
  });

  test('before the answer came: another worker gets the job', async ({ network, rule }) => {
    await network.send(pay('alice', 40));
    const receipt = await network.send(rule(action, tags));
    expect(receipt).toHaveMessages([{ to: 'spare', action: 'Inference' }], { exact: true });
    expect(await network.send(claimed('llama', 1))).not.toHaveMessage({ to: 'alice' });
    expect(await network.send(claimed('spare', 1))).toHaveMessage({ to: 'alice' });
  });
});

const EXCUSES = [
  [
    'Claim-Refused',
    { Error: 'no deposit', Code: 'NO_DEPOSIT' },
    'The claim was refused: no deposit',
  ],
  ['Answered-Refused', { Error: 'no such model' }, 'The answer is not judged: no such model'],
] as const;

describe.for(EXCUSES)('%s that is nobody’s lie', ([action, tags, reason]) => {
  test('refunds the payer and suspends the worker', async ({ network, rule, admit }) => {
    await network.send(pay('alice', 27));
    await network.send(claimed('llama', 1));
    const receipt = await network.send(rule(action, tags));
    expect(receipt).toHaveMessage({ to: 'alice', tags: { Quantity: 27, 'X-Reason': reason } });
    const register = { from: 'llama', to: 'herder', action: 'Register-Worker' };
    expect(await network.send(register)).toHaveMessage({
      action: 'Worker-Refused',
      tags: { Error: /^You are suspended until \d+ ms, and asked back then$/ },
    });
    await network.clock.advance('10m');
    expect(await network.send(tick)).toHaveMessage({ to: 'llama', action: 'Rejoin' });
    expect(await network.send(register)).toHaveMessage({ action: 'Worker-Registered' });
    expect(await network.send(admit('llama'))).toHaveMessage({ action: 'Worker-Registered' });
  });

  test('takes the job that is not answered yet away', async ({ network, rule }) => {
    await network.send(pay('alice', 27));
    const receipt = await network.send(rule(action, tags));
    expect(receipt).not.toHaveMessage({ to: 'alice' });
    expect(receipt).toHaveMessage({ to: 'spare', action: 'Inference' });
  });

  test('changes nothing for a job that it does not hold', async ({ network, rule, addressOf }) => {
    const idle = { ...tags, Worker: addressOf('spare') };
    expect(await network.send(rule(action, idle))).not.toHaveMessage();
    await network.send(pay('alice', 27));
    expect(await network.send(rule(action, { ...tags, 'Job-Id': '9' }))).not.toHaveMessage();
  });
});

test.for(['Inference-Response', 'Inference-Error'])(
  'a suspended worker does not come back by a late %s',
  async (action, { network, herder, rule }) => {
    await network.send(pay('alice', 27));
    await network.send(rule('Claim-Refused', { Code: 'NO_DEPOSIT' }));
    const receipt = await network.send({ ...claimed('llama', 1), action });
    expect(receipt).not.toHaveMessage();
    expect(await herder.read('Herder.idle')).toEqual([]);
  },
);

test('the owner can bring a suspended worker back at once', async ({ network, rule, admit }) => {
  await network.send(pay('alice', 27));
  await network.send(claimed('llama', 1));
  await network.send(rule('Claim-Refused', { Code: 'NO_DEPOSIT' }));
  expect(await network.send(admit('llama'))).toHaveMessage({ action: 'Worker-Registered' });
});

test('a refuted worker loses the job that it holds as well', async ({ network, rule, admit }) => {
  await network.send(pay('alice', 27));
  await network.send(claimed('llama', 1));
  await network.send(pay('bob', 27));
  expect(await network.send(pay('carol', 27))).toHaveMessage({ to: 'llama', action: 'Inference' });
  await network.send(rule('Claim-Refuted', { Reason: 'step 7' }));
  const receipt = await network.send(admit('third'));
  expect(receipt).toHaveMessage({ to: 'third', action: 'Inference', tags: { 'Job-Id': 3 } });
});

test('one that was sent away before is refunded, and not sent away twice', async ({
  network,
  rule,
  addressOf,
}) => {
  await network.send(pay('alice', 27));
  await network.send(claimed('llama', 1));
  const leave = { from: 'owner', to: 'herder', action: 'Unregister-Worker' };
  await network.send({ ...leave, tags: { Worker: addressOf('llama') } });
  const receipt = await network.send(rule('Claim-Refuted', { Reason: 'step 7' }));
  expect(receipt).toHaveMessage({ to: 'alice', tags: { Quantity: 27 } });
  expect(printed(receipt)).not.toContain('EXPEL');
});

describe('Claim-Final', () => {
  test('leaves the money where it is, whatever comes later', async ({ network, rule }) => {
    await network.send(pay('alice', 27));
    await network.send(claimed('llama', 1));
    expect(printed(await network.send(rule('Claim-Final')))).toContain('FINAL] Job 1');
    expect(await network.send(rule('Claim-Refuted'))).not.toHaveMessage();
    expect(await balanceOf(network, 'alice')).toBe(973n);
  });

  test.for([
    ['7', 'llama'],
    ['1', 'spare'],
  ] as const)(
    'of job %s of %s is nothing',
    async ([job, worker], { network, herder, rule, addressOf }) => {
      await network.send(pay('alice', 27));
      await network.send(claimed('llama', 1));
      await network.send(rule('Claim-Final', { 'Job-Id': job, Worker: addressOf(worker) }));
      expect(await herder.read('Herder.unsettled')).not.toEqual([]);
    },
  );
});
