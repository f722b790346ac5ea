/** The units over HTTP, and unmodified aoconnect in legacy mode that talks to them. */
import { connect, createDataItemSigner } from '@permaweb/aoconnect';
import { createComputeApp } from '../../actors/http/compute.js';
import { createMessengerApp } from '../../actors/http/messenger.js';
import { createSchedulerApp } from '../../actors/http/scheduler.js';
import { serveUnit } from '../../actors/http/serve.js';
import type { ActorNetwork, NetworkOptions } from '../../actors/network.js';
import { devWallet } from '../../arlocal/dev-wallets.js';
import { createGatewayApp } from '../../arlocal/http/gateway-app.js';
import { startNetwork } from '../actors/kernel-module.js';

/** Name of the client, as `npm run conformance` lists it. */
export const LEGACY = 'aoconnect 0.0.98, legacy mode';

interface Result {
  // biome-ignore lint/suspicious/noExplicitAny: what a program printed may be any JSON
  Output: any;
  Messages: object[];
  Spawns: object[];
  Assignments: object[];
  Error?: string;
}

interface Sent {
  readonly signer: unknown;
  readonly tags?: { name: string; value: string }[];
  readonly data?: string;
}

/** What `connect({ MODE: 'legacy' })` gives, as far as tests call it: its own types cannot be named. */
export interface LegacyClient {
  spawn(args: Sent & { module: string; scheduler: string }): Promise<string>;
  message(args: Sent & { process: string }): Promise<string>;
  result(args: { process: string; message: string }): Promise<Result>;
  results(args: {
    process: string;
    from?: string;
    sort?: string;
    limit?: number;
  }): Promise<{ edges: { cursor: string; node: Result }[] }>;
  dryrun(args: Omit<Sent, 'signer'> & { process: string; Owner?: string }): Promise<Result>;
  signMessage(args: Sent & { process: string }): Promise<{ id: string; raw: ArrayBuffer }>;
  sendSignedMessage(args: { id: string; raw: ArrayBuffer }): Promise<string>;
  assign(args: {
    process: string;
    message: string;
    baseLayer?: boolean;
    exclude?: string[];
  }): Promise<string>;
  monitor(args: { process: string; signer: unknown }): Promise<unknown>;
  unmonitor(args: { process: string; signer: unknown }): Promise<unknown>;
}

export interface LegacySite {
  network: ActorNetwork;
  module: string;
  ao: LegacyClient;
  urls: { gateway: string; mu: string; su: string; cu: string };
  close(): Promise<void>;
}

const { wallet, jwk } = devWallet('alice');

export { wallet };
export const signer = createDataItemSigner(jwk); // once: the client allows 100 a minute

export async function openLegacySite(options: NetworkOptions = {}): Promise<LegacySite> {
  const { network, module } = await startNetwork(options);
  const serve = (app: Parameters<typeof serveUnit>[0]) =>
    serveUnit(app, { port: 0, purpose: 'test', option: '--port-base' });
  const servers = await Promise.all([
    serve(createGatewayApp(network.gateway)),
    serve(createMessengerApp(network)),
    serve(createSchedulerApp(network)),
    serve(createComputeApp(network)),
  ]);
  const [gateway = '', mu = '', su = '', cu = ''] = servers.map(({ url }) => url);
  return {
    network,
    module,
    ao: connect({
      MODE: 'legacy',
      GATEWAY_URL: gateway,
      MU_URL: mu,
      CU_URL: cu,
    }) as unknown as LegacyClient,
    urls: { gateway, mu, su, cu },
    async close() {
      await Promise.all(servers.map((server) => server.close()));
      await network.close();
    },
  };
}
