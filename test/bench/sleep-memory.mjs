/**
 * Run as a process of its own by sleep.ts: what one more idle process costs. Arguments: how many
 * processes, how many of them may be awake, and a folder to sleep in; without it they sleep in memory.
 * Prints one JSON line.
 */
import {
  createGateway,
  createNetwork,
  createSqliteStore,
  publishModules,
} from '../../dist/index.js';

const [processes, liveMachines, folder] = process.argv.slice(2);
const breathe = () => new Promise((resolve) => setImmediate(resolve));
const gateway =
  folder && createGateway({ store: createSqliteStore(folder), now: Date.now, breathe });
// What the trace remembers is bounded and no cost of a process.
const limits = { liveMachines: Number(liveMachines), tracedDeliveries: 100 };
const network = await createNetwork({ limits, breathe, ...(gateway && { gateway }) });
const { module } = publishModules(network);
const from = network.wallet('owner');
const data = "Handlers.add('Ping', 'Ping', function(msg) msg.reply({ Data = 'Pong' }) end)";
const spawn = () => network.spawn({ from, module, tags: { 'On-Boot': 'Data' }, data });
const used = async () => {
  for (let i = 0; i < 3; i++) {
    await network.gateway.durable();
    await breathe();
    globalThis.gc();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

const first = await spawn();
const half = Number(processes) / 2;
for (let spawned = 1; spawned < half; spawned++) await spawn();
const before = await used(); // by now every cache is full
for (let spawned = half; spawned < Number(processes); spawned++) await spawn();
const bytes = ((await used()) - before) / half;
const { messages } = await network.send({ from, to: first.id, action: 'Ping' });
if (messages.length !== 1) throw new Error('the first process no longer answers');
await network.close();
gateway?.close();
console.log(JSON.stringify({ bytes }));
