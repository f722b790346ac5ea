/**
 * How long a process waits for its answer while two workers generate: inference runs on compute
 * threads and must not hold up the network.
 */
import { type Corral, startCorral } from 'corral';
import { type Bench, percentile, type Row } from './row.js';

const PINGS = 500;
const PAUSE_MS = 5;

async function* run(): AsyncIterable<Row> {
  const corral = await startCorral({ listen: false, workers: 2 });
  const { network, info } = corral;
  const echo = await network.spawn({
    from: network.wallet('echo'),
    module: info.module,
    tags: { 'On-Boot': 'Data' },
    data: "Handlers.add('Ping', 'Ping', function(msg) msg.reply({ Data = 'Pong' }) end)",
  });
  const tokens = { seen: 0 };
  network.events.on('device', ({ event }) => {
    if (event.type === 'token') tokens.seen += 1;
  });
  const stop = { now: false };
  const users = [keepAsking(corral, 'one', stop), keepAsking(corral, 'two', stop)];
  const waits: number[] = [];
  while (tokens.seen === 0) await pause();
  const before = tokens.seen;
  for (let sent = 0; sent < PINGS; sent++) {
    const start = performance.now();
    await network.send({ from: network.wallet('pinger'), to: echo.id, action: 'Ping' });
    waits.push(performance.now() - start);
    await pause();
  }
  const generated = tokens.seen - before;
  stop.now = true;
  await Promise.all(users);
  await corral.close();
  if (generated === 0) throw new Error('no token was generated while the pings ran');
  yield { name: 'latency.p50-while-generating', value: percentile(waits, 0.5), unit: 'ms' };
  const p99 = { value: percentile(waits, 0.99), unit: 'ms', bar: 'under 50 ms' };
  yield { name: 'latency.p99-while-generating', ...p99 };
  yield { name: 'latency.tokens-meanwhile', value: generated, unit: 'tokens' };
}

const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

async function keepAsking(corral: Corral, name: string, stop: { now: boolean }): Promise<void> {
  const user = await corral.spawnUser({ name, war: 1_000_000_000n });
  while (!stop.now) {
    const { errors } = await user.eval('Llama.run("Tell me a long story about llamas", 100)');
    if (errors[0]) throw new Error(errors[0].text);
  }
}

export const latency: Bench = {
  name: 'latency',
  about: 'answer times of a process while two workers generate',
  run,
};
