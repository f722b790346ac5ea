/**
 * CPU time that the server spends on one message over HTTP, with an unmodified aoconnect as client.
 * Server and client are two processes, so the client's RSA signatures do not count.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { connect, createDataItemSigner } from '@permaweb/aoconnect';
import type { CorralInfo } from '../../index.js';
import type { Bench, BenchContext, Row } from './row.js';

const PORT_BASE = 4740;
const WARM_UP = 500; // until the compilers of V8 have done their work
const MESSAGES = 1000;

async function* run({ note }: BenchContext): AsyncIterable<Row> {
  const program = fileURLToPath(new URL('http-server.mjs', import.meta.url));
  const server = fork(program, [`${PORT_BASE}`], { stdio: ['ignore', 2, 2, 'ipc'] });
  try {
    const [{ info }] = (await once(server, 'message')) as [{ info: CorralInfo }];
    const send = await createPinger(info);
    note(`sending ${WARM_UP + MESSAGES} messages with aoconnect ...`);
    for (let sent = 0; sent < WARM_UP; sent++) await send();
    const before = await cpuOf(server);
    const start = performance.now();
    for (let sent = 0; sent < MESSAGES; sent++) await send();
    const wall = performance.now() - start;
    const cpu = (await cpuOf(server)) - before;
    const bar = 'at most 2 ms';
    yield { name: 'http.server-cpu', value: cpu / MESSAGES, unit: 'ms a message', bar };
    yield { name: 'http.round-trip', value: wall / MESSAGES, unit: 'ms a message and result' };
  } finally {
    server.disconnect();
  }
}

/** Spawns a process that answers, and gives a function that sends to it and reads the result. */
async function createPinger(info: CorralInfo): Promise<() => Promise<void>> {
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
  return async () => {
    const ping = [{ name: 'Action', value: 'Ping' }];
    const message = (await ao.message({ process, signer, tags: ping })) as string;
    const { Messages } = await ao.result({ process, message });
    if (Messages.length !== 1) throw new Error('the process did not answer');
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
