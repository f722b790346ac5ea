/**
 * Run as a process of its own by restart.ts: opens a folder as after a restart. Arguments: the folder,
 * a process in it, and how often it counted. Prints one JSON line of milliseconds and bytes.
 */
import {
  createGateway,
  createNetwork,
  createSqliteStore,
  publishModules,
} from '../../dist/index.js';

const [folder, id, counted] = process.argv.slice(2);
const breathe = () => new Promise((resolve) => setImmediate(resolve));
let start = performance.now();
/** Milliseconds since it was called last. */
const lap = () => {
  const milliseconds = performance.now() - start;
  start = performance.now();
  return milliseconds;
};
const gateway = createGateway({ store: createSqliteStore(folder), now: Date.now, breathe });
const network = await createNetwork({ gateway, breathe });
await network.resumed;
const ready = lap();
globalThis.gc?.();
const bytes = process.memoryUsage().rss;
publishModules(network);
const from = network.wallet('owner');
start = performance.now();
const receipt = await network.send({ from, to: id, action: 'Eval', data: 'return Count' });
await gateway.durable();
const first = lap();
if (receipt.result?.output?.data !== counted) throw new Error(`the process counted otherwise`);
const state = await network.stateHash(id);
start = performance.now();
if ((await network.replay(id)) !== state) throw new Error('the process is not as it was');
const replay = lap();
await network.close();
gateway.close();
console.log(JSON.stringify({ ready, first, replay, bytes }));
