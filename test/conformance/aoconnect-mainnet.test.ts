/**
 * Unmodified @permaweb/aoconnect in mainnet mode against the HyperBEAM-style node: every call it has,
 * and the same processes in legacy mode.
 */
import { connect, createSigner } from '@permaweb/aoconnect';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createComputeApp } from '../../actors/http/compute.js';
import { createNodeApp } from '../../actors/http/hyperbeam/node.js';
import { createMessengerApp } from '../../actors/http/messenger.js';
import { serveUnit } from '../../actors/http/serve.js';
import type { ActorNetwork } from '../../actors/network.js';
import { devWallet } from '../../arlocal/dev-wallets.js';
import { createGatewayApp } from '../../arlocal/http/gateway-app.js';
import { startNetwork } from '../actors/kernel-module.js';

const { wallet, jwk } = devWallet('alice');
const signer = createSigner(jwk); // once: the client allows 100 a minute

const connectMainnet = (URL: string) => connect({ MODE: 'mainnet', URL, signer });
const connectLegacy = (gateway: string, mu: string, cu: string) =>
  connect({ MODE: 'legacy', GATEWAY_URL: gateway, MU_URL: mu, CU_URL: cu });

interface Site {
  network: ActorNetwork;
  module: string;
  url: string;
  ao: ReturnType<typeof connectMainnet>;
  legacy: ReturnType<typeof connectLegacy>;
  close(): Promise<void>;
}

async function open(): Promise<Site> {
  const { network, module } = await startNetwork();
  const serve = (app: Parameters<typeof serveUnit>[0]) =>
    serveUnit(app, { port: 0, purpose: 'test', option: '--port-base' });
  const servers = await Promise.all([
    serve(createGatewayApp(network.gateway)),
    serve(createMessengerApp(network)),
    serve(createComputeApp(network)),
    serve(createNodeApp(network)),
  ]);
  const [gateway = '', mu = '', cu = '', url = ''] = servers.map((server) => server.url);
  return {
    network,
    module,
    url,
    ao: connectMainnet(url),
    legacy: connectLegacy(gateway, mu, cu),
    async close() {
      await Promise.all(servers.map((server) => server.close()));
      await network.close();
    },
  };
}

describe('aoconnect 0.0.98, mainnet mode', () => {
  let site: Site;
  let process: string;
  const action = (value: string) => [{ name: 'Action', value }];
  const spawn = (tags: { name: string; value: string }[] = []) =>
    site.ao.spawn({ module: site.module, tags });
  const evaluate = async (code: string, pid = process) => {
    const slot = await site.ao.message({ process: pid, tags: action('Eval'), data: code });
    return site.ao.result({ process: pid, slot });
  };

  beforeAll(async () => {
    site = await open();
    process = await spawn([{ name: 'Name', value: 'conformance' }]);
  });
  afterAll(() => site.close());

  test('spawn: makes a process that its signer owns', async () => {
    const { Output } = await evaluate('Owner .. " " .. Name');
    expect(Output.data).toBe(`${wallet.address} conformance`);
  });

  test('message: answers the slot, one after the other', async () => {
    const pid = await spawn();
    const send = (data: string) => site.ao.message({ process: pid, tags: action('Eval'), data });
    expect([await send('1'), await send('2')]).toEqual([1, 2]);
  });
});
