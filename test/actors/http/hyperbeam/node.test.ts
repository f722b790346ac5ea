/**
 * The HyperBEAM-style node, path by path: what explorers and units read, and what is refused.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNodeApp } from '../../../../actors/http/hyperbeam/node.js';
import { publishModule } from '../../../../actors/modules.js';
import { type ActorNetwork, createNetwork } from '../../../../actors/network.js';
import { tagList } from '../../../../actors/protocol.js';
import { signDataItem } from '../../../../arlocal/data-item.js';
import type { HttpRequest } from '../../../../arlocal/http-signature.js';
import type { Wallet } from '../../../../arlocal/wallet.js';
import { type RequestFields, signRequest } from '../../../arlocal/signed-requests.js';
import { createPair } from '../../../arlocal/upstream/gateways.js';
import { kernelModule, startNetwork } from '../../kernel-module.js';

let network: ActorNetwork;
let alice: Wallet;
let pid: string;
let module: string;
let app: ReturnType<typeof createNodeApp>;

/** Whatever a test asked for. */
// biome-ignore lint/suspicious/noExplicitAny: the tests say what is in it
type Answer = any;

const URL = 'http://node.test';
const get = (path: string, headers: Record<string, string> = {}) =>
  app.request(`${URL}${path}`, { headers });
const json = async (path: string, headers?: Record<string, string>) =>
  (await get(path, headers)).json() as Promise<Answer>;
const text = async (path: string) => (await get(path)).text();
const post = (path: string, body: Uint8Array | string = '', headers: Record<string, string> = {}) =>
  app.request(`${URL}${path}`, { method: 'POST', body, headers });

const message = (fields: Record<string, string>, to = pid, data = '') =>
  signDataItem(alice, {
    target: to,
    tags: tagList({ 'Data-Protocol': 'ao', Type: 'Message', ...fields }),
    data,
  });

/** Sends a signed request as it is. */
const send = ({ target, method, headers, body }: HttpRequest) =>
  app.request(`${URL}${target}`, {
    method,
    headers: Object.fromEntries(headers),
    ...(method === 'GET' ? {} : { body }),
  });
const sign = (request: RequestFields) => signRequest(alice, request);
const pushTarget = () => `/${pid}~process@1.0/push`;
let count = 0;
const evalFields = (data: string) => ({
  type: 'Message',
  'data-protocol': 'ao',
  action: 'Eval',
  target: pid,
  data,
  'x-count': String(count++),
});

beforeAll(async () => {
  const started = await startNetwork();
  network = started.network;
  alice = started.alice;
  module = started.module;
  const process = await started.spawn('X = 1', { Name: 'shown' });
  pid = process.id;
  await process.eval(`Send({ Target = Owner, Action = 'Told', Data = 'hello' }); return 'two'`);
  app = createNodeApp(network, { info: { 'corral-version': '0' } });
});
afterAll(() => network.close());

describe('reading a process', () => {
  test.each([
    (id: string) => `/${id}~process@1.0/slot/current`,
    (id: string) => `/${id}/slot/current`,
    (id: string) => `/~scheduler@1.0/slot/current?target=${id}`,
  ])('slot/current is a number in a text (%#)', async (path) => {
    expect(await text(path(pid))).toBe('2');
  });

  test.each(['now', 'compute', 'compute=2', 'compute&slot=2', 'compute&slot+integer=2'])(
    '%s has the results of that slot',
    async (operation) => {
      const doc = await json(`/${pid}~process@1.0/${operation}`);
      expect(doc).toMatchObject({
        process: pid,
        'at-slot': 2,
        raw: { Output: { data: 'two' }, Messages: [{ Data: 'hello' }] },
        results: { outbox: { 1: { target: alice.address, action: 'Told', data: 'hello' } } },
      });
      expect(JSON.parse(doc.results.json.body)).toEqual(doc.raw);
    },
  );

  test('a part of the results is asked for by its path', async () => {
    expect(await text(`/${pid}~process@1.0/now/results/outbox/1/data`)).toBe('hello');
    expect(await text(`/${pid}/compute=2/results/data`)).toBe('two');
    const body = await get(`/${pid}/compute&slot=2/results/json/body`);
    expect(body.headers.get('content-type')).toContain('application/json');
    expect(await body.json()).toMatchObject({ Output: { data: 'two' } });
    expect(await text(`/${pid}~process@1.0/now/at-slot`)).toBe('2');
  });

  test('compute/results= takes a slot or a message, and answers what aoconnect reads', async () => {
    const id = network.units.log.at(pid, 2)?.messageId ?? '';
    for (const slot of ['2', id]) {
      expect(await json(`/${pid}~process@1.0/compute/results=${slot}`)).toMatchObject({
        slot: 2,
        raw: { Output: { data: 'two' } },
      });
    }
  });

  test('the process itself', async () => {
    expect(await json(`/${pid}`)).toMatchObject({
      id: pid,
      device: 'process@1.0',
      name: 'shown',
      module,
      owner: alice.address,
    });
    expect(await text(`/${pid}~process@1.0/name`)).toBe('shown');
    const { commitments } = await json(`/${pid}`);
    expect(commitments[pid]).toMatchObject({
      'commitment-device': 'ans104@1.0',
      committer: alice.address,
      committed: expect.arrayContaining(['name', 'data']),
    });
  });

  test('what it patched is shown under its own names, as of any slot', async () => {
    const { id } = await network.spawn({ from: alice, module });
    const run = (code: string) => network.send({ from: alice, to: id, action: 'Eval', data: code });
    const patch = (fields: string) => run(`Send({ device = 'patch@1.0', ${fields} })`);
    const first = await patch(
      `balances = { Alice = '5', alice = '6' }, ['token-info'] = { n = 1 }`,
    );
    await patch(`balances = { Bob = '7' }, Supply = 12, balances_ = {}`);
    await run('error("no")');
    const now = `/${id}~process@1.0/now`;
    expect(await json(`${now}/balances`)).toEqual({ Alice: '5', alice: '6', Bob: '7' });
    expect(await text(`${now}/balances/Alice`)).toBe('5');
    expect(await text(`${now}/balances/alice`)).toBe('6');
    expect(await text(`${now}/supply`)).toBe('12');
    expect(await text(`${now}/token-info/n`)).toBe('1');
    expect((await get(`${now}/balances/Carol`)).status).toBe(404);
    expect(await json(now)).toMatchObject({ process: id, balances: { Bob: '7' } });
    expect(await json(`/${id}/compute=1/balances`)).toEqual({ Alice: '5', alice: '6' });
    expect(await json(`${now}/balances`)).toMatchObject({ Bob: '7' });
    expect(first.errors).toEqual([]);
    expect(first.messages).toEqual([]);
  });

  test('a dry-run over GET is anonymous', async () => {
    const path = `/${pid}~process@1.0/as=execution/compute&Action=Eval`;
    expect(await json(path)).toMatchObject({ process: pid, raw: { Messages: [] } });
  });

  test('the schedule, page by page', async () => {
    const all = await json(`/${pid}~process@1.0/schedule`);
    expect(all).toMatchObject({ type: 'schedule', process: pid, continues: false });
    expect(Object.keys(all.assignments)).toEqual(['0', '1', '2']);
    expect(all.assignments[1]).toMatchObject({
      slot: 1,
      body: { action: 'Eval', data: 'X = 1', owner: alice.address },
    });
    const part = await json(`/${pid}~process@1.0/schedule&from=1&to=1`);
    expect(Object.keys(part.assignments)).toEqual(['1']);
    expect(part.continues).toBe(true);
    expect(await text(`/${pid}/schedule/assignments/1/body/data`)).toBe('X = 1');
    const past = await json(`/~scheduler@1.0/schedule?target=${pid}&from=7`);
    expect(past.assignments).toEqual({});
  });

  test('a page of the schedule is bounded in bytes, and goes on', async () => {
    const small = await startNetwork({ limits: { messageBytes: 4096 } });
    const { id } = await small.spawn();
    for (const data of ['a', 'b', 'c']) {
      await small.network.send({ from: small.alice, to: id, data: data.repeat(2500) });
    }
    const bounded = createNodeApp(small.network);
    const pageFrom = async (slot: number) => {
      const response = await bounded.request(`${URL}/${id}/schedule?from=${slot}`);
      const page = (await response.json()) as Answer;
      return [Object.keys(page.assignments), page.continues];
    };
    expect(await pageFrom(1)).toEqual([['1'], true]);
    expect(await pageFrom(0)).toEqual([['0', '1'], true]);
    expect(await pageFrom(3)).toEqual([['3'], false]);
    await small.network.close();
  });

  test.each([
    [(id: string) => `/${id}/schedule?from=1&accept=application/aos-2`, {}],
    [(id: string) => `/${id}/schedule%3Ffrom=1`, { accept: 'application/aos-2' }],
  ])('the schedule as aos reads it (%#)', async (path, headers) => {
    const page = await json(path(pid), headers as Record<string, string>);
    expect(page.page_info).toMatchObject({ process: pid, has_next_page: false });
    expect(page.edges).toMatchObject([
      {
        cursor: 1,
        node: {
          message: { Owner: alice.address, From: alice.address, Target: pid, Data: 'X = 1' },
          assignment: { Owner: network.addresses.scheduler },
        },
      },
      { cursor: 2 },
    ]);
  });

  test('a message by its id', async () => {
    const id = network.units.log.at(pid, 1)?.messageId ?? '';
    expect(await json(`/${id}`)).toMatchObject({ id, action: 'Eval', data: 'X = 1' });
    expect(await json(`/~cache@1.0/read=${id}`)).toMatchObject({ id });
    expect(await json(`/~cache@1.0/read?target=${id}`)).toMatchObject({ id });
    expect(await text(`/${id}/data`)).toBe('X = 1');
  });
});

describe('the node itself', () => {
  test('its address is the Authority of processes', async () => {
    expect(await text('/~meta@1.0/info/address')).toBe(network.addresses.messenger);
    expect(await json('/~meta@1.0/info')).toEqual({
      address: network.addresses.messenger,
      scheduler: network.addresses.scheduler,
      'corral-version': '0',
    });
    expect(await json('/')).toMatchObject({ address: network.addresses.messenger });
  });

  test('its scheduler lists processes', async () => {
    expect(await json('/~scheduler@1.0/status')).toEqual({
      address: network.addresses.messenger,
      processes: [...network.units.scheduler.processes()].map(({ id }) => id),
    });
  });

  test('lets pages of any origin read its headers', async () => {
    const { headers } = await get('/~meta@1.0/info');
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-expose-headers')).toBe('*');
  });
});

describe('writing', () => {
  test('as the reference messenger unit does: scheduled, and pushed later, once', async () => {
    const { item, bytes } = message(
      { Action: 'Eval' },
      pid,
      `Send({ Target = ao.id }) return 'mu'`,
    );
    const posted = await post(`/${pid}/~scheduler@1.0/schedule`, bytes, {
      'content-type': 'application/ans104',
      'codec-device': 'ans104@1.0',
    });
    expect(posted.status).toBe(200);
    const slot = Number(posted.headers.get('slot'));
    expect(posted.headers.get('process')).toBe(pid);
    expect(Number(posted.headers.get('timestamp'))).toBe(network.clock.now);
    expect(network.units.log.find(pid, item.id)).toBe(slot);
    expect(await text(`/${pid}/slot/current`)).toBe(String(slot));
    for (const _ of ['once', 'again']) {
      const pushed = await post(`/${pid}~process@1.0/push&slot=${slot}`);
      expect(await pushed.json()).toMatchObject({ slot, raw: { Output: { data: 'mu' } } });
      expect(await text(`/${pid}/slot/current`)).toBe(String(slot + 1));
    }
  });

  test('a process can be scheduled without being pushed', async () => {
    const tags = { 'Data-Protocol': 'ao', Type: 'Process', Module: module, Scheduler: 'x' };
    const { bytes, item } = signDataItem(alice, {
      tags: tagList(tags),
      data: 'scheduled',
    });
    const posted = await post('/~scheduler@1.0/schedule', bytes);
    expect(await posted.json()).toMatchObject({ process: item.id, slot: 0, id: item.id });
    expect(await text(`/${item.id}/slot/current`)).toBe('0');
  });

  test('a process of a module that only the gateway behind this one has', async () => {
    const { behind, front } = await createPair();
    const foreign = publishModule(behind, alice, kernelModule(), []);
    const other = await createNetwork({ gateway: front });
    const tags = { 'Data-Protocol': 'ao', Type: 'Process', Module: foreign };
    const { bytes, item } = signDataItem(alice, { tags: tagList(tags) });
    const body = Buffer.from(bytes);
    const response = await createNodeApp(other).request(`${URL}/push`, { method: 'POST', body });
    expect(response.headers.get('process')).toBe(item.id);
    await other.close();
  });

  test('push-mode async answers before the evaluation is told', async () => {
    const { bytes } = message({ Action: 'Eval' }, pid, '1');
    const response = await post(`/${pid}~process@1.0/push&push-mode=async`, bytes);
    expect(await response.json()).toMatchObject({ process: pid, slot: expect.any(Number) });
  });

  test('a signed request is a message of its key', async () => {
    const response = await send(sign({ target: pushTarget(), fields: evalFields('Owner') }));
    const answer = (await response.json()) as Answer;
    expect(answer).toMatchObject({ process: pid, raw: { Output: { data: alice.address } } });
    expect(await json(`/${answer.id}`)).toMatchObject({ owner: alice.address, action: 'Eval' });
    const { edges } = await json(`/${pid}/schedule?accept=application/aos-2&from=${answer.slot}`);
    const { commitments } = await json(`/${answer.id}`);
    expect(commitments[answer.id]).toMatchObject({ 'commitment-device': 'httpsig@1.0' });
    const { message: shown } = edges[0].node;
    expect(shown).toMatchObject({ Id: answer.id, Owner: alice.address, From: alice.address });
    expect(shown.Tags).toContainEqual({ name: 'Action', value: 'Eval' });
  });

  test('a signed request that names no target goes where its path says', async () => {
    const { target: _, ...fields } = evalFields('"by path"');
    const response = await send(sign({ target: pushTarget(), fields }));
    expect(await response.json()).toMatchObject({ raw: { Output: { data: 'by path' } } });
  });
});

describe('what is refused, as JSON that says why', () => {
  const refuses = async (response: Response, status: number, code: string, words: RegExp) => {
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(await response.json()).toMatchObject({ code, error: expect.stringMatching(words) });
  };
  const unknown = 'A'.repeat(43);

  test('paths that are not served', async () => {
    await refuses(await get('/nothing'), 404, 'NOT_FOUND', /is not served/);
    await refuses(await get('/~wasm-64@1.0/x'), 404, 'NOT_FOUND', /~meta@1.0\/info/);
    await refuses(await get(`/${pid}/now/results/x`), 404, 'NOT_FOUND', /no results\/x/);
    await refuses(await get(`/${pid}/push`), 404, 'NOT_FOUND', /GET .*push is not served/);
    await refuses(await get(`/${pid}/constructor`), 404, 'NOT_FOUND', /no constructor/);
    await refuses(await get(`/${pid}/now/__proto__`), 404, 'NOT_FOUND', /no __proto__/);
  });

  test('unknown processes, slots and messages', async () => {
    await refuses(await get(`/${unknown}/now`), 404, 'MESSAGE_NOT_FOUND', /neither/);
    await refuses(await get(`/${unknown}~process@1.0/now`), 404, 'UNKNOWN_PROCESS', /no process/);
    await refuses(await get(`/${pid}/compute=99`), 404, 'MESSAGE_NOT_FOUND', /no slot .* 99/);
    await refuses(await get(`/${pid}/compute=x`), 404, 'MESSAGE_NOT_FOUND', /no slot/);
    await refuses(await get(`/${pid}/schedule?from=x`), 400, 'BAD_REQUEST', /"x", not a slot/);
    await refuses(await get('/~cache@1.0/read?target=x'), 404, 'MESSAGE_NOT_FOUND', /"x"/);
    await refuses(await get('/~scheduler@1.0/slot/current'), 400, 'BAD_REQUEST', /no process/);
    await refuses(await get('/~scheduler@1.0/location'), 404, 'NOT_FOUND', /is not served/);
  });

  test('items that are not signed, damaged, or for somebody else', async () => {
    const { bytes } = message({ Action: 'Eval' }, pid, '1');
    const damaged = Uint8Array.from(bytes);
    damaged[damaged.length - 1] = 50;
    const path = `/${pid}~process@1.0/push`;
    await refuses(await post(path, damaged), 400, 'ITEM_NOT_SIGNED', /owner/);
    await refuses(await post(path), 400, 'BAD_REQUEST', /not signed/);
    await refuses(await post(path, '[object Object]'), 400, 'SIGNATURE_TYPE_UNSUPPORTED', /type/);
    const other = message({ Action: 'Eval' }, alice.address).bytes;
    await refuses(await post(path, other), 400, 'BAD_REQUEST', /the path is for/);
    await refuses(await post(`/${pid}/compute/results=1`, damaged), 400, 'ITEM_NOT_SIGNED', /own/);
  });

  test('the same signature twice', async () => {
    const { bytes } = message({ Action: 'Eval' }, pid, 'return "once"');
    const path = `/${pid}~process@1.0/push`;
    expect((await post(path, bytes)).status).toBe(200);
    await refuses(await post(path, bytes), 400, 'DUPLICATE_MESSAGE', /before/);
    const request = sign({ target: pushTarget(), fields: evalFields('1') });
    expect((await send(request)).status).toBe(200);
    await refuses(await send(request), 400, 'DUPLICATE_MESSAGE', /used before/);
    const relabelled = new Map(request.headers);
    for (const name of ['signature', 'signature-input']) {
      relabelled.set(name, (request.headers.get(name) ?? '').replace(/^sig=/, 'other='));
    }
    await refuses(
      await send({ ...request, headers: relabelled }),
      400,
      'DUPLICATE_MESSAGE',
      /used/,
    );
  });

  test('the same signature at another process', async () => {
    const { target: _, ...fields } = evalFields('1');
    const request = sign({ target: pushTarget(), fields });
    expect((await send(request)).status).toBe(200);
    const other = (await network.spawn({ from: alice, module })).id;
    const moved = { ...request, target: `/${other}~process@1.0/push` };
    await refuses(await send(moved), 400, 'DUPLICATE_MESSAGE', /used before/);
  });

  test('signed requests that were changed on the way', async () => {
    const request = sign({ target: pushTarget(), fields: evalFields('1') });
    const changed = (name: string, value: string) =>
      send({ ...request, headers: new Map([...request.headers, [name, value]]) });
    await refuses(await changed('data', '2'), 400, 'HTTP_SIGNATURE_INVALID', /keyid/);
    await refuses(await changed('x-more', '2'), 400, 'HTTP_FIELD_NOT_SIGNED', /"x-more"/);
    await refuses(await changed('from-process', pid), 400, 'HTTP_FIELD_NOT_SIGNED', /from-process/);
    const headers = new Map(request.headers);
    headers.delete('data');
    await refuses(await send({ ...request, headers }), 400, 'HTTP_FIELD_MISSING', /"data"/);
    const body = Buffer.from('more');
    await refuses(await send({ ...request, body }), 400, 'HTTP_BODY_NOT_SIGNED', /4 bytes/);
    await refuses(
      await send({ ...request, target: `/${unknown}~process@1.0/push` }),
      404,
      'UNKNOWN_PROCESS',
      /no process/,
    );
    expect((await send(request)).status).toBe(200); // none of that used the signature up
  });

  test('signed requests for another process, too old, or of no kind', async () => {
    const fields = { ...evalFields('1'), target: alice.address };
    await refuses(await send(sign({ target: pushTarget(), fields })), 400, 'BAD_REQUEST', /for/);
    const old = sign({ target: pushTarget(), fields: evalFields('1'), more: ';expires=1' });
    await refuses(await send(old), 400, 'HTTP_SIGNATURE_EXPIRED', /until 1/);
    const typed = { ...evalFields('1'), type: 'Assignment' };
    for (const target of ['/push', '/schedule', pushTarget(), `/${pid}/schedule`]) {
      await refuses(await send(sign({ target, fields: typed })), 400, 'NOT_AO', /neither/);
    }
    const process = { ...evalFields('1'), type: 'Process' };
    await refuses(
      await send(sign({ target: pushTarget(), fields: process })),
      400,
      'BAD_REQUEST',
      /a process/,
    );
    const long = sign({
      target: pushTarget(),
      fields: { ...evalFields('1'), long: 'x'.repeat(4000) },
    });
    await refuses(await send(long), 400, 'TAGS_TOO_LONG', /too long/);
  });

  test('a read with a wrong signature', async () => {
    const request = sign({ method: 'GET', target: `/${pid}/now`, fields: { 'x-a': '1' } });
    expect((await send(request)).status).toBe(200);
    const headers = new Map([...request.headers, ['x-a', '2']]);
    await refuses(await send({ ...request, headers }), 400, 'HTTP_SIGNATURE_INVALID', /x-a/);
  });
});

describe('any request', () => {
  const word = fc.constantFrom(
    ...['/', '&', '=', '~', '?', '%3F', '%', '+', 'slot', 'now', 'compute', 'results', 'schedule'],
    ...['push', 'as=execution', 'process@1.0', 'scheduler@1.0', 'meta@1.0', 'cache@1.0', 'read'],
    ...['current', 'from', 'to', 'target', '0', '1', '99', '-1', 'json', 'body', 'outbox', 'é'],
    ...['__proto__', 'constructor', 'toString', 'length', 'raw', 'info', 'PID', 'ALICE'],
  );
  const path = fc
    .array(word, { maxLength: 14 })
    .map((words) => `/${words.join('')}`.replaceAll('PID', pid).replaceAll('ALICE', alice.address));
  const headers = fc.dictionary(
    fc.constantFrom('signature', 'signature-input', 'content-digest', 'accept', 'slot', 'target'),
    fc.constantFrom(
      ...['x', 'sig=:AAAA:', 'sig=("a");alg="ed25519";keyid="x"', 'sig=()', 'sig=("x"', '1', ''],
      ...['application/aos-2', 'sha-256=:AAAA:', 'sig=();alg="hmac-sha256";keyid="ao"'],
    ),
    { noNullPrototype: true },
  );
  const body = fc.option(fc.uint8Array({ maxLength: 200 }));

  test('is answered, and never by a defect', async () => {
    await fc.assert(
      fc.asyncProperty(path, headers, body, async (target, given, bytes) => {
        const response = await app.request(`${URL}${target}`, {
          headers: given,
          ...(bytes ? { method: 'POST', body: Buffer.from(bytes) } : {}),
        });
        expect({ status: response.status, text: await response.text() }).toEqual({
          status: expect.toSatisfy((status: number) => status < 500),
          text: expect.any(String),
        });
      }),
      { numRuns: 500 },
    );
  });
});
