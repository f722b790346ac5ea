/**
 * The units of a network, put together: scheduler, messenger and compute unit, crank and monitor over
 * one gateway, one clock and one set of logs. Plain functions and one options object; what they keep
 * is theirs alone, so that two networks never see each other.
 */
import type { Gateway } from '../arlocal/gateway.js';
import type { Wallet } from '../arlocal/wallet.js';
import type { Clock } from './clock.js';
import { compiledUrl } from './compiled.js';
import { type ComputeUnit, createCompute } from './compute.js';
import { createCrank } from './crank.js';
import type { Moment } from './cron.js';
import type { Job } from './delivery.js';
import { type Evaluation, evaluationId } from './evaluation.js';
import type { EventSource } from './events.js';
import { createLocalHost, type ProcessHost } from './host.js';
import type { Limits } from './limits.js';
import { compileLua, type LuaEngine } from './lua/engine.js';
import {
  createMemoryBlobs,
  createMemoryJobs,
  createMemoryLease,
  createMemoryLog,
} from './memory-ports.js';
import { createMessenger, type MessengerUnit } from './messenger.js';
import { type Program, readModule } from './modules.js';
import { createMonitor, type Monitor } from './monitor.js';
import { createMemoryNotices, type Notices } from './notices.js';
import type { Log, LogEntry } from './ports.js';
import { readLogs } from './replay.js';
import { createScheduler, type SchedulerUnit } from './scheduler.js';
import { createThreadHost } from './thread-host.js';
import type { DeviceSpec } from './thread-protocol.js';
import { createTrace, type Trace } from './trace.js';

export interface UnitsOptions {
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly source: EventSource;
  readonly schedulerWallet: Wallet;
  readonly messengerWallet: Wallet;
  readonly isWallet: (address: string) => boolean;
  /** Most compute threads. */
  readonly threads: number;
  readonly devices: readonly DeviceSpec[];
  readonly breathe?: (() => Promise<void>) | undefined;
}

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
  close(): Promise<void>;
}

export function createUnits(options: UnitsOptions): Units {
  const { gateway, clock, limits, schedulerWallet, messengerWallet } = options;
  const { emit } = options.source;
  const engine = compileLua();
  const trace = createTrace(limits.tracedDeliveries);
  const log = readLogs(gateway, schedulerWallet.address);
  const scheduler = createScheduler({ gateway, wallet: schedulerWallet, clock, log, emit });
  const { requireProcess } = scheduler;
  const now = (): Moment => ({ timestampMs: clock.now(), blockHeight: gateway.height });
  const programs = new Map<string, Program>();
  const programOf = (id: string): Program => {
    const program = programs.get(id) ?? readModule(gateway, id, limits);
    programs.set(id, program);
    return program;
  };
  const createHosts = () => createHostPair(options, engine);
  const isHistory = createHistory(log, clock.now());
  const computeOn = (hosts: HostPair, from: Log<LogEntry>, tell: EventSource['emit']) =>
    createCompute({
      gateway,
      log: from,
      results: createMemoryLog<Evaluation>(evaluationId),
      requireProcess,
      now,
      programOf,
      hostOf: hosts.hostOf,
      emit: tell,
      messenger: messengerWallet.address,
      isHistory,
    });
  const hosts = createHosts();
  const compute = computeOn(hosts, log, emit);
  const notices = createMemoryNotices();
  const crank = createCrank({
    gateway,
    scheduler,
    compute,
    wallet: messengerWallet,
    jobs: createMemoryJobs<Job>(),
    notices,
    trace,
    limits,
    emit,
    breathe: options.breathe,
  });
  const { isWallet } = options;
  const { address } = messengerWallet;
  const messenger = createMessenger({
    gateway,
    scheduler,
    crank,
    compute,
    log,
    trace,
    address,
    emit,
    isWallet,
  });
  return {
    scheduler,
    messenger,
    compute,
    monitor: createMonitor({ scheduler, compute, crank, trace, clock, log, limits, emit }),
    log,
    notices,
    trace,
    async replay(process) {
      const again = createHosts();
      const fresh = readLogs(gateway, schedulerWallet.address, requireProcess(process).id);
      const replayed = computeOn(again, fresh, () => undefined);
      try {
        await replayed.catchUp(process, compute.momentOf(process));
        return await replayed.stateHash(process);
      } finally {
        await again.close();
      }
    },
    async close() {
      messenger.close();
      compute.close();
      crank.close();
      await hosts.close();
    },
  };
}

/** Knows the evaluations of messages that the log held at the start, and of crons due until then. */
function createHistory(log: Log<LogEntry>, startMs: number): (evaluation: Evaluation) => boolean {
  const lengths = new Map([...log.processes()].map((process) => [process, log.next(process)]));
  return ({ process, nonce, cron, timestampMs }) =>
    nonce < (lengths.get(process) ?? 0) && (cron === undefined || timestampMs < startMs);
}

interface HostPair {
  readonly hostOf: (program: Program) => ProcessHost;
  readonly close: () => Promise<void>;
}

/** The host in this thread, and the compute threads for modules that ask for a device. */
function createHostPair(
  { gateway, clock, limits, threads, devices, source }: UnitsOptions,
  engine: LuaEngine,
): HostPair {
  const { liveMachines } = limits;
  const local = createLocalHost({ engine, blobs: createMemoryBlobs(), liveMachines });
  const threaded = createThreadHost({
    threads,
    devices,
    entry: compiledUrl('actors/thread-main.js'),
    lease: createMemoryLease(),
    data: (id) => gateway.data(id),
    ordered: clock.virtual,
    onEvent: (process, message, event) =>
      source.emit({
        type: 'device',
        process,
        event,
        ...(message === undefined ? {} : { message }),
      }),
  });
  const extensions = new Set(devices.map(({ extension }) => extension));
  return {
    hostOf: (program) => (program.extensions.some((it) => extensions.has(it)) ? threaded : local),
    async close() {
      await local.close();
      await threaded.close();
    },
  };
}
