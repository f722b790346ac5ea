/**
 * Run as a process of its own by restart.ts: opens a folder as after a restart. Arguments: the folder,
 * how often its processes counted, and the ids of some. Prints one JSON line of milliseconds and bytes.
 */
import {
  createGateway,
  createNetwork,
  createSqliteStore,
  publishModules,
} from '../../dist/index.js';

const [folder, counted, first, ...others] = process.argv.slice(2);
const breathe = () => new Promise((resolve) => setImmediate(resolve));
let start = performance.now();
const gateway = createGateway({ store: createSqliteStore(folder), now: Date.now, breathe });
const network = await createNetwork({ gateway, breathe });
await network.resumed;
const ready = performance.now() - start;
globalThis.gc();
const bytes = process.memoryUsage().rss;
publishModules(network);
const from = network.wallet('owner');

/** Milliseconds until a process has answered, durably. */
const ask = async (to) => {
  start = performance.now();
  const receipt = await network.send({ from, to, action: 'Eval', data: 'return Count' });
  await gateway.durable();
  const { data } = receipt.result?.output ?? {};
  if (data !== counted) throw new Error(`the process counted to ${data}, not to ${counted}`);
  return performance.now() - start;
};
const answered = await ask(first);
// How it would be without checkpoints: each is given its log again.
const replays = [];
for (const id of others) {
  for (const name of ['checkpoints', 'checkpoint-heads']) gateway.records.cells(name).drop(id);
  replays.push(await ask(id));
}
const replay = replays.sort((a, b) => a - b)[replays.length >> 1];
await network.close();
gateway.close();
console.log(JSON.stringify({ ready, first: answered, replay, bytes }));
