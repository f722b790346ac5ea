/** The bounds that AO has, wherever they can be met: each refusal names its bound and what there was. */
import type { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createComputeApp } from '../../../actors/http/compute.js';
import { createNodeApp } from '../../../actors/http/hyperbeam/node.js';
import { createMessengerApp } from '../../../actors/http/messenger.js';
import { createSchedulerApp } from '../../../actors/http/scheduler.js';
import { DEFAULT_LIMITS } from '../../../actors/limits.js';
import type { ActorNetwork, ProcessHandle } from '../../../actors/network.js';
import { createBundlerApp } from '../../../arlocal/http/bundler-app.js';
import { createGatewayApp } from '../../../arlocal/http/gateway-app.js';
import { startNetwork } from '../kernel-module.js';

let network: ActorNetwork;
let process: ProcessHandle;
let apps: Record<'mu' | 'su' | 'cu' | 'node' | 'bundler' | 'gateway', Hono>;
beforeAll(async () => {
  const limits = { instructions: 20_000_000, memoryBytes: 8 * 1024 * 1024 };
  const started = await startNetwork({ limits });
  network = started.network;
  process = await started.spawn();
  apps = {
    mu: createMessengerApp(network),
    su: createSchedulerApp(network),
    cu: createComputeApp(network),
    node: createNodeApp(network),
    bundler: createBundlerApp(network.gateway),
    gateway: createGatewayApp(network.gateway),
  };
});
afterAll(() => network.close());

const ask = async (app: keyof typeof apps, path: string, body: Uint8Array | string) => {
  const response = await apps[app].request(path, {
    method: 'POST',
    headers: { 'codec-device': 'ans104@1.0', 'Content-Length': String(body.length) },
    body: Buffer.from(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

const ITEM_WAYS = [
  ['the messenger unit', 'mu', '/'],
  ['the scheduler unit', 'su', '/'],
  ['the bundler', 'bundler', '/tx'],
  ['the node', 'node', '/push'],
] as const;

/** The head of an item that says it has so many bytes of tags; it need not be signed to be refused. */
function itemWithTags(tagBytes: number): Uint8Array {
  const bytes = Buffer.alloc(2 + 64 + 32 + 2 + 16 + tagBytes);
  bytes.writeUInt16LE(2, 0);
  bytes.writeBigUInt64LE(1n, 100);
  bytes.writeBigUInt64LE(BigInt(tagBytes), 108);
  return bytes;
}

test("the bounds are AO's: 4,096 bytes of tags, 10 MiB of a message", () => {
  expect(DEFAULT_LIMITS.messageBytes).toBe(10_485_760);
});

describe('more than 4,096 bytes of tags', () => {
  test.each(ITEM_WAYS)('are refused by %s', async (_, app, path) => {
    expect(await ask(app, path, itemWithTags(4_097))).toMatchObject({
      status: 400,
      body: {
        code: 'TAGS_TOO_LONG',
        limit: 4_096,
        got: 4_097,
        error: expect.stringContaining('4096'),
      },
    });
  });

  test('are refused in an outbox, and the rest of it is sent', async () => {
    const { result } = await process.eval(`
      local tags = {}
      for i = 1, 5 do tags[i] = { name = 'T' .. i, value = ('x'):rep(1000) } end
      Send({ Target = Owner, Tags = tags })
      Send({ Target = Owner })`);
    expect(result?.refused).toMatchObject([{ code: 'TAGS_TOO_LONG', limit: 4_096, index: 0 }]);
  });
});

describe('a message beyond 10 MiB', () => {
  test.each([
    ...ITEM_WAYS.filter(([, app]) => app !== 'bundler'),
    ['a dry-run', 'cu', '/dry-run'] as const,
  ])('is refused by %s', async (_, app, path) => {
    const got = DEFAULT_LIMITS.messageBytes + 1;
    expect(await ask(app, path, new Uint8Array(got))).toMatchObject({
      status: 413,
      body: { code: 'MESSAGE_TOO_LARGE', limit: DEFAULT_LIMITS.messageBytes, got },
    });
  });

  test('is refused by the bundler beyond 64 MiB, which is for data', async () => {
    const limit = 64 * 1024 * 1024;
    expect(await ask('bundler', '/tx', new Uint8Array(limit + 1))).toMatchObject({
      status: 413,
      body: { code: 'BODY_TOO_LARGE', limit, got: limit + 1 },
    });
  });
});

describe('an evaluation', () => {
  const dryRun = (Data: string) =>
    ask(
      'cu',
      `/dry-run?process-id=${process.id}`,
      JSON.stringify({
        Owner: network.wallet('alice').address,
        Tags: [{ name: 'Action', value: 'Eval' }],
        Data,
      }),
    );
  test.each([
    ['INSTRUCTION_LIMIT', 'while true do end', 20_000_000],
    ['MEMORY_LIMIT', `local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1e5) .. i end`, 8_388_608],
    ['MEMORY_LIMIT', `return ('x'):rep(1e8)`, 8_388_608],
  ])('that meets its %s says so, as a message and as a dry-run', async (code, source, limit) => {
    const failure = { Code: code, Limit: limit, Got: expect.any(Number), Hint: expect.any(String) };
    const dry = await dryRun(source);
    expect(dry).toMatchObject({ status: 200, body: { Failure: failure } });
    expect(String(dry.body.Error)).toContain(String(limit));
    const receipt = await process.eval(source);
    const response = await apps.cu.request(`/result/${receipt.id}?process-id=${process.id}`);
    expect(await response.json()).toMatchObject({
      Failure: failure,
      Error: expect.stringContaining(String(limit)),
      Messages: [],
    });
    expect(receipt.errors).toMatchObject([{ code, limit, got: expect.any(Number) }]);
  });
});
