/**
 * Every way into a network, and one changed byte in every part of what comes in: nothing that its
 * owner did not sign is taken, stored or evaluated, whichever way it comes.
 */
import Arweave from 'arweave';
import type { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createComputeApp } from '../../../actors/http/compute.js';
import { createNodeApp } from '../../../actors/http/hyperbeam/node.js';
import { createMessengerApp } from '../../../actors/http/messenger.js';
import { createSchedulerApp } from '../../../actors/http/scheduler.js';
import { protocolTags } from '../../../actors/items/protocol.js';
import type { ActorNetwork, ProcessHandle } from '../../../actors/network.js';
import { encodeBundle } from '../../../arlocal/bundle.js';
import { signDataItem } from '../../../arlocal/data-item.js';
import { devWallet } from '../../../arlocal/dev-wallets.js';
import { createBundlerApp } from '../../../arlocal/http/bundler-app.js';
import { createGatewayApp } from '../../../arlocal/http/gateway-app.js';
import type { Wallet } from '../../../arlocal/wallet.js';
import { signL1 } from '../../arlocal/transactions.js';
import { startNetwork } from '../kernel-module.js';

let network: ActorNetwork;
let process: ProcessHandle;
let module: string;
let apps: Record<'mu' | 'su' | 'cu' | 'node' | 'bundler' | 'gateway', Hono>;
beforeAll(async () => {
  const started = await startNetwork();
  network = started.network;
  module = started.module;
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

const ans104 = { 'Content-Type': 'application/ans104', 'codec-device': 'ans104@1.0' };
type Way = (body: Uint8Array) => [app: keyof typeof apps, path: string, init: RequestInit];

const post =
  (app: keyof typeof apps, path: string, headers: Record<string, string> = {}): Way =>
  (body) => [app, path, { method: 'POST', headers, body: Buffer.from(body) }];

const MESSAGES: readonly (readonly [string, Way])[] = [
  ['the messenger unit', post('mu', '/')],
  ['the scheduler unit', post('su', '/')],
  ['the bundler', post('bundler', '/tx')],
  ['the bundler, by currency', post('bundler', '/v1/tx/arweave')],
  ['a monitor', (body) => post('mu', `/monitor/${process.id}`)(body)],
  [
    'the end of a monitor',
    (body) => ['mu', `/monitor/${process.id}`, { method: 'DELETE', body: Buffer.from(body) }],
  ],
  ['the node', (body) => post('node', `/${process.id}~process@1.0/push`, ans104)(body)],
  ['the node, push', post('node', '/push', ans104)],
  [
    'the node, schedule',
    (body) => post('node', `/${process.id}~process@1.0/schedule`, ans104)(body),
  ],
  ['the node, its scheduler', post('node', '/~scheduler@1.0/schedule', ans104)],
];

const ask = async (way: Way, body: Uint8Array) => {
  const [app, path, init] = way(body);
  const response = await apps[app].request(path, init);
  const answer = (await response.json().catch(() => ({}))) as { code?: string };
  return { status: response.status, code: answer.code };
};

/** A message with all parts, and where each begins and ends. */
function wholeItem(wallet: Wallet) {
  const anchor = 'a'.repeat(32);
  const data = 'Count = (Count or 0) + 1';
  const tags = [...protocolTags('Message'), { name: 'Action', value: 'Eval' }];
  const { item, bytes } = signDataItem(wallet, { target: process.id, anchor, tags, data });
  const signature = Buffer.from(item.signature, 'base64url').length;
  const owner = Buffer.from(item.owner, 'base64url').length;
  let at = 2;
  const part = (length: number) => {
    const range: [number, number] = [at, at + length];
    at += length;
    return range;
  };
  const parts = {
    'kind of signature': [0, 2] as [number, number],
    signature: part(signature),
    owner: part(owner),
    target: part(33),
    anchor: part(33),
    'count of tags': part(8),
    'length of tags': part(8),
    tags: part(bytes.length - at - data.length),
    data: part(data.length),
  };
  return { item, bytes, parts };
}

describe.each([
  ['an Ed25519 key', () => network.wallet('mallory')],
  ['an RSA key', () => devWallet('bob').wallet],
])('an item signed with %s', (_, walletOf) => {
  describe.each(MESSAGES)('that comes by way of %s', (_way, way) => {
    test.each([
      'kind of signature',
      'signature',
      'owner',
      'target',
      'anchor',
      'count of tags',
      'length of tags',
      'tags',
      'data',
    ] as const)('is refused with a changed byte in its %s', async (name) => {
      const { bytes, parts, item } = wholeItem(walletOf());
      const [start, end] = parts[name];
      const length = network.units.log.next(process.id);
      for (const at of new Set([start, (start + end) >> 1, end - 1])) {
        const changed = Uint8Array.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ 1;
        const { status, code } = await ask(way, changed);
        expect({ status, code }).toEqual({ status: 400, code: expect.stringMatching(REFUSALS) });
      }
      expect(network.units.log.next(process.id)).toBe(length);
      expect(network.gateway.item(item.id)).toBeUndefined();
    });
  });
});

const REFUSALS = new RegExp(
  `^(${[
    'ITEM_(NOT_SIGNED|MALFORMED|TRUNCATED)',
    'PUBLIC_KEY_INVALID',
    'SIGNATURE_TYPE_UNSUPPORTED',
    'TAGS_(MALFORMED|TOO_LONG)',
  ].join('|')})$`,
);

test('the same item as it was signed is taken', async () => {
  const { bytes, item } = wholeItem(network.wallet('mallory'));
  expect(await ask(post('mu', '/'), bytes)).toMatchObject({ status: 202 });
  expect(network.gateway.item(item.id)?.address).toBe(network.wallet('mallory').address);
});

test('a process with a changed byte is refused, whoever schedules it', async () => {
  const tags = [...protocolTags('Process'), { name: 'Module', value: module }];
  const { bytes, item } = signDataItem(network.wallet('mallory'), { tags, data: 'boot' });
  const changed = Uint8Array.from(bytes);
  changed[bytes.length - 1] = 'x'.charCodeAt(0);
  for (const way of [post('mu', '/'), post('su', '/'), post('node', '/push', ans104)]) {
    expect(await ask(way, changed)).toEqual({ status: 400, code: 'ITEM_NOT_SIGNED' });
  }
  expect(network.units.scheduler.process(item.id)).toBeUndefined();
});

describe('a bundle with one item that was changed', () => {
  const bundleTags = [
    { name: 'Bundle-Format', value: 'binary' },
    { name: 'Bundle-Version', value: '2.0.0' },
  ];
  const changedBundle = () => {
    const good = signDataItem(network.wallet('mallory'), { data: 'good' });
    const bad = signDataItem(network.wallet('mallory'), { data: 'bad!' });
    bad.bytes[bad.bytes.length - 1] = 'x'.charCodeAt(0);
    return { good, bad, bytes: encodeBundle([good, bad]) };
  };
  test('is refused whole, as the data of a transaction and in chunks', async () => {
    const { gateway } = network;
    const { good, bad, bytes } = changedBundle();
    gateway.mint(devWallet('carol').wallet.address, 10n ** 14n);
    const transaction = await signL1(gateway, { data: bytes, tags: bundleTags });
    const body = (json: unknown) => Buffer.from(JSON.stringify(json));
    expect(await ask(post('gateway', '/tx'), body(transaction.toJSON()))).toMatchObject({
      status: 400,
      code: expect.stringMatching(REFUSALS),
    });
    const whole = await signL1(gateway, { data: bytes, tags: bundleTags });
    const header = { ...whole.toJSON(), data: '' };
    expect(await ask(post('gateway', '/tx'), body(header))).toMatchObject({ status: 200 });
    const chunk = body(whole.getChunk(0, bytes));
    expect((await ask(post('gateway', '/chunk'), chunk)).status).toBe(400);
    for (const { item } of [good, bad]) expect(gateway.item(item.id)).toBeUndefined();
  });
});

describe('an Arweave transaction', () => {
  test.each([
    ['signature'],
    ['owner'],
    ['target'],
    ['quantity'],
    ['reward'],
    ['last_tx'],
    ['data'],
    ['data_root'],
    ['tags'],
    ['id'],
  ] as const)('is refused with another %s', async (field) => {
    const { gateway } = network;
    gateway.mint(devWallet('carol').wallet.address, 10n ** 14n);
    const signed = await signL1(gateway, {
      data: 'hello',
      target: network.wallet('alice').address,
      quantity: 5n,
      tags: [{ name: 'A', value: 'b' }],
    });
    const json = signed.toJSON() as Record<string, unknown>;
    const other = Arweave.utils.stringToB64Url('other');
    const values: Record<string, unknown> = {
      quantity: '6',
      reward: String(BigInt(String(json.reward)) + 1n),
      target: network.wallet('mallory').address,
      data: other,
      tags: [{ name: other, value: other }],
    };
    const changed = { ...json, [field]: values[field] ?? flip(String(json[field])) };
    const body = Buffer.from(JSON.stringify(changed));
    const { status } = await ask(post('gateway', '/tx'), body);
    expect(status).toBe(400);
    expect(gateway.locate(signed.id)).toBeUndefined();
  });

  /** Another character in the middle of base64url. */
  function flip(text: string): string {
    const at = text.length >> 1;
    return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
  }
});
