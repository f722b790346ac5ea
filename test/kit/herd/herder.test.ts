/** The herder: payments, prices, the queue and its terms. Its workers are played by the tests. */
import { describe, expect } from 'vitest';
import { bundleLua, PINNED } from '../../../index.js';
import { corralTest, war } from '../../../kit/vitest/vitest.js';
import { answer, balanceOf, buildHired, buildMarket, LIFE, pay, printed, tick } from './world.js';

const test = corralTest(() => buildMarket());
const testHired = corralTest(() => buildHired());

describe('with two idle workers', () => {
  const test = testHired;

  test('a payment goes to the one that is idle longest', async ({ network }) => {
    expect(await network.send(pay('alice', 27, { 'X-Reference': 'r-1' }))).toMatchTrace(`
      alice -> wAR  Transfer
      ├─ wAR -> alice  Debit-Notice
      └─ wAR -> herder  Credit-Notice
         │ > [00:00.000 REQ]      Requested: 26 | Fee: 1.00x | In queue: 1 | Client: sxi7bq | Ref: r-1
         │ > [00:00.000 DISPATCH] Requested: 26 | Fee: 1.00x | In queue: 0 | Client: sxi7bq | Worker: lla…
         └─ herder -> llama  Inference
    `);
  });

  test('and its answer to the payer', async ({ network }) => {
    await network.send(pay('alice', 27, { 'X-Reference': 'r-1' }));
    const receipt = await network.send(answer('llama', 1, 'To graze.'));
    expect(receipt).toHaveMessage({
      to: 'alice',
      action: 'Inference-Response',
      tags: { 'X-Reference': 'r-1', Tokens: 9, 'Stop-Reason': 'end', Claim: null },
      data: 'To graze.',
    });
    expect(await balanceOf(network, 'alice')).toBe(973n);
    expect(await balanceOf(network, 'herder')).toBe(27n);
  });

  test('two payments go to two workers', async ({ network }) => {
    const first = await network.send(pay('alice', 27));
    const second = await network.send(pay('bob', 27));
    expect(first).toHaveMessage({ to: 'llama', action: 'Inference', tags: { 'Job-Id': 1 } });
    expect(second).toHaveMessage({ to: 'spare', action: 'Inference', tags: { 'Job-Id': 2 } });
  });

  test('X-Reference may be left out', async ({ network }) => {
    expect(printed(await network.send(pay('alice', 27)))).toContain('Ref: -');
    const receipt = await network.send(answer('llama', 1, 'To graze.'));
    expect(receipt).toHaveMessage({ to: 'alice', tags: { 'X-Reference': null } });
  });

  test.for([
    ['END', 'END'],
    ['', null],
  ] as const)('the stop text "%s" is handed on as %s', async ([text, handed], { network }) => {
    const receipt = await network.send(pay('alice', 27, { 'X-Termination': text }));
    expect(receipt).toHaveMessage({
      action: 'Inference',
      tags: { Tokens: 20, Termination: handed },
      data: LIFE,
    });
  });

  test('the tokens that a worker claims to have computed are at most those paid for', async ({
    network,
  }) => {
    await network.send(pay('alice', 27));
    const receipt = await network.send(answer('llama', 1, 'Hm.', { Tokens: '1000' }));
    expect(receipt).toHaveMessage({ to: 'alice', tags: { Tokens: 20 } });
  });

  test('the log has a line for each step', async ({ network }) => {
    const asked = printed(await network.send(pay('alice', 54)));
    expect(asked).toMatch(/REQ\] .* Fee: 2\.00x .* In queue: 1/);
    expect(asked).toMatch(/DISPATCH\] .* Worker: llama/);
    await network.clock.advance('3s');
    const answered = printed(await network.send(answer('llama', 1, 'To graze.')));
    expect(answered).toMatch(/\[00:03\.000 RES\] .*9 tokens in 3\.0 s \(3\.0 tok\/s\)/);
  });

  test('an answer at once has no rate', async ({ network }) => {
    await network.send(pay('alice', 27));
    const receipt = await network.send(answer('llama', 1, 'To graze.'));
    expect(printed(receipt)).toContain('9 tokens in 0.0 s | Client');
  });
});

describe('what cannot be served is refunded in full', () => {
  const test = corralTest(async () => {
    const world = await buildMarket({ 'Max-Prompt': '100' });
    await world.network.mintWar(world.network.wallet('alice'), 10n ** 61n);
    return world;
  });

  test.for([
    [26, {}, 'Insufficient payment'],
    [27, { 'X-Prompt': '' }, 'X-Prompt is missing'],
    [999, { 'X-Prompt': 'x'.repeat(101) }, 'X-Prompt is longer than 100 bytes'],
    [27, { 'X-Tokens': '0' }, 'X-Tokens must be a whole number from 1 to 1024'],
    [27, { 'X-Tokens': '1025' }, 'X-Tokens must be a whole number from 1 to 1024'],
    [27, { 'X-Tokens': '-7' }, 'X-Tokens must be a whole number from 1 to 1024'],
    [27, { 'X-Tokens': '2.5' }, 'X-Tokens must be a whole number from 1 to 1024'],
    [27, { 'X-Tokens': '9'.repeat(16) }, 'X-Tokens must be a whole number from 1 to 1024'],
    [27, { 'X-Termination': 'x'.repeat(257) }, 'X-Termination is longer than 256 bytes'],
    [10n ** 60n, {}, 'Quantity has more than 60 digits'],
  ] as const)('%d winston with %o: %s', async ([winston, tags, reason], { network }) => {
    const payment = pay('alice', winston, { 'X-Reference': 'r-1', ...tags });
    await expect(() => network.send(payment)).toConserve(war(network));
    expect(network).toHaveMessage({
      from: 'wAR',
      to: 'alice',
      action: 'Credit-Notice',
      tags: { Quantity: winston, 'X-Reason': reason, 'X-Reference': 'r-1' },
    });
    expect(await balanceOf(network, 'herder')).toBe(0n);
  });

  test('who paid too little is told the fee', async ({ network }) => {
    const receipt = await network.send(pay('bob', 26));
    expect(receipt).toHaveMessage({ to: 'bob', tags: { 'X-Needed': 27 } });
  });

  test('a payment without any question', async ({ network }) => {
    const transfer = { Recipient: PINNED.herder, Quantity: '5' };
    const receipt = await network.send({
      ...{ from: 'bob', to: 'wAR', action: 'Transfer' },
      tags: transfer,
    });
    expect(receipt).toHaveMessage({ to: 'bob', tags: { 'X-Reason': 'X-Prompt is missing' } });
  });
});

describe('money that is no payment', () => {
  test('a Credit-Notice of anybody but wAR buys nothing', async ({
    network,
    herder,
    addressOf,
  }) => {
    const receipt = await herder.send({
      from: 'eve',
      action: 'Credit-Notice',
      tags: { Sender: addressOf('eve'), Quantity: '27', 'X-Prompt': LIFE, 'X-Tokens': '20' },
    });
    expect(receipt).not.toHaveMessage({ from: 'herder' });
    expect(printed(receipt)).toContain('not the token');
    expect(await network.read(herder, 'Herder.queue')).toEqual([]);
  });

  test('a refund that comes back is kept, or it would come back for ever', async ({ network }) => {
    const receipt = await network.send(pay('bob', 5, { 'X-Reason': 'Insufficient payment' }));
    expect(receipt).not.toHaveMessage({ to: 'bob', action: 'Credit-Notice' });
    expect(printed(receipt)).toContain('5 winston kept');
    expect(await balanceOf(network, 'herder')).toBe(5n);
  });

  test('what the herder pays itself is kept, too', async ({ network, herder }) => {
    await network.mintWar(herder, 5n);
    const receipt = await herder.eval(
      `Send({ Target = '${PINNED.war}', Action = 'Transfer', Recipient = ao.id, Quantity = '5' })`,
    );
    expect(receipt).toHaveMessage({ from: 'wAR', to: 'herder', action: 'Credit-Notice' });
    expect(receipt).not.toHaveMessage({ action: 'Transfer', tags: { 'X-Reason': /./ } });
  });

  test('a notice that is lost leaves the herder with the wAR', async ({ network, herder }) => {
    network.faults.drop({ from: 'wAR', to: herder, action: 'Credit-Notice' });
    expect(await network.send(pay('bob', 27))).not.toHaveMessage({ from: 'herder' });
    expect(await balanceOf(network, 'herder')).toBe(27n);
  });

  test('a notice that comes twice is refunded once: wAR refuses what is not there', async ({
    network,
    herder,
  }) => {
    network.faults.duplicate({ from: 'wAR', to: herder, action: 'Credit-Notice' });
    const receipt = await network.send(pay('bob', 26));
    expect(receipt).toHaveMessage({ to: 'bob', tags: { 'X-Needed': 27 } }, { times: 1 });
    expect(receipt).toHaveMessage({ to: herder, action: 'Transfer-Error' });
    expect(printed(receipt)).toContain('A refund failed: Insufficient Balance!');
    expect(await balanceOf(network, 'bob')).toBe(1000n);
  });

  test('a Transfer-Error of anybody else is not worth a line', async ({ herder }) => {
    const receipt = await herder.send({ from: 'eve', action: 'Transfer-Error' });
    expect(printed(receipt)).toBe('');
  });
});

describe('while no worker is there', () => {
  const test = corralTest(() => buildMarket({ 'Max-Queue': '2' }));

  test('requests wait: the highest multiplier first, equal ones by arrival', async ({
    network,
    admit,
  }) => {
    await network.send({
      from: 'owner',
      to: 'herder',
      action: 'Set-Terms',
      tags: { 'Max-Queue': '9' },
    });
    const prompts = ['low', 'high', 'low again', 'middle'];
    const bids = [22, 66, 23, 44]; // 1 + (words + 20): one time, three times, one time, two times
    for (const [index, bid] of bids.entries()) {
      await network.send(pay('alice', bid, { 'X-Prompt': prompts[index] ?? '' }));
    }
    await network.send(admit('llama'));
    for (const job of [2, 4, 1, 3]) {
      expect(network).toHaveMessage({ action: 'Inference', tags: { 'Job-Id': job } });
      await network.send(answer('llama', job, 'Hm.'));
    }
    expect(network).toHaveMessages(
      ['high', 'middle', 'low', 'low again'].map((data) => ({ action: 'Inference', data })),
    );
  });

  test('the one too many is refunded', async ({ network }) => {
    for (const name of ['alice', 'bob']) await network.send(pay(name, 54));
    const receipt = await network.send(pay('carol', 27));
    expect(receipt).toHaveMessage({ to: 'carol', tags: { 'X-Reason': 'The queue is full' } });
  });

  test('or the lowest, if the new bid is higher', async ({ network }) => {
    await network.send(pay('alice', 27));
    await network.send(pay('bob', 54));
    const receipt = await network.send(pay('carol', 81));
    expect(receipt).toHaveMessage({
      to: 'alice',
      tags: { Quantity: 27, 'X-Reason': 'A higher bid took the place' },
    });
  });

  test('nobody waits longer than an hour', async ({ network }) => {
    await network.send(pay('alice', 27));
    await network.clock.advance('1h');
    expect(await network.send(tick)).not.toHaveMessage({ to: 'alice' });
    await network.clock.advance(1);
    expect(await network.send(tick)).toHaveMessage({
      to: 'alice',
      tags: { Quantity: 27, 'X-Reason': 'No worker was free in time' },
    });
  });

  test('two payments may overtake each other on the way', async ({ network, herder, admit }) => {
    await using manual = await network.fork(undefined, { crank: 'manual' });
    const first = await manual.send(pay('alice', 27));
    const second = await manual.send(pay('bob', 27));
    manual.faults.hold({ from: 'wAR', to: herder, action: 'Credit-Notice' });
    while (await manual.step());
    expect([first.pending, second.pending]).toEqual([1, 1]);
    await manual.faults.clear();
    while (await manual.step());
    await manual.send(admit('llama'));
    while (await manual.step());
    expect(manual).toHaveMessage({ to: 'llama', action: 'Inference' }, { times: 1 });
    expect(await manual.read(herder, 'Herder.queue')).toHaveLength(1);
  });
});

describe('terms', () => {
  const set = (from: string, tags: Record<string, string>) => ({
    ...{ from, to: 'herder', action: 'Set-Terms' },
    tags,
  });

  test('are told to whoever asks', async ({ network }) => {
    await network.send(pay('alice', 27));
    const receipt = await network.send({ from: 'eve', to: 'herder', action: 'Info' });
    expect(receipt).toHaveMessage({
      to: 'eve',
      action: 'Info-Response',
      tags: {
        ...{ 'Base-Fee': 1, 'Token-Fee': 1, 'Last-Multiplier': 1, 'Payment-Token': PINNED.war },
        ...{ 'Max-Tokens': 1024, 'Max-Prompt': 3072, 'Queue-Length': 1, 'Idle-Workers': 0 },
      },
    });
  });

  test('are set by the owner, and hold from the next payment', async ({ network }) => {
    const receipt = await network.send(set('owner', { 'Base-Fee': '100', 'Token-Fee': '10' }));
    expect(receipt).toHaveMessage({ to: 'owner', action: 'Terms-Set' });
    expect(await network.send(pay('alice', 359))).toHaveMessage({ tags: { 'X-Needed': 360 } });
    expect(await network.send(pay('alice', 360))).not.toHaveMessage({ tags: { 'X-Reason': /./ } });
  });

  test('are not set by anybody else', async ({ network, herder }) => {
    const receipt = await network.send(set('eve', { 'Base-Fee': '0' }));
    expect(receipt).toHaveMessage({
      to: 'eve',
      action: 'Terms-Error',
      tags: { Error: 'Only the owner can set terms' },
    });
    expect(await herder.read('Herder.feeBase')).toBe(1);
  });

  test.for([
    ['Token-Fee', '0'],
    ['Max-Tokens', '32769'],
    ['Base-Fee', 'free'],
  ] as const)('all or nothing: not with a %s of %s', async ([tag, value], { network, herder }) => {
    const receipt = await network.send(set('owner', { 'Max-Queue': '7', [tag]: value }));
    expect(receipt).toHaveMessage({
      action: 'Terms-Error',
      tags: { Error: new RegExp(`^${tag} must be a whole number from \\d+ to \\d+$`) },
    });
    expect(await herder.read('Herder.maxQueue')).toBe(1000);
  });

  test('that are wrong in the tags of the process keep it from starting', async ({ network }) => {
    const request = { file: 'processes/herder.lua', tags: { 'Token-Fee': '0' } };
    await expect(network.spawn(request)).rejects.toFailWith(
      /Process tag Token-Fee must be a whole/,
    );
  });

  test('can name another token, however the tag is written', async ({ network }) => {
    const request = {
      file: 'processes/herder.lua',
      name: 'other',
      tags: { payment_token: 'Gold' },
    };
    const other = await network.spawn(request);
    expect(await other.read('Herder.token')).toBe('Gold');
  });

  test('and the queue outlive a reload of the program', async ({ network, herder }) => {
    await network.send(set('owner', { 'Token-Fee': '2' }));
    await network.send(pay('alice', 60));
    expect(await herder.eval(bundleLua('processes/herder.lua', '.'))).not.toFailWith();
    expect(await herder.read('Herder.feeToken')).toBe(2);
    expect(await herder.read('Herder.queue')).toHaveLength(1);
  });
});

describe('time', () => {
  test('is the scheduler’s: a Timestamp tag is not believed', async ({ network, herder }) => {
    await network.send(tick);
    const now = await herder.read('Herder.now');
    await herder.send({ from: 'eve', action: 'Tick', tags: { Timestamp: '99999999999999' } });
    expect(await herder.read('Herder.now')).toBe(now);
  });

  test('that is no number does not count', async ({ herder }) => {
    const result = await herder.dryRun({
      Tags: [{ name: 'Action', value: 'Info' }],
      Timestamp: 'soon' as unknown as number,
    });
    expect(result.error).toBeUndefined();
    expect(result.messages).toHaveLength(1);
  });

  test('is looked at by a cron as well', async ({ network }) => {
    const tags = { 'Cron-Interval': '5-minutes', 'Cron-Tag-Action': 'Cron' };
    const other = await network.spawn({ file: 'processes/herder.lua', name: 'awake', tags });
    const before = Number(await other.read('Herder.now'));
    await network.clock.advance('5m');
    expect(Number(await other.read('Herder.now')) - before).toBe(300_000);
  });
});

describe('mail', () => {
  test('that no handler knows is shown and dropped', async ({ herder }) => {
    const receipt = await herder.send({ from: 'eve', action: 'Hello', data: 'Hm?' });
    expect(printed(receipt)).toContain('New Message From');
    expect(await herder.read('Inbox')).toHaveLength(1); // the message that it was spawned by
  });
});

testHired('its log leads every unit to the same state', async ({ network, herder }) => {
  await network.send(pay('alice', 27));
  await network.send(answer('llama', 1, 'To graze.'));
  await network.send(pay('bob', 5));
  await expect(herder).toReplay();
});
