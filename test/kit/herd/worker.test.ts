/** A worker: how it answers, fails, claims and joins. The tests play its herder and its arbiter. */
import { describe, expect } from 'vitest';
import { createModelledEngine, createNetwork, publishModules } from '../../../index.js';
import type { Network } from '../../../kit/network-api.js';
import { corralTest } from '../../../kit/vitest/vitest.js';
import { LIFE, printed } from './world.js';

type Tags = Readonly<Record<string, string>>;

/** A job, from and to nobody yet. */
function jobOf(data: string, tags: Tags = {}) {
  return { action: 'Inference', data, tags: { 'Job-Id': '7', Tokens: '5', ...tags } };
}

/** A worker whose herder, arbiter and owner are wallets. @param tags of its process */
async function buildWorker(tags: (network: Network) => Tags = () => ({})) {
  const engine = createModelledEngine({ programRoot: '11'.repeat(32) });
  const network = await createNetwork({ localDevices: [engine] });
  const { llamaModule } = publishModules(network);
  for (const name of ['eve', 'arbiter']) network.wallet(name);
  const herder = network.wallet('herder').address;
  const worker = await network.spawn({
    file: 'processes/worker.lua',
    module: llamaModule,
    tags: { 'Model-ID': 'toy', 'Router-ID': herder, ...tags(network) },
  });
  /** A job, as the herder sends it. */
  const job = (data: string, more: Tags = {}, from = 'herder') => ({
    ...jobOf(data, more),
    ...{ from, to: worker.id },
  });
  return { network, worker, job };
}

const test = corralTest(() => buildWorker());

describe('at its boot a worker', () => {
  test('loads the model of its tags and registers', async ({ worker }) => {
    expect(worker.spawned).toHaveMessages(
      [{ to: 'herder', action: 'Register-Worker', tags: { 'Model-ID': 'toy' } }],
      { exact: true },
    );
  });

  test('says why, if it cannot, and stays out of the herd', async ({ network }) => {
    // A module without the llama device.
    const bare = await network.spawn({ file: 'processes/worker.lua', name: 'bare' });
    expect(printed(bare.spawned)).toMatch(/No model: .*llama/);
    expect(bare.spawned).not.toHaveMessage();
  });

  test('has the ids of AO where tags name no others', async ({ network }) => {
    const bare = await network.spawn({ file: 'processes/worker.lua', name: 'bare' });
    expect(await bare.read('Worker')).toMatchObject({
      model: 'ISrbGzQot05rs_HKC08O_SmkipYQnqgB1yC3mjZZeEo',
      herder: 'wh5vB2IbqmIBUqgodOaTvByNFDPr73gbUq1bVOUtCrw',
      token: 'xU9zFkq3X2ZQ6olwNVvr1vUWIjc3kXTWr7xKQD6dh10',
      delegate: network.wallet('owner').address,
      template: '<|user|>\n{prompt}\n<|assistant|>\n',
    });
  });
});

describe('a job', () => {
  test('is answered with what the engine says', async ({ network, job }) => {
    expect(await network.send(job(LIFE))).toHaveMessage({
      to: 'herder',
      action: 'Inference-Response',
      tags: {
        ...{ 'Job-Id': 7, Tokens: (count) => Number(count) <= 5, 'Stop-Reason': /^(length|end)$/ },
        ...{ 'State-Root': null, 'Model-ID': 'toy' },
      },
      data: /^\w/,
    });
  });

  test.for(['context', 'length', 'end'])(
    'that ends by the engine’s %s says so',
    async (reason, { network, worker, job }) => {
      await worker.eval(`
      local ending = Worker.engine.ending
      Worker.engine.ending = function()
        local last = ending()
        last.reason = '${reason}'
        return last
      end`);
      expect(await network.send(job(LIFE))).toHaveMessage({ tags: { 'Stop-Reason': reason } });
    },
  );

  test.for([
    ['the caller’s text', 'END', 1, 'termination'],
    ['a chat role', 'END', 2, 'end'],
    ['a chat role, without a text of the caller’s', '', 1, 'end'],
  ] as const)(
    'that was stopped by %s',
    async ([, text, index, reason], { network, worker, job }) => {
      await worker.eval(`
      Worker.engine.ending = function()
        return { text = 'Hm.', tokens = 2, reason = 'stop', stopIndex = ${index} }
      end`);
      const receipt = await network.send(job(LIFE, { Termination: text }));
      expect(receipt).toHaveMessage({ tags: { 'Stop-Reason': reason, Tokens: 2 }, data: 'Hm.' });
    },
  );

  test.for([
    [jobOf('Hm?', { Tokens: 'many' })],
    [jobOf('Hm?', { Tokens: '0' })],
    [jobOf('Hm?', { Tokens: '2.5' })],
  ])('that makes no sense is the fault of the request: %o', async ([broken], { worker }) => {
    const receipt = await worker.send({ from: 'herder', ...broken });
    expect(receipt).toHaveMessage({
      to: 'herder',
      action: 'Inference-Error',
      tags: { 'Job-Id': 7, Error: 'Inference needs Data and Tokens', Fault: 'Request' },
    });
  });

  test('that the engine refuses, too', async ({ network, worker, job }) => {
    await worker.eval(`Worker.engine.answer = function() error('the prompt has 600 tokens') end`);
    expect(await network.send(job(LIFE))).toHaveMessage({
      action: 'Inference-Error',
      tags: { Error: 'the prompt has 600 tokens', Fault: 'Request' },
    });
  });

  test('at which the engine breaks is its own fault; it loads again and comes back', async ({
    network,
    worker,
    job,
  }) => {
    await worker.eval(`
      local next = Worker.engine.next
      Worker.engine.next = function()
        Worker.engine.next = next
        error(('out of hay '):rep(100))
      end`);
    const receipt = await network.send(job(LIFE));
    expect(receipt).toHaveMessages([
      {
        action: 'Inference-Error',
        tags: {
          Error: (reason) => /^out of hay/.test(reason) && reason.length === 500,
          Fault: 'Worker',
        },
      },
      { action: 'Register-Worker' },
    ]);
    expect(await network.send(job(LIFE))).toHaveMessage({ action: 'Inference-Response' });
  });

  test('without a model is its own fault', async ({ network }) => {
    const bare = await network.spawn({ file: 'processes/worker.lua', name: 'bare' });
    const from = network.impersonate('wh5vB2IbqmIBUqgodOaTvByNFDPr73gbUq1bVOUtCrw');
    const receipt = await bare.send({ ...jobOf('Hm?'), from });
    expect(receipt).toHaveMessage({ action: 'Inference-Error', tags: { Fault: 'Worker' } });
  });

  test('of anybody but the herder is refused', async ({ network, job }) => {
    const receipt = await network.send(job(LIFE, {}, 'eve'));
    expect(receipt).not.toHaveMessage();
    expect(printed(receipt)).toMatch(/Inference refused: \S+ is not my herder/);
  });
});

describe('what the model sees', () => {
  /** Has the worker keep what it asks the engine. */
  const LISTEN = `
    local answer = Worker.engine.answer
    Worker.engine.answer = function(question) Asked = question return answer(question) end`;
  const ROLES = ['<|system|>', '<|user|>', '<|assistant|>', '<|end|>'];

  test('is a bare prompt as a turn of a chat', async ({ network, worker, job }) => {
    await worker.eval(LISTEN);
    await network.send(job('Hm?'));
    expect(await worker.read('Asked')).toEqual({
      prompt: '<|user|>\nHm?\n<|assistant|>\n',
      tokens: 5,
      stops: ROLES,
      trim: true,
    });
  });

  test('and a prompt with roles as it is', async ({ network, worker, job }) => {
    await worker.eval(LISTEN);
    await network.send(job('<|user|>\nHm?', { Termination: 'END' }));
    expect(await worker.read('Asked')).toMatchObject({
      prompt: '<|user|>\nHm?',
      stops: ['END', ...ROLES],
      trim: false,
    });
  });

  describe('with a layout of its own', () => {
    const test = corralTest(() =>
      buildWorker(() => ({ 'Prompt-Template': 'Q: {prompt} A:', 'Chat-Roles': '["Q:"]' })),
    );

    test('is what the tags say', async ({ network, worker, job }) => {
      await worker.eval(LISTEN);
      await network.send(job('Hm 100%?'));
      expect(await worker.read('Asked')).toMatchObject({
        prompt: 'Q: Hm 100%? A:',
        stops: ['Q:'],
        trim: false,
      });
    });
  });
});

describe('a worker with an arbiter', () => {
  const test = corralTest(() =>
    buildWorker((network) => ({
      'Arbiter-ID': network.wallet('arbiter').address,
      'Payment-Token': network.wallet('token').address,
      Delegate: 'somebody',
    })),
  );

  test('claims its answer before it gives it', async ({ network, job }) => {
    const receipt = await network.send(job(LIFE));
    expect(receipt).toHaveMessages([
      {
        to: 'arbiter',
        action: 'Claim',
        tags: { 'Job-Id': 7, 'Model-ID': 'toy', 'State-Root': /^[0-9a-f]{64}$/ },
        data: { answer: /./, leaves: /./ },
      },
      { to: 'herder', action: 'Inference-Response', tags: { 'State-Root': /^[0-9a-f]{64}$/ } },
    ]);
  });

  test('claims nothing where the engine keeps no proofs', async ({ network, worker, job }) => {
    await worker.eval('Worker.engine.claim = function() end');
    const receipt = await network.send(job(LIFE));
    expect(receipt).not.toHaveMessage({ action: 'Claim' });
    expect(receipt).toHaveMessage({ action: 'Inference-Response', tags: { 'State-Root': null } });
  });

  const credit = (network: Network, from: string, sender: string) => ({
    ...{ from, to: 'worker', action: 'Credit-Notice' },
    tags: { Sender: network.wallet(sender).address, Quantity: '50' },
  });

  test('deposits what it is paid', async ({ network }) => {
    const receipt = await network.send(credit(network, 'token', 'owner'));
    expect(receipt).toHaveMessage({
      to: 'token',
      action: 'Transfer',
      tags: {
        Recipient: network.wallet('arbiter').address,
        Quantity: 50,
        'X-Delegate': 'somebody',
      },
    });
  });

  test.for([
    ['token', 'arbiter'],
    ['eve', 'owner'],
  ] as const)('but not what %s says that %s paid', async ([from, sender], { network }) => {
    expect(await network.send(credit(network, from, sender))).not.toHaveMessage();
  });

  test.for(['Claim-Refused', 'Verdict', 'Game-Moved', 'Debit-Notice'])(
    'shows what the arbiter says, and nobody else: %s',
    async (action, { worker }) => {
      for (const tags of [{ Error: 'no' }, { Reason: 'no' }, { Game: 'no' }] as Tags[]) {
        const said = await worker.send({ from: 'arbiter', action, tags });
        expect(printed(said)).toContain(`${action}: no`);
      }
      expect(printed(await worker.send({ from: 'eve', action }))).toBe('');
    },
  );
});

test('without an arbiter it keeps what it is paid', async ({ network, worker }) => {
  expect(await network.mintWar(worker, 5n)).not.toHaveMessage({ from: worker });
});

describe('to be in the herd', () => {
  const say = (from: string, action: string, tags: Tags = {}) => ({ from, action, tags });

  test('it comes back when the herder asks, and nobody else', async ({ worker }) => {
    const joins = { to: 'herder', action: 'Register-Worker' };
    expect(await worker.send(say('herder', 'Rejoin'))).toHaveMessage(joins);
    expect(await worker.send(say('eve', 'Rejoin'))).not.toHaveMessage();
  });

  test('it shows what its herder says of it, and nobody else', async ({ worker }) => {
    const joined = await worker.send(say('herder', 'Worker-Registered'));
    expect(printed(joined)).toMatch(/Joined the herd of \S{6}$/);
    const refused = await worker.send(say('herder', 'Worker-Refused', { Error: 'who?' }));
    expect(printed(refused)).toContain('Not in the herd yet: who?');
    for (const action of ['Worker-Registered', 'Worker-Refused']) {
      expect(printed(await worker.send(say('eve', action)))).toBe('');
    }
  });

  test('after a crash it needs nothing but its log', async ({ network, worker, job }) => {
    network.faults.crash(worker);
    const receipt = await network.send(job(LIFE));
    expect(receipt.pending).toBe(1);
    await network.faults.restart(worker);
    expect(receipt).toHaveMessage({ action: 'Inference-Response' });
    await expect(worker).toReplay();
  });

  test('mail that no handler knows is shown and dropped', async ({ worker }) => {
    await worker.send({ from: 'eve', action: 'Hello', data: 'Hm?' });
    expect(await worker.read('Inbox')).toHaveLength(1); // the message that it was spawned by
  });
});

describe('another model', () => {
  const init = (from: string, tags: Tags = {}) => ({ from, action: 'Init', tags });

  test.for(['owner', 'herder'])('is taken from the %s', async (from, { worker }) => {
    expect(await worker.send(init(from, { 'Model-ID': 'great' }))).toHaveMessages([
      { to: 'herder', action: 'Register-Worker', tags: { 'Model-ID': 'great' } },
      { to: from, action: 'Worker-Initialized' },
    ]);
  });

  test('or the same one again, under whatever name of the tag', async ({ worker }) => {
    expect(await worker.send(init('owner'))).toHaveMessage({ tags: { 'Model-ID': 'toy' } });
    const again = await worker.send(init('owner', { ModelID: 'old' }));
    expect(again).toHaveMessage({ tags: { 'Model-ID': 'old' } });
  });

  test('is not taken from a stranger', async ({ worker }) => {
    const receipt = await worker.send(init('eve', { 'Model-ID': 'evil' }));
    expect(receipt).not.toHaveMessage();
    expect(printed(receipt)).toMatch(/Init refused: \S+ is not my owner/);
  });

  test('that cannot be loaded', async ({ worker }) => {
    await worker.eval("Worker.engine.load = function() error('no such model') end");
    const receipt = await worker.send(init('owner', { 'Model-ID': 'none' }));
    expect(receipt).toHaveMessage({ to: 'owner', action: 'Worker-Failed' });
    expect(receipt).not.toHaveMessage({ action: 'Register-Worker' });
    const again = await worker.send(init('owner'));
    expect(again).toHaveMessage({ action: 'Worker-Failed' });
  });
});
