/**
 * CPU time that the server spends on one message over HTTP, with an unmodified aoconnect as client.
 * Server and client are two processes, so the client's RSA signatures do not count.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { connect, createDataItemSigner } from '@permaweb/aoconnect';
import type { CorralInfo } from 'corral';
import { type Bench, type BenchContext, median, type Row } from './row.js';

const PORT_BASE = 4740;
/** Messages until V8 has compiled the server's code: a server that runs for a while is measured. */
const WARM_UP = 3000;
const BATCHES = 9;
const BATCH = 100;

async function* run({ note }: BenchContext): AsyncIterable<Row> {
  const program = fileURLToPath(new URL('http-server.mjs', import.meta.url));
  const server = fork(program, [`${PORT_BASE}`], { stdio: ['ignore', 2, 2, 'ipc'] });
  try {
    const [{ info }] = (await once(server, 'message')) as [{ info: CorralInfo }];
    const { send, read } = await createPinger(info);
    note(
      `sending ${WARM_UP + 2 * BATCHES * BATCH} messages with aoconnect, which takes a minute ...`,
    );
    for (let sent = 0; sent < WARM_UP; sent++) await read(await send());
    const alone = await cpuOfEach(server, send);
    const both = await cpuOfEach(server, async () => read(await send()));
    yield { name: 'http.server-cpu', value: alone, unit: 'ms a message', bar: 'at most 2 ms' };
    yield { name: 'http.server-cpu-with-result', value: both, unit: 'ms a message' };
  } finally {
    server.disconnect();
  }
}

/** CPU time of the server in ms a call: the median over batches, since a busy machine slows some. */
async function cpuOfEach(server: ChildProcess, call: () => Promise<unknown>): Promise<number> {
  const batches: number[] = [];
  for (let batch = 0; batch < BATCHES; batch++) {
    const before = await cpuOf(server);
    for (let sent = 0; sent < BATCH; sent++) await call();
    batches.push(((await cpuOf(server)) - before) / BATCH);
  }
  return median(batches);
}

interface Pinger {
  send(): Promise<string>;
  read(message: string): Promise<void>;
}

/** Spawns a process that answers, and gives what sends to it and reads its answer. */
async function createPinger(info: CorralInfo): Promise<Pinger> {
  const { urls, module, scheduler, authority, wallets } = info;
  const ao = connect({
    MODE: 'legacy',
    GATEWAY_URL: urls.gateway,
    MU_URL: urls.mu,
    CU_URL: urls.cu,
  });
  const key = JSON.parse(readFileSync(wallets[0]?.jwk ?? '', 'utf8'));
  const signer = createDataItemSigner(key);
  const tags = [
    { name: 'Authority', value: authority },
    { name: 'On-Boot', value: 'Data' },
  ];
  const data = "Handlers.add('Ping', 'Ping', function(msg) msg.reply({ Data = 'Pong' }) end)";
  const process = await ao.spawn({ module, scheduler, signer, tags, data });
  const ping = [{ name: 'Action', value: 'Ping' }];
  return {
    send: async () => (await ao.message({ process, signer, tags: ping })) as string,
    async read(message) {
      const { Messages } = await ao.result({ process, message });
      if (Messages.length !== 1) throw new Error('the process did not answer');
    },
  };
}

async function cpuOf(server: ChildProcess): Promise<number> {
  server.send('cpu');
  const [{ cpuMs }] = (await once(server, 'message')) as [{ cpuMs: number }];
  return cpuMs;
}

export const http: Bench = {
  name: 'http',
  about: 'server CPU a message over HTTP with aoconnect',
  run,
};
