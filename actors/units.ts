/**
 * The units of a network, put together: scheduler, messenger and compute unit, crank and monitor over
 * one gateway, one clock and one set of logs. Plain functions and one options object; what they keep
 * is theirs alone, so that two networks never see each other.
 */
import type { Gateway } from '../arlocal/gateway.js';
import type { Wallet } from '../arlocal/wallet.js';
import type { Clock } from './clock.js';
import { type ComputeUnit, createCompute } from './compute/compute.js';
import { type Evaluation, evaluationId } from './compute/evaluation.js';
import { createHosts, type Hosts } from './compute/hosts.js';
import { type Program, readModule } from './compute/modules.js';
import { type Recall, recallProcess } from './compute/recall.js';
import type { DeviceSpec } from './compute/thread-protocol.js';
import type { EventSource } from './events.js';
import type { Limits } from './limits.js';
import type { LocalDevice } from './lua/device.js';
import { compileLua } from './lua/engine.js';
import { createMemoryCheckpoints, createMemoryLog } from './memory-ports.js';
import { createCrank } from './messenger/crank.js';
import { type Accepted, createMessenger, type MessengerUnit } from './messenger/messenger.js';
import { createMonitor, type Monitor } from './messenger/monitor.js';
import { type Notices, withNotices } from './messenger/notices.js';
import { createTrace, type Trace } from './messenger/trace.js';
import type { NetworkPorts } from './network-ports.js';
import { once } from './once.js';
import { createPace, type Pace } from './pace.js';
import type { Log, LogEntry } from './ports.js';
import { cronName, type Moment, parseCrons } from './scheduler/cron.js';
import { readLogs } from './scheduler/replay.js';
import { createScheduler, type SchedulerUnit } from './scheduler/scheduler.js';

export interface UnitsOptions {
  readonly gateway: Gateway;
  readonly ports: NetworkPorts;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly source: EventSource;
  readonly schedulerWallet: Wallet;
  readonly messengerWallet: Wallet;
  readonly isWallet: (address: string) => boolean;
  /** Most compute threads. */
  readonly threads: number;
  readonly devices: readonly DeviceSpec[];
  readonly localDevices: readonly LocalDevice[];
  readonly breathe?: (() => Promise<void>) | undefined;
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
  /** All that a process was given so far. @throws {UNKNOWN_PROCESS} and what its module throws */
  recall(process: string): Recall;
  /** Goes on with what an earlier run left; resolves when that is over. */
  resume(): Promise<void>;
  close(): Promise<void>;
}

export function createUnits(options: UnitsOptions): Units {
  const { gateway, clock, limits, ports, isWallet, breathe } = options;
  const pace = breathe && createPace(breathe);
  const { log, notices, timed } = ports;
  const { emit } = options.source;
  const { address } = options.messengerWallet;
  let closed = false;
  const trace = startTrace(options, () => closed);
  const wallet = options.schedulerWallet;
  const scheduler = createScheduler({ gateway, wallet, clock, log, timed, emit });
  const { compute, hosts, replay, inPast, recall } = createComputing(
    options,
    scheduler,
    pace,
    (evaluation) => crank.note(evaluation),
  );
  const crank = createCrank({
    ...ports,
    gateway,
    scheduler,
    compute,
    wallet: options.messengerWallet,
    trace,
    limits,
    emit,
    pace,
    ordered: clock.virtual,
  });
  const shared = { gateway, scheduler, compute, crank, log, trace, limits, emit };
  const messenger = tellAccepted(
    createMessenger({ ...shared, address, isWallet }),
    options.onAccepted,
  );
  return {
    scheduler,
    messenger,
    compute,
    monitor: createMonitor({ ...shared, clock, timed, watched: ports.monitors }),
    log,
    notices,
    trace,
    replay,
    inPast,
    recall,
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
function startTrace({ gateway, ports, limits }: UnitsOptions, isClosed: () => boolean): Trace {
  return createTrace({
    deliveries: limits.tracedDeliveries,
    bytes: limits.tracedBytes,
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
  { requireProcess }: SchedulerUnit,
  pace: Pace | undefined,
  onMessage: (evaluation: Evaluation) => void,
) {
  const { gateway, clock, limits, ports, schedulerWallet, messengerWallet } = options;
  const engine = once(compileLua);
  const programs = new Map<string, Program>();
  const programOf = (id: string): Program => {
    const program = programs.get(id) ?? readModule(gateway, id, limits);
    programs.set(id, program);
    return program;
  };
  const now = (): Moment => ({ timestampMs: clock.now(), blockHeight: gateway.height });
  const messenger = messengerWallet.address;
  const { liveMachines, cronBacklog } = limits;
  const shared = { gateway, requireProcess, now, programOf, messenger, liveMachines, pace };
  const hostsFor = ({ results, checkpoints }: Pick<NetworkPorts, 'results' | 'checkpoints'>) =>
    createHosts({
      ...options,
      engine,
      onSleep: (process, checkpoint) =>
        checkpoints.put(process, { evaluations: results.next(process), checkpoint }),
    });
  const hosts: Hosts = hostsFor(ports);
  const { emit } = options.source;
  const { log, results, checkpoints } = ports;
  const isHistory = checkpoints.lasting ? undefined : createHistory(log, clock.now());
  const own = { log, results, checkpoints, hostOf: hosts.hostOf, emit, onMessage, isHistory };
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
    recall: (process: string): Recall =>
      recallProcess(
        { gateway, log, results, messenger, programOf, devicesHere: hosts.devicesHere },
        requireProcess(process),
      ),
    replay(process: string): Promise<string> {
      const stored = readLogs(gateway, schedulerWallet.address, requireProcess(process).id);
      return again(stored, now, async (unit) => {
        await unit.catchUp(process, compute.momentOf(process));
        return unit.stateHash(process);
      });
    },
    inPast<Answer>(
      process: string,
      { nonce, moment }: { nonce: number; moment: Moment },
      use: (unit: ComputeUnit) => Promise<Answer>,
    ): Promise<Answer> {
      const part = createMemoryLog<LogEntry>(({ messageId }) => messageId);
      part.append(process, 0, log.read(requireProcess(process).id, 0, nonce + 1));
      return again(part, () => moment, use);
    },
  };
}

/** Knows the evaluations of messages that the log held at the start, and of crons due until then. */
function createHistory(log: Log<LogEntry>, startMs: number): (evaluation: Evaluation) => boolean {
  const lengths = new Map([...log.processes()].map((process) => [process, log.next(process)]));
  return ({ process, nonce, cron, timestampMs }) =>
    nonce < (lengths.get(process) ?? 0) && (cron === undefined || timestampMs < startMs);
}
