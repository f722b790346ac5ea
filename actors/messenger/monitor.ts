/**
 * Monitored processes: time passes for every process, but only for those that somebody monitors are
 * the messages of their crons sent on, as with AO's messenger unit.
 *
 * Moving the clock walks through time: it stops wherever a monitored cron falls due and wherever a
 * fault lets go of something, so that what these set off happens at its own time and not at the end
 * of the jump.
 */
import type { Clock } from '../clock.js';
import type { ComputeUnit } from '../compute/compute.js';
import { evaluationId } from '../compute/evaluation.js';
import { ActorError, reportError } from '../errors.js';
import type { NetworkEvent } from '../events.js';
import type { FaultsUnit } from '../faults/faults.js';
import type { Outages } from '../faults/outages.js';
import type { Limits } from '../limits.js';
import type { Log, LogEntry, Table } from '../ports.js';
import { countDue, nextDue } from '../scheduler/cron.js';
import type { ProcessRecord } from '../scheduler/process-record.js';
import type { SchedulerUnit } from '../scheduler/scheduler.js';
import type { Crank } from './crank.js';
import type { Cascade, Trace } from './trace.js';

export interface MonitorOptions {
  readonly scheduler: SchedulerUnit;
  readonly compute: ComputeUnit;
  readonly crank: Crank;
  readonly trace: Trace;
  readonly clock: Clock;
  readonly log: Log<LogEntry>;
  /** Monitored processes, and the number of evaluations of each whose outboxes are dealt with. */
  readonly watched: Table<number>;
  /** Processes with crons that time makes due. */
  readonly timed: Table<true>;
  readonly limits: Limits;
  readonly emit: (event: NetworkEvent) => void;
  readonly faults: Pick<FaultsUnit, 'nextDueMs' | 'tick'>;
  readonly outages: Pick<Outages, 'isHalted'>;
}

export interface Monitor {
  /** From now on; crons that were due before are evaluated and not sent on. @throws {UNKNOWN_PROCESS} */
  watch(process: string): Promise<void>;
  /** @throws {UNKNOWN_PROCESS} */
  unwatch(process: string): void;
  isWatched(process: string): boolean;
  /** Evaluates the crons that are due at monitored processes, and sends on what they ask for. */
  tick(): Promise<void>;
  /**
   * Moves the clock to a moment, stopping on the way at each cron of a monitored process, and at each
   * delivery that a fault has delayed until then.
   * @throws {CLOCK_BACKWARDS, CRON_BACKLOG}
   */
  moveTo(timestampMs: number): Promise<void>;
}

export function createMonitor(options: MonitorOptions): Monitor {
  const { scheduler, compute, crank, trace, clock, log, limits, emit, watched, timed } = options;
  const { faults, outages } = options;

  const tell = (process: string) => (error: unknown) => {
    const report = reportError(error, 'COMPUTE_FAILED', { process });
    if (report.code !== 'NETWORK_CLOSED') emit({ type: 'error', error: report });
  };
  const pushCrons = async (process: string) => {
    await compute.catchUp(process).catch(tell(process)); // what was evaluated is sent on all the same
    const evaluations = compute.evaluations(process);
    const begun: Cascade[] = [];
    const { length } = evaluations;
    for (let index = watched.get(process) ?? length; index < length; index++) {
      const evaluation = evaluations.at(index);
      if (evaluation?.cron === undefined) continue;
      const id = evaluationId(evaluation);
      const cascade = trace.begin({ id, kind: 'cron', from: process, target: process });
      trace.settle(cascade.root, evaluation);
      crank.push(cascade, cascade.root, evaluation);
      if (cascade.pending > 0) begun.push(cascade);
    }
    if (watched.has(process) && watched.get(process) !== length) watched.set(process, length);
    crank.run();
    await Promise.all(begun.map(crank.rest));
  };
  const tick = async () => {
    if (faults.tick()) await crank.restAll();
    for (const process of [...watched.keys()]) {
      if (!outages.isHalted(process)) await pushCrons(process); // else once it goes on
    }
  };
  const originOf = (process: ProcessRecord) => log.at(process.id, 0)?.timestampMs ?? clock.now();
  const nextStop = () => {
    const times = [...watched.keys()].map((id) => {
      const process = scheduler.requireProcess(id);
      return nextDue(process.crons, originOf(process), clock.now()) ?? Number.POSITIVE_INFINITY;
    });
    return Math.min(...times, faults.nextDueMs());
  };
  const checkBacklog = (timestampMs: number) => {
    let due = 0;
    for (const id of timed.keys()) {
      const process = scheduler.requireProcess(id);
      due += countDue(process.crons, originOf(process), clock.now(), timestampMs);
    }
    if (due > limits.cronBacklog) throw backlog(due, limits);
  };
  const set = (timestampMs: number) => {
    clock.set(Math.max(timestampMs, clock.now()));
    emit({ type: 'clock', nowMs: clock.now() });
  };

  return {
    async watch(process) {
      const { id } = scheduler.requireProcess(process);
      await compute.catchUp(id);
      if (!watched.has(id)) watched.set(id, compute.evaluations(id).length);
    },
    unwatch(process) {
      watched.delete(scheduler.requireProcess(process).id);
    },
    isWatched: (process) => watched.has(process),
    tick,
    async moveTo(timestampMs) {
      if (timestampMs < clock.now()) clock.set(timestampMs); // refuses
      checkBacklog(timestampMs);
      for (let stop = nextStop(); stop <= timestampMs; stop = nextStop()) {
        set(stop);
        await tick();
      }
      set(timestampMs);
      await tick();
    },
  };
}

function backlog(due: number, limits: Limits): ActorError {
  return new ActorError(
    'CRON_BACKLOG',
    `moving the clock that far makes ${due} cron messages, the limit is ${limits.cronBacklog}`,
    { hint: 'Move it in smaller steps, or raise limits.cronBacklog.', details: { due } },
  );
}
