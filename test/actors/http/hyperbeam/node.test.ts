/**
 * The HyperBEAM-style node: what is written there, and what is refused.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { publishModule } from '../../../../actors/compute/modules.js';
import { createNodeApp } from '../../../../actors/http/hyperbeam/node.js';
import { tagList } from '../../../../actors/items/protocol.js';
import { createNetwork } from '../../../../actors/network.js';
import { signDataItem } from '../../../../arlocal/data-item.js';
import { createPair } from '../../../arlocal/upstream/gateways.js';
import { kernelModule } from '../../kernel-module.js';

import {
  type Answer,
  alice,
  app,
  evalFields,
  get,
  json,
  message,
  module,
  network,
  openNode,
  pid,
  post,
  pushTarget,
  send,
  sign,
  text,
  URL,
} from './node-site.js';

openNode();

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
