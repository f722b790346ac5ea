/**
 * The crank: has messages evaluated, queues what their results ask to be sent, and delivers it, until
 * nothing is left to send. Deliveries stand in one queue and leave it in the order of sending. As
 * long as every evaluation is made at once, `run` returns when all is idle.
 */

import type { ComputeUnit } from '../compute/compute.js';
import { type Evaluation, NOT_RECORDED } from '../compute/evaluation.js';
import { networkClosed, reportError } from '../errors.js';
import { tagValue } from '../items/protocol.js';
import type { Pace } from '../pace.js';
import type { Jobs, Log, LogEntry, Table } from '../ports.js';
import type { ProcessRecord } from '../scheduler/process-record.js';
import { type SentPorts, unsentOf, wasTold } from '../sent.js';
import type { Backlog, Follow } from './backlog.js';
import {
  type Carrier,
  carry,
  carrySpawned,
  type Errand,
  type Job,
  outboxTooLong,
} from './delivery.js';
import { countJobs, jobsOf } from './jobs.js';
import { missingFor } from './missing.js';
import { isOfRest, type Notices } from './notices.js';
import type { OutboxOrigin } from './outbox.js';
import { refuse } from './refusing.js';
import { resume } from './resuming.js';
import { type Cascade, type Delivery, startBurst } from './trace.js';

export interface CrankOptions extends Omit<Carrier, 'follow' | 'boot' | 'attempt'> {
  readonly compute: ComputeUnit;
  readonly jobs: Jobs<Job>;
  /** Assignments. */
  readonly log: Log<LogEntry>;
  readonly results: Log<Evaluation>;
  /** Keeps what a crash must not forget; without it a crash forgets all anyway. */
  readonly backlog?: Backlog | undefined;
  /** Evaluations of messages that nobody followed, by their keys: their outboxes may be sent yet. */
  readonly unsent: Table<true>;
  readonly notices: Notices;
  /** Lets others have the thread every few deliveries; without it the crank never pauses. */
  readonly pace?: Pace | undefined;
  /**
   * True to deliver nothing while an evaluation in this thread takes a breath: in virtual time it
   * takes no time, and the order of messages must not depend on who breathes.
   */
  readonly ordered: boolean;
}

export interface Crank {
  /** Has a scheduled message evaluated, and sends on what comes of it: once, however often asked. */
  follow(cascade: Cascade, delivery: Delivery, process: string, nonce: number): void;
  /** Queues the outbox of an evaluation. */
  push(cascade: Cascade, delivery: Delivery, evaluation: Evaluation): void;
  /**
   * Tries one message of an outbox again that was refused; one that was sent stays sent.
   * @throws whatever makes it unsendable
   */
  retry(cascade: Cascade, delivery: Delivery, evaluation: Evaluation, index: number): void;
  /** Tells of a Process item that was started, and has it evaluated. */
  boot(cascade: Cascade, delivery: Delivery, process: ProcessRecord): void;
  /** Delivers what is queued. */
  run(): void;
  /** Delivers nothing until what it answers is called; what is being evaluated comes to its end. */
  hold(): () => void;
  /** Jobs that are in no queue, because the gateway behind is asked for something first. */
  readonly away: Promise<unknown> | undefined;
  /** To be told of every evaluation of a message, before those who wait for it. */
  note(evaluation: Evaluation): void;
  /** Goes on with what an earlier run left; resolves when that is over. */
  resume(): Promise<void>;
  /**
   * Makes what the gateway was given durable, once the others had the thread for a breath: so many
   * messages share one commit, and a crash loses at most the last breath and the commit under way.
   */
  keep(): void;
  /** What is still queued ends as NETWORK_CLOSED. */
  close(): void;
}

/** What a delivery is counted as, apart from the evaluation it leads to: a third of a millisecond. */
const DELIVERY_GAS = 30_000;

interface Core extends CrankOptions {
  readonly carrier: Carrier;
  readonly sent: SentPorts;
  /** Messages being evaluated whose outboxes are to be sent, by their keys. */
  readonly open: Set<string>;
  /** Jobs for which the gateway behind was asked for what was missing. */
  readonly asked: WeakSet<Job>;
  /** What it is being asked for. */
  readonly asking: Set<Promise<void>>;
  /** How many want nothing delivered now. */
  holders: number;
  running: boolean;
  /** Evaluations in this thread that take a breath, and keep back what is queued. */
  breathing: number;
  /** True until what is new has been made durable. */
  keeping: boolean;
  closed: boolean;
}

export function createCrank(options: CrankOptions): Crank {
  const carrier: Carrier = {
    ...options,
    follow: (cascade, delivery, process, nonce) =>
      follow(core, { cascade, delivery, process, nonce }),
    boot: (cascade, delivery, process, spawnedBy) =>
      boot(core, cascade, delivery, process, spawnedBy),
    attempt: (errand, delivery, act) => attempt(core, errand, delivery, act),
  };
  const core: Core = {
    ...options,
    carrier,
    sent: { ...options, messenger: options.wallet.address },
    open: new Set(),
    asked: new WeakSet(),
    asking: new Set(),
    holders: 0,
    running: false,
    breathing: 0,
    keeping: false,
    closed: false,
  };
  return {
    follow: carrier.follow,
    boot: carrier.boot,
    push: (cascade, delivery, evaluation) => push(core, cascade, delivery, evaluation),
    retry: (cascade, delivery, evaluation, index) =>
      retry(core, cascade, delivery, evaluation, index),
    run: () => run(core),
    hold() {
      core.holders++;
      return () => {
        core.holders--;
        run(core);
      };
    },
    get away() {
      return core.asking.size > 0 ? Promise.all(core.asking) : undefined;
    },
    note({ process, nonce, result }) {
      const key = keyOf(process, nonce);
      if (!core.open.has(key) && countJobs(result) > 0) core.unsent.set(key, true);
    },
    async resume() {
      const ports = {
        ...options,
        follow: (it: Follow) => follow(core, it),
        enqueue: (outbox: readonly Job[]) => enqueueLate(core, outbox),
        release,
      };
      const cascades = core.closed ? [] : [...resume(ports, core.backlog?.left ?? [])];
      run(core);
      await Promise.all(cascades.map(({ idle }) => idle));
    },
    keep: () => keep(core),
    close() {
      core.closed = true;
      core.backlog?.close();
      run(core);
    },
  };
}

function follow(core: Core, it: Follow): void {
  const { cascade, delivery, process, nonce, spawnedBy } = it;
  const key = keyOf(process, nonce);
  const isOpen = core.open.has(key);
  const isPast = !isOpen && core.compute.isEvaluated(process, nonce);
  const isLate = isPast && core.unsent.delete(key);
  const isSent = isOpen || (isPast && !isLate);
  if (!isSent) core.open.add(key);
  if (!isSent) core.backlog?.begin(it);
  keep(core);
  cascade.pending++;
  let isAnswered = false;
  let keepsBack = false;
  core.compute.evaluate(process, nonce, (evaluation) => {
    isAnswered = true;
    if (keepsBack) core.breathing--;
    core.trace.settle(delivery, evaluation);
    if (core.compute.takesTime(process)) delivery.burst = startBurst(delivery.depth);
    if (!isSent) core.open.delete(key);
    if (!isSent && evaluation.index !== NOT_RECORDED) {
      survive(core, delivery, () => {
        push(core, cascade, delivery, evaluation, isLate);
        const isTold = isLate && spawnedBy !== undefined && wasTold(core.sent, spawnedBy);
        if (spawnedBy && !isTold) carrySpawned(core.carrier, cascade, delivery, spawnedBy);
        core.backlog?.end(it);
      });
    }
    release(cascade);
    run(core);
  });
  keepsBack = core.ordered && !isAnswered && !core.compute.takesTime(process);
  if (keepsBack) core.breathing++;
}

function boot(
  core: Core,
  cascade: Cascade,
  delivery: Delivery,
  process: ProcessRecord,
  spawnedBy?: OutboxOrigin,
): void {
  const { id, module, name, item } = process;
  const isPushed = item.address === core.wallet.address; // anybody can write the tag
  const parent = isPushed ? tagValue(item.tags, 'From-Process') : undefined;
  core.emit({
    type: 'spawned',
    process: id,
    module,
    ...(name === undefined ? {} : { name }),
    ...(parent === undefined ? {} : { parent }),
  });
  follow(core, { cascade, delivery, process: id, nonce: 0, spawnedBy });
}

/** @param isLate if it was evaluated before: then it may have been sent, whatever is noted of it */
function push(
  core: Core,
  cascade: Cascade,
  delivery: Delivery,
  evaluation: Evaluation,
  isLate = false,
): void {
  if (countJobs(evaluation.result) === 0) return;
  const process = core.scheduler.requireProcess(evaluation.process);
  const outbox = jobsOf(evaluation, process, cascade, delivery);
  const { crankDeliveries: max } = core.limits;
  const beyond = outbox[max];
  if (beyond) {
    attempt(core, beyond, delivery, () => {
      throw outboxTooLong(outbox.length, core.limits);
    });
  }
  const within = beyond ? outbox.slice(0, max) : outbox;
  if (isLate) enqueueLate(core, within);
  else enqueue(core, within);
}

/** Queues what was not sent of an outbox that another run may have sent. */
function enqueueLate(core: Core, outbox: readonly Job[]): void {
  const unsent = new Set(unsentOf(core.sent, outbox));
  enqueue(
    core,
    outbox,
    outbox.filter((job) => !unsent.has(job)),
  );
}

/** @param sent those of them that are over */
function enqueue(core: Core, outbox: readonly Job[], sent: readonly Job[] = []): void {
  core.backlog?.queue(outbox);
  for (const job of sent) core.backlog?.finish(job);
  const unsent = sent.length === 0 ? outbox : outbox.filter((job) => !sent.includes(job));
  const [first] = unsent;
  if (!first) return;
  core.jobs.add(unsent);
  first.cascade.pending += unsent.length;
}

/** Name of a message in the log of a process. */
function keyOf(process: string, nonce: number): string {
  return `${process}:${nonce}`;
}

function retry(
  core: Core,
  cascade: Cascade,
  parent: Delivery,
  it: Evaluation,
  index: number,
): void {
  const { process: id, index: evaluation, result } = it;
  const entry = result.messages[index];
  const refused = core.notices
    .of(id, evaluation)
    .find((refusal) => refusal.kind === 'message' && refusal.index === index);
  if (entry === undefined || !refused) return;
  const process = core.scheduler.requireProcess(id);
  const origin = { process, evaluation, index, initial: cascade.id };
  const job: Job = { cascade, parent, origin, kind: 'message', entry };
  if (unsentOf(core.sent, [job]).length > 0) carry(core.carrier, job);
  core.notices.remove(id, evaluation, index);
  const next = isOfRest(refused, result) && jobsOf(it, process, cascade, parent)[index + 1];
  if (next) core.notices.add(id, evaluation, { ...refused, kind: next.kind, index: index + 1 });
  run(core);
}

function run(core: Core): void {
  const { jobs, pace, carrier } = core;
  const isKeptBack = () => (core.breathing > 0 || core.holders > 0) && !core.closed;
  if (core.running || isKeptBack()) return;
  core.running = true;
  if (jobs.size > 0) keep(core);
  for (let job = jobs.take(); job; job = jobs.take()) {
    const current = job;
    let waits = false;
    attempt(core, current, current.parent, () => {
      if (core.closed) throw networkClosed();
      waits = isWaiting(core, current);
      if (!waits) carry(carrier, current);
    });
    if (waits) continue;
    core.backlog?.finish(current);
    release(current.cascade);
    pace?.spend(DELIVERY_GAS);
    if (isKeptBack()) break;
    if (pace?.isDue && jobs.size > 0) {
      void pace.breathe().then(() => {
        core.running = false;
        run(core);
      });
      return;
    }
  }
  core.running = false;
}

/**
 * Whether the gateway behind is asked for something first: then the job comes back to the end of the
 * queue, to succeed or fail by what is here by then, and the others go on.
 */
function isWaiting(core: Core, job: Job): boolean {
  if (core.closed || core.asked.has(job)) return false;
  const ids = missingFor(core.gateway, job);
  if (ids.length === 0) return false;
  core.asked.add(job);
  const fail = (error: unknown) => {
    attempt(core, job, job.parent, () => {
      throw error;
    });
    core.backlog?.finish(job);
    release(job.cascade);
  };
  const asked = core.gateway.fetchMissing(ids, { data: true });
  const back = asked
    .then(() => core.jobs.add([job]), fail)
    .then(() => {
      core.asking.delete(back);
      run(core);
    });
  core.asking.add(back);
  return true;
}

/** One entry that cannot be sent never keeps back the rest of the outbox. */
function attempt(core: Core, errand: Errand, delivery: Delivery, act: () => void): void {
  try {
    act();
  } catch (error) {
    survive(core, delivery, () => refuse(core, errand, delivery, error));
  }
}

/** A store that fails in the middle is an error of the delivery: nobody waits for the rest for ever. */
function survive(core: Core, delivery: Delivery, act: () => void): void {
  try {
    act();
  } catch (error) {
    const report = reportError(error, 'COMPUTE_FAILED', { process: delivery.target });
    core.trace.fail(delivery, report);
    core.emit({ type: 'error', error: report });
  }
}

function keep(core: Core): void {
  if (core.keeping || core.gateway.records === undefined) return;
  core.keeping = true;
  core.gateway
    .durable()
    .catch((error) => {
      core.emit({ type: 'error', error: reportError(error, 'COMPUTE_FAILED') });
    })
    .finally(() => {
      core.keeping = false;
    });
}

function release(cascade: Cascade): void {
  cascade.pending--;
  if (cascade.pending === 0) cascade.finish();
}
