/**
 * Signed requests as messages: what they say, that nobody forges one, and that a network which starts
 * over the same store, or replays, sees the same.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNodeApp } from '../../../actors/http/hyperbeam/node.js';
import { carriedItem, carryRequest, requestItem } from '../../../actors/items/signed-request.js';
import { storedItem } from '../../../actors/items/stored-item.js';
import type { ActorNetwork } from '../../../actors/network.js';
import type { DataItem } from '../../../arlocal/data-item.js';
import { createGateway } from '../../../arlocal/gateway.js';
import { sha256 } from '../../../arlocal/hashing.js';
import { type HttpRequest, verifyHttpSignature } from '../../../arlocal/http-signature.js';
import { createSqliteStore } from '../../../arlocal/sqlite/sqlite-store.js';
import { walletFromSeed } from '../../../arlocal/wallet.js';
import { signRequest } from '../../arlocal/signed-requests.js';
import { startNetwork } from '../kernel-module.js';

const mallory = walletFromSeed(1, 'mallory');
const carrierWallet = walletFromSeed(1, 'request-carrier');
const TARGET = walletFromSeed(1, 'target').address;

function itemOf(request: HttpRequest, target = ''): DataItem {
  const signature = verifyHttpSignature(request);
  if (!signature) throw new Error('the request is not signed');
  return requestItem(request, signature, target);
}

function carrierOf(request: HttpRequest, by = carrierWallet): DataItem {
  const signature = verifyHttpSignature(request);
  if (!signature) throw new Error('the request is not signed');
  return carryRequest(by, request, signature, itemOf(request)).carrier.item;
}

const withBody = (fields: Record<string, string>, body: Buffer) =>
  signRequest(mallory, {
    fields: { ...fields, 'content-digest': `sha-256=:${sha256(body).toString('base64')}:` },
    body,
  });

describe('the message of a signed request', () => {
  test('has its signed fields as tags, under the names that programs know', () => {
    const fields = { action: 'Transfer', 'x-prompt': 'Hi', target: TARGET, data: 'text' };
    const item = itemOf(signRequest(mallory, { fields: { ...fields, 'ao-types': 'a=integer' } }));
    expect(item).toMatchObject({
      address: mallory.address,
      target: TARGET,
      tags: [
        { name: 'Action', value: 'Transfer' },
        { name: 'X-Prompt', value: 'Hi' },
        { name: 'Data-Protocol', value: 'ao' },
        { name: 'Type', value: 'Message' },
      ],
    });
    expect(Buffer.from(item.data).toString()).toBe('text');
  });

  test('has nothing of what is not signed', () => {
    const fields = { action: 'Eval', data: '1', target: TARGET };
    const item = itemOf(signRequest(mallory, { fields, covers: ['action'] }), 'elsewhere');
    expect(item.target).toBe('elsewhere');
    expect(item.data.length).toBe(0);
  });

  test('has a body as its data, or as the field that inline-body-key names', () => {
    const body = Buffer.from('line 1\nline 2');
    expect(Buffer.from(itemOf(withBody({}, body)).data)).toEqual(body);
    expect(Buffer.from(itemOf(withBody({ 'inline-body-key': 'data' }, body)).data)).toEqual(body);
    const { tags, data } = itemOf(withBody({ 'inline-body-key': 'note' }, body));
    expect(tags).toContainEqual({ name: 'Note', value: 'line 1\nline 2' });
    expect(data.length).toBe(0);
  });

  test('has the parts of a multipart body, nested ones under the names of both', () => {
    const lines = [
      '--b',
      'content-disposition: form-data; name="data"',
      '',
      'line 1\nline 2',
      '--b',
      'content-disposition: form-data;name="nested"',
      'a: 1',
      '',
      'inside',
      '--b',
      'content-disposition: form-data; name="nested/deep"',
      'c: 2',
      '',
      '--b',
      'content-disposition: form-data; name="long"',
      '',
      'x\ny',
      '--b--',
    ];
    const body = Buffer.from(lines.join('\r\n'));
    const item = itemOf(withBody({ 'content-type': 'multipart/form-data; boundary="b"' }, body));
    expect(Buffer.from(item.data).toString()).toBe('line 1\nline 2');
    expect(item.tags).toEqual(
      expect.arrayContaining([
        { name: 'Nested/a', value: '1' },
        { name: 'Nested/body', value: 'inside' },
        { name: 'Nested/deep/c', value: '2' },
        { name: 'Long', value: 'x\ny' },
      ]),
    );
  });

  test.each(['', 'x', '--b\r\n', '--b\r\n\r\n--b--', '--b\r\na: 1\r\n--b--'])(
    'is refused if its multipart body is %j',
    (text) => {
      const body = Buffer.from(`${text}\n`);
      const request = withBody({ 'content-type': 'multipart/form-data; boundary=b' }, body);
      expect(() => itemOf(request)).toThrow('multipart body cannot be read');
    },
  );
});

describe('the item that carries a request', () => {
  const request = signRequest(mallory, { fields: { action: 'Eval', target: TARGET, data: '1' } });
  const item = itemOf(request);

  test('gives the same message back, under the id of the request alone', () => {
    const carrier = carrierOf(request);
    expect(carriedItem(carrier, item.id)).toEqual(item);
    expect(carriedItem(carrier, carrier.id)).toBeUndefined();
    expect(carriedItem(carrier, TARGET)).toBeUndefined();
  });

  test('is only data if its request was changed', () => {
    const carrier = carrierOf(request);
    const text = Buffer.from(carrier.data).toString('latin1');
    const data = Buffer.from(text.replace('action: Eval', 'action: Evil'), 'latin1');
    expect(() => carriedItem({ ...carrier, data }, item.id)).toThrow('is not that of its keyid');
  });
});

describe('nobody forges a message', () => {
  let network: ActorNetwork;
  let pid: string;

  beforeAll(async () => {
    const started = await startNetwork();
    network = started.network;
    pid = (await started.spawn()).id;
  });
  afterAll(() => network.close());

  test('by wrapping the request of another in an item of his own', async () => {
    const alices = signRequest(network.wallet('alice'), {
      fields: { action: 'Eval', data: 'return 1', target: pid },
    });
    const { carrier } = carryRequest(
      mallory,
      alices,
      verifyHttpSignature(alices) as never,
      itemOf(alices),
    );
    expect(() => network.accept(carrier.bytes)).toThrow('neither a message nor a process');
    network.gateway.putItem(carrier);
    const { assignment } = await network.assign(pid, carrier.item.id);
    expect(assignment?.messageId).toBe(carrier.item.id);
    expect(storedItem(network.gateway, carrier.item.id)?.address).toBe(mallory.address);
  });

  test('by fields that say so', async () => {
    const { gateway } = network;
    const { messenger } = network.addresses;
    const alice = network.wallet('alice').address;
    const fields = { owner: alice, from: alice, 'from-process': messenger, target: pid };
    const sent = signRequest(mallory, {
      target: `/${pid}~process@1.0/push`,
      fields: { ...fields, action: 'Eval', data: 'Stolen = true' },
    });
    const response = await createNodeApp(network).request(`http://node.test${sent.target}`, {
      method: 'POST',
      headers: Object.fromEntries(sent.headers),
    });
    const { id } = (await response.json()) as { id: string };
    expect(storedItem(gateway, id)?.address).toBe(mallory.address);
    const { output } = await network.dryRun(pid, {
      Owner: alice,
      Tags: [{ name: 'Action', value: 'Eval' }],
      Data: 'tostring(Stolen)',
    });
    expect(output).toMatchObject({ data: 'nil' });
  });

  test('by having the carrier assigned under its own id', async () => {
    const sent = signRequest(network.wallet('alice'), {
      target: `/${pid}~process@1.0/push`,
      fields: { action: 'Eval', data: 'Twice = (Twice or 0) + 1', target: pid },
    });
    const response = await createNodeApp(network).request(`http://node.test${sent.target}`, {
      method: 'POST',
      headers: Object.fromEntries(sent.headers),
    });
    const { id } = (await response.json()) as { id: string };
    const carrier = network.gateway.item(id);
    expect(carrier?.address).toBe(network.wallet('request-carrier').address);
    await expect(network.assign(pid, carrier?.id ?? '')).rejects.toMatchObject({
      code: 'DUPLICATE_MESSAGE',
      details: { message: id },
    });
  });
});

describe('a store', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'corral-signed-request-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('keeps processes and messages of signed requests, and replays to the same state', async () => {
    const open = async () => {
      const gateway = createGateway({ store: createSqliteStore(folder), now: () => 0 });
      return { gateway, ...(await startNetwork({ gateway })) };
    };
    const first = await open();
    const app = createNodeApp(first.network);
    const send = async (target: string, fields: Record<string, string>) => {
      const request = signRequest(mallory, { target, fields });
      const headers = Object.fromEntries(request.headers);
      return app.request(`http://node.test${target}`, { method: 'POST', headers });
    };
    const { messenger } = first.network.addresses;
    const spawned = await send('/push', {
      type: 'Process',
      'data-protocol': 'ao',
      module: first.module,
      scheduler: messenger,
      authority: messenger,
      name: 'kept',
    });
    const pid = spawned.headers.get('process') ?? '';
    const push = `/${pid}~process@1.0/push`;
    const sent = await send(push, { action: 'Eval', data: 'Count = 41', target: pid });
    expect(sent.status).toBe(200);
    const hash = await first.network.stateHash(pid);
    expect(await first.network.replay(pid)).toBe(hash);
    await first.network.close();
    first.gateway.close();

    const second = await open();
    expect(second.network.units.scheduler.process(pid)).toMatchObject({ id: pid, name: 'kept' });
    expect(await second.network.stateHash(pid)).toBe(hash);
    expect(await second.network.replay(pid)).toBe(hash);
    const again = createNodeApp(second.network);
    const request = signRequest(mallory, {
      target: push,
      fields: { action: 'Eval', data: 'return Count + 1', target: pid },
    });
    const answer = await again.request(`http://node.test${push}`, {
      method: 'POST',
      headers: Object.fromEntries(request.headers),
    });
    expect(await answer.json()).toMatchObject({ slot: 2, raw: { Output: { data: '42' } } });
    await second.network.close();
    second.gateway.close();
  });
});
