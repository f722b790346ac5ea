/**
 * The crank: has messages evaluated, queues what their results ask to be sent, and delivers it, until
 * nothing is left to send. Deliveries stand in one queue and leave it in the order of sending. As
 * long as every evaluation is made at once, `run` returns when all is idle.
 */
import type { ComputeUnit } from './compute.js';
import { type Carrier, carry, type Job } from './delivery.js';
import { type ErrorReport, networkClosed, reportError } from './errors.js';
import { type Evaluation, evaluationError } from './evaluation.js';
import { addRefused, type Notices } from './notices.js';
import type { Jobs } from './ports.js';
import type { ProcessRecord } from './process-record.js';
import { tagValue } from './protocol.js';
import type { Refusal } from './result.js';
import { type Cascade, type Delivery, startBurst } from './trace.js';

export interface CrankOptions extends Omit<Carrier, 'follow' | 'boot' | 'attempt'> {
  readonly compute: ComputeUnit;
  readonly jobs: Jobs<Job>;
  readonly notices: Notices;
  /** Called every few deliveries to let others have the thread; without it the crank never pauses. */
  readonly breathe?: (() => Promise<void>) | undefined;
}

export interface Crank {
  /** Has a scheduled message evaluated, and sends on what comes of it. */
  follow(cascade: Cascade, delivery: Delivery, process: string, nonce: number): void;
  /** Queues the outbox of an evaluation; a second time it does nothing. */
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
  running: boolean;
  /** True until what is new has been made durable. */
  keeping: boolean;
  closed: boolean;
}

export function createCrank(options: CrankOptions): Crank {
  const carrier: Carrier = {
    ...options,
    follow: (cascade, delivery, process, nonce) => follow(core, cascade, delivery, process, nonce),
    boot: (cascade, delivery, process, then) => boot(core, cascade, delivery, process, then),
    attempt: (job, delivery, act) => attempt(core, job, delivery, act),
  };
  const core: Core = { ...options, carrier, running: false, keeping: false, closed: false };
  return {
    follow: carrier.follow,
    boot: carrier.boot,
    push: (cascade, delivery, evaluation) => push(core, cascade, delivery, evaluation),
    retry: (cascade, delivery, evaluation, index) =>
      retry(core, cascade, delivery, evaluation, index),
    run: () => run(core),
    keep: () => keep(core),
    close() {
      core.closed = true;
      run(core);
    },
  };
}

function follow(
  core: Core,
  cascade: Cascade,
  delivery: Delivery,
  process: string,
  nonce: number,
  then?: () => void,
): void {
  keep(core);
  cascade.pending++;
  core.compute.evaluate(process, nonce, (evaluation) => {
    delivery.result = evaluation.result;
    const error = evaluationError(evaluation);
    if (error) delivery.errors.push(error); // the compute unit has told of it
    if (core.compute.takesTime(process)) delivery.burst = startBurst(delivery.depth);
    push(core, cascade, delivery, evaluation);
    then?.();
    release(cascade);
    run(core);
  });
}

function boot(
  core: Core,
  cascade: Cascade,
  delivery: Delivery,
  process: ProcessRecord,
  then?: () => void,
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
  follow(core, cascade, delivery, id, 0, then);
}

function push(core: Core, cascade: Cascade, delivery: Delivery, evaluation: Evaluation): void {
  const { messages, spawns, assignments } = evaluation.result;
  if (messages.length + spawns.length + assignments.length === 0) return;
  const process = core.scheduler.requireProcess(evaluation.process);
  let index = 0;
  const place = () => ({
    cascade,
    parent: delivery,
    origin: { process, evaluation: evaluation.index, index: index++, initial: cascade.id },
  });
  const outbox: Job[] = [
    ...messages.map((entry) => ({ ...place(), kind: 'message' as const, entry })),
    ...spawns.map((entry) => ({ ...place(), kind: 'spawn' as const, entry })),
    ...assignments.map((entry) => ({ ...place(), kind: 'assignment' as const, entry })),
  ];
  if (core.jobs.add(process.id, evaluation.index, outbox)) cascade.pending += outbox.length;
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
    attempt(core, current, current.parent, () => {
      if (core.closed) throw networkClosed();
      carry(carrier, current);
    });
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

/** One entry that cannot be sent never keeps back the rest of the outbox. */
function attempt(core: Core, job: Job, delivery: Delivery, act: () => void): void {
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
function leaveNotice({ notices }: Core, job: Job, delivery: Delivery, report: ErrorReport): void {
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

function keep(core: Core): void {
  if (core.keeping) return;
  core.keeping = true;
  void (core.breathe?.() ?? Promise.resolve()).then(() => {
    core.keeping = false;
    if (!core.closed) core.gateway.flush(); // a network that closes does so itself
  });
}

function release(cascade: Cascade): void {
  cascade.pending--;
  if (cascade.pending === 0) cascade.finish();
}
