/**
 * The state of a whole network: a snapshot of a hundred processes, going back to it, forks of a herd,
 * and the file, each beside making the same network from nothing.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import {
  bootHerd,
  createModelledEngine,
  createNetwork,
  loadNetwork,
  type Network,
  publishModules,
} from 'corral';
import { withFolder } from './child.js';
import { type Bench, type BenchContext, compare, median, type Row } from './row.js';

const PROCESSES = 100;
const WORKERS = 20;
const ROUNDS = 15;
const FORKS = 200;

const COUNTER = `
Count = 0
Handlers.add('Inc', 'Inc', function(msg) Count = Count + 1; msg.reply({ Data = tostring(Count) }) end)
`;

async function* run({ note }: BenchContext): AsyncIterable<Row> {
  note(`${PROCESSES} processes ...`);
  yield* many();
  note(`a herd with ${WORKERS} workers ...`);
  yield* herd();
}

/** Every process has changed since the last snapshot, and again before the network goes back. */
async function* many(): AsyncIterable<Row> {
  const { value: network, ms: building } = await timed(startMany);
  const everybody = () => tellEverybody(network);
  const snapshots: number[] = [];
  const reverts: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await everybody();
    const { value: snapshot, ms } = await timed(() => network.snapshot());
    snapshots.push(ms);
    await everybody();
    reverts.push((await timed(() => network.revert(snapshot))).ms);
  }
  const bar = 'below 50';
  const row = (name: string, ms: number) => ({ name: `state.${name}`, value: ms, unit: 'ms', bar });
  const anew = (it: Row) => compare(it, 'anew', building, 'less');
  yield anew(row(`snapshot-of-${PROCESSES}`, median(snapshots)));
  yield anew(row(`revert-of-${PROCESSES}`, median(reverts)));
  yield* inFile(network, building);
  await network.close();
}

async function startMany(): Promise<Network> {
  const network = await createNetwork({ limits: { liveMachines: PROCESSES } });
  for (let n = 0; n < PROCESSES; n++) await network.spawn({ name: `p${n}`, source: COUNTER });
  return network;
}

async function tellEverybody(network: Network): Promise<void> {
  for (let n = 0; n < PROCESSES; n++) {
    await network.send({ from: 'owner', to: `p${n}`, action: 'Inc' });
  }
}

async function* inFile(network: Network, building: number): AsyncIterable<Row> {
  const [save, load, bytes] = await withFolder(async (folder) => {
    const file = join(folder, 'network');
    const saved = await timed(() => network.save(file));
    const loaded = await timed(() => loadNetwork(file));
    await loaded.value.close();
    return [saved.ms, loaded.ms, statSync(file).size] as const;
  });
  yield { name: `state.save-of-${PROCESSES}`, value: save, unit: 'ms' };
  yield compare(
    { name: `state.load-of-${PROCESSES}`, value: load, unit: 'ms' },
    'anew',
    building,
    'less',
  );
  yield { name: 'state.file', value: bytes / 1e6, unit: 'MB' };
}

/** What a test costs that begins with a herd: a fork alone, and one in which a first message is answered. */
async function* herd(): AsyncIterable<Row> {
  const { value: world, ms: booting } = await timed(startHerd);
  const { network, war } = world;
  const snapshot = await network.snapshot();
  const forks: number[] = [];
  const answered: number[] = [];
  for (let n = 0; n < FORKS; n++) {
    const start = performance.now();
    const fork = await network.fork(snapshot);
    forks.push(performance.now() - start);
    const { errors } = await fork.send({ from: 'alice', to: war, action: 'Balance' });
    if (errors[0]) throw new Error(errors[0].text);
    await fork.close();
    answered.push(performance.now() - start);
  }
  const anew = (it: Row) => compare(it, 'anew', booting, 'less');
  yield anew({ name: 'state.fork-of-a-herd', value: median(forks), unit: 'ms' });
  yield anew({ name: 'state.fork-and-an-answer', value: median(answered), unit: 'ms' });
  await network.close();
}

async function startHerd(): Promise<{ network: Network; war: string }> {
  const network = await createNetwork({ localDevices: [createModelledEngine({ seed: 1 })] });
  const { processes } = await bootHerd(network, publishModules(network), { workers: WORKERS });
  return { network, war: processes.war };
}

async function timed<Value>(make: () => Promise<Value>): Promise<{ value: Value; ms: number }> {
  const start = performance.now();
  const value = await make();
  return { value, ms: performance.now() - start };
}

export const state: Bench = {
  name: 'state',
  about: 'snapshots of a network, the way back, forks and files',
  run,
};
