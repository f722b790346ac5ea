/**
 * The core network that the kit stands on at the moment, and how to make one. What holds the kit's
 * network holds none of this, so that another core can take its place.
 */
import { type Clock, createVirtualClock } from '../actors/clock.js';
import { createEvents, type EventSource } from '../actors/events.js';
import type { Absent } from '../actors/messenger/missing.js';
import { type ActorNetwork, createNetwork } from '../actors/network.js';
import type { NetworkState } from '../actors/state/network-state.js';
import { createShared, type Shared } from '../actors/state/shared.js';
import { createGateway, type Gateway } from '../arlocal/gateway.js';
import { createMemoryStore } from '../arlocal/memory-store.js';
import type { UpstreamSetup } from '../arlocal/upstream/attach.js';
import { llamaDevice } from '../herd/modules.js';
import { leaveUpstream, openUpstream } from '../herd/upstream.js';
import type { Collector } from './collect/collector.js';
import { collectorOfRun } from './collect/run.js';
import { KitError, show } from './errors.js';
import type { ForkOptions, LoadOptions, NetworkOptions } from './network-api.js';
import { brokenSnapshot, type Snapshot } from './snapshot.js';
import { parseMoment } from './time/durations.js';
import { ARWEAVE_MINING, blockIntervalOf, type Mining } from './time/mining.js';
import { createRealClock } from './time/real-clock.js';

/** A core network with the clock that it stands on. */
export interface Core {
  readonly network: ActorNetwork;
  readonly clock: Clock;
  close(): Promise<void>;
}

/** What a network, its forks and its successors are all made with. */
export interface Setup {
  readonly options: NetworkOptions;
  readonly mining: Mining;
  readonly shared: Shared;
  readonly collect: Collector | undefined;
  /** The gateway that was given by its URL. */
  readonly upstream: UpstreamSetup | undefined;
}

/** @throws {BAD_OPTION, BAD_MOMENT, BAD_DURATION, UPSTREAM_AWAY, UPSTREAM_REFUSED} */
export async function prepare(options: NetworkOptions): Promise<Setup> {
  checkNames(options);
  const { gateway } = options;
  const url = typeof gateway === 'string' ? gateway : undefined;
  const mining = miningOf(options);
  return {
    options,
    mining,
    shared: createShared(),
    collect: options.collect ?? collectorOfRun(),
    upstream: await openUpstream({ gateway: url }),
  };
}

/** The same for a fork that does something otherwise. @throws {BAD_OPTION, BAD_DURATION} */
export function changeSetup(setup: Setup, changes: ForkOptions = {}): Setup {
  const odd = Object.keys(changes).find((name) => !FORK_OPTIONS.has(name));
  if (odd !== undefined) {
    throw new KitError('BAD_OPTION', `a fork cannot change ${odd}`, {
      hint: `It can change ${[...FORK_OPTIONS].join(', ')}.`,
      details: { option: odd },
    });
  }
  const mining = changes.mining ?? setup.mining;
  blockIntervalOf(mining);
  return { ...setup, mining, options: { ...setup.options, ...changes } };
}

/** @throws {BAD_OPTION} */
export function checkLoadOptions(options: LoadOptions): void {
  const odd = Object.keys(options).find((name) => IN_FILE.has(name));
  if (odd === undefined) return;
  throw new KitError('BAD_OPTION', `${odd} cannot be chosen for a network from a file`, {
    hint: 'Its seed, its time and what it stored are in the file.',
    details: { option: odd },
  });
}

const IN_FILE: ReadonlySet<string> = new Set(['seed', 'startAt', 'time', 'clock', 'gateway']);

const FORK_OPTIONS: ReadonlySet<string> = new Set(['crank', 'mining', 'limits']);

/**
 * @param absent processes that are brought when something is sent to them
 * @param from a snapshot to go on from. What it stored is not posted to a gateway
 *   behind: that may have it, and another network may go on from the same state
 * @throws {SNAPSHOT_INVALID}
 */
export async function startCore(setup: Setup, absent: Absent, from?: Snapshot): Promise<Core> {
  try {
    return await openCore(setup, absent, from);
  } catch (error) {
    const isCoded = typeof (error as { code?: unknown }).code === 'string';
    throw from && !isCoded ? brokenSnapshot(error) : error;
  }
}

async function openCore(setup: Setup, absent: Absent, from?: Snapshot): Promise<Core> {
  const { options, mining, shared, collect } = setup;
  const state = from?.state;
  const clock = from ? clockFrom(options, from) : createClock(options);
  const gateway = openGateway(setup, clock, state);
  const network = await createNetwork({
    ...chosen(options),
    clock,
    gateway,
    shared,
    absent,
    devices: options.devices ?? [llamaDevice],
    ...(mining === 'instant' && { onAccepted: () => void gateway.mine() }),
    ...(state && { state }),
    ...(collect?.lines && { watch: collect.lines.hook }),
  });
  return {
    network,
    clock,
    async close() {
      await network.close();
      if (setup.upstream === undefined) return;
      await leaveUpstream(gateway.upstream, {});
      gateway.close();
    },
  };
}

/** The mining rule of a network; a gateway that was given has its own. @throws {BAD_OPTION} */
function miningOf({ mining, gateway }: NetworkOptions): Mining {
  if (typeof gateway !== 'object') return mining ?? ARWEAVE_MINING;
  if (typeof mining !== 'object') return mining ?? 'manual';
  throw new KitError('BAD_OPTION', `mining is ${show(mining)} for a gateway of your own`, {
    hint: 'Give the interval to createGateway: blockIntervalMs.',
    details: { mining },
  });
}

/** Events of a network for tests: those of its core, whichever that is. */
export interface Relay extends EventSource {
  /** @param old the core in whose place it is: who watched what that evaluates goes on */
  follow(core: Core, old?: Core): void;
}

export function createRelay(): Relay {
  const source = createEvents();
  let stop: (() => void) | undefined;
  return {
    ...source,
    follow({ network }, old) {
      stop?.();
      stop = network.events.on('*', source.emit);
      if (old) network.units.compute.gate = old.network.units.compute.gate;
    },
  };
}

const OPTIONS: Record<keyof NetworkOptions, true> = {
  seed: true,
  crank: true,
  history: true,
  startAt: true,
  time: true,
  clock: true,
  mining: true,
  gateway: true,
  limits: true,
  threads: true,
  devices: true,
  localDevices: true,
  collect: true,
  breathe: true,
};

/** A misspelt option would change nothing without a word. */
function checkNames(options: NetworkOptions): void {
  const odd = Object.keys(options).find((name) => !(name in OPTIONS));
  if (odd === undefined) return;
  throw new KitError('BAD_OPTION', `createNetwork has no option ${odd}`, {
    hint: `It has ${Object.keys(OPTIONS).join(', ')}.`,
    details: { option: odd },
  });
}

/** What goes to the core as it is. */
const CHOSEN = [
  'seed',
  'crank',
  'history',
  'limits',
  'threads',
  'localDevices',
  'breathe',
] as const satisfies (keyof NetworkOptions)[];

type Chosen = Pick<NetworkOptions, (typeof CHOSEN)[number]>;

function chosen(options: NetworkOptions): Chosen {
  const given = CHOSEN.filter((name) => options[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, options[name]])) as Chosen;
}

function createClock({ clock, time, startAt }: NetworkOptions): Clock {
  if (clock && (time !== undefined || startAt !== undefined)) {
    throw new KitError(
      'BAD_OPTION',
      `clock is given, and ${time === undefined ? 'startAt' : 'time'} as well`,
      {
        hint: 'Give a clock of your own, or say where time starts and what kind it is.',
      },
    );
  }
  if (clock) return clock;
  const startMs = startAt === undefined ? undefined : parseMoment(startAt);
  if (time === undefined || time === 'virtual') return createVirtualClock(startMs);
  if (time === 'real') return createRealClock(Date.now, startMs);
  throw new KitError('BAD_OPTION', `time is ${show(time)}`, {
    hint: "Give 'virtual' (time stands still until it is moved) or 'real'.",
    details: { time },
  });
}

/** A clock of the kind that was chosen, at a moment: time goes back here, and nowhere else. */
function clockFrom({ clock, time }: NetworkOptions, { state, frozen }: Snapshot): Clock {
  const isReal = clock ? !clock.virtual : time === 'real';
  if (!isReal) return createVirtualClock(state.nowMs);
  return createRealClock(clock?.now ?? Date.now, state.nowMs, frozen);
}

function openGateway(setup: Setup, clock: Clock, state?: NetworkState): Gateway {
  const { options, mining, shared, upstream } = setup;
  if (typeof options.gateway === 'object' && !state) return options.gateway;
  return createGateway({
    store: createMemoryStore({ state: state?.gateway, indexes: shared.indexes }),
    now: () => clock.now(),
    blockIntervalMs: blockIntervalOf(mining),
    upstream: upstream && state ? { ...upstream, wallet: undefined } : upstream,
  });
}
