/**
 * Run as a process of its own by sleep.ts: how long a process that sleeps takes to answer. Arguments:
 * how many messages it was told, and a folder to sleep in; without it it sleeps in memory. Prints one
 * JSON line of milliseconds: of one that is awake, one that sleeps, and, over a folder, one that has
 * no checkpoint and is given its log again.
 */
import {
  createGateway,
  createNetwork,
  createSqliteStore,
  publishModules,
} from '../../dist/index.js';

const [messages, folder] = process.argv.slice(2);
const AWAKE = 8;
const ASLEEP = 12;
const breathe = () => new Promise((resolve) => setImmediate(resolve));
const gateway =
  folder && createGateway({ store: createSqliteStore(folder), now: Date.now, breathe });
const limits = { liveMachines: AWAKE };
const network = await createNetwork({ limits, breathe, ...(gateway && { gateway }) });
const { module } = publishModules(network);
const from = network.wallet('owner');
const data = "Handlers.add('Ping', 'Ping', function(msg) Count = (Count or 0) + 1 end)";
const ping = async (to) => {
  const start = performance.now();
  const { errors } = await network.send({ from, to, action: 'Ping' });
  if (errors[0]) throw new Error(errors[0].text);
  return performance.now() - start;
};
const spawn = async () => {
  const { id } = await network.spawn({ from, module, tags: { 'On-Boot': 'Data' }, data });
  for (let sent = 0; sent < Number(messages); sent++) await ping(id);
  return id;
};
const spawnAll = async (count) => {
  const ids = [];
  while (ids.length < count) ids.push(await spawn());
  return ids;
};
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

const sleepers = await spawnAll(ASLEEP);
const others = await spawnAll(AWAKE);
/** Milliseconds to a sleeper's answer, after `prepare`. */
const wake = async (prepare) => {
  const times = [];
  for (const id of sleepers) {
    for (const other of others) await ping(other); // these are awake now, and no others
    prepare?.(id);
    times.push(await ping(id));
  }
  return median(times);
};
const forget = (id) => {
  const { records } = network.gateway;
  for (const name of ['checkpoints', 'checkpoint-heads']) records.cells(name).drop(id);
};
const asleep = await wake();
const replayed = folder ? await wake(forget) : undefined;
for (const other of others) await ping(other);
const awake = [];
for (let i = 0; i < 100; i++) awake.push(await ping(others[i % AWAKE]));
await network.close();
gateway?.close();
console.log(JSON.stringify({ awake: median(awake), asleep, replayed }));
