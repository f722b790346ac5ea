/**
 * What a user of aoconnect waits for: a message and its result, over HTTP, in both modes, beside
 * wao's server with the same client in the same run. The client signs and verifies with RSA, which
 * is most of a round trip here, so the part that is spent in HTTP is told apart.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connect, createDataItemSigner, createSigner } from '@permaweb/aoconnect';
import { type CorralInfo, devWallet } from 'corral';
import { startPeer } from './peers.js';
import { type Bench, type BenchContext, compare, median, type Row } from './row.js';

const CORRAL_PORT = 4750;
const WAO_PORT = 4760;
const WARM_UP = 100;
const TRIPS = 200;
const WAO_TRIPS = 25;
const AT_ONCE = 50;

const SOURCE = "Handlers.add('Ping', 'Ping', function(msg) msg.reply({ Data = 'Pong' }) end)";
const PING = [{ name: 'Action', value: 'Ping' }];
/** Once: the client allows 100 a minute. */
const signers = (jwk: object) => ({ item: createDataItemSigner(jwk), node: createSigner(jwk) });

interface Client {
  /** Sends a ping and waits for its result. */
  trip(): Promise<void>;
}

/** Milliseconds that one round trip takes, and what of it is spent in HTTP. */
interface Trip {
  readonly wholeMs: number;
  readonly httpMs: number;
}

async function* run({ peers, note }: BenchContext): AsyncIterable<Row> {
  const { jwk } = devWallet('alice');
  const { item, node } = signers(jwk);
  const server = await startCorral();
  try {
    const { info } = server;
    const legacy = await openLegacy(info.urls, info, item);
    const mainnet = await openMainnet(info, node);
    note('round trips through Corral ...');
    const corral = { ...(await measure(legacy, WARM_UP, TRIPS)), rate: await rush(legacy) };
    const other = await measure(mainnet, WARM_UP, TRIPS);
    const wao = peers ? await measureWao(item, note) : undefined;
    const ms = (name: string, value: number, bar = {}) => ({ name, value, unit: 'ms', ...bar });
    yield compare(ms('clients.legacy', corral.wholeMs), 'wao', wao?.wholeMs, 'less');
    yield compare(ms('clients.legacy-http-part', corral.httpMs), 'wao', wao?.httpMs, 'less');
    const together = { name: 'clients.legacy-50-at-once', value: corral.rate, unit: 'messages/s' };
    yield compare(together, 'wao', wao?.rate, 'more');
    yield ms('clients.mainnet', other.wholeMs);
    yield ms('clients.mainnet-http-part', other.httpMs);
  } finally {
    server.close();
  }
}

async function startCorral(): Promise<{ info: CorralInfo; close(): void }> {
  const program = fileURLToPath(new URL('http-server.mjs', import.meta.url));
  const server: ChildProcess = fork(program, [`${CORRAL_PORT}`], {
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  const [{ info }] = (await once(server, 'message')) as [{ info: CorralInfo }];
  return { info, close: () => server.disconnect() };
}

async function measureWao(signer: Signer, note: BenchContext['note']) {
  const { hello, close } = await startPeer('wao', 'wao-server.mjs', [`${WAO_PORT}`], note);
  try {
    const url = (index: number) => `http://127.0.0.1:${WAO_PORT + index}`;
    const urls = { gateway: url(0), mu: url(2), cu: url(4) };
    const client = await openLegacy(urls, hello as Place, signer);
    note('round trips through wao ...');
    return { ...(await measure(client, 3, WAO_TRIPS)), rate: await rush(client) };
  } finally {
    close();
  }
}

type Signer = ReturnType<typeof createDataItemSigner>;

/** What a process is spawned with. */
interface Place {
  readonly module: string;
  readonly scheduler: string;
  readonly authority: string;
}

async function openLegacy(
  urls: { gateway: string; mu: string; cu: string },
  { module, scheduler, authority }: Place,
  signer: Signer,
): Promise<Client> {
  const { gateway, mu, cu } = urls;
  // Not in the client's types: the fetch that is watched at the moment of the call.
  const watched: typeof fetch = (...request) => globalThis.fetch(...request);
  const options = { GATEWAY_URL: gateway, MU_URL: mu, CU_URL: cu, fetch: watched };
  const ao = connect({ MODE: 'legacy', ...options });
  const tags = [{ name: 'Authority', value: authority }];
  const process = await ao.spawn({ module, scheduler, signer, tags });
  const send = async (more: object) => (await ao.message({ process, signer, ...more })) as string;
  const read = (message: string) => ao.result({ process, message });
  await read(await send({ tags: [{ name: 'Action', value: 'Eval' }], data: SOURCE }));
  return { trip: async () => requireReply(await read(await send({ tags: PING }))) };
}

async function openMainnet(
  { urls, module }: CorralInfo,
  signer: ReturnType<typeof createSigner>,
): Promise<Client> {
  const ao = connect({ MODE: 'mainnet', URL: urls.node, signer });
  const tags = [{ name: 'On-Boot', value: 'Data' }];
  const process = (await ao.spawn({ module, tags, data: SOURCE })) as string;
  return {
    async trip() {
      const slot = (await ao.message({ process, tags: PING })) as string;
      requireReply(await ao.result({ process, slot } as never));
    },
  };
}

function requireReply({ Messages }: { Messages?: unknown[] }): void {
  if (Messages?.length !== 1) throw new Error('the process did not answer');
}

/** Medians over round trips, one after the other. */
async function measure({ trip }: Client, warmUp: number, trips: number): Promise<Trip> {
  for (let n = 0; n < warmUp; n++) await trip();
  const whole: number[] = [];
  const http: number[] = [];
  for (let n = 0; n < trips; n++) {
    const watch = watchFetch();
    const start = performance.now();
    await trip();
    whole.push(performance.now() - start);
    http.push(watch.stop());
  }
  return { wholeMs: median(whole), httpMs: median(http) };
}

/** Round trips a second when many are asked for at once. */
async function rush({ trip }: Client): Promise<number> {
  const start = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, trip));
  return (AT_ONCE * 1000) / (performance.now() - start);
}

/** Adds up the time from each request until its body is there. */
function watchFetch(): { stop(): number } {
  const { fetch } = globalThis;
  let spent = 0;
  globalThis.fetch = async (...request) => {
    const start = performance.now();
    const response = await fetch(...request);
    const body = await response.arrayBuffer();
    spent += performance.now() - start;
    const { status, headers } = response;
    return new Response(body, { status, headers });
  };
  return {
    stop() {
      globalThis.fetch = fetch;
      return spent;
    },
  };
}

export const clients: Bench = {
  name: 'clients',
  about: 'a message and its result through aoconnect, in both modes',
  run,
};
