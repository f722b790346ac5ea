/** Callbacks and heartbeats to servers that are dead, slow, wrong, or gone for a while; and the stop. */
import { afterEach, describe, expect, test } from 'vitest';
import { BLOCKED_PORTS } from '../../../herd/operator/blocked-ports.js';
import { CALLBACK_LIMIT_MS, CALLBACK_TRIES, pauseAfter } from '../../../herd/operator/callbacks.js';
import { ANSWER, type Bench, type BenchOptions, openBench, Receiver } from './bench.js';

const benches: Bench[] = [];
const receivers: Receiver[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.close();
  for (const receiver of receivers.splice(0)) await receiver.close();
});

async function open(options?: BenchOptions): Promise<Bench> {
  const bench = await openBench(options);
  benches.push(bench);
  return bench;
}

const pauses = Array.from({ length: CALLBACK_TRIES - 1 }, (_, index) => pauseAfter(index + 1));
const fail = (status: number, headers = {}): Receiver['respond'] => {
  return (response) => response.writeHead(status, headers).end();
};

test('the ports that no callback may name are those that fetch refuses', async () => {
  for (const port of BLOCKED_PORTS) {
    const cause = expect.objectContaining({ message: 'bad port' });
    await expect(fetch(`http://127.0.0.1:${port}/`), `${port}`).rejects.toMatchObject({ cause });
  }
});

test('pauses grow twofold up to 64 s, for four minutes in all', () => {
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 64, 64].map((seconds) => seconds * 1000));
});

describe('a callback', () => {
  test('that answers 500 is told again, the same, until it says 200', async () => {
    const bench = await open();
    bench.receiver.respond = (response, count) => {
      response.writeHead(count < 3 ? 500 : 200).end();
    };
    await bench.ask({ req_id: 'again' });
    bench.answerer.answer();
    const first = await bench.receiver.received.next();
    for (const pauseMs of [1000, 2000]) {
      await bench.timer.putOff(pauseMs);
      const callback = { last_error: 'HTTP 500', next_attempt: expect.stringMatching(/Z$/) };
      expect(await bench.request('again')).toMatchObject({ state: 'delivering', callback });
      bench.timer.advance(pauseMs);
      const { body, headers } = await bench.receiver.received.next();
      expect(body).toEqual(first.body);
      expect(headers['idempotency-key']).toBe('again');
    }
    expect((await bench.operator.stop()).undelivered).toEqual([]);
    expect(bench.receiver.count).toBe(3);
  });

  test.each<[string, Receiver['respond'], string]>([
    ['refuses', fail(404), 'HTTP 404'],
    ['leads elsewhere', fail(307, { Location: 'http://127.0.0.1:99/' }), 'HTTP 307'],
    ['breaks off', (response) => response.destroy(), 'UND_ERR_SOCKET'],
  ])('that %s is given up in the end, and that can be seen', async (_, respond, reason) => {
    const bench = await open();
    bench.receiver.respond = respond;
    await bench.ask({ req_id: 'lost' });
    bench.answerer.answer();
    for (const pauseMs of pauses) {
      await bench.timer.putOff(pauseMs);
      bench.timer.advance(pauseMs);
    }
    expect(await bench.log.next()).toBe(`callback of lost failed: ${reason}; trying on`);
    expect(await bench.log.next()).toBe(`callback of lost given up after 10 tries: ${reason}`);
    expect(bench.receiver.count).toBe(CALLBACK_TRIES);
    const callback = { attempts: CALLBACK_TRIES, last_error: reason };
    expect(await bench.request('lost')).toMatchObject({ state: 'undelivered', callback });
  });

  test('that nobody listens to holds up nobody, and its answer can still be read', async () => {
    const bench = await open();
    const gone = await new Receiver().listen();
    const { url } = gone;
    await gone.close();
    await bench.ask({ req_id: 'dead', callback: url });
    bench.answerer.answer();
    for (const pauseMs of pauses) {
      await bench.timer.putOff(pauseMs);
      expect(await bench.call('POST', '/api/v1/status')).toMatchObject({ body: { msg: '0' } });
      bench.timer.advance(pauseMs);
    }
    expect(await bench.log.next()).toContain('dead failed: ECONNREFUSED');
    expect(await bench.log.next()).toContain('given up after 10 tries: ECONNREFUSED');
    expect(await bench.request('dead')).toMatchObject({
      state: 'undelivered',
      answer: ANSWER.answer,
      state_root: ANSWER.stateRoot,
    });
    await bench.ask({ req_id: 'alive' });
    bench.answerer.answer();
    expect((await bench.receiver.received.next()).body.req_id).toBe('alive');
  });

  test('that never answers is given up on and tried again', async () => {
    const bench = await open();
    bench.receiver.respond = (response, count) => {
      if (count > 1) response.end();
    };
    await bench.ask({ req_id: 'slow' });
    bench.answerer.answer();
    await bench.receiver.received.next();
    bench.timer.advance(CALLBACK_LIMIT_MS);
    await bench.timer.putOff(1000);
    const callback = { attempts: 1, last_error: 'no answer within 60 s' };
    expect(await bench.request('slow')).toMatchObject({ state: 'delivering', callback });
    bench.timer.advance(1000);
    await bench.receiver.received.next();
    expect((await bench.operator.stop()).undelivered).toEqual([]);
  });

  test('whose 200 goes on for ever is told once', async () => {
    const bench = await open();
    bench.receiver.respond = (response) => response.writeHead(200).write('and');
    await bench.ask({ req_id: 'chatty' });
    bench.answerer.answer();
    await bench.receiver.closed.next();
    expect(await bench.request('chatty')).toMatchObject({ state: 'delivered' });
  });

  test('gets a huge answer whole', async () => {
    const bench = await open();
    const answer = 'é"\n\u0000'.repeat(1_000_000);
    await bench.ask();
    bench.answerer.answer({ ...ANSWER, answer });
    const { body } = await bench.receiver.received.next();
    expect(body.answer === answer).toBe(true);
  });
});

describe('a stop', () => {
  test('finishes the answer under way, and tells those that wait that none will come', async () => {
    const bench = await open();
    for (const req_id of ['first', 'second']) await bench.ask({ req_id });
    const stopped = bench.operator.stop();
    const told = await bench.receiver.received.next();
    expect(told.body).toMatchObject({ req_id: 'second', answer: '' });
    expect(told.body.error).toMatch(/^OPERATOR_STOPPED: /);
    const refusal = { status: 503, body: { code: -511, data: { error: 'OPERATOR_STOPPING' } } };
    expect(await bench.ask()).toMatchObject(refusal);
    expect((await bench.ask({ req_id: 'first' })).status).toBe(200); // known already
    bench.answerer.answer();
    expect((await bench.receiver.received.next()).body.answer).toBe(ANSWER.answer);
    expect(await stopped).toEqual({ delivered: ['first', 'second'], undelivered: [] });
    await expect(fetch(`${bench.operator.url}/healthcheck`)).rejects.toThrow('fetch failed');
  });

  test('tries a callback that waits once more, at once, and reports what it could not tell', async () => {
    const bench = await open();
    bench.receiver.respond = fail(500);
    await bench.ask({ req_id: 'lost' });
    bench.answerer.answer();
    await bench.timer.putOff(1000);
    expect(await bench.operator.stop()).toEqual({ delivered: [], undelivered: ['lost'] });
    expect(bench.receiver.count).toBe(2);
  });

  test('that is asked for twice is one', async () => {
    const bench = await open();
    const stops = [bench.operator.stop(), bench.operator.stop()];
    expect(await Promise.all(stops)).toEqual([
      { delivered: [], undelivered: [] },
      { delivered: [], undelivered: [] },
    ]);
  });
});

describe('heartbeats', () => {
  test('go to the dispatcher every 5 s, with what there is to do', async () => {
    const dispatcher = await new Receiver().listen();
    receivers.push(dispatcher);
    const bench = await open({ lines: `dispatcher: ${dispatcher.url}/` });
    const idle = await dispatcher.received.next();
    expect(idle).toMatchObject({ path: '/receive_heart_beat' });
    expect(idle.body).toEqual({ worker_name: bench.operator.url, queue_length: 0 });
    await bench.ask();
    await bench.ask();
    await bench.timer.putOff(5000);
    bench.timer.advance(5000);
    expect((await dispatcher.received.next()).body).toMatchObject({ queue_length: 2 });
  });

  test('that do not arrive are logged once, until they do again', async () => {
    const dispatcher = await new Receiver().listen();
    receivers.push(dispatcher);
    dispatcher.respond = (response, count) => response.writeHead(count < 3 ? 503 : 200).end();
    const bench = await open({ lines: `dispatcher: ${dispatcher.url}` });
    for (let beats = 0; beats < 4; beats++) {
      await bench.timer.putOff(5000);
      bench.timer.advance(5000);
    }
    const url = `${dispatcher.url}/receive_heart_beat`;
    expect(await bench.log.next()).toBe(`no heartbeat reaches ${url}: HTTP 503; trying on`);
    expect(await bench.log.next()).toBe(`heartbeats reach ${url} again`);
    expect(bench.log.unread).toBe(0);
  });
});
