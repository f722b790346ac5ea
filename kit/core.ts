/**
 * The core network that the kit stands on at the moment, and how to make one. What holds the kit's
 * network holds none of this, so that another core can take its place.
 */
import { type Clock, createVirtualClock } from '../actors/clock.js';
import { createEvents, type EventSource } from '../actors/events.js';
import { type ActorNetwork, createNetwork } from '../actors/network.js';
import { createGateway, type Gateway } from '../arlocal/gateway.js';
import { createMemoryStore } from '../arlocal/memory-store.js';
import { llamaDevice } from '../herd/modules.js';
import { leaveUpstream, openUpstream } from '../herd/upstream.js';
import { KitError, show } from './errors.js';
import type { NetworkOptions } from './network-api.js';
import { parseMoment } from './time/durations.js';
import { ARWEAVE_MINING, blockIntervalOf, type Mining } from './time/mining.js';
import { createRealClock } from './time/real-clock.js';

/** A core network with the clock that it stands on. */
export interface Core {
  readonly network: ActorNetwork;
  readonly clock: Clock;
  close(): Promise<void>;
}

/** @throws {BAD_OPTION, BAD_MOMENT, BAD_DURATION, UPSTREAM_AWAY, UPSTREAM_REFUSED} */
export async function startCore(options: NetworkOptions): Promise<Core> {
  checkNames(options);
  const clock = createClock(options);
  const mining = miningOf(options);
  const gateway = await openGateway(options, clock, mining);
  const network = await createNetwork({
    ...chosen(options),
    clock,
    gateway,
    devices: options.devices ?? [llamaDevice],
    ...(mining === 'instant' && { onAccepted: () => void gateway.mine() }),
  });
  return {
    network,
    clock,
    async close() {
      await network.close();
      if (typeof options.gateway !== 'string') return;
      await leaveUpstream(gateway.upstream, {});
      gateway.close();
    },
  };
}

/** The mining rule of a network; a gateway that was given has its own. @throws {BAD_OPTION} */
export function miningOf({ mining, gateway }: NetworkOptions): Mining {
  if (typeof gateway !== 'object') return mining ?? ARWEAVE_MINING;
  if (typeof mining !== 'object') return mining ?? 'manual';
  throw new KitError('BAD_OPTION', `mining is ${show(mining)} for a gateway of your own`, {
    hint: 'Give the interval to createGateway: blockIntervalMs.',
    details: { mining },
  });
}

/** Events of a network for tests: those of its core, whichever that is. */
export function createRelay(): EventSource & { follow(core: Core): void } {
  const source = createEvents();
  let stop: (() => void) | undefined;
  return {
    ...source,
    follow({ network }) {
      stop?.();
      stop = network.events.on('*', source.emit);
    },
  };
}

const OPTIONS: Record<keyof NetworkOptions, true> = {
  seed: true,
  startAt: true,
  time: true,
  clock: true,
  mining: true,
  gateway: true,
  limits: true,
  threads: true,
  devices: true,
  localDevices: true,
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

type Chosen = Pick<NetworkOptions, 'seed' | 'limits' | 'threads' | 'localDevices' | 'breathe'>;

/** What goes to the core as it is. */
function chosen({ seed, limits, threads, localDevices, breathe }: NetworkOptions): Chosen {
  return {
    ...(seed !== undefined && { seed }),
    ...(limits && { limits }),
    ...(threads !== undefined && { threads }),
    ...(localDevices && { localDevices }),
    ...(breathe && { breathe }),
  };
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

async function openGateway(
  { gateway }: NetworkOptions,
  clock: Clock,
  mining: Mining,
): Promise<Gateway> {
  if (typeof gateway === 'object') return gateway;
  return createGateway({
    store: createMemoryStore(),
    now: () => clock.now(),
    blockIntervalMs: blockIntervalOf(mining),
    upstream: await openUpstream({ gateway }),
  });
}
