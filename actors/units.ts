/**
 * The units of a network, put together: scheduler, messenger and compute unit, crank and monitor over
 * one gateway, one clock and one set of logs. Plain functions and one options object; what they keep
 * is theirs alone, so that two networks never see each other.
 */
import type { Gateway } from '../arlocal/gateway.js';
import type { Wallet } from '../arlocal/wallet.js';
import type { Clock } from './clock.js';
import { type ComputeUnit, createCompute } from './compute/compute.js';
import { type AdoptedState, putState } from './compute/elsewhere.js';
import { type Evaluation, evaluationId } from './compute/evaluation.js';
import { createForgetting, type HistoryBound, requireWhole } from './compute/forgetting.js';
import { createHosts, type Hosts } from './compute/hosts.js';
import { type Program, readProgram, requireModule } from './compute/modules.js';
import { type Recall, recallProcess } from './compute/recall.js';
import type { DeviceSpec } from './compute/thread-protocol.js';
import type { EventSource } from './events.js';
import { createFaults, type FaultsUnit } from './faults/faults.js';
import { createOutages, guardScheduler, type Outages } from './faults/outages.js';
import { listPending, type Pending } from './faults/pending.js';
import { createRoad, type Road } from './faults/road.js';
import { createRules, type Rules } from './faults/rules.js';
import { needsMemory } from './faults/ruling.js';
import type { Limits } from './limits.js';
import type { LocalDevice } from './lua/device.js';
import type { LineHook } from './lua/line-hook.js';
import { createMemoryCheckpoints, createMemoryLog } from './memory-ports.js';
import { type Crank, createCrank } from './messenger/crank.js';
import { readHalted, readJob } from './messenger/job-state.js';
import { type Accepted, createMessenger, type MessengerUnit } from './messenger/messenger.js';
import type { Absent } from './messenger/missing.js';
import { createMonitor, type Monitor } from './messenger/monitor.js';
import { type Notices, withNotices } from './messenger/notices.js';
import type { Parcel } from './messenger/parcel.js';
import { idOf as idOfParcel } from './messenger/signing.js';
import { createTrace, type Trace } from './messenger/trace.js';
import type { NetworkPorts } from './network-ports.js';
import { createPace, type Pace } from './pace.js';
import type { Log, LogEntry } from './ports.js';
import type { Random } from './random.js';
import type { AdoptedPart } from './scheduler/adoption.js';
import { cronName, type Moment, parseCrons } from './scheduler/cron.js';
import type { ProcessRecord } from './scheduler/process-record.js';
import { readLogs } from './scheduler/replay.js';
import { createScheduler, type SchedulerUnit } from './scheduler/scheduler.js';
import { capture } from './state/capture.js';
import type { History, UnitsState } from './state/network-state.js';
import type { Shared } from './state/shared.js';

export interface UnitsOptions {
  readonly gateway: Gateway;
  readonly ports: NetworkPorts;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly source: EventSource;
  readonly schedulerWallet: Wallet;
  readonly messengerWallet: Wallet;
  readonly isWallet: (address: string) => boolean;
  /** Fixes what faults choose. */
  readonly random: Random;
  /** Whether messages are delivered by themselves, or one at a time by who steps. */
  readonly crank: 'auto' | 'manual';
  /** Most compute threads. */
  readonly threads: number;
  readonly devices: readonly DeviceSpec[];
  readonly localDevices: readonly LocalDevice[];
  readonly watch?: LineHook | undefined;
  readonly breathe?: (() => Promise<void>) | undefined;
  /** How much of its past the network keeps. @default 'all' */
  readonly keep?: HistoryBound | undefined;
  /** What the units of another network captured, to go on from. */
  readonly state?: UnitsState | undefined;
  readonly shared: Pick<Shared, 'workshop' | 'programs'>;
  /** Processes that are brought here when something is sent to them. */
  readonly absent?: Absent | undefined;
  /** Told of every message from outside, once it and what it set off at once is over. */
  readonly onAccepted?: ((accepted: Accepted) => void) | undefined;
}

export type InPast = <Answer>(
  process: string,
  until: { readonly nonce: number; readonly moment: Moment },
  use: (compute: ComputeUnit) => Promise<Answer>,
) => Promise<Answer>;

export interface Units {
  readonly scheduler: SchedulerUnit;
  readonly messenger: MessengerUnit;
  readonly compute: ComputeUnit;
  readonly monitor: Monitor;
  readonly crank: Pick<Crank, 'step' | 'rest' | 'restAll'>;
  readonly faults: FaultsUnit;
  /** Which units and processes answer. */
  readonly outages: Outages;
  /** What does not move by itself. */
  pending(): readonly Pending[];
  readonly log: Log<LogEntry>;
  readonly notices: Notices;
  readonly trace: Trace;
  /** The state of a process, computed again from the gateway alone. @returns SHA-256 */
  replay(process: string): Promise<string>;
  /**
   * Lends a process as it was once: evaluated again up to a nonce, with the crons due until a moment.
   * @throws {UNKNOWN_PROCESS}
   */
  inPast: InPast;
  /**
   * Takes over a process from another network, or more of its log; the first time with its memory, if
   * that is known. Its items are on the gateway.
   * @throws {LOG_CONFLICT} if it was assigned something here
   */
  adopt(part: AdoptedPart, state?: AdoptedState): ProcessRecord;
  /** All that a process was given so far. @throws {UNKNOWN_PROCESS} and what its module throws */
  recall(process: string): Recall;
  /**
   * All that there is between two deliveries, with what `take` reads in that moment.
   * @throws {SNAPSHOT_NEEDS_MEMORY, NETWORK_CLOSED}
   */
  capture<More extends object>(take: () => More): Promise<UnitsState & More>;
  /** Goes on with what an earlier run left; resolves when that is over. */
  resume(): Promise<void>;
  close(): Promise<void>;
}

export function createUnits(options: UnitsOptions): Units {
  const { gateway, clock, limits, ports, isWallet, breathe, state } = options;
  const pace = breathe && createPace(breathe);
  const { log, notices, timed } = ports;
  const { emit } = options.source;
  const { address } = options.messengerWallet;
  let closed = false;
  const trace = startTrace(options, () => closed);
  const wallet = options.schedulerWallet;
  const now = () => clock.now();
  const rules = createRules({ random: options.random, now, emit, state: state?.faults });
  const outages = createOutages(rules, now, (process) => scheduler.process(process)?.name);
  const scheduler = guardScheduler(
    createScheduler({ gateway, wallet, clock, log, timed, emit }),
    outages,
  );
  const { compute, hosts, history, replay, inPast, recall } = createComputing(
    options,
    scheduler,
    pace,
    outages,
    (evaluation) => crank.note(evaluation),
  );
  const signing = { gateway, scheduler, wallet: options.messengerWallet, limits };
  const idOf = (parcel: Parcel) => idOfParcel(signing, parcel);
  const road = startRoad(options, rules, idOf);
  const crank = createCrank({
    ...{ ...ports, ...signing, road, rules, outages, compute, trace, emit, pace, isWallet },
    ordered: clock.virtual,
    absent: options.absent,
  });
  if (state) restoreWaiting(state, road, crank, trace, scheduler);
  const shared = { gateway, scheduler, compute, crank, log, trace, limits, emit };
  const captured = { ...shared, clock, ports, road, rules, history, isClosed: () => closed };
  const messenger = tellAccepted(
    createMessenger({ ...shared, address, outages }),
    options.onAccepted,
  );
  const sendCrons = () => monitor.tick();
  const faults = createFaults({ ...shared, rules, road, now, sendCrons });
  const watched = ports.monitors;
  const monitor = createMonitor({ ...shared, faults, outages, clock, timed, watched });
  return {
    scheduler,
    messenger,
    compute,
    crank,
    faults,
    outages,
    pending: () => listPending({ road, crank, outages, idOf }),
    monitor,
    log,
    notices,
    trace,
    replay,
    inPast,
    recall,
    adopt(part, state) {
      const record = scheduler.adopt(part);
      // A store keeps packed memories of its own: over one, the log is evaluated.
      if (state && !ports.checkpoints.lasting) putState(ports, record.id, state);
      return record;
    },
    capture: (take) => capture(captured, take),
    resume: crank.resume,
    async close() {
      closed = true;
      messenger.close();
      compute.close();
      crank.close();
      await hosts.close();
    },
  };
}

/** @throws {FAULTS_NEED_MEMORY} */
function startRoad(
  { gateway, ports, limits, crank, clock, state }: UnitsOptions,
  rules: Rules,
  idOf: (parcel: Parcel) => string | undefined,
): Road {
  if (gateway.records && crank === 'manual') throw needsMemory('crank that is turned by hand');
  const bounds = { assigneesMax: limits.crankDeliveries, sent: state?.sent };
  return createRoad({ queue: ports.jobs, rules, crank, now: clock.now, idOf, ...bounds });
}

/** What waited in another network waits here as well. */
function restoreWaiting(
  { jobs, halted }: UnitsState,
  road: Road,
  crank: Crank,
  trace: Trace,
  { requireProcess }: SchedulerUnit,
): void {
  if (jobs.length === 0 && halted.length === 0) return;
  const thawed = trace.thaw();
  road.add(jobs.map((job) => readJob(job, thawed, requireProcess)));
  for (const one of halted) crank.followAgain(readHalted(one, thawed, requireProcess));
}

/** A messenger unit that also tells of what it takes from outside. */
function tellAccepted(unit: MessengerUnit, tell: UnitsOptions['onAccepted']): MessengerUnit {
  if (!tell) return unit;
  const told = (accepted: Accepted) => {
    tell(accepted);
    return accepted;
  };
  return {
    ...unit,
    accept: (signed, id) => told(unit.accept(signed, id)),
    assign: (process, message, options) => told(unit.assign(process, message, options)),
  };
}

/** The trace of a network; where a store kept the results, they are not there once it is closed. */
function startTrace(
  { gateway, ports, limits, state }: UnitsOptions,
  isClosed: () => boolean,
): Trace {
  return createTrace({
    deliveries: limits.tracedDeliveries,
    bytes: limits.tracedBytes,
    state: state?.trace,
    resultOf(process, index) {
      if (isClosed() && gateway.records) return undefined;
      const evaluation = ports.results.at(process, index);
      return evaluation && withNotices(ports.notices, evaluation);
    },
    messageOf({ id, kind, target }) {
      if (isClosed() && gateway.records) return undefined;
      const item = gateway.item(kind === 'cron' ? target : id);
      if (kind !== 'cron' || !item) return item;
      const cron = parseCrons(item.tags).find((one) => id.startsWith(cronName(one)));
      return { tags: cron?.tags ?? [], data: new Uint8Array() };
    },
  });
}

/** The compute unit with its hosts, and how to do all that it did again. */
function createComputing(
  options: UnitsOptions,
  scheduler: SchedulerUnit,
  pace: Pace | undefined,
  outages: Outages,
  onMessage: (evaluation: Evaluation) => void,
) {
  const { requireProcess } = scheduler;
  const { gateway, clock, limits, ports, schedulerWallet, messengerWallet } = options;
  const { workshop } = options.shared;
  const programOf = createPrograms(gateway, limits, options.shared.programs);
  const now = (): Moment => ({ timestampMs: clock.now(), blockHeight: gateway.height });
  const messenger = messengerWallet.address;
  const { liveMachines, cronBacklog } = limits;
  const shared = { gateway, requireProcess, now, programOf, messenger, liveMachines, pace };
  const hostsFor = (
    { results, checkpoints }: Pick<NetworkPorts, 'results' | 'checkpoints'>,
    watch?: LineHook,
  ) =>
    createHosts({
      ...options,
      watch,
      workshop,
      onSleep: (process, checkpoint) =>
        checkpoints.put(process, { evaluations: results.next(process), checkpoint }),
    });
  const hosts: Hosts = hostsFor(ports, options.watch);
  const { emit } = options.source;
  const { log, results, checkpoints } = ports;
  const history = options.state?.history ?? readHistory(log, clock.now());
  const wasBefore = checkpoints.lasting ? undefined : createIsHistory(history);
  const isHistory = (evaluation: Evaluation) =>
    evaluation.nonce < scheduler.adoptedUntil(evaluation.process) ||
    wasBefore?.(evaluation) === true;
  const own = {
    ...{ log, results, checkpoints, emit, onMessage, isHistory, outages },
    hostOf: hosts.hostOf,
    forgetting: createForgetting(gateway, options.keep),
  };
  const compute = createCompute({ ...shared, ...own, cronBacklog });
  /** Lends a unit that starts anew from a log, and tells nobody. */
  const again = async <Answer>(
    from: Log<LogEntry>,
    until: () => Moment,
    use: (unit: ComputeUnit) => Promise<Answer>,
  ): Promise<Answer> => {
    const fresh = {
      results: createMemoryLog<Evaluation>(evaluationId),
      checkpoints: createMemoryCheckpoints(),
    };
    const { hostOf, close } = hostsFor(fresh);
    const silent = { ...shared, ...fresh, log: from, hostOf, now: until, emit: () => undefined };
    try {
      return await use(createCompute(silent));
    } finally {
      await close();
    }
  };
  return {
    compute,
    hosts,
    history,
    recall: (process: string): Recall =>
      recallProcess(
        { gateway, log, results, messenger, programOf, devicesHere: hosts.devicesHere },
        requireProcess(process),
      ),
    async replay(process: string): Promise<string> {
      requireWhole(log, requireProcess(process).id);
      const stored = readLogs(gateway, schedulerWallet.address, process);
      return again(stored, now, async (unit) => {
        await unit.catchUp(process, compute.momentOf(process));
        return unit.stateHash(process);
      });
    },
    async inPast<Answer>(
      process: string,
      { nonce, moment }: { nonce: number; moment: Moment },
      use: (unit: ComputeUnit) => Promise<Answer>,
    ): Promise<Answer> {
      requireWhole(log, requireProcess(process).id);
      const part = createMemoryLog<LogEntry>(({ messageId }) => messageId);
      part.append(process, 0, log.read(process, 0, nonce + 1));
      return again(part, () => moment, use);
    },
  };
}

/** Programs by the ids of their modules; what an id answered once it answers for ever. */
function createPrograms(gateway: Gateway, limits: Limits, shared: Shared['programs']) {
  const known = new Map<string, Program>();
  const { memoryBytes, instructions, wasmMemoryBytes, wasmInstructions } = limits;
  const bounds = [memoryBytes, instructions, wasmMemoryBytes, wasmInstructions].join(' ');
  return (id: string): Program => {
    const ready = known.get(id);
    if (ready) return ready;
    const item = requireModule(gateway, id);
    const key = `${item.id} ${bounds}`; // an id that was pinned is not the same everywhere
    const program = shared.get(key) ?? readProgram(item, limits);
    shared.set(key, program);
    known.set(id, program);
    return program;
  };
}

function readHistory(log: Log<LogEntry>, startMs: number): History {
  const lengths = [...log.processes()].map((process) => [process, log.next(process)] as const);
  return { lengths: new Map(lengths), startMs };
}

/** Knows the evaluations of messages that the log held at the start, and of crons due until then. */
function createIsHistory({ lengths, startMs }: History): (evaluation: Evaluation) => boolean {
  return ({ process, nonce, cron, timestampMs }) =>
    nonce < (lengths.get(process) ?? 0) && (cron === undefined || timestampMs < startMs);
}
