/**
 * An older @permaweb/aoconnect in mainnet mode, whose one call is `request`: signed by RFC 9421 with the
 * body it signs, multipart where a message has several long fields. It comes with the peer wao.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNodeApp } from '../../actors/http/hyperbeam/node.js';
import { serveUnit } from '../../actors/http/serve.js';
import type { ActorNetwork } from '../../actors/network.js';
import { devWallet } from '../../arlocal/dev-wallets.js';
import { startNetwork } from '../actors/kernel-module.js';
import { missingPeer, peerFolder } from '../peers.js';

const peer = peerFolder('wao');
const folder = peer && join(peer, 'node_modules', '@permaweb', 'aoconnect');
const version: string = folder
  ? JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version
  : '0.0.85';

interface OldClient {
  request(fields: Record<string, unknown>): Promise<Record<string, string>>;
}

describe(`aoconnect ${version}, mainnet mode`, () => {
  let network: ActorNetwork;
  let ao: OldClient;
  let pid: string;
  let close: () => Promise<void>;
  const { wallet, jwk } = devWallet('alice');

  beforeAll(async () => {
    if (!folder) return;
    const started = await startNetwork();
    network = started.network;
    const app = createNodeApp(network);
    const server = await serveUnit(app, { port: 0, purpose: 'test', option: '--port-base' });
    close = () => server.close();
    const client = await import(pathToFileURL(join(folder, 'dist', 'index.js')).href);
    const signer = client.createSigner(jwk);
    ao = client.connect({ MODE: 'mainnet', URL: server.url, signer, device: 'process@1.0' });
    pid = await spawn(started.module);
  });
  afterAll(async () => {
    await close?.();
    await network?.close();
  });

  const spawn = async (module: string) => {
    const { messenger } = network.addresses;
    const spawned = await ao.request({
      path: '/push',
      method: 'POST',
      type: 'Process',
      device: 'process@1.0',
      authority: messenger,
      scheduler: messenger,
      'data-protocol': 'ao',
      variant: 'ao.N.1',
      module,
      data: 'line 1\nline 2',
    });
    return spawned.process ?? '';
  };
  const evaluate = (data: string, more: Record<string, unknown> = {}) =>
    ao.request({
      path: `/${pid}~process@1.0/push/serialize~json@1.0`,
      method: 'POST',
      type: 'Message',
      'data-protocol': 'ao',
      variant: 'ao.N.1',
      target: pid,
      Action: 'Eval',
      data,
      ...more,
    });

  describe.skipIf(!folder)(folder ? 'request' : missingPeer('wao'), () => {
    test('request: spawns a process that its signer owns', async () => {
      const { body = '' } = await evaluate('return\nOwner');
      expect(JSON.parse(body)).toMatchObject({ raw: { Output: { data: wallet.address } } });
    });

    test('request: sends a multipart message', async () => {
      const code = `Handlers.add('show', 'Show', function(m)
        Shown = m.Data .. '|' .. m.Tags['Nest/a'] .. '|' .. m.Tags['Nest/b/c'] end)`;
      await evaluate(code);
      await evaluate('one\ntwo', { Action: 'Show', nest: { a: '1', b: { c: '2' } } });
      const { body = '' } = await evaluate('return\nShown');
      expect(JSON.parse(body)).toMatchObject({ raw: { Output: { data: 'one\ntwo|1|2' } } });
    });

    test('request: sends an ANS-104 message', async () => {
      const { body = '' } = await evaluate('return 6 *\n7', { signingFormat: 'ANS-104' });
      expect(JSON.parse(body)).toMatchObject({ raw: { Output: { data: '42' } } });
    });

    test('request: reads a result', async () => {
      const { slot = '' } = await evaluate('return "read"');
      const path = `/${pid}~process@1.0/compute&slot+integer=${slot}/results/json`;
      const { body = '' } = await ao.request({ path, method: 'POST', target: pid });
      expect(JSON.parse(JSON.parse(body).body)).toMatchObject({ Output: { data: 'read' } });
    });

    test('request: reads the slot and the schedule', async () => {
      const slot = await ao.request({
        path: `/${pid}~process@1.0/slot/current/body/serialize~json@1.0`,
        method: 'GET',
      });
      expect(Number(slot.body)).toBe(network.units.log.next(pid) - 1);
      const path = `/${pid}~process@1.0/schedule?from+integer=0&to+integer=1&accept=application/aos-2`;
      const { body = '' } = await ao.request({ path, method: 'GET' });
      expect(JSON.parse(body).edges).toHaveLength(2);
    });

    test('request: names what is wrong', async () => {
      const path = `/${'A'.repeat(43)}~process@1.0/push`;
      await expect(ao.request({ path, method: 'POST', Action: 'X' })).rejects.toThrow(
        /404: .*there is no process A+/,
      );
    });
  });
});
