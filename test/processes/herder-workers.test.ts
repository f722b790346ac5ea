/** The herd: workers that answer, fail, fall silent, come and go; and strangers who pretend. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LIFE, Market, postsTo, refunds } from './market.js';

let market: Market;

beforeEach(() => {
  market = new Market();
});

afterEach(() => {
  market.close();
});

describe('a worker', () => {
  test('that is silent is replaced and its request answered by another', () => {
    market.hire('DEAD', 'SPARE');
    market.network.crash('DEAD');
    market.pay('ALICE', 27);
    market.network.advance(600_001);
    const posts = market.tick();
    expect(postsTo(posts, 'SPARE', 'Inference')).toHaveLength(1);
    const [reply] = postsTo(market.answer('SPARE', 'Here.'), 'ALICE', 'Inference-Response');
    expect(reply?.data).toBe('Here.');
    expect(market.network.printed.get('HERDER')).toContain('Worker DEAD did not answer in time');
    expect(market.info()['Idle-Workers']).toBe('1');
  });

  test.each(['Tick', 'Cron', 'Info'])(
    'that is silent is noticed by any message, such as %s from a stranger',
    (action) => {
      market.hire('DEAD', 'SPARE');
      market.network.crash('DEAD');
      market.pay('ALICE', 27);
      market.network.advance(600_001);
      const posts = market.network.send({ from: 'EVE', to: 'HERDER', action });
      expect(postsTo(posts, 'SPARE', 'Inference')).toHaveLength(1);
    },
  );

  test('that was silent is asked back, and works again when it lives', () => {
    market.hire('LLAMA');
    market.network.eval(
      'LLAMA',
      "Handlers.add('r', 'Rejoin', function(m) Send({Target=m.From, Action='Register-Worker'}) end)",
    );
    market.network.crash('LLAMA');
    market.pay('ALICE', 27);
    market.network.advance(600_001);
    expect(postsTo(market.tick(), 'LLAMA', 'Rejoin')).toHaveLength(1);
    market.network.restart('LLAMA');
    market.network.advance(599_000);
    expect(postsTo(market.tick(), 'LLAMA', 'Rejoin')).toEqual([]);
    market.network.advance(2000);
    expect(postsTo(market.tick(), 'LLAMA', 'Inference')).toHaveLength(1);
    const posts = market.answer('LLAMA', 'Back.');
    expect(postsTo(posts, 'ALICE', 'Inference-Response')).toHaveLength(1);
    expect(market.info()['Idle-Workers']).toBe('1');
    market.network.advance(10_000_000);
    expect(market.tick()).toEqual([]);
  });

  test('that stays dead is asked ever more rarely', () => {
    market.hire('DEAD');
    market.network.crash('DEAD');
    market.pay('ALICE', 27);
    for (let minute = 0; minute < 24 * 60; minute += 5) {
      market.network.advance(300_000);
      market.tick();
    }
    // At 10, 20, 40, 80 ... minutes.
    expect(postsTo(market.network.posts, 'DEAD', 'Rejoin')).toHaveLength(8);
    expect(market.balance('ALICE')).toBe(1000n);
  });

  test('that was asked back and answers twice gets one job', () => {
    market.hire('SLOW');
    market.pay('ALICE', 27);
    market.pay('BOB', 27);
    market.network.advance(600_001);
    market.tick();
    market.answer('SLOW', 'late');
    const posts = market.network.send({ from: 'SLOW', to: 'HERDER', action: 'Register-Worker' });
    expect(postsTo(posts, 'SLOW', 'Inference')).toEqual([]);
    expect(market.info()).toMatchObject({ 'Queue-Length': '1', 'Idle-Workers': '0' });
  });

  test('that left, or was sent away, is not asked back', () => {
    market.hire('ONE', 'TWO');
    market.pay('ALICE', 27);
    market.network.eval('ONE', "Send({Target='HERDER', Action='Unregister-Worker'})");
    market.network.advance(600_001);
    market.tick();
    market.asOwner('Unregister-Worker', { Worker: 'TWO' });
    const first = market.network.posts.length;
    market.network.advance(100_000_000);
    market.tick();
    expect(market.network.posts.slice(first).filter(({ to }) => to !== 'WAR')).toMatchObject([
      { to: 'HERDER', tags: { Action: 'Tick' } },
      { tags: { Action: 'Debit-Notice' } },
      { to: 'ALICE', tags: { Action: 'Credit-Notice' } },
    ]);
  });

  test('that is within its time keeps its job', () => {
    market.hire('SLOW', 'SPARE');
    market.pay('ALICE', 27);
    market.network.advance(599_000);
    const posts = market.tick();
    expect(postsTo(posts, 'SPARE', 'Inference')).toEqual([]);
  });

  test('cannot be declared late by a stranger who writes a Timestamp tag', () => {
    market.hire('SLOW', 'SPARE');
    market.pay('ALICE', 27);
    const tags = { Timestamp: '99999999999999' };
    const posts = market.network.send({ from: 'BOB', to: 'HERDER', action: 'Tick', tags });
    expect(posts).toEqual([]);
  });

  test('that answers late is not heard, but may work again', () => {
    market.hire('SLOW', 'SPARE');
    market.pay('ALICE', 27);
    market.network.advance(600_001);
    market.tick();
    expect(postsTo(market.answer('SLOW', 'late'), 'ALICE', 'Inference-Response')).toEqual([]);
    expect(postsTo(market.answer('SPARE', 'in time'), 'ALICE', 'Inference-Response')).toHaveLength(
      1,
    );
    expect(market.info()['Idle-Workers']).toBe('2');
  });

  test('that reports a fault of its own leaves, and its request goes on', () => {
    market.hire('BROKEN', 'SPARE');
    market.pay('ALICE', 27);
    const posts = market.answer('BROKEN', '', { Action: 'Inference-Error', Error: 'no model' });
    expect(postsTo(posts, 'SPARE', 'Inference')).toHaveLength(1);
    expect(market.info()['Idle-Workers']).toBe('0');
  });

  test('that reports a fault of the request stays, and the payer is refunded at once', () => {
    market.hire('LLAMA', 'SPARE');
    market.pay('ALICE', 27);
    const tags = { Action: 'Inference-Error', Error: 'prompt too long', Fault: 'Request' };
    const posts = market.answer('LLAMA', '', tags);
    expect(refunds(posts)).toMatchObject([
      { to: 'ALICE', tags: { 'X-Reason': 'prompt too long', Quantity: '27' } },
    ]);
    expect(market.info()['Idle-Workers']).toBe('2');
  });

  test('after three that fail, the payer is refunded', () => {
    market.hire('ONE', 'TWO', 'THREE', 'FOUR');
    market.pay('ALICE', 27);
    const fault = { Action: 'Inference-Error', Error: 'out of hay' };
    expect(refunds(market.answer('ONE', '', fault))).toEqual([]);
    expect(refunds(market.answer('TWO', '', fault))).toEqual([]);
    expect(refunds(market.answer('THREE', '', fault))).toMatchObject([
      { to: 'ALICE', tags: { 'X-Reason': 'out of hay', Quantity: '27' } },
    ]);
    expect(market.jobs('FOUR')).toBe('');
    expect(market.balance('ALICE')).toBe(1000n);
  });

  test('must answer the job that it holds', () => {
    market.hire('LLAMA');
    market.pay('ALICE', 27);
    const posts = market.answer('LLAMA', 'for another job', { 'Job-Id': '99' });
    expect(postsTo(posts, 'ALICE', 'Inference-Response')).toEqual([]);
    expect(market.info()['Idle-Workers']).toBe('0');
  });

  test('of the herd cannot answer for another', () => {
    market.hire('ONE', 'TWO');
    market.pay('ALICE', 27);
    market.network.eval(
      'TWO',
      "Send({Target='HERDER', Action='Inference-Response', ['Job-Id']='1', Data='no'})",
    );
    expect(postsTo(market.network.posts, 'ALICE', 'Inference-Response')).toEqual([]);
    expect(postsTo(market.answer('ONE', 'mine'), 'ALICE', 'Inference-Response')).toHaveLength(1);
  });

  test('leaves and comes back by itself once admitted', () => {
    market.hire('LLAMA');
    market.network.eval('LLAMA', "Send({Target='HERDER', Action='Unregister-Worker'})");
    expect(market.info()['Idle-Workers']).toBe('0');
    market.network.eval('LLAMA', "Send({Target='HERDER', Action='Register-Worker'})");
    market.network.eval('LLAMA', "Send({Target='HERDER', Action='Register-Worker'})");
    expect(market.info()['Idle-Workers']).toBe('1');
  });

  test('that leaves with a job hands it on', () => {
    market.hire('LLAMA', 'SPARE');
    market.pay('ALICE', 27);
    market.network.eval('LLAMA', "Send({Target='HERDER', Action='Unregister-Worker'})");
    expect(market.jobs('SPARE')).toBe(LIFE);
  });

  test('that the owner sent away cannot come back', () => {
    market.hire('LLAMA');
    const tags = { Worker: 'LLAMA' };
    market.asOwner('Unregister-Worker', tags);
    const posts = market.network.send({ from: 'LLAMA', to: 'HERDER', action: 'Register-Worker' });
    expect(postsTo(posts, 'LLAMA', 'Worker-Refused')).toHaveLength(1);
    expect(market.info()['Idle-Workers']).toBe('0');
  });
});

describe('a stranger', () => {
  test('cannot join the herd, or admit a friend', () => {
    const tags = { Worker: 'FRIEND' };
    for (const given of [{}, tags]) {
      const posts = market.network.send({
        from: 'EVE',
        to: 'HERDER',
        action: 'Register-Worker',
        tags: given,
      });
      expect(postsTo(posts, 'EVE', 'Worker-Refused')).toHaveLength(1);
    }
    expect(market.info()['Idle-Workers']).toBe('0');
  });

  test.each(['Info', 'Set-Terms', 'Register-Worker'])(
    'cannot have somebody else answered by Reply-To: %s',
    (action) => {
      const tags = { 'Reply-To': 'ALICE' };
      const posts = market.network.send({ from: 'EVE', to: 'HERDER', action, tags });
      expect(posts.map(({ to }) => to)).toEqual(['EVE']);
    },
  );

  test('cannot answer for a worker', () => {
    market.hire('LLAMA');
    market.pay('ALICE', 27);
    const posts = market.network.send({
      from: 'EVE',
      to: 'HERDER',
      action: 'Inference-Response',
      tags: { 'Job-Id': '1' },
      data: 'forged',
    });
    expect(posts).toEqual([]);
    expect(market.network.printed.get('HERDER')).toContain(
      'Inference-Response from EVE: holds no job',
    );
    expect(postsTo(market.answer('LLAMA', 'real'), 'ALICE', 'Inference-Response')[0]?.data).toBe(
      'real',
    );
  });

  test('cannot pay with a Credit-Notice of its own', () => {
    market.hire('LLAMA');
    const posts = market.network.send({
      from: 'EVE',
      to: 'HERDER',
      action: 'Credit-Notice',
      tags: { Sender: 'EVE', Quantity: '999', 'X-Prompt': LIFE, 'X-Tokens': '20' },
    });
    expect(posts).toEqual([]);
    expect(market.network.printed.get('HERDER')).toContain('Credit-Notice from EVE: not the token');
  });

  test('cannot set terms', () => {
    const tags = { 'Base-Fee': '0' };
    const posts = market.network.send({ from: 'EVE', to: 'HERDER', action: 'Set-Terms', tags });
    expect(posts[0]?.tags).toMatchObject({ Action: 'Terms-Error' });
    expect(market.info()['Base-Fee']).toBe('1');
  });
});
