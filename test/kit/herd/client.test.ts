/** The client package in a process of its own: `ada` asks a herd whose one worker is real. */
import { describe, expect } from 'vitest';
import { bundleLua, PINNED } from '../../../index.js';
import { corralTest, war } from '../../../kit/vitest/vitest.js';
import { balanceOf, buildHerd, LIFE, printed } from './world.js';

const test = corralTest(buildHerd);

/** Lua that asks, and keeps what comes of it in Answer or Reason. */
const run = (options = '{}', prompt = LIFE) => `
  local options = ${options}
  options.OnError = function(reason) Reason = reason end
  Llama.run([[${prompt}]], 20, function(text) Answer = text end, options)`;

describe('Llama.run', () => {
  test('asks for prices, pays the fee and hands the answer to the callback', async ({
    network,
    ada,
  }) => {
    const ask = () => ada.eval(run());
    await expect(ask).toConserve(war(network));
    expect(network).toHaveMessages([
      { from: 'ada', to: 'herder', action: 'Info' },
      { from: 'herder', to: 'ada', action: 'Info-Response' },
      { from: 'ada', to: 'wAR', action: 'Transfer', tags: { Quantity: 27, 'X-Prompt': LIFE } },
      { from: 'herder', to: 'worker', action: 'Inference' },
      { from: 'herder', to: 'ada', action: 'Inference-Response' },
    ]);
    expect(await ada.read('Answer')).toMatch(/^\w/);
    expect(await balanceOf(network, 'ada')).toBe(973n);
  });

  test('prints an answer that no callback waits for', async ({ ada }) => {
    const receipt = await ada.eval("Llama.run('Hello?', 5)");
    expect(printed(receipt)).toMatch(/Llama-Herder: \w+/);
  });

  test('but not if printResponses is false', async ({ ada }) => {
    await ada.setState('Llama.printResponses', false);
    expect(printed(await ada.eval("Llama.run('Hello?', 5)"))).not.toContain('Llama-Herder:');
  });

  test('keeps several questions apart', async ({ ada }) => {
    await ada.eval(`
      Answers = {}
      for _, name in ipairs({ 'one', 'two', 'three' }) do
        Llama.run('Question ' .. name, 5, function(text) Answers[name] = text end)
      end`);
    const answers = Object.values((await ada.read('Answers')) as Record<string, string>);
    expect(new Set(answers).size).toBe(3);
    expect(await ada.read('Llama.pending')).toEqual([]);
  });

  test.for([
    ['{ Fee = 40 }', 40],
    ["{ Fee = '40' }", 40],
    ['{ Fee = 40, Multiplier = 2 }', 80],
  ] as const)('with %s pays %d, and asks for no prices', async ([options, winston], { ada }) => {
    const receipt = await ada.eval(run(options));
    expect(receipt).toHaveMessage({ action: 'Transfer', tags: { Quantity: winston } });
    expect(receipt).not.toHaveMessage({ action: 'Info' });
  });

  test('hands a stop text on', async ({ ada }) => {
    const receipt = await ada.eval(run("{ Termination = 'END' }"));
    expect(receipt).toHaveMessage({ action: 'Inference', tags: { Termination: 'END' } });
  });
});

describe('an offer', () => {
  const prices = (multiplier: number, waiting = 0) => `
    Llama.feeBase, Llama.feeToken, Llama.pricesKnown = 1, 1, true
    Llama.lastMultiplier, Llama.queueLength = ${multiplier}, ${waiting}`;
  const quote = (options = 'nil') => `return Llama.quote('${LIFE}', 20, ${options})`;

  test.for([
    [prices(1), quote(), '27'],
    [prices(2), quote(), '54'],
    [prices(1, 3), quote(), '27'], // 27 x 1.005 = 27.135, rounded down
    [prices(8, 3), quote(), '217'], // 216 x 1.005 = 217.08
    [prices(1), quote('{ Multiplier = 1.5 }'), '40'],
    [prices(499_999_999.5), quote(), '270'], // no more than ten times
    [prices(499_999_999.5), quote('{ Multiplier = 2 }'), '540'],
    [
      prices(1),
      quote("{ Fee = '123456789012345678901234567890' }"),
      '123456789012345678901234567890',
    ],
  ] as const)('%s: %s is %s', async ([known, asked, offer], { ada }) => {
    await ada.eval(known);
    expect((await ada.eval(asked)).result?.output).toMatchObject({ data: offer });
  });

  test('of 2^53 winston or more is refused, not rounded', async ({ ada }) => {
    expect(await ada.eval('return Llama.quote("x", 1, { Fee = 2^53 })')).toFailWith(
      'Fee is 2^53 winston or more: too large',
    );
  });

  test('has no fee before prices are known', async ({ ada }) => {
    const receipt = await ada.eval("return Llama.calculateFee('x', 1)");
    expect(printed(receipt)).toContain('prices are not known yet. Run Llama.getPrices() first.');
  });

  test('follows the prices that the herder tells', async ({ network, ada }) => {
    const tags = { 'Base-Fee': '100', 'Token-Fee': '10' };
    await network.send({ from: 'owner', to: 'herder', action: 'Set-Terms', tags });
    expect(await ada.eval(run())).toHaveMessage({ action: 'Transfer', tags: { Quantity: 360 } });
  });

  test('can be looked at first', async ({ ada }) => {
    await ada.eval('Llama.getPrices(function() Known = Llama.feeToken end)');
    expect(await ada.read('Known')).toBe(1);
    await ada.eval('Llama.feeToken = 0; Llama.getPrices()');
    expect(await ada.read('Llama.feeToken')).toBe(1);
  });
});

describe('what goes wrong', () => {
  test('no wAR: the reason, and what to do', async ({ network, ada }) => {
    await network.setState('wAR', ['Balances', ada.id], '5');
    const text = printed(await ada.eval(run()));
    expect(text).toContain('Transfer-Error: Insufficient Balance! ');
    expect(text).toContain(`this process holds 5. Send wAR to ${ada.id} and run it again.`);
    expect(await ada.read('Reason')).toBe('Transfer-Error: Insufficient Balance!');
    expect(await ada.read('Llama.pending')).toEqual([]);
  });

  test('a refund: the reason, the fee, and new prices the next time', async ({ network, ada }) => {
    const text = printed(await ada.eval(run('{ Fee = 5 }')));
    expect(text).toContain(
      'Refunded: Insufficient payment. The fee is 27 winston. 5 winston are back',
    );
    expect(await ada.read('Reason')).toBe('Refunded: Insufficient payment');
    expect(await balanceOf(network, 'ada')).toBe(1000n);
    expect(await ada.eval(run())).toHaveMessage({ action: 'Info' });
  });

  test('a refund that is told to nobody who cares', async ({ ada }) => {
    const receipt = await ada.eval("Llama.run('x', 2000, nil, { Fee = 5 })");
    expect(printed(receipt)).toContain(
      'Refunded: X-Tokens must be a whole number from 1 to 1024. 5',
    );
  });

  test.for([
    ['x'.repeat(3073), '{}', 'The prompt has 3073 bytes, the limit is 3072'],
    ['x', `{ Termination = '${'x'.repeat(257)}' }`, 'Termination has 257 bytes, the limit is 256'],
  ] as const)('too much to send is not sent', async ([prompt, options, reason], { ada }) => {
    const receipt = await ada.eval(run(options, prompt));
    expect(receipt).not.toHaveMessage();
    expect(await ada.read('Reason')).toBe(reason);
    const silent = `Llama.run([[${prompt}]], 20, nil, ${options})`;
    expect(printed(await ada.eval(silent))).toContain(reason);
  });

  test.for([
    ["Llama.run('', 5)", 'the prompt must be a text'],
    ['Llama.run(nil, 5)', 'the prompt must be a text'],
    ["Llama.run('Hm?', 'many')", 'tokens must be a whole number'],
    ["Llama.run('Hm?', 5, nil, { Multiplier = 2^60 })", 'too large'],
  ] as const)('%s fails at once: %s', async ([code, reason], { ada }) => {
    const receipt = await ada.eval(code);
    expect(receipt).toFailWith(reason);
    expect(receipt).not.toHaveMessage();
  });

  test('an offer that turns out too large once prices are known', async ({ network, ada }) => {
    const tags = { 'Token-Fee': '100000000000' };
    await network.send({ from: 'owner', to: 'herder', action: 'Set-Terms', tags });
    const costly = (options: string) => `Llama.run('Hm?', 1000, nil, ${options})`;
    const silent = await ada.eval(costly('{ Multiplier = 1000 }'));
    expect(printed(silent)).toContain('Fee is 2^53 winston or more');
    await ada.setState('Llama.pricesKnown', false);
    const keep = 'OnError = function(reason) Reason = reason end';
    await ada.eval(costly(`{ Multiplier = 1000, ${keep} }`));
    expect(await ada.read('Reason')).toContain('Fee is 2^53 winston or more');
  });

  test('a callback that raises is shown, and the client goes on', async ({ ada }) => {
    const receipt = await ada.eval("Llama.run('Hm?', 5, function() error('Oh no') end)");
    expect(printed(receipt)).toContain('Oh no');
    expect(receipt).not.toFailWith();
    await ada.eval(run());
    expect(await ada.read('Answer')).toBeTruthy();
  });

  test('a payment whose notice is lost waits for ever, and the next does not', async ({
    network,
    ada,
  }) => {
    network.faults.drop({ from: 'wAR', to: 'herder', action: 'Credit-Notice' }, { times: 1 });
    await ada.eval(run());
    expect(await ada.read('Answer')).toBeUndefined();
    await ada.eval(run());
    expect(await ada.read('Answer')).toBeTruthy();
  });
});

describe('what others say is not believed', () => {
  test('answers', async ({ network, ada }) => {
    await network.faults.crash('worker');
    await ada.eval(run());
    const tags = { 'X-Reference': 'llama-0' };
    await ada.send({ from: 'eve', action: 'Inference-Response', tags, data: 'Believe me.' });
    expect(await ada.read('Answer')).toBeUndefined();
    await network.faults.restart('worker');
    expect(await ada.read('Answer')).toBeTruthy();
  });

  test('prices', async ({ ada }) => {
    await ada.send({ from: 'eve', action: 'Info-Response', tags: { 'Base-Fee': '1000000' } });
    expect(await ada.read('Llama.pricesKnown')).toBe(false);
  });

  test.for(['Transfer-Error', 'Credit-Notice'])('%s', async (action, { network, ada }) => {
    await network.faults.crash('worker');
    await ada.eval(run());
    const tags = { 'X-Reference': 'llama-0', Sender: PINNED.herder, Error: 'Pay again' };
    await ada.send({ from: 'eve', action, tags });
    expect(await ada.read('Reason')).toBeUndefined();
  });

  test('an answer that nobody asked for is printed', async ({ network, ada }) => {
    const receipt = await ada.send({
      from: network.impersonate('herder'),
      action: 'Inference-Response',
      data: '  By the way',
    });
    expect(printed(receipt)).toContain('Llama-Herder: By the way');
  });
});

describe('transfers that are not of this package', () => {
  test.for(['Credit-Notice', 'Transfer-Error'])(
    'are left to the process: %s',
    async (action, { network, ada }) => {
      const sent = { from: network.impersonate('wAR'), action, tags: { Sender: PINNED.herder } };
      await ada.send(sent);
      const inbox = (await ada.read('Inbox')) as readonly { Action: string }[];
      expect(inbox.map((message) => message.Action)).toContain(action);
    },
  );

  test('as is money that the herder did not send', async ({ network, ada }) => {
    await network.mintWar(network.wallet('eve'), 5n);
    const tags = { Recipient: ada.id, Quantity: '5', 'X-Reference': 'llama-0' };
    const receipt = await network.send({ from: 'eve', to: 'wAR', action: 'Transfer', tags });
    expect(printed(receipt)).not.toContain('Refunded');
  });
});

test('installed again, it keeps its settings and what it waits for', async ({ network, ada }) => {
  await network.faults.crash('worker');
  await ada.eval(run());
  await ada.setState('Llama.maxMultiplier', 3);
  await ada.eval(bundleLua('processes/client/llama-herder.lua', '.'));
  await network.faults.restart('worker');
  expect(await ada.read('Answer')).toBeTruthy();
  expect(await ada.read('Llama.maxMultiplier')).toBe(3);
});
