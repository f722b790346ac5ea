/** What other tools than aoconnect ask of the units: explorers, HyperBEAM nodes, relays of messages. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createComputeApp } from '../../../actors/http/compute.js';
import { createMessengerApp } from '../../../actors/http/messenger.js';
import { createSchedulerApp } from '../../../actors/http/scheduler.js';
import { protocolTags } from '../../../actors/items/protocol.js';
import type { ActorNetwork, ProcessHandle } from '../../../actors/network.js';
import { signDataItem } from '../../../arlocal/data-item.js';
import { startNetwork } from '../kernel-module.js';

type App = ReturnType<typeof createMessengerApp>;

const UNKNOWN = 'A'.repeat(43);
let network: ActorNetwork;
let process: ProcessHandle;
let apps: { mu: App; cu: App };

beforeAll(async () => {
  const started = await startNetwork({ limits: { messageBytes: 100_000 } });
  network = started.network;
  process = await started.spawn();
  apps = { mu: createMessengerApp(network), cu: createComputeApp(network) };
});
afterAll(() => network.close());

const ask = async (app: keyof typeof apps, path: string, init?: RequestInit) => {
  const response = await apps[app].request(path, init);
  return { status: response.status, body: await response.json() };
};
const post = (body: Uint8Array | string): RequestInit => ({
  method: 'POST',
  body: Buffer.from(body),
});
const message = (data: string) =>
  signDataItem(network.wallet('alice'), {
    target: process.id,
    data,
    tags: [...protocolTags('Message'), { name: 'Action', value: 'Eval' }],
  });

describe('the messenger unit', () => {
  test('sends a message of a result again that was refused, and only such a one', async () => {
    const code = `Send({ Target = '${process.id}', Action = 'Note' })
      Send({ Target = '${process.id}', Data = ('x'):rep(200000) })`;
    const { item, bytes } = message(code);
    await ask('mu', '/', post(bytes));
    const push = (number: string, id = item.id) =>
      ask('mu', `/push/${id}/${number}?process-id=${process.id}`, { method: 'POST' });
    const next = () => network.units.log.next(process.id);
    const before = next();
    expect(await push('0')).toEqual({
      status: 202,
      body: { message: 'Processing Message Result', id: item.id },
    });
    expect(next()).toBe(before);
    expect(await push('1')).toMatchObject({
      status: 413,
      body: { code: 'MESSAGE_TOO_LARGE', limit: 100_000, got: expect.any(Number) },
    });
    expect(await push('2')).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } });
    expect(await push('one')).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } });
    expect(await push('0', UNKNOWN)).toMatchObject({ status: 404 });
    const path = `/push-result/${item.id}/0?process-id=${process.id}`;
    expect(await ask('mu', path, { method: 'POST' })).toMatchObject({
      status: 200,
      body: { id: item.id, number: 0 },
    });
  });

  test('tells what came to a process lately, and why', async () => {
    const { item, bytes } = message(`Send({ Target = '${process.id}', Action = 'Note' })`);
    await ask('mu', '/', post(bytes));
    const { body } = await ask('mu', `/?debug=1&process=${process.id}&page-size=2`);
    expect(body).toMatchObject({
      pageInfo: { hasNextPage: true },
      edges: [
        { node: { action: 'Note', parentId: item.id, type: 'MESSAGE', wallet: process.id } },
        { node: { messageId: item.id, timestamp: expect.any(Number), errors: [] } },
      ],
    });
    const one = await ask('mu', `/?debug=1&process=${process.id}&message=${item.id}`);
    expect(one.body).toMatchObject({ edges: [{ node: { messageId: item.id } }] });
    expect((one.body as { edges: unknown[] }).edges).toHaveLength(1);
    expect((await ask('mu', '/?debug=1')).status).toBe(400);
    const both = `/?debug=1&process=${process.id}&message=a&spawn=b`;
    expect((await ask('mu', both)).status).toBe(400);
  });
});

describe('the compute unit', () => {
  test('answers for a process as it was', async () => {
    const { network: past, alice, spawn } = await startNetwork();
    const app = createComputeApp(past);
    const { id, eval: evaluate } = await spawn();
    const spawnedMs = past.clock.now;
    const step = async (code: string) => {
      await past.clock.advance(1_000);
      return (await evaluate(code)).id;
    };
    const first = await step('Count = 1');
    const firstMs = past.clock.now;
    const stateThen = await past.units.compute.memory(id);
    await step('Count = 2');
    const last = await step('Count = 3');
    const Tags = [{ name: 'Action', value: 'Eval' }];
    const body = JSON.stringify({ Owner: alice.address, Tags, Data: 'Count' });
    const dryRun = (to: string) => app.request(`/dry-run?process-id=${id}&to=${to}`, post(body));
    const count = async (to: string) => {
      const { Output } = (await (await dryRun(to)).json()) as { Output: { data: string } };
      return Output.data;
    };
    expect([await count(first), await count(last), await count('')]).toEqual(['1', '3', '3']);
    expect((await dryRun(UNKNOWN)).status).toBe(404);
    const state = (to: number) => app.request(`/state/${id}?to=${to}`);
    const then = await state(firstMs + 500);
    expect(then.headers.get('last-ordinate')).toBe('1');
    expect(Buffer.from(await then.arrayBuffer()).equals(Buffer.from(stateThen))).toBe(true);
    expect((await state(spawnedMs - 1)).status).toBe(400);
    expect((await state(Number.MAX_SAFE_INTEGER)).headers.get('last-ordinate')).toBe('3');
    await past.close();
  });
});

test('a state of the past is refused if it takes more work than two evaluations may', async () => {
  const limits = { instructions: 20_000_000 };
  const { network: busy, spawn } = await startNetwork({ limits });
  const app = createComputeApp(busy);
  const { id, eval: evaluate } = await spawn();
  const heavy = 'local x = 0 for i = 1, 5000000 do x = x + i end return x';
  const times: number[] = [];
  const messages: string[] = [];
  for (let i = 0; i < 5; i++) {
    await busy.clock.advance(1_000);
    const { result, id: message } = await evaluate(heavy);
    expect(result?.error).toBeUndefined();
    messages.push(message);
    times.push(busy.clock.now);
  }
  const refusal = {
    code: 'REPLAY_TOO_LONG',
    limit: 40_000_000,
    got: expect.any(Number),
  };
  expect((await app.request(`/state/${id}?to=${times[0]}`)).status).toBe(200);
  const state = await app.request(`/state/${id}?to=${(times[4] ?? 0) - 500}`);
  expect({ status: state.status, body: await state.json() }).toMatchObject({
    status: 400,
    body: refusal,
  });
  const path = `/dry-run?process-id=${id}&to=${messages[3]}`;
  const dryRun = await app.request(path, post('{}'));
  expect(await dryRun.json()).toMatchObject(refusal);
  await busy.close();
});

describe('a compute unit that a HyperBEAM node asks', () => {
  const edges = (Id: string) => JSON.stringify({ edges: [{ node: { message: { Id } } }] });
  test('answers by slot, and evaluates nothing that its own scheduler did not assign', async () => {
    const { item, bytes } = message('"by slot"');
    await ask('mu', '/', post(bytes));
    const slot = network.units.log.find(process.id, item.id);
    const path = `/result/${slot}?process-id=${process.id}`;
    const expected = { status: 200, body: { Output: { data: 'by slot' } } };
    expect(await ask('cu', path, post(''))).toMatchObject(expected);
    expect(await ask('cu', path, post(edges(item.id)))).toMatchObject(expected);
    expect(await ask('cu', path, post(edges(UNKNOWN)))).toMatchObject({
      status: 409,
      body: { code: 'LOG_CONFLICT' },
    });
    expect(await ask('cu', path, post('no json'))).toMatchObject({ status: 400 });
    const beyond = `/result/${network.units.log.next(process.id)}?process-id=${process.id}`;
    expect(await ask('cu', beyond, post(''))).toMatchObject({ status: 404 });
    expect(await ask('cu', `/result/x?process-id=${process.id}`, post(''))).toMatchObject({
      status: 400,
    });
  });
});

describe('the scheduler unit', () => {
  test('ends a page where its data gets large', async () => {
    const { network: other, spawn } = await startNetwork();
    const app = createSchedulerApp(other);
    const { id } = await spawn();
    for (let i = 0; i < 3; i++) {
      await other.clock.advance(1);
      const { bytes } = signDataItem(other.wallet('bob'), { data: Buffer.alloc(9_000_000, i) });
      other.units.scheduler.assign(id, other.gateway.acceptItem(bytes).id);
    }
    const read = async (query: string) => {
      const response = await app.request(`/${id}?${query}`);
      return (await response.json()) as {
        page_info: { has_next_page: boolean };
        edges: { cursor: string }[];
      };
    };
    for (const names of [
      ['from', 'to'],
      ['from-nonce', 'to-nonce'],
    ]) {
      const page = await read(`${names[1]}=9999999999999`);
      expect(page).toMatchObject({ page_info: { has_next_page: true }, edges: { length: 3 } });
      const rest = await read(`${names[0]}=${page.edges.at(-1)?.cursor}`);
      expect(rest).toMatchObject({ page_info: { has_next_page: false }, edges: { length: 1 } });
    }
    await other.close();
  });
});
