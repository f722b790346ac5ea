/**
 * A small world to capture: processes that count, fail, spawn, answer one another, wait for time, and
 * one of a WebAssembly module; and what can be done to it, as plain values.
 */
import { isDeepStrictEqual } from 'node:util';
import { type ActorNetwork, createNetwork, type NetworkOptions } from '../../../actors/network.js';
import { kernelModule } from '../kernel-module.js';

const COUNTER = `
Count = 0
Handlers.add('Inc', 'Inc', function(msg)
  Count = Count + tonumber(msg.By)
  msg.reply({ Action = 'Counted', Data = tostring(Count) })
end)
Handlers.add('Fail', 'Fail', function(msg) Count = -1; error('no') end)
Handlers.add('Roll', 'Roll', function(msg) Dice = math.random(1000000) end)
Handlers.add('Ball', 'Ball', function(msg)
  local left = tonumber(msg.Left)
  if left > 0 then Send({ Target = msg.From, Action = 'Ball', Left = tostring(left - 1) }) end
end)
Handlers.add('Serve', 'Serve', function(msg)
  Send({ Target = msg.To, Action = 'Ball', Left = msg.Left })
end)
Handlers.add('Breed', 'Breed', function(msg) Spawn(ao.env.Module.Id, { Tags = { Name = 'child' } }) end)
Handlers.add('Odd', 'Odd', function(msg) ao.send({ Target = 'nobody' }) end)
Handlers.add('Tick', 'Cron', function(msg) Ticks = (Ticks or 0) + 1 end)
`;

const CLOCKWORK = (to: string) => `
Handlers.add('Cron', 'Cron', function(msg)
  Ticks = (Ticks or 0) + 1
  Send({ Target = '${to}', Action = 'Inc', By = '1' })
end)
`;

export interface World {
  readonly network: ActorNetwork;
  /** Two counters, the clockwork, and a counter that sleeps most of the time. */
  readonly processes: readonly string[];
  readonly tally: string | undefined;
}

export interface WorldOptions extends NetworkOptions {
  /** A WebAssembly module to have a process of. */
  readonly wasm?: Uint8Array | undefined;
}

export async function startWorld({ wasm, ...options }: WorldOptions = {}): Promise<World> {
  const network = await createNetwork({ limits: { liveMachines: 4 }, ...options });
  const from = network.wallet('owner');
  const module = network.publishModule(kernelModule());
  const spawn = async (data: string, tags: Record<string, string> = {}) =>
    (await network.spawn({ from, module, data, tags: { 'On-Boot': 'Data', ...tags } })).id;
  const one = await spawn(COUNTER);
  const other = await spawn(COUNTER);
  const clockwork = await spawn(CLOCKWORK(one), {
    'Cron-Interval': '7-seconds',
    'Cron-Tag-Action': 'Cron',
  });
  const sleeper = await spawn(COUNTER);
  const tally = wasm && network.publishModule({ wasm });
  const last = tally && (await network.spawn({ from, module: tally, data: '+' })).id;
  return { network, processes: [one, other, clockwork, sleeper], tally: last };
}

/** Something that happens to a world. */
export type Deed =
  | { readonly do: 'inc' | 'fail' | 'roll' | 'breed' | 'odd'; readonly who: number }
  | { readonly do: 'rally'; readonly who: number; readonly balls: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'mine' | 'mint' | 'write' | 'tally' }
  | { readonly do: 'monitor' | 'unmonitor' | 'dry-run' | 'assign'; readonly who: number }
  | { readonly do: 'step' | 'release' | 'heal' | 'restart' | 'clear' }
  | { readonly do: (typeof FAULTS)[number]; readonly who: number };

/** Faults that can befall the messages of a process, or the process itself. */
export const FAULTS = [
  'hold',
  'drop',
  'duplicate',
  'delay',
  'reorder',
  'partition',
  'crash',
  'busy',
] as const;

/**
 * Does it; what a crash makes impossible does not happen.
 * @param network the world's own, or one that went on from it
 */
export async function happen(world: World, deed: Deed, network = world.network): Promise<void> {
  try {
    await attempt(world, deed, network);
  } catch (error) {
    if (!isOfFault(error)) throw error;
  }
}

function isOfFault(error: unknown): boolean {
  return OF_FAULTS.has((error as { code?: string }).code ?? '');
}

const OF_FAULTS = new Set(['UNIT_DOWN', 'PROCESS_DOWN', 'UNIT_BUSY']);

async function attempt(world: World, deed: Deed, network: ActorNetwork): Promise<void> {
  const from = network.wallet('owner');
  const { processes, tally } = world;
  const who = 'who' in deed ? (processes[deed.who] ?? '') : '';
  const other = 'who' in deed ? (processes[1 - (deed.who % 2)] ?? '') : '';
  const tell = (action: string, tags: Record<string, string> = {}) =>
    network.send({ from, to: who, action, tags });
  switch (deed.do) {
    case 'inc':
      return void (await tell('Inc', { By: '2' }));
    case 'fail':
      return void (await tell('Fail'));
    case 'roll':
      return void (await tell('Roll'));
    case 'breed':
      return void (await tell('Breed'));
    case 'odd':
      return void (await tell('Odd'));
    case 'rally':
      return void (await tell('Serve', { To: other, Left: String(deed.balls) }));
    case 'advance':
      return network.clock.advance(deed.ms);
    case 'mine':
      return void network.gateway.mine(2);
    case 'mint':
      return void network.gateway.mint(from.address, 5n);
    case 'write':
      return void (await network.send({ from, to: network.wallet('pen pal').address, data: 'x' }));
    case 'tally':
      return void (tally && (await network.send({ from, to: tally, data: '+' })));
    case 'monitor':
      return network.monitor(who);
    case 'unmonitor':
      return network.unmonitor(who);
    case 'dry-run':
      return void (await network.dryRun(who, { Tags: [{ name: 'Action', value: 'Roll' }] }));
    case 'assign':
      return assignLast(network, who, other);
    case 'step':
      return void (await network.step());
    case 'release':
    case 'heal':
    case 'restart':
    case 'clear':
      return network.faults[deed.do]();
    default:
      befall(network, deed.do, who, other);
  }
}

function befall(
  { faults }: ActorNetwork,
  fault: (typeof FAULTS)[number],
  who: string,
  other: string,
): void {
  const link = { to: who };
  if (fault === 'delay') faults.delay(link, { min: 1_000, max: 9_000 });
  else if (fault === 'partition') faults.partition([who], [other]);
  else if (fault === 'crash') faults.crash(who);
  else if (fault === 'busy') faults.busy(who, 5_000);
  else if (fault === 'drop' || fault === 'duplicate') faults[fault](link, { probability: 0.5 });
  else faults[fault](link);
}

/** Gives the last message of one process to another, which may have had it. */
async function assignLast(network: ActorNetwork, to: string, of: string): Promise<void> {
  const { log } = network.units;
  const last = log.at(of, log.next(of) - 1)?.messageId ?? '';
  if (log.find(to, last) === undefined) await network.assign(to, last);
}

/** All that a network is, but for the form in which it keeps memories; of these the hashes. */
export async function describeNetwork(network: ActorNetwork) {
  const { checkpoints, ...state } = await network.capture();
  const hashes = new Map<string, string>();
  for (const id of state.log.keys()) {
    const hash = await network.stateHash(id).catch((error: unknown) => {
      if (!isOfFault(error)) throw error;
      return 'not to be had';
    });
    hashes.set(id, hash);
  }
  return structuredClone({ ...state, hashes }); // where bytes are Uint8Arrays and nothing else
}

/** Names of the parts in which two networks differ: the parts themselves are too large to print. */
export async function differencesOf(one: ActorNetwork, other: ActorNetwork): Promise<string[]> {
  const parts: Record<string, unknown> = await describeNetwork(one);
  const others: Record<string, unknown> = await describeNetwork(other);
  return Object.keys(parts).filter((name) => !isDeepStrictEqual(parts[name], others[name]));
}
