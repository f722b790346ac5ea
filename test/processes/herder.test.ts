/** The herder's market: payments, refunds, the price queue, terms. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OWNER, type Tags } from './harness.js';
import { herderProgram, LIFE, Market, postsTo, refunds } from './market.js';

let market: Market;

beforeEach(() => {
  market = new Market();
});

afterEach(() => {
  market.close();
});

describe('a paid request', () => {
  test('goes to an idle worker and its answer to the payer', () => {
    market.hire('LLAMA');
    const [job] = postsTo(market.pay('ALICE', 27, { 'X-Reference': 'r-7' }), 'LLAMA', 'Inference');
    expect(job).toMatchObject({ data: LIFE, tags: { Tokens: '20' } });
    const [reply] = postsTo(market.answer('LLAMA', 'To graze.'), 'ALICE', 'Inference-Response');
    expect(reply).toMatchObject({
      data: 'To graze.',
      tags: { 'X-Reference': 'r-7', Tokens: '20', 'Stop-Reason': 'length' },
    });
    expect(market.balance('ALICE')).toBe(973n);
  });

  test('without X-Reference is answered, too', () => {
    market.hire('LLAMA');
    market.pay('ALICE', 27);
    const [reply] = postsTo(market.answer('LLAMA', 'Grass.'), 'ALICE', 'Inference-Response');
    expect(reply?.data).toBe('Grass.');
    expect(reply?.tags).not.toHaveProperty('X-Reference');
  });

  test('carries its stop text to the worker', () => {
    market.hire('LLAMA');
    const [job] = postsTo(
      market.pay('ALICE', 27, { 'X-Termination': 'STOP' }),
      'LLAMA',
      'Inference',
    );
    expect(job?.tags.Termination).toBe('STOP');
  });

  test('is logged from request to answer', () => {
    market.hire('LLAMA');
    market.pay('ALICE', 27, { 'X-Reference': 'r-7' });
    market.network.advance(3400);
    market.answer('LLAMA', 'To graze.');
    const log = market.network.printed.get('HERDER') ?? '';
    const line = (label: string) => log.split('\n').find((text) => text.includes(label));
    expect(line('REQ')).toMatch(
      /^\[00:00\.\d{3} REQ\] {6}Requested: 26 \| Fee: 1\.00x \| In queue: 1 \| Client: ALICE \| Ref: r-7$/,
    );
    expect(line('DISPATCH')).toMatch(/^\[00:00\.\d{3} DISPATCH\] .* \| Worker: llama$/);
    expect(line('RES')).toMatch(
      /^\[00:03\.\d{3} RES\] {6}20 tokens in 3\.4 s \(5\.9 tok\/s\) \| Client: ALICE \| Worker: llama$/,
    );
  });
});

describe('refunds who paid, with the reason:', () => {
  const TOKENS = 'X-Tokens must be a whole number from 1 to 1024';
  test.each<[string, number | string, Tags, string]>([
    ['less than the fee', 26, {}, 'Insufficient payment'],
    ['no prompt', 50, { 'X-Prompt': '' }, 'X-Prompt is missing'],
    ['a long prompt', 50, { 'X-Prompt': 'x'.repeat(3073) }, 'X-Prompt is longer than 3072 bytes'],
    ['no tokens', 50, { 'X-Tokens': '' }, TOKENS],
    ['negative tokens that would make the fee 0', 1, { 'X-Tokens': '-7' }, TOKENS],
    ['negative tokens that would make it 1', 1, { 'X-Tokens': '-6' }, TOKENS],
    ['zero tokens', 50, { 'X-Tokens': '0' }, TOKENS],
    ['half a token', 50, { 'X-Tokens': '0.5' }, TOKENS],
    ['tokens with an exponent', 50, { 'X-Tokens': '1e1' }, TOKENS],
    ['too many tokens', 50, { 'X-Tokens': '1025' }, TOKENS],
    ['huge tokens', 50, { 'X-Tokens': '9'.repeat(30) }, TOKENS],
    ['tokens that are no number', 50, { 'X-Tokens': 'many' }, TOKENS],
    [
      'a long stop text',
      50,
      { 'X-Termination': 'x'.repeat(257) },
      'X-Termination is longer than 256 bytes',
    ],
  ])('%s', (_, quantity, tags, reason) => {
    market.hire('LLAMA');
    const posts = market.pay('BOB', quantity, { 'X-Reference': 'ref', ...tags });
    expect(postsTo(posts, 'LLAMA', 'Inference')).toEqual([]);
    expect(refunds(posts)).toMatchObject([
      { to: 'BOB', tags: { Quantity: String(quantity), 'X-Reason': reason, 'X-Reference': 'ref' } },
    ]);
    expect(market.balance('BOB')).toBe(1000n);
    expect(market.info()['Idle-Workers']).toBe('1');
  });

  test('says how much was needed', () => {
    expect(refunds(market.pay('BOB', 26))[0]?.tags['X-Needed']).toBe('27');
  });

  test('a full queue', () => {
    market.asOwner('Set-Terms', { 'Max-Queue': '1' });
    market.pay('ALICE', 54);
    for (const quantity of [27, 54]) {
      expect(refunds(market.pay('BOB', quantity))).toMatchObject([
        { to: 'BOB', tags: { Quantity: String(quantity), 'X-Reason': 'The queue is full' } },
      ]);
    }
  });

  test('a full queue and a higher bid, which takes the place of the lowest', () => {
    market.asOwner('Set-Terms', { 'Max-Queue': '2' });
    market.pay('ALICE', 27, { 'X-Reference': 'r-1' });
    market.pay('CAROL', 50);
    const reason = 'A higher bid took the place';
    expect(refunds(market.pay('BOB', 28, { 'X-Prompt': 'a b c d e f' }))).toMatchObject([
      { to: 'ALICE', tags: { Quantity: '27', 'X-Reason': reason, 'X-Reference': 'r-1' } },
    ]);
    expect(market.balance('ALICE')).toBe(1000n);
    market.hire('ONE', 'TWO');
    expect([market.jobs('ONE'), market.jobs('TWO')]).toEqual([LIFE, 'a b c d e f']);
  });

  test('a wait that is too long', () => {
    market.pay('ALICE', 27);
    market.network.advance(3_600_001);
    const posts = market.tick();
    expect(refunds(posts)).toMatchObject([
      { to: 'ALICE', tags: { 'X-Reason': 'No worker was free in time' } },
    ]);
  });

  test('but not its own refunds that come back, or two herders would play for ever', () => {
    market.network.spawn('OTHER', herderProgram, { 'Payment-Token': 'WAR' });
    market.network.send({
      from: OWNER,
      to: 'WAR',
      action: 'Mint',
      tags: { Recipient: 'OTHER', Quantity: '9' },
    });
    market.network.eval(
      'OTHER',
      "Send({Target='WAR', Action='Transfer', Recipient='HERDER', Quantity='9'})",
    );
    expect(market.network.posts.length).toBeLessThan(40);
    expect(market.network.printed.get('OTHER')).toContain('9 winston kept');
  });

  test('and not money that it sends to itself', () => {
    market.pay('ALICE', 27);
    market.network.eval(
      'HERDER',
      "Send({Target='WAR', Action='Transfer', Recipient=ao.id, Quantity='9'})",
    );
    expect(market.network.posts.length).toBeLessThan(40);
  });
});

describe('the queue', () => {
  test('serves the highest multiplier first and equal ones by arrival', () => {
    market.pay('ALICE', 27, { 'X-Prompt': 'a b c d e f' });
    market.pay('BOB', 60, { 'X-Prompt': 'g h i j k l' });
    market.pay('CAROL', 54, { 'X-Prompt': 'm n o p q r' });
    market.pay('ALICE', 42, { 'X-Prompt': 's', 'X-Tokens': '19' });
    expect(market.info()['Queue-Length']).toBe('4');
    market.hire('LLAMA');
    const served = [market.jobs('LLAMA')];
    for (let i = 0; i < 3; i += 1) {
      market.answer('LLAMA', 'x');
      served.push(market.jobs('LLAMA'));
    }
    expect(served).toEqual(['g h i j k l', 'm n o p q r', 's', 'a b c d e f']);
  });

  test('shows prices, multiplier and length on Info', () => {
    market.hire('LLAMA');
    expect(market.info()).toMatchObject({
      Action: 'Info-Response',
      'Base-Fee': '1',
      'Token-Fee': '1',
      'Last-Multiplier': '1',
      'Queue-Length': '0',
    });
    market.pay('ALICE', 54);
    market.pay('BOB', 27);
    expect(market.info()).toMatchObject({ 'Last-Multiplier': '2.0', 'Queue-Length': '1' });
  });

  test('gives several idle workers one job each, longest idle first', () => {
    market.pay('ALICE', 27);
    market.hire('ONE', 'TWO');
    market.pay('BOB', 27);
    market.pay('CAROL', 27);
    expect([market.jobs('ONE'), market.jobs('TWO')]).toEqual([LIFE, LIFE]);
    expect(market.info()['Queue-Length']).toBe('1');
  });
});

describe('terms', () => {
  test('are set by the owner and hold from the next payment', () => {
    const tags = { 'Base-Fee': '100', 'Token-Fee': '5' };
    const posts = market.asOwner('Set-Terms', tags);
    expect(posts[0]?.tags.Action).toBe('Terms-Set');
    expect(refunds(market.pay('ALICE', 229))[0]?.tags['X-Needed']).toBe('230');
    expect(refunds(market.pay('ALICE', 230))).toEqual([]);
  });

  test.each([
    [{ 'Base-Fee': '-1' }, 'Base-Fee must be a whole number from 0 to 100000000000'],
    [
      { 'Base-Fee': '7', 'Token-Fee': '0' },
      'Token-Fee must be a whole number from 1 to 100000000000',
    ],
    [{ 'Max-Tokens': '1.5' }, 'Max-Tokens must be a whole number from 1 to 32768'],
  ])('%o are refused as a whole', (tags, error) => {
    const posts = market.asOwner('Set-Terms', tags);
    expect(posts[0]?.tags).toMatchObject({ Action: 'Terms-Error', Error: error });
    expect(market.info()).toMatchObject({ 'Base-Fee': '1', 'Token-Fee': '1' });
  });

  test('come from the process tags at boot', () => {
    market.network.spawn('DEAR', herderProgram, {
      'Base-Fee': '9',
      'token-fee': '8',
      'Max-Tokens': '7',
    });
    const tags = market.network.send({ from: 'ALICE', to: 'DEAR', action: 'Info' })[0]?.tags;
    expect(tags).toMatchObject({
      'Base-Fee': '9',
      'Token-Fee': '8',
      'Max-Tokens': '7',
      'Payment-Token': 'xU9zFkq3X2ZQ6olwNVvr1vUWIjc3kXTWr7xKQD6dh10',
    });
  });

  test('and the queue survive a reload of the program', () => {
    market.pay('ALICE', 27);
    market.asOwner('Set-Terms', { 'Base-Fee': '3' });
    market.network.eval('HERDER', herderProgram);
    expect(market.info()).toMatchObject({
      'Base-Fee': '3',
      'Queue-Length': '1',
      'Payment-Token': 'WAR',
    });
  });
});
