/**
 * The developer's network: in memory, with its own time, wallets by name and processes from a text or
 * a file. It is a network like any other to whatever takes one, and stands on a core network that it
 * can exchange, so that what holds it goes on when its whole state is another.
 */
import { networkClosed } from '../actors/errors.js';
import { type Adoptions, createAdoptions } from './adopt/adoptions.js';
import { createCalls } from './calls.js';
import {
  type Core,
  changeSetup,
  checkLoadOptions,
  createRelay,
  prepare,
  type Setup,
  startCore,
} from './core.js';
import { delegateTo, join } from './delegate.js';
import { createKitFaults, type KitFaults } from './faults.js';
import { type AsyncName, createOrder } from './in-order.js';
import type { ForkOptions, LoadOptions, Network, NetworkOptions } from './network-api.js';
import { createDirectory, type Directory } from './people/directory.js';
import { checkSeed, checkSnapshot, type Snapshot } from './snapshot.js';
import { readSnapshot, saveSnapshot } from './snapshot-file.js';
import { createKitClock, keepRealTime } from './time/kit-clock.js';
import { isStoppable } from './time/real-clock.js';

export type * from './network-api.js';

/**
 * @throws {BAD_OPTION, BAD_MOMENT, BAD_DURATION, UPSTREAM_AWAY, UPSTREAM_REFUSED}
 * @example
 * await using network = await createNetwork();
 * const counter = await network.spawn({ file: 'counter.lua' });
 * const { result } = await network.send({ from: 'alice', to: counter, action: 'Increment' });
 */
export async function createNetwork(options: NetworkOptions = {}): Promise<Network> {
  return openNetwork(await prepare(options));
}

/**
 * A network that goes on from a file that `network.save` wrote.
 * @throws {FILE_NOT_READABLE, SNAPSHOT_INVALID, SNAPSHOT_VERSION, SNAPSHOT_DAMAGED, SNAPSHOT_MACHINE}
 * @throws {BAD_OPTION} for what the file says already: seed and time
 */
export async function loadNetwork(file: string, options: LoadOptions = {}): Promise<Network> {
  checkLoadOptions(options);
  const snapshot = await readSnapshot(file);
  const { mining, time } = snapshot;
  return openNetwork(await prepare({ mining, ...options, time }), snapshot);
}

/** @param known a directory with the keys of wallets that the snapshot knows */
async function openNetwork(setup: Setup, snapshot?: Snapshot, known?: Directory): Promise<Network> {
  let started: Promise<Core>;
  const adoptions = createAdoptions(
    async () => (await started).network,
    (id) => directory.note(id, current().units.scheduler.process(id)?.name),
    snapshot?.adoptions,
  );
  started = startCore(setup, adoptions, snapshot);
  let core = await started;
  const current = () => core.network;
  const directory = createDirectory(current);
  if (snapshot) directory.learnAgain(snapshot.wallets, known);
  const relay = createRelay();
  relay.events.on('spawned', ({ process, name }) => directory.note(process, name));
  relay.follow(core);
  let closing: Promise<void> | undefined;
  const order = createOrder();
  const refuse = () => closing && networkClosed();
  const clock = order.defer(
    createKitClock(() => core),
    ['advance', 'set', 'tick'],
    refuse,
  );
  const { mining, options } = setup;
  const stopTime = options.time === 'real' ? keepRealTime(clock, relay.emit) : undefined;
  const end = async () => {
    stopTime?.();
    await order.rest();
    await core.close();
    relay.end();
  };
  const faults: KitFaults = order.defer(
    createKitFaults(current, directory.idOf, () => faults),
    FAULT_CALLS,
  );
  const open = join(delegateTo(current), {
    ...createCalls({ current, directory, adoptions, self: () => network }),
    clock,
    faults,
    events: relay.events,
    mining,
    get names() {
      return directory.names;
    },
    wallet: directory.wallet,
    idOf: directory.idOf,
    async mine(blocks?: number) {
      const block = current().gateway.mine(blocks);
      await current().clock.tick();
      return block;
    },
    snapshot: () => takeSnapshot(core, setup, directory, adoptions),
    async revert(to: Snapshot) {
      if (closing) throw networkClosed();
      checkSeed(to, current().seed);
      return order.queue(async () => {
        const next = await startCore(setup, adoptions, to); // first: if it fails nothing has changed
        const old = core;
        core = next;
        started = Promise.resolve(next);
        directory.learnAgain(to.wallets);
        relay.follow(core, old);
        await old.close();
      });
    },
    save: async (file: string) => saveSnapshot(file, await network.snapshot()),
    async fork(from?: Snapshot, changes?: ForkOptions) {
      const snapshot = checkSnapshot(from ?? (await network.snapshot()));
      return openNetwork(changeSetup(setup, changes), snapshot, directory);
    },
    close() {
      closing ??= end();
      return closing;
    },
    [Symbol.asyncDispose]: () => network.close(),
  });
  const network: Network = order.defer(order.defer(open, CALLS), ['mine', 'step'], refuse);
  setup.collect?.gas?.follow(network);
  return network;
}

async function takeSnapshot(
  { network, clock }: Core,
  { mining, options: { time = 'virtual' } }: Setup,
  directory: Directory,
  adoptions: Adoptions,
): Promise<Snapshot> {
  const wallets = new Map(directory.wallets());
  const frozen = isStoppable(clock) && clock.frozen;
  const state = await network.capture();
  const adopted = adoptions.requests();
  return { kind: 'corral-snapshot', state, wallets, mining, time, frozen, adoptions: adopted };
}

/** What waits for a revert that is under way. */
const CALLS = [
  'adopt',
  'mintWar',
  'setState',
  'spawn',
  'send',
  'eval',
  'receive',
  'submit',
  'assign',
  'dryRun',
  'read',
  'result',
  'crons',
  'monitor',
  'unmonitor',
  'replay',
  'stateHash',
  'capture',
  'snapshot',
  'save',
  'fork',
] as const satisfies AsyncName<Network>[];

const FAULT_CALLS = ['release', 'heal', 'restart', 'end', 'clear'] as const;
