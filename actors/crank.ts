/**
 * The crank: signs what results ask to be sent, delivers it, evaluates it, and so on until nothing is
 * left to send. Deliveries stand in one queue and leave it in the order of sending. As long as every
 * evaluation is made at once, `run` returns when all is idle.
 */
import { type DataItemFields, type SignedItem, signDataItem } from '../arlocal/data-item.js';
import type { Gateway } from '../arlocal/gateway.js';
import type { Wallet } from '../arlocal/wallet.js';
import { type ComputeUnit, type Evaluation, evaluationError } from './compute.js';
import { ActorError, type ErrorReport, reportError } from './errors.js';
import type { NetworkEvent } from './events.js';
import type { Limits } from './limits.js';
import { requireModule } from './modules.js';
import {
  assigneesOf,
  derivedAnchor,
  messageFields,
  type OutboxOrigin,
  readAssignment,
  spawnedFields,
  spawnFields,
} from './outbox.js';
import type { Jobs } from './ports.js';
import type { ProcessRecord } from './process-record.js';
import { tagValue } from './protocol.js';
import type { OutboxAssignment, OutboxMessage } from './result.js';
import type { SchedulerUnit } from './scheduler.js';
import type { Cascade, Delivery, DeliveryFields, Trace } from './trace.js';

export interface CrankOptions {
  readonly gateway: Gateway;
  readonly scheduler: SchedulerUnit;
  readonly compute: ComputeUnit;
  /** Signs what processes send. */
  readonly wallet: Wallet;
  readonly jobs: Jobs<Job>;
  readonly trace: Trace;
  readonly limits: Limits;
  readonly emit: (event: NetworkEvent) => void;
  /** Called every few deliveries to let others have the thread; without it the crank never pauses. */
  readonly breathe?: (() => Promise<void>) | undefined;
}

/** One entry of an outbox on its way. */
export type Job = {
  readonly cascade: Cascade;
  readonly parent: Delivery;
  readonly origin: OutboxOrigin;
} & (
  | { readonly kind: 'message'; readonly entry: OutboxMessage }
  | { readonly kind: 'spawn'; readonly entry: OutboxMessage }
  | { readonly kind: 'assignment'; readonly entry: OutboxAssignment }
);

export interface Crank {
  /** Has a scheduled message evaluated, and sends on what comes of it. */
  follow(cascade: Cascade, delivery: Delivery, process: string, nonce: number): void;
  /** Queues the outbox of an evaluation; a second time it does nothing. */
  push(cascade: Cascade, delivery: Delivery, evaluation: Evaluation): void;
  /** Tells of a Process item that was started, and has it evaluated. */
  boot(cascade: Cascade, delivery: Delivery, process: ProcessRecord, then?: () => void): void;
  /** Delivers what is queued. */
  run(): void;
  /** What is still queued ends as NETWORK_CLOSED. */
  close(): void;
}

/** Deliveries between two breaths: about ten milliseconds of work. */
const BREATH = 32;

export function createCrank(options: CrankOptions): Crank {
  const { gateway, scheduler, compute, wallet, jobs, trace, limits, emit, breathe } = options;
  let running = false;
  let closed = false;

  const release = (cascade: Cascade) => {
    cascade.pending--;
    if (cascade.pending === 0) cascade.finish();
  };
  const fail = (delivery: Delivery, error: ErrorReport) => {
    delivery.errors.push(error);
    emit({ type: 'error', error });
  };

  const push = (cascade: Cascade, delivery: Delivery, evaluation: Evaluation) => {
    const { messages, spawns, assignments } = evaluation.result;
    if (messages.length + spawns.length + assignments.length === 0) return;
    const process = scheduler.requireProcess(evaluation.process);
    let index = 0;
    const toJob = () => ({
      cascade,
      parent: delivery,
      origin: { process, evaluation: evaluation.index, index: index++, initial: cascade.id },
    });
    const outbox: Job[] = [
      ...messages.map((entry) => ({ ...toJob(), kind: 'message' as const, entry })),
      ...spawns.map((entry) => ({ ...toJob(), kind: 'spawn' as const, entry })),
      ...assignments.map((entry) => ({ ...toJob(), kind: 'assignment' as const, entry })),
    ];
    if (jobs.add(process.id, evaluation.index, outbox)) cascade.pending += outbox.length;
  };

  const follow = (
    cascade: Cascade,
    delivery: Delivery,
    process: string,
    nonce: number,
    then?: () => void,
  ) => {
    cascade.pending++;
    compute.evaluate(process, nonce, (evaluation) => {
      delivery.result = evaluation.result;
      const error = evaluationError(evaluation);
      if (error) delivery.errors.push(error); // the compute unit has told of it
      push(cascade, delivery, evaluation);
      then?.();
      release(cascade);
      run();
    });
  };

  const boot = (
    cascade: Cascade,
    delivery: Delivery,
    process: ProcessRecord,
    then?: () => void,
  ) => {
    const { id, module, name, item } = process;
    const parent = tagValue(item.tags, 'From-Process');
    emit({
      type: 'spawned',
      process: id,
      module,
      ...(name === undefined ? {} : { name }),
      ...(parent === undefined ? {} : { parent }),
    });
    follow(cascade, delivery, id, 0, then);
    if (item.target !== '' && item.target !== id && scheduler.process(item.target)) {
      assign(cascade, delivery, item.target, id);
    }
  };

  const assign = (cascade: Cascade, parent: Delivery, process: string, message: string) => {
    const { nonce } = scheduler.assign(process, message);
    const fields = {
      id: message,
      kind: 'assignment',
      from: parent.target,
      target: process,
    } as const;
    follow(cascade, trace.add(cascade, parent, { ...fields, nonce }), process, nonce);
  };

  const tellSent = (delivery: Delivery) => {
    const { id: message, from, target, action, cause } = delivery;
    emit({
      type: 'sent',
      message,
      from,
      target,
      delivered: delivery.nonce !== undefined,
      ...(action === undefined ? {} : { action }),
      ...(cause === undefined ? {} : { cause }),
    });
  };

  /** Signs an outbox entry; one whose anchor the program used before gets an anchor of its own. */
  const sign = (fields: DataItemFields, origin: OutboxOrigin): SignedItem => {
    const signed = signDataItem(wallet, fields);
    if (signed.bytes.length > limits.messageBytes) throw tooLarge(signed.bytes.length, limits);
    if (gateway.item(signed.item.id) === undefined) return signed;
    return signDataItem(wallet, { ...fields, anchor: derivedAnchor(origin) });
  };

  const deliver = ({ cascade, parent, origin }: Job, signed: SignedItem): Delivery => {
    const { id, target, tags } = signed.item;
    const action = tagValue(tags, 'Action');
    const isProcess = scheduler.process(target) !== undefined;
    const entry = isProcess ? scheduler.schedule(signed) : undefined;
    if (!entry) gateway.putItem(signed);
    const fields: DeliveryFields = {
      id,
      kind: 'message',
      from: origin.process.id,
      target,
      ...(action === undefined ? {} : { action }),
      ...(entry ? { nonce: entry.nonce } : {}),
    };
    const delivery = trace.add(cascade, parent, fields);
    tellSent(delivery);
    if (entry) follow(cascade, delivery, target, entry.nonce);
    return delivery;
  };

  const spawn = (job: Job, entry: OutboxMessage) => {
    const { cascade, parent, origin } = job;
    const signed = sign(spawnFields(entry, origin), origin);
    requireModule(gateway, tagValue(signed.item.tags, 'Module') ?? '');
    const child = scheduler.start(signed);
    const fields: DeliveryFields = {
      id: child.id,
      kind: 'spawn',
      from: origin.process.id,
      target: child.id,
      nonce: 0,
    };
    const delivery = trace.add(cascade, parent, fields);
    boot(cascade, delivery, child, () => {
      const notice = spawnedFields(signed.item.tags, child.id, origin);
      deliver({ ...job, parent: delivery }, sign(notice, origin));
    });
  };

  const carry = (job: Job) => {
    const { cascade, parent, origin } = job;
    if (closed) throw networkClosed();
    checkBounds(cascade, parent, limits);
    if (job.kind === 'spawn') return spawn(job, job.entry);
    if (job.kind === 'message') {
      const delivery = deliver(job, sign(messageFields(job.entry, origin), origin));
      for (const process of assigneesOf(job.entry)) {
        attempt(job, delivery, () => assign(cascade, delivery, process, delivery.id));
      }
      return;
    }
    const { message, processes } = readAssignment(job.entry);
    for (const process of processes) {
      attempt(job, parent, () => assign(cascade, parent, process, message));
    }
  };

  /** One entry that cannot be sent never keeps back the rest of the outbox. */
  const attempt = (job: Job, delivery: Delivery, act: () => void) => {
    try {
      act();
    } catch (error) {
      const { process } = job.origin;
      const tag = (error as { details?: { tag?: unknown; name?: unknown } }).details;
      const name = tag?.tag ?? tag?.name;
      fail(
        delivery,
        reportError(error, 'UNSENDABLE_MESSAGE', {
          process: process.id,
          message: job.parent.id,
          ...(typeof name === 'string' ? { tag: name } : {}),
        }),
      );
    }
  };

  const run = (): void => {
    if (running) return;
    running = true;
    for (let count = 1; ; count++) {
      const job = jobs.take();
      if (!job) break;
      attempt(job, job.parent, () => carry(job));
      release(job.cascade);
      if (!breathe || count < BREATH || jobs.size === 0) continue;
      void breathe().then(() => {
        running = false;
        run();
      });
      return;
    }
    running = false;
  };

  return {
    follow,
    push,
    boot,
    run,
    close() {
      closed = true;
      run();
    },
  };
}

function checkBounds(cascade: Cascade, parent: Delivery, limits: Limits): void {
  if (parent.depth >= limits.crankDepth) {
    throw new ActorError(
      'CRANK_TOO_DEEP',
      `the chain of messages that began with ${cascade.id} has ${limits.crankDepth} links`,
      { hint: 'Look for processes that answer each other for ever, or raise limits.crankDepth.' },
    );
  }
  if (cascade.deliveries.length > limits.crankDeliveries) {
    throw new ActorError(
      'CRANK_TOO_MANY',
      `the message ${cascade.id} caused ${limits.crankDeliveries} others`,
      { hint: 'Look for messages that multiply, or raise limits.crankDeliveries.' },
    );
  }
}

function networkClosed(): ActorError {
  return new ActorError('NETWORK_CLOSED', 'the network was closed before the message was sent', {
    hint: 'Wait for a receipt before closing the network.',
  });
}

/** The refusal of an item beyond the size that a network takes. */
export function tooLarge(bytes: number, limits: Limits): ActorError {
  return new ActorError(
    'MESSAGE_TOO_LARGE',
    `the message has ${bytes} bytes, the limit is ${limits.messageBytes}`,
    {
      hint: 'Put large data on Arweave and send its id, or raise limits.messageBytes.',
      details: { bytes, max: limits.messageBytes },
    },
  );
}
