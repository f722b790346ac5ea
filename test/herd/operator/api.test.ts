/** The API over HTTP: shapes of both kinds, every refusal, the queue, repeated requests. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { REFUSALS } from '../../../herd/operator/errors.js';
import { packageRoot } from '../../../herd/package-root.js';
import { ANSWER, type Bench, type BenchOptions, openBench, type Reply } from './bench.js';

const benches: Bench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.close();
});

const STATUS = '/api/v1/status';
const QUESTION = '/api/v1/question';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function open(options?: BenchOptions): Promise<Bench> {
  const bench = await openBench(options);
  benches.push(bench);
  return bench;
}

/** Has the question that was asked first answered, and its callback told. */
async function finish({ answerer, receiver }: Bench): Promise<void> {
  answerer.answer();
  await receiver.received.next();
}

function refused(code: keyof typeof REFUSALS, said: string) {
  const { number, status } = REFUSALS[code];
  const hint = expect.stringMatching(/\.$/);
  const body = { code: number, msg: expect.stringContaining(said), data: { error: code, hint } };
  return { status, body };
}

describe('the documented shapes', () => {
  test('status, question, callback', async () => {
    const bench = await open();
    const { nodeId } = bench.operator;
    expect(await bench.call('POST', STATUS)).toEqual({
      status: 200,
      body: { code: 0, msg: '0', data: { status: 0, node_id: nodeId } },
    });
    const reply = await bench.ask({ prompt: 'hello' });
    const reqId = expect.stringMatching(UUID);
    expect(reply).toEqual({
      status: 200,
      body: { code: 0, msg: '', data: { node_id: nodeId, req_id: reqId } },
    });
    expect((await bench.call('POST', STATUS)).body).toMatchObject({
      msg: '1',
      data: { status: 1 },
    });
    bench.answerer.answer();
    const { path, headers, body } = await bench.receiver.received.next();
    const id = reply.body.data.req_id;
    expect(path).toBe('/back');
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'idempotency-key': id });
    expect(body).toEqual({
      node_id: nodeId,
      req_id: id,
      model: 'llama',
      prompt: 'hello',
      answer: ANSWER.answer,
      state_root: ANSWER.stateRoot,
    });
    expect((await bench.call('POST', STATUS)).body).toMatchObject({
      msg: '0',
      data: { status: 0 },
    });
  });

  test('the health check', async () => {
    const { operator } = await open();
    expect(await (await fetch(`${operator.url}/healthcheck`)).text()).toBe('ok');
  });

  test('what became of a request', async () => {
    const bench = await open();
    await bench.ask({ req_id: 'mine' });
    await bench.ask({ req_id: 'next' });
    expect(await bench.request('mine')).toMatchObject({ req_id: 'mine', state: 'answering' });
    expect(await bench.request('next')).toMatchObject({ state: 'waiting' });
    await finish(bench);
    bench.answerer.answer(new Error('the prompt is too long for the model'));
    const { body } = await bench.receiver.received.next();
    const error = 'ANSWER_FAILED: the prompt is too long for the model';
    expect(body).toMatchObject({ req_id: 'next', answer: '', state_root: '', error });
    await bench.operator.stop().then(({ undelivered }) => expect(undelivered).toEqual([]));
  });
});

describe('the shapes of the original', () => {
  const dataOf = ({ body }: Reply) => JSON.parse(String(body.data)) as Record<string, unknown>;

  test('status by GET, 200 as success, data as a string', async () => {
    const bench = await open({ original: true });
    const { nodeId } = bench.operator;
    const free = await bench.call('GET', STATUS);
    expect(free).toMatchObject({ status: 200, body: { code: 0, msg: '0' } });
    expect(dataOf(free)).toEqual({ status: 0, node_id: nodeId });
    const taken = await bench.ask({ req_id: 'of-the-caller' });
    expect(taken).toMatchObject({ status: 200, body: { code: 200, msg: '' } });
    expect(dataOf(taken)).toEqual({ node_id: nodeId, req_id: 'of-the-caller' });
    expect(await bench.call('GET', STATUS)).toMatchObject({ body: { msg: '1' } });
    bench.answerer.answer();
    const { body } = await bench.receiver.received.next();
    expect(body).toMatchObject({ node_id: nodeId, req_id: 'of-the-caller', answer: ANSWER.answer });
  });

  test('every refusal is HTTP 400 with data ""', async () => {
    const bench = await open({ original: true });
    const unknown = { status: 400, body: { code: -505, data: '' } };
    expect(await bench.ask({ model: 'gpt' })).toMatchObject(unknown);
    expect(await bench.call('POST', STATUS)).toMatchObject({ status: 400, body: { code: -510 } });
  });
});

describe('refuses, and starts nothing', () => {
  const json = (fields: Record<string, unknown>) => JSON.stringify(fields);
  const whole = { model: 'llama', prompt: 'Why?', callback: 'http://127.0.0.1:99/' };

  test.each<[string, keyof typeof REFUSALS, string, string]>([
    ['no JSON', 'JSON_INVALID', '{"model":', 'no JSON'],
    ['nothing', 'JSON_INVALID', '', 'no JSON'],
    ['a list', 'JSON_INVALID', '[]', 'no JSON object'],
    ['no model', 'FIELD_MISSING', json({ ...whole, model: undefined }), '"model"'],
    ['no prompt', 'FIELD_MISSING', json({ ...whole, prompt: '' }), '"prompt"'],
    ['no callback', 'FIELD_MISSING', json({ ...whole, callback: null }), '"callback"'],
    ['a prompt that is a number', 'FIELD_INVALID', json({ ...whole, prompt: 7 }), '"prompt"'],
    [
      'half a character',
      'FIELD_INVALID',
      '{"model":"llama","prompt":"\\ud83d","callback":"http://a"}',
      '"prompt"',
    ],
    ['a req_id with a blank', 'FIELD_INVALID', json({ ...whole, req_id: 'a b' }), '"req_id"'],
    ['a req_id too long', 'FIELD_INVALID', json({ ...whole, req_id: 'a'.repeat(129) }), '"req_id"'],
    ['another model', 'MODEL_UNKNOWN', json({ ...whole, model: 'llama-7b' }), '"llama-7b"'],
    ['a prompt too long', 'PROMPT_TOO_LONG', json({ ...whole, prompt: 'é'.repeat(1537) }), '3074'],
    ['no URL', 'CALLBACK_INVALID', json({ ...whole, callback: 'back' }), '"back" is no URL'],
    [
      'a file',
      'CALLBACK_INVALID',
      json({ ...whole, callback: 'file:///etc/passwd' }),
      'http or https',
    ],
    [
      'a password',
      'CALLBACK_INVALID',
      json({ ...whole, callback: 'http://a:b@c/' }),
      'credentials',
    ],
    [
      'a URL too long',
      'CALLBACK_INVALID',
      json({ ...whole, callback: `http://a/${'b'.repeat(2048)}` }),
      '2048',
    ],
    [
      'a port that fetch blocks',
      'CALLBACK_INVALID',
      json({ ...whole, callback: 'http://a:22/' }),
      'port 22',
    ],
    ['a body too large', 'BODY_TOO_LARGE', json({ ...whole, prompt: 'a'.repeat(65_536) }), '65536'],
  ])('%s', async (_, code, body, said) => {
    const bench = await open();
    expect(await bench.call('POST', QUESTION, body)).toEqual(refused(code, said));
    expect(await bench.call('POST', STATUS)).toMatchObject({ body: { msg: '0' } });
    expect(bench.answerer.asked.unread).toBe(0);
  });

  test('a body too large that does not say so first', async () => {
    const { operator } = await open();
    const body = new Blob(['{"model":"', 'a'.repeat(70_000), '"}']).stream();
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    const response = await fetch(`${operator.url}${QUESTION}`, init);
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ data: { error: 'BODY_TOO_LARGE' } });
  });

  test('a web page, which would need no CORS header to be heard', async () => {
    const { operator, answerer } = await open();
    const init = { method: 'POST', body: json(whole), headers: { Origin: 'http://evil.example' } };
    const response = await fetch(`${operator.url}${QUESTION}`, init);
    const reply = { status: response.status, body: await response.json() };
    expect(reply).toEqual(refused('WEB_PAGE_REFUSED', 'http://evil.example'));
    expect(answerer.asked.unread).toBe(0);
  });

  test('what is not there, with what is', async () => {
    const bench = await open();
    const { status, body } = await bench.call('GET', STATUS);
    expect({ status, code: body.code }).toEqual({ status: 404, code: -510 });
    expect(body.data.hint).toContain('POST /api/v1/status');
    expect(await bench.call('GET', '/api/v1/requests/x')).toEqual(
      refused('REQUEST_UNKNOWN', '"x"'),
    );
  });
});

describe('the queue', () => {
  test('is bounded; who is refused may come again', async () => {
    const bench = await open({ queueMax: 1 });
    for (const req_id of ['one', 'two']) expect((await bench.ask({ req_id })).status).toBe(200);
    expect(await bench.ask({ req_id: 'three' })).toEqual(refused('QUEUE_FULL', '1 questions'));
    await finish(bench);
    expect((await bench.ask({ req_id: 'three' })).status).toBe(200);
  });

  test('is served in order, one question a worker', async () => {
    const bench = await open({ workers: 2 });
    for (const req_id of ['a', 'b', 'c', 'd']) await bench.ask({ req_id });
    expect(bench.answerer.asked.unread).toBe(2);
    for (const _ of 'abcd') await finish(bench);
    const order = [];
    while (bench.answerer.asked.unread > 0) order.push((await bench.answerer.asked.next()).reqId);
    expect(order).toEqual(['a', 'b', 'c', 'd']);
  });

  test('counts as busy only while every worker has a question', async () => {
    const bench = await open({ workers: 2 });
    await bench.ask();
    expect(await bench.call('POST', STATUS)).toMatchObject({ body: { msg: '0' } });
    await bench.ask();
    expect(await bench.call('POST', STATUS)).toMatchObject({ body: { msg: '1' } });
  });

  test('an answer that fails or never comes frees its worker', async () => {
    const bench = await open();
    await bench.ask({ req_id: 'fails' });
    await bench.ask({ req_id: 'hangs' });
    bench.answerer.answer(new Error('out of order'));
    expect((await bench.receiver.received.next()).body.error).toBe('ANSWER_FAILED: out of order');
    bench.timer.advance(600_000);
    const { body } = await bench.receiver.received.next();
    expect(body).toMatchObject({
      req_id: 'hangs',
      error: 'ANSWER_TIMEOUT: no answer within 600 s',
    });
    expect(await bench.call('POST', STATUS)).toMatchObject({ body: { msg: '0' } });
  });
});

describe('a request that is repeated', () => {
  test('has the same reply and starts nothing, before and after its answer', async () => {
    const bench = await open({ queueMax: 0 });
    const first = await bench.ask({ req_id: 'once' });
    expect(await bench.ask({ req_id: 'once' })).toEqual(first);
    await finish(bench);
    expect(await bench.ask({ req_id: 'once' })).toEqual(first);
    expect(bench.answerer.asked.unread).toBe(1);
    expect(bench.receiver.count).toBe(1);
  });

  test('with another body is a conflict', async () => {
    const bench = await open();
    await bench.ask({ req_id: 'once' });
    for (const other of [{ prompt: 'Why not?' }, { callback: 'http://127.0.0.1:99/' }]) {
      const reply = await bench.ask({ req_id: 'once', ...other });
      expect(reply).toEqual(refused('REQUEST_CONFLICT', '"once"'));
    }
  });

  test('is known among the latest requests', async () => {
    const bench = await open({ requestsMax: 2 });
    for (const req_id of ['a', 'b']) {
      await bench.ask({ req_id });
      await finish(bench);
      await bench.answerer.asked.next();
    }
    await bench.ask({ req_id: 'c' });
    expect(await bench.call('GET', '/api/v1/requests/a')).toMatchObject({ status: 404 });
    expect(await bench.request('b')).toMatchObject({ state: 'delivered' });
  });

  test('and those that are still owed a callback are never forgotten', async () => {
    const bench = await open({ requestsMax: 1 });
    await bench.ask({ req_id: 'owed' });
    expect(await bench.ask({ req_id: 'more' })).toEqual(refused('QUEUE_FULL', '1 callbacks'));
  });
});

test('the document has every code', () => {
  const text = readFileSync(join(packageRoot, 'docs', 'OPERATOR_API.md'), 'utf8');
  const rows = [...text.matchAll(/^\| (-\d+) \| `(\w+)` \| (\d+) \|/gm)];
  const told = rows.map(([, number, error, status]) => [
    error,
    { number: Number(number), status: Number(status) },
  ]);
  expect(Object.fromEntries(told)).toEqual(REFUSALS);
});
