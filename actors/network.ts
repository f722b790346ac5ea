/**
 * A network as a library: wallets, processes, messages, time. Everything random comes from its seed
 * and all time from its clock, so the same calls give the same ids, logs and states.
 */
import { createGateway, type Gateway } from '../arlocal/gateway.js';
import { createMemoryStore } from '../arlocal/memory-store.js';
import type { Tag } from '../arlocal/tags.js';
import type { Wallet } from '../arlocal/wallet.js';
import { type Clock, createVirtualClock } from './clock.js';
import { type Page, type PageQuery, pageOf } from './compute/cursors.js';
import type { Evaluation } from './compute/evaluation.js';
import type { HistoryBound } from './compute/forgetting.js';
import type { DryRunMessage } from './compute/message-json.js';
import { type ModuleSource, publishModule, type WasmSource } from './compute/modules.js';
import type { EvaluationResult } from './compute/result.js';
import type { DeviceSpec } from './compute/thread-protocol.js';
import type { ErrorReport } from './errors.js';
import { createEvents, type NetworkEvent, type NetworkEvents } from './events.js';
import type { Faults } from './faults/faults.js';
import type { Pending } from './faults/pending.js';
import { tagList } from './items/protocol.js';
import { DEFAULT_LIMITS, type Limits } from './limits.js';
import type { LocalDevice } from './lua/device.js';
import type { LineHook } from './lua/line-hook.js';
import type { Accepted } from './messenger/messenger.js';
import type { Absent } from './messenger/missing.js';
import { withNotices } from './messenger/notices.js';
import type { Delivery } from './messenger/trace.js';
import { createNetworkClock, keepTime, type NetworkClock } from './network-clock.js';
import { createMessaging } from './network-messaging.js';
import { createPorts } from './network-ports.js';
import { createSigner, createWallets, isKnownOwner } from './network-wallets.js';
import type { LogEntry } from './ports.js';
import { createRandom } from './random.js';
import type { AssignOptions } from './scheduler/scheduler.js';
import type { NetworkState } from './state/network-state.js';
import { createShared, type Shared } from './state/shared.js';
import { createUnits, type Units } from './units.js';

export interface NetworkOptions {
  /** Fixes every wallet and anchor. @default 1 */
  readonly seed?: number | string;
  /** @default virtual time from 2025-01-01 */
  readonly clock?: Clock;
  /** @default a new gateway in memory, on the network's clock */
  readonly gateway?: Gateway;
  readonly limits?: Partial<Limits>;
  /**
   * What another network captured, to go on from: seed, limits and time are its own then, and a
   * gateway must have been made from the same state. Any number of networks may go on from one.
   */
  readonly state?: NetworkState;
  /** That of the network that the state is of, so that nothing is compiled, booted or derived again. */
  readonly shared?: Shared;
  /**
   * How much of its past a network in memory keeps: with `{ messages }` at least so many of its latest
   * messages and at most twice as many. What is older is forgotten once its process was saved: it is
   * found nowhere any more, not at the gateway either, and who asks for it is told HISTORY_FORGOTTEN or
   * MESSAGE_NOT_FOUND. So are replays; there are no snapshots (SNAPSHOT_NEEDS_HISTORY). A message that
   * is forgotten can come again. Over a store that lasts: HISTORY_NEEDS_MEMORY. @default 'all'
   */
  readonly history?: HistoryBound;
  /** Most compute threads, for processes with devices. @default 2 */
  readonly threads?: number;
  readonly devices?: readonly DeviceSpec[];
  /** Devices that answer in this thread, in place of those on compute threads. */
  readonly localDevices?: readonly LocalDevice[];
  /**
   * Told of each line of Lua that runs, the kernel's too; not of what is evaluated again on the way
   * back from a failure, and of compute threads some time after, in no order. Processes do not
   * notice, but take about twice as long.
   */
  readonly watch?: LineHook;
  /** Gives the thread to others now and then in a long crank, e.g. by `setImmediate`. */
  readonly breathe?: () => Promise<void>;
  /**
   * `manual` to deliver one message at a time, by `step`: messages from outside wait as well.
   * @default auto
   */
  readonly crank?: 'auto' | 'manual';
  /** Processes that are brought here when something is sent to them. */
  readonly absent?: Absent;
  /** Told of every message from outside, once it and what it set off at once is over. */
  readonly onAccepted?: (accepted: Accepted) => void;
}

type TagsInput = readonly Tag[] | Readonly<Record<string, string>>;

export interface SpawnRequest {
  readonly from: Wallet;
  readonly module: string;
  /** Scheduler and Authority are added unless given. */
  readonly tags?: TagsInput;
  readonly data?: string | Uint8Array;
  /** Pinned id: the process answers at it instead of at its own. */
  readonly id?: string;
}

export interface SendRequest {
  readonly from: Wallet;
  readonly to: string;
  readonly action?: string;
  readonly tags?: TagsInput;
  readonly data?: string | Uint8Array;
  readonly anchor?: string;
}

/**
 * What became of a message from outside, as far as anything moves by itself: with a crank that is
 * turned by hand, and where faults keep something back, the rest shows here as it is delivered.
 */
export interface Receipt {
  readonly id: string;
  /** Absent if the target was a wallet, and until it is scheduled. */
  readonly assignment?: LogEntry | undefined;
  readonly result?: EvaluationResult | undefined;
  /** Everything it set off, in the order of delivery. */
  readonly messages: readonly Delivery[];
  /** The same as a tree, the message itself at its root. */
  readonly tree: Delivery;
  /** Everything that went wrong in the tree, in the order of delivery. */
  readonly errors: readonly ErrorReport[];
  /** Deliveries that wait for a step, the end of a fault or time; 0 once all is over. */
  readonly pending: number;
}

export interface ProcessHandle {
  readonly id: string;
  readonly name: string | undefined;
  /** What the spawn set off. */
  readonly spawned: Receipt;
  /** Evaluates Lua in the process, signed by its spawner unless told otherwise. */
  eval(code: string, from?: Wallet): Promise<Receipt>;
  dryRun(message?: DryRunMessage): Promise<EvaluationResult>;
}

export interface ActorNetwork {
  readonly seed: number | string;
  readonly gateway: Gateway;
  readonly clock: NetworkClock;
  readonly events: NetworkEvents;
  /** Tells an event of what serves the network, e.g. of a request that it refused. */
  tell(event: NetworkEvent): void;
  readonly limits: Limits;
  /** Addresses of the units that sign; the messenger unit's is the Authority of processes. */
  readonly addresses: { readonly scheduler: string; readonly messenger: string };
  /** The units themselves, as the HTTP layer uses them. */
  readonly units: Units;
  /** The wallet of this name: derived from the seed, the same every time. */
  wallet(name: string): Wallet;
  /** Makes a wallet from elsewhere known, so that it can be written to. */
  addWallet(address: string): void;
  /**
   * Signs and stores a module.
   * @param id pinned: it answers at this id, unless the gateway has an item there already
   * @returns its id
   */
  publishModule(module: ModuleSource | WasmSource, tags?: TagsInput, id?: string): string;
  /** @throws {MODULE_NOT_FOUND, NOT_A_MODULE, INVALID_CRON, PROCESS_EXISTS} */
  spawn(request: SpawnRequest): Promise<ProcessHandle>;
  /**
   * Resolves when everything that the message sets off is over, or waits for something.
   * @throws {UNKNOWN_PROCESS, UNIT_DOWN}
   */
  send(request: SendRequest): Promise<Receipt>;
  /** As `POST /` of the messenger unit: takes a signed item, checks it, and does not wait. */
  accept(bytes: Uint8Array): Accepted;
  /** As `accept`; what the item stands on is read from the gateway behind, if there is one. */
  receive(bytes: Uint8Array): Promise<Accepted>;
  /** As `receive`, and waits until everything that the item sets off is over. */
  submit(bytes: Uint8Array): Promise<Receipt>;
  assign(process: string, message: string, options?: AssignOptions): Promise<Receipt>;
  dryRun(process: string, message: DryRunMessage): Promise<EvaluationResult>;
  result(process: string, message: string): Promise<EvaluationResult>;
  /**
   * Results of what has been evaluated so far, those with errors left out.
   * @throws {UNKNOWN_PROCESS, BAD_CURSOR}
   */
  results(process: string, query?: PageQuery): Page<EvaluationResult>;
  /** Results of cron messages due until now. @throws {UNKNOWN_PROCESS, BAD_CURSOR} */
  crons(process: string, query?: PageQuery): Promise<Page<EvaluationResult>>;
  monitor(process: string): Promise<void>;
  unmonitor(process: string): Promise<void>;
  readonly crank: 'auto' | 'manual';
  /**
   * Delivers the next message that waits for it: it is scheduled and evaluated, and what it sends
   * waits. A message that a fault takes away counts, too. Nothing waits for a step if the crank turns
   * by itself.
   * @returns undefined if nothing can be delivered
   */
  step(): Promise<Delivery | undefined>;
  /** Steps: ends when nothing can be delivered any more. */
  deliveries(): AsyncGenerator<Delivery, void>;
  /** What waits for a step, the end of a fault or time, in the order of sending. */
  pendingDeliveries(): readonly Pending[];
  /** What is to go wrong. Not in AO, where it does so by itself. */
  readonly faults: Faults;
  /** The delivery of a message and all that it caused. */
  trace(message: string): Delivery | undefined;
  /** State of a process from the gateway's log alone. @returns SHA-256, to compare with stateHash */
  replay(process: string): Promise<string>;
  stateHash(process: string): Promise<string>;
  /**
   * All that the network is, between two deliveries: what is being evaluated comes to its end first,
   * and what waits to be delivered is part of it.
   * @throws {SNAPSHOT_NEEDS_MEMORY, NETWORK_CLOSED}
   */
  capture(): Promise<NetworkState>;
  /** What networks that go on from this one's states need not make again. */
  readonly shared: Shared;
  /** Resolves when what an earlier run over the same store left undone is done. */
  readonly resumed: Promise<void>;
  close(): Promise<void>;
}

/** Edges of `/results` and of `/cron`, as the reference compute unit answers without a limit. */
const RESULTS_LIMIT = 25;
const CRONS_LIMIT = 500;

export async function createNetwork(options: NetworkOptions = {}): Promise<ActorNetwork> {
  const { state, shared = createShared(), clock = createVirtualClock(state?.nowMs) } = options;
  const seed = state?.seed ?? options.seed ?? 1;
  const crank = options.crank ?? state?.crank ?? 'auto';
  const store = { state: state?.gateway, indexes: shared.indexes };
  const gateway =
    options.gateway ?? createGateway({ store: createMemoryStore(store), now: () => clock.now() });
  const limits = { ...DEFAULT_LIMITS, ...state?.limits, ...options.limits };
  const source = createEvents();
  const wallets = createWallets(seed, shared.wallets, state?.wallets);
  const { wallet } = wallets;
  const schedulerWallet = wallet('scheduler-unit');
  const messengerWallet = wallet('messenger-unit');
  for (const { address } of [schedulerWallet, messengerWallet]) gateway.reserve(address);
  const ports = createPorts(gateway, schedulerWallet.address, state);
  keepTime(clock, ports, source, state?.nowMs);
  const units = createUnits({
    gateway,
    ports,
    clock,
    limits,
    source,
    schedulerWallet,
    messengerWallet,
    threads: options.threads ?? 2,
    devices: options.devices ?? [],
    localDevices: options.localDevices ?? [],
    keep: options.history,
    watch: options.watch,
    breathe: options.breathe,
    state,
    shared,
    crank,
    random: createRandom(seed),
    absent: options.absent,
    onAccepted: options.onAccepted,
    isWallet: (address) => wallets.has(address) || isKnownOwner(gateway, address),
  });
  const { breathe = () => Promise.resolve() } = options;
  return {
    seed,
    gateway,
    limits,
    units,
    wallet,
    addWallet: wallets.add,
    events: source.events,
    tell: source.emit,
    addresses: { scheduler: schedulerWallet.address, messenger: messengerWallet.address },
    clock: createNetworkClock(clock, units, gateway),
    publishModule: (module, tags, id) =>
      publishModule(gateway, wallet('module-publisher'), module, tagList(tags), id),
    ...createMessaging(
      units,
      limits,
      gateway,
      createSigner(gateway, seed, ports.counters),
      options.absent,
    ),
    ...createReading(units),
    ...createStepping(units, crank),
    capture: () => units.capture(() => ({ seed, limits, crank, wallets: wallets.addresses() })),
    shared,
    resumed: breathe().then(units.resume), // a breath later, for who wants to listen
    async close() {
      await units.close();
      gateway.flush();
      source.end();
    },
  };
}

type Reading = Pick<
  ActorNetwork,
  | 'dryRun'
  | 'result'
  | 'results'
  | 'crons'
  | 'monitor'
  | 'unmonitor'
  | 'trace'
  | 'replay'
  | 'stateHash'
>;

/** The calls that change nothing but how far processes have been evaluated. */
function createReading({ compute, monitor, notices, outages, trace, replay }: Units): Reading {
  const toNode = (evaluation: Evaluation) => withNotices(notices, evaluation);
  return {
    dryRun: compute.dryRun,
    result: async (process, message) => toNode(await compute.result(process, message)),
    results(process, query = {}) {
      outages.requireAnswers(process);
      return pageOf(compute.evaluations(process), query, RESULTS_LIMIT, toNode, hasPassed);
    },
    async crons(process, query = {}) {
      await compute.catchUp(process);
      return pageOf(compute.evaluations(process), query, CRONS_LIMIT, toNode, isCron);
    },
    monitor: monitor.watch,
    unmonitor: async (process) => monitor.unwatch(process),
    trace: trace.find,
    replay,
    stateHash: compute.stateHash,
  };
}

type Stepping = Pick<
  ActorNetwork,
  'crank' | 'step' | 'deliveries' | 'pendingDeliveries' | 'faults'
>;

/** The calls that decide what is delivered, and when. */
function createStepping(
  { crank: { step }, pending, faults }: Units,
  crank: ActorNetwork['crank'],
): Stepping {
  return {
    crank,
    faults,
    step,
    pendingDeliveries: pending,
    async *deliveries() {
      for (let delivery = await step(); delivery; delivery = await step()) yield delivery;
    },
  };
}

const hasPassed = ({ result }: Evaluation) => result.error === undefined;
const isCron = ({ cron }: Evaluation) => cron !== undefined;
