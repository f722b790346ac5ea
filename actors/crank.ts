/**
 * The crank: has messages evaluated, queues what their results ask to be sent, and delivers it, until
 * nothing is left to send. Deliveries stand in one queue and leave it in the order of sending. As
 * long as every evaluation is made at once, `run` returns when all is idle.
 */
import type { Backlog, Follow, Left } from './backlog.js';
import type { ComputeUnit } from './compute.js';
import {
  type Carrier,
  carry,
  carrySpawned,
  type Errand,
  type Job,
  outboxTooLong,
} from './delivery.js';
import { ActorError, type ErrorReport, networkClosed, reportError } from './errors.js';
import { type Evaluation, evaluationError, NOT_RECORDED } from './evaluation.js';
import { missingFor } from './missing.js';
import { addRefused, type Notices } from './notices.js';
import type { OutboxOrigin } from './outbox.js';
import type { Jobs, Table } from './ports.js';
import type { ProcessRecord } from './process-record.js';
import { tagValue } from './protocol.js';
import type { EvaluationResult, Refusal } from './result.js';
import { type Cascade, type Delivery, startBurst } from './trace.js';

export interface CrankOptions extends Omit<Carrier, 'follow' | 'boot' | 'attempt'> {
  readonly compute: ComputeUnit;
  readonly jobs: Jobs<Job>;
  /** Keeps what a crash must not forget; without it a crash forgets all anyway. */
  readonly backlog?: Backlog | undefined;
  /** Evaluations of messages that nobody followed, by their keys: their outboxes may be sent yet. */
  readonly unsent: Table<true>;
  readonly notices: Notices;
  /** Called every few deliveries to let others have the thread; without it the crank never pauses. */
  readonly breathe?: (() => Promise<void>) | undefined;
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

/** Deliveries between two breaths: about ten milliseconds of work. */
const BREATH = 32;

interface Core extends CrankOptions {
  readonly carrier: Carrier;
  /** Messages being evaluated whose outboxes are to be sent, by their keys. */
  readonly open: Set<string>;
  /** Jobs for which the gateway behind was asked for what was missing. */
  readonly asked: WeakSet<Job>;
  running: boolean;
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
    open: new Set(),
    asked: new WeakSet(),
    running: false,
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
    note({ process, nonce, result }) {
      const key = keyOf(process, nonce);
      if (!core.open.has(key) && outboxSize(result) > 0) core.unsent.set(key, true);
    },
    resume: () => resume(core),
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
  const isSent =
    core.open.has(key) || (core.compute.isEvaluated(process, nonce) && !core.unsent.delete(key));
  if (!isSent) core.open.add(key);
  if (!isSent) core.backlog?.begin(it);
  keep(core);
  cascade.pending++;
  core.compute.evaluate(process, nonce, (evaluation) => {
    delivery.result = evaluation.result;
    const error = evaluationError(evaluation);
    if (error) delivery.errors.push(error); // the compute unit has told of it
    if (core.compute.takesTime(process)) delivery.burst = startBurst(delivery.depth);
    if (!isSent && evaluation.index !== NOT_RECORDED) {
      push(core, cascade, delivery, evaluation);
      if (spawnedBy) carrySpawned(core.carrier, cascade, delivery, spawnedBy);
      core.open.delete(key);
      core.backlog?.end(it);
    }
    release(cascade);
    run(core);
  });
}

function boot(
  core: Core,
  cascade: Cascade,
  delivery: Delivery,
  process: ProcessRecord,
  spawnedBy?: OutboxOrigin,
): void {
  const { id, module, name, item } = process;
  const parent = tagValue(item.tags, 'From-Process');
  core.emit({
    type: 'spawned',
    process: id,
    module,
    ...(name === undefined ? {} : { name }),
    ...(parent === undefined ? {} : { parent }),
  });
  follow(core, { cascade, delivery, process: id, nonce: 0, spawnedBy });
}

function push(core: Core, cascade: Cascade, delivery: Delivery, evaluation: Evaluation): void {
  const outbox = outboxOf(core, cascade, delivery, evaluation);
  const { crankDeliveries: max } = core.limits;
  const beyond = outbox[max];
  if (beyond) {
    attempt(core, beyond, delivery, () => {
      throw outboxTooLong(outbox.length, core.limits);
    });
  }
  enqueue(core, beyond ? outbox.slice(0, max) : outbox);
}

function enqueue(core: Core, outbox: readonly Job[]): void {
  const [first] = outbox;
  if (!first) return;
  core.backlog?.queue(outbox);
  core.jobs.add(outbox);
  first.cascade.pending += outbox.length;
}

/** What an evaluation asks to be sent, in the order of sending. */
function outboxOf(
  { scheduler }: Core,
  cascade: Cascade,
  parent: Delivery,
  evaluation: Evaluation,
): Job[] {
  const { messages, spawns, assignments } = evaluation.result;
  if (outboxSize(evaluation.result) === 0) return [];
  const process = scheduler.requireProcess(evaluation.process);
  let index = 0;
  const place = () => ({
    cascade,
    parent,
    origin: { process, evaluation: evaluation.index, index: index++, initial: cascade.id },
  });
  return [
    ...messages.map((entry) => ({ ...place(), kind: 'message' as const, entry })),
    ...spawns.map((entry) => ({ ...place(), kind: 'spawn' as const, entry })),
    ...assignments.map((entry) => ({ ...place(), kind: 'assignment' as const, entry })),
  ];
}

function outboxSize({ messages, spawns, assignments }: EvaluationResult): number {
  return messages.length + spawns.length + assignments.length;
}

/** Name of a message in the log of a process. */
function keyOf(process: string, nonce: number): string {
  return `${process}:${nonce}`;
}

function retry(
  core: Core,
  cascade: Cascade,
  parent: Delivery,
  { process: id, index: evaluation, result }: Evaluation,
  index: number,
): void {
  const entry = result.messages[index];
  const wasRefused = core.notices
    .of(id, evaluation)
    .some((refusal) => refusal.kind === 'message' && refusal.index === index);
  if (entry === undefined || !wasRefused) return;
  const process = core.scheduler.requireProcess(id);
  const origin = { process, evaluation, index, initial: cascade.id };
  carry(core.carrier, { cascade, parent, origin, kind: 'message', entry });
  core.notices.remove(id, evaluation, index);
  run(core);
}

function run(core: Core): void {
  const { jobs, breathe, carrier } = core;
  if (core.running) return;
  core.running = true;
  if (jobs.size > 0) keep(core);
  let count = 0;
  for (let job = jobs.take(); job; job = jobs.take()) {
    const current = job;
    if (isWaiting(core, current)) continue;
    attempt(core, current, current.parent, () => {
      if (core.closed) throw networkClosed();
      carry(carrier, current);
    });
    core.backlog?.finish(current);
    release(current.cascade);
    count++;
    if (breathe && count >= BREATH && jobs.size > 0) {
      void breathe().then(() => {
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
  void asked.then(() => core.jobs.add([job]), fail).then(() => run(core));
  return true;
}

/** One entry that cannot be sent never keeps back the rest of the outbox. */
function attempt(core: Core, job: Errand, delivery: Delivery, act: () => void): void {
  try {
    act();
  } catch (error) {
    const { details } = error as { details?: { tag?: unknown; name?: unknown } };
    const tag = details?.tag ?? details?.name;
    const report: ErrorReport = reportError(error, 'UNSENDABLE_MESSAGE', {
      process: job.origin.process.id,
      message: job.parent.id,
      ...(typeof tag === 'string' ? { tag } : {}),
    });
    delivery.errors.push(report);
    core.emit({ type: 'error', error: report });
    if (report.code !== 'NETWORK_CLOSED') leaveNotice(core, job, delivery, report);
  }
}

/** Tells the sender, beside the result that asked for it, what was not sent. */
function leaveNotice(
  { notices }: Core,
  job: Errand,
  delivery: Delivery,
  report: ErrorReport,
): void {
  const { origin, parent } = job;
  const { code, text, hint, tag, limit, got } = report;
  // What goes wrong after it was sent is its Assignments, or the notice of a spawn.
  const laterKind = job.kind === 'spawn' ? 'message' : 'assignment';
  const refusal: Refusal = {
    kind: delivery === parent ? job.kind : laterKind,
    index: origin.index,
    code,
    text,
    ...(hint === undefined ? {} : { hint }),
    ...(tag === undefined ? {} : { tag }),
    ...(limit === undefined ? {} : { limit }),
    ...(got === undefined ? {} : { got }),
  };
  notices.add(origin.process.id, origin.evaluation, refusal);
  if (parent.result) parent.result = addRefused(parent.result, [refusal]);
}

/**
 * Goes on with what an earlier run left. Of the trace only what caused each part is known again.
 * What cannot be read any more is told, and keeps back nothing else.
 */
async function resume(core: Core): Promise<void> {
  if (core.closed) return;
  const cascades = new Map<string, Cascade>();
  const deliveries = new Map<string, Delivery>();
  const idle: Promise<void>[] = [];
  for (const left of core.backlog?.left ?? []) {
    const { root, delivery: fields } = left;
    const cascade = cascades.get(root.id) ?? core.trace.begin(root);
    if (!cascades.has(root.id)) idle.push(cascade.idle);
    cascades.set(root.id, cascade);
    const key = `${root.id}:${fields.id}:${fields.target}`;
    const delivery =
      deliveries.get(key) ??
      (fields.id === root.id ? cascade.root : core.trace.add(cascade, cascade.root, fields));
    deliveries.set(key, delivery);
    cascade.pending++;
    try {
      resumeOne(core, cascade, delivery, left);
    } catch (error) {
      const report = reportError(error, 'COMPUTE_FAILED', { process: left.process });
      core.emit({ type: 'error', error: report });
    }
    release(cascade);
  }
  run(core);
  await Promise.all(idle);
}

function resumeOne(core: Core, cascade: Cascade, delivery: Delivery, left: Left): void {
  const { process } = left;
  if ('evaluation' in left) {
    const evaluation = core.compute.evaluations(process).at(left.evaluation);
    if (!evaluation) throw forgotten(process, left.evaluation);
    delivery.result = evaluation.result;
    enqueue(core, outboxOf(core, cascade, delivery, evaluation).slice(left.next));
    return;
  }
  const { nonce, spawnedBy } = left;
  const origin = spawnedBy && {
    ...spawnedBy,
    process: core.scheduler.requireProcess(spawnedBy.process),
    initial: cascade.id,
  };
  follow(core, { cascade, delivery, process, nonce, spawnedBy: origin });
}

function forgotten(process: string, evaluation: number): ActorError {
  const text = `an outbox of ${process} cannot be sent: its result ${evaluation} is not in the store`;
  return new ActorError('MESSAGE_NOT_FOUND', text, {
    hint: 'Look for what else is damaged with corral verify.',
    details: { process, evaluation },
  });
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
