/** The units over HTTP: their shapes, and that no bad request takes a server down. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createComputeApp } from '../../../actors/http/compute.js';
import { createMessengerApp } from '../../../actors/http/messenger.js';
import { createSchedulerApp } from '../../../actors/http/scheduler.js';
import { serveUnit } from '../../../actors/http/serve.js';
import { protocolTags } from '../../../actors/items/protocol.js';
import type { ActorNetwork, ProcessHandle } from '../../../actors/network.js';
import { signDataItem } from '../../../arlocal/data-item.js';
import { kernelModule, startNetwork } from '../kernel-module.js';

type App = ReturnType<typeof createMessengerApp>;

const UNKNOWN = 'A'.repeat(43);
let network: ActorNetwork;
let process: ProcessHandle;
let apps: { mu: App; su: App; cu: App };

beforeAll(async () => {
  const started = await startNetwork({ limits: { messageBytes: 100_000 } });
  network = started.network;
  process = await started.spawn();
  apps = {
    mu: createMessengerApp(network),
    su: createSchedulerApp(network),
    cu: createComputeApp(network),
  };
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
const message = (data: string, target = process.id) =>
  signDataItem(network.wallet('alice'), {
    target,
    data,
    tags: [...protocolTags('Message'), { name: 'Action', value: 'Eval' }],
  });

describe('the messenger unit', () => {
  test('says what it is', async () => {
    expect(await (await apps.mu.request('/')).text()).toBe('ao messenger unit');
  });

  test('takes a message with 202 and its id, and cranks it', async () => {
    const { item, bytes } = message('1 + 1');
    expect(await ask('mu', '/', post(bytes))).toEqual({
      status: 202,
      body: { message: 'Processing DataItem', id: item.id },
    });
    const { body } = await ask('cu', `/result/${item.id}?process-id=${process.id}`);
    expect(body).toMatchObject({
      Output: { data: '2' },
      Messages: [],
      Spawns: [],
      Assignments: [],
    });
  });

  test('names the process of a spawn', async () => {
    const module = network.publishModule(kernelModule());
    const { item, bytes } = signDataItem(network.wallet('alice'), {
      tags: [...protocolTags('Process'), { name: 'Module', value: module }],
    });
    const { status, body } = await ask('mu', '/', post(bytes));
    expect([status, body]).toMatchObject([202, { id: item.id, processId: item.id }]);
  });

  test.each([
    ['nothing', () => new Uint8Array(), 400, 'ITEM_TRUNCATED'],
    ['text', () => Buffer.from('hello'), 400, 'SIGNATURE_TYPE_UNSUPPORTED'],
    ['half an item', () => message('x').bytes.subarray(0, 120), 400, 'ITEM_TRUNCATED'],
    [
      'a bad signature',
      () => message('x').bytes.map((b, i, all) => (i === all.length - 1 ? b ^ 1 : b)),
      400,
      'ITEM_NOT_SIGNED',
    ],
    ['a body too long', () => new Uint8Array(100_001), 413, 'MESSAGE_TOO_LARGE'],
    ['an unknown process', () => message('x', UNKNOWN).bytes, 404, 'UNKNOWN_PROCESS'],
    ['no message', () => signDataItem(network.wallet('alice'), {}).bytes, 400, 'NOT_AO'],
  ])('refuses %s as JSON with what to do', async (_, body, status, code) => {
    const answer = await ask('mu', '/', post(body()));
    expect(answer).toMatchObject({
      status,
      body: { code, error: expect.stringMatching(/[^.]\. /) },
    });
  });

  test('refuses half an assignment and unknown ids', async () => {
    const paths: [string, number][] = [
      [`/?process-id=${process.id}`, 400],
      [`/?assign=${process.id}`, 400],
      [`/?process-id=${UNKNOWN}&assign=${process.id}`, 404],
      [`/?process-id=${process.id}&assign=${UNKNOWN}`, 404],
    ];
    for (const [path, status] of paths) {
      expect(await ask('mu', path, { method: 'POST' })).toMatchObject({
        status,
        body: { error: expect.any(String) },
      });
    }
  });

  test('monitors only known processes, for who signs', async () => {
    const { bytes } = message(' ');
    const monitor = (id: string, body: Uint8Array) => apps.mu.request(`/monitor/${id}`, post(body));
    expect((await monitor(process.id, bytes)).status).toBe(200);
    expect((await monitor(UNKNOWN, bytes)).status).toBe(404);
    expect((await monitor(process.id, Buffer.from('no item'))).status).toBe(400);
    const end = (id: string) =>
      apps.mu.request(`/monitor/${id}`, { ...post(bytes), method: 'DELETE' });
    expect((await end(process.id)).status).toBe(200);
    expect((await end(UNKNOWN)).status).toBe(404);
  });

  test('lets any web page call it', async () => {
    const response = await apps.mu.request('/', {
      method: 'OPTIONS',
      headers: { Origin: 'http://x' },
    });
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
  });
});

describe('the compute unit', () => {
  test.each([
    [`/result/${UNKNOWN}?process-id=PROCESS`, 404],
    [`/result/${UNKNOWN}?process-id=${UNKNOWN}`, 404],
    [`/result/${UNKNOWN}`, 400],
    [`/results/${UNKNOWN}`, 404],
    ['/results/PROCESS?from=nonsense', 400],
    ['/results/PROCESS?limit=ten', 400],
    [`/state/${UNKNOWN}`, 404],
    [`/cron/${UNKNOWN}`, 404],
    ['/no/such/route', 404],
  ])('answers GET %s with JSON', async (path, status) => {
    const answer = await ask('cu', path.replace('PROCESS', process.id));
    expect(answer).toMatchObject({ status, body: { error: expect.any(String) } });
  });

  test.each(['', 'no json', '[]', 'null', '{"Tags":5}', '{"Tags":[null]}'])(
    'refuses the dry-run %j',
    async (body) => {
      const answer = await ask('cu', `/dry-run?process-id=${process.id}`, post(body));
      expect(answer).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } });
    },
  );

  test.each([
    ['Owner', '{"Owner":5}'],
    ['From', '{"From":null}'],
    ['Tags[1].value (N)', '{"Tags":[{"name":"A","value":"b"},{"name":"N","value":5}]}'],
    ['Tags[0].name', '{"Tags":[{"name":5,"value":"b"}]}'],
  ])('names the field %s of a dry-run that is no text', async (field, body) => {
    const answer = await ask('cu', `/dry-run?process-id=${process.id}`, post(body));
    const error = expect.stringContaining(`${field} of the message is not a string`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST', error } });
  });

  test('has the results of a store that was opened again', async () => {
    const first = await startNetwork();
    const { id, eval: evaluate } = await first.spawn('X = 1');
    await evaluate('X + 1');
    const again = await startNetwork({ gateway: first.network.gateway });
    const page = () => createComputeApp(again.network).request(`/results/${id}`);
    const { edges } = (await (await page()).json()) as { edges: { node: { Output: object } }[] };
    expect(edges).toHaveLength(3);
    expect(edges.at(-1)?.node.Output).toMatchObject({ data: '2' });
    const alice = again.network.wallet('alice');
    await again.network.send({ from: alice, to: id, action: 'Eval', data: 'X = 2' });
    expect((await (await page()).json()) as object).toMatchObject({ edges: { length: 4 } });
    await Promise.all([first.network.close(), again.network.close()]);
  });

  test('gives the state of a process as bytes', async () => {
    const response = await apps.cu.request(`/state/${process.id}`);
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(Number(response.headers.get('last-ordinate'))).toBeGreaterThan(0);
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(4096);
  });

  test('gives errors of a process as the error of its result', async () => {
    const { item, bytes } = message(`error('boom')`);
    await ask('mu', '/', post(bytes));
    const { status, body } = await ask('cu', `/result/${item.id}?process-id=${process.id}`);
    expect(status).toBe(200);
    expect((body as { Error: string }).Error).toContain('boom');
    // Which handler, which line, and what kind of failure, beside the text that AO gives.
    const failure = { Code: 'EVALUATION_FAILED', Handler: '_eval', Line: 1 };
    expect(body).toMatchObject({ Failure: failure });
  });
});

describe('the scheduler unit', () => {
  test('schedules without evaluating; whoever asks for the result has it evaluated', async () => {
    const { item, bytes } = message('7 * 6');
    const done = network.units.compute.evaluations(process.id).length;
    const { status, body } = await ask('su', '/', post(bytes));
    expect([status, body]).toEqual([200, { id: item.id, timestamp: network.clock.now }]);
    expect(network.units.compute.evaluations(process.id)).toHaveLength(done);
    const result = await ask('cu', `/result/${item.id}?process-id=${process.id}`);
    expect(result.body).toMatchObject({ Output: { data: '42' } });
  });

  test('gives a message with its assignment', async () => {
    const { item, bytes } = message('"shape"');
    await ask('mu', '/', post(bytes));
    const { body } = await ask('su', `/${item.id}?process-id=${process.id}`);
    expect(body).toMatchObject({
      message: {
        id: item.id,
        owner: { address: item.address, key: item.owner },
        tags: item.tags,
        signature: item.signature,
        target: process.id,
        data: '"shape"',
      },
      assignment: {
        id: expect.any(String),
        owner: { address: network.addresses.scheduler },
        tags: expect.arrayContaining([{ name: 'Message', value: item.id }]),
      },
    });
    expect(await ask('su', `/${process.id}/latest`)).toEqual({ status: 200, body });
  });

  test('pages through a log by nonce', async () => {
    const page = async (query: string) => {
      const { body } = await ask('su', `/${process.id}?${query}`);
      const { page_info, edges } = body as {
        page_info: { has_next_page: boolean };
        edges: { cursor: string }[];
      };
      return [page_info.has_next_page, edges.map(({ cursor }) => cursor)];
    };
    expect(await page('to-nonce=3&limit=2')).toEqual([true, ['0', '1']]);
    expect(await page('from-nonce=1&to-nonce=3&limit=2')).toEqual([false, ['2', '3']]);
  });

  test('never splits a moment between pages by time', async () => {
    const all = network.units.log.read(process.id, 0);
    const { body } = await ask('su', `/${process.id}?limit=1`);
    expect(body).toMatchObject({
      page_info: { has_next_page: false },
      edges: { length: all.length },
    });
    const rest = await ask('su', `/${process.id}?from=${all[0]?.timestampMs}`);
    expect(rest.body).toMatchObject({ edges: [] });
  });

  test('describes a process and the time', async () => {
    const { body } = await ask('su', `/processes/${process.id}`);
    expect(body).toMatchObject({ process_id: process.id, timestamp: network.clock.now });
    expect((await ask('su', '/timestamp')).body).toEqual({
      timestamp: String(network.clock.now),
      block_height: expect.stringMatching(/^\d{12}$/),
    });
    expect((await ask('su', '/')).body).toMatchObject({ address: network.addresses.scheduler });
  });

  test.each([
    `/${UNKNOWN}`,
    `/processes/${UNKNOWN}`,
    `/${UNKNOWN}/latest`,
    `/${UNKNOWN}?process-id=PROCESS`,
  ])('answers GET %s with JSON', async (path) => {
    const answer = await ask('su', path.replace('PROCESS', process.id));
    expect(answer).toMatchObject({ status: 404, body: { error: expect.any(String) } });
  });
});

test('a port in use is named, with the option that chooses another', async () => {
  const options = { port: 0, purpose: 'messenger unit', option: '--port-base' };
  const server = await serveUnit(apps.mu, options);
  const second = serveUnit(apps.mu, { ...options, port: server.port });
  await expect(second).rejects.toThrow(
    expect.objectContaining({
      code: 'PORT_IN_USE',
      message: `port ${server.port} for the messenger unit is in use`,
      hint: expect.stringContaining('--port-base'),
    }),
  );
  expect(await (await fetch(server.url)).text()).toBe('ao messenger unit');
  await server.close();
});
