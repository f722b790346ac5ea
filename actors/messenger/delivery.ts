/**
 * One entry of an outbox on its way: signed by the messenger unit, scheduled at its target if that is
 * a process, stored on the gateway in any case, and evaluated.
 */
import { type DataItemFields, type SignedItem, signDataItem } from '../../arlocal/data-item.js';
import type { Gateway } from '../../arlocal/gateway.js';
import type { Wallet } from '../../arlocal/wallet.js';
import { requireModule } from '../compute/modules.js';
import type { OutboxAssignment, OutboxMessage } from '../compute/result.js';
import { ActorError } from '../errors.js';
import type { NetworkEvent } from '../events.js';
import { tagValue } from '../items/protocol.js';
import type { Limits } from '../limits.js';
import type { ProcessRecord } from '../scheduler/process-record.js';
import type { SchedulerUnit } from '../scheduler/scheduler.js';
import {
  assigneesOf,
  derivedAnchor,
  isPatch,
  messageFields,
  type OutboxOrigin,
  readAssignment,
  spawnedFields,
  spawnFields,
} from './outbox.js';
import type { Cascade, Delivery, DeliveryFields, Trace } from './trace.js';

export type Job = {
  readonly cascade: Cascade;
  readonly parent: Delivery;
  readonly origin: OutboxOrigin;
} & (
  | { readonly kind: 'message'; readonly entry: OutboxMessage }
  | { readonly kind: 'spawn'; readonly entry: OutboxMessage }
  | { readonly kind: 'assignment'; readonly entry: OutboxAssignment }
);

/** What it takes to deliver. */
export interface Carrier {
  readonly gateway: Gateway;
  readonly scheduler: SchedulerUnit;
  /** Signs what processes send. */
  readonly wallet: Wallet;
  readonly trace: Trace;
  readonly limits: Limits;
  readonly emit: (event: NetworkEvent) => void;
  /** Has a scheduled message evaluated, and sends on what comes of it. */
  readonly follow: (cascade: Cascade, delivery: Delivery, process: string, nonce: number) => void;
  /** The same for a new process; who spawned it is told once its Process item is evaluated. */
  readonly boot: (
    cascade: Cascade,
    delivery: Delivery,
    process: ProcessRecord,
    spawnedBy?: OutboxOrigin,
  ) => void;
  /** Does a part of a job; what it throws is recorded at the delivery. */
  readonly attempt: (job: Errand, delivery: Delivery, act: () => void) => void;
}

/** On whose behalf something is delivered. */
export type Errand = Pick<Job, 'cascade' | 'parent' | 'origin' | 'kind'>;

/**
 * Delivers an outbox entry.
 * @throws {CRANK_TOO_DEEP, CRANK_TOO_MANY} and whatever makes the entry unsendable
 */
export function carry(carrier: Carrier, job: Job): void {
  checkBounds(job.cascade, job.parent, carrier.limits);
  if (job.kind === 'spawn') carrySpawn(carrier, job, job.entry);
  else if (job.kind === 'message') carryMessage(carrier, job, job.entry);
  else carryAssignment(carrier, job, job.entry);
}

function carryAssignment(carrier: Carrier, job: Job, entry: OutboxAssignment): void {
  const { message, processes } = readAssignment(entry);
  checkAssignees(processes, carrier.limits);
  for (const process of processes) {
    carrier.attempt(job, job.parent, () => assign(carrier, job, job.parent, process, message));
  }
}

function carryMessage(carrier: Carrier, job: Job, entry: OutboxMessage): void {
  const { origin } = job;
  if (entry.Target === undefined && isPatch(entry)) return;
  const delivery = deliver(carrier, job, sign(carrier, messageFields(entry, origin), origin));
  carrier.attempt(job, delivery, () => {
    const processes = assigneesOf(entry);
    checkAssignees(processes, carrier.limits);
    for (const process of processes) {
      carrier.attempt(job, delivery, () => assign(carrier, job, delivery, process, delivery.id));
    }
  });
}

function carrySpawn(carrier: Carrier, job: Job, entry: OutboxMessage): void {
  const { cascade, parent, origin } = job;
  const signed = sign(carrier, spawnFields(entry, origin), origin);
  const { tags } = signed.item;
  requireModule(carrier.gateway, tagValue(tags, 'Module') ?? '');
  const child = carrier.scheduler.start(signed);
  const { id } = child;
  const fields: DeliveryFields = {
    id,
    kind: 'spawn',
    from: origin.process.id,
    target: id,
    nonce: 0,
  };
  const delivery = carrier.trace.add(cascade, parent, fields);
  carrier.boot(cascade, delivery, child, origin);
  const { target } = signed.item;
  if (target === '' || target === id || !carrier.scheduler.process(target)) return;
  carrier.attempt(job, delivery, () => assign(carrier, job, delivery, target, id));
}

/** Tells a process of the child that it spawned. */
export function carrySpawned(
  carrier: Carrier,
  cascade: Cascade,
  delivery: Delivery,
  origin: OutboxOrigin,
): void {
  const errand: Errand = { cascade, parent: delivery, origin, kind: 'message' };
  carrier.attempt(errand, delivery, () => {
    const { id, item } = carrier.scheduler.requireProcess(delivery.target);
    deliver(carrier, errand, sign(carrier, spawnedFields(item.tags, id, origin), origin));
  });
}

function deliver(carrier: Carrier, job: Errand, signed: SignedItem): Delivery {
  const { gateway, scheduler, trace, follow, emit } = carrier;
  const { cascade, parent, origin } = job;
  const { id, target, tags } = signed.item;
  const actionTag = tagValue(tags, 'Action');
  const action = actionTag === undefined ? {} : { action: actionTag };
  const from = origin.process.id;
  const isProcess = scheduler.process(target) !== undefined;
  const entry = isProcess ? scheduler.schedule(signed) : undefined;
  if (!entry) gateway.putItem(signed);
  const nonce = entry ? { nonce: entry.nonce } : {};
  const fields = { id, kind: 'message', from, target, ...action, ...nonce } as const;
  const delivery = trace.add(cascade, parent, fields);
  const cause = parent.id;
  emit({ type: 'sent', message: id, from, target, delivered: isProcess, cause, ...action });
  if (entry) follow(cascade, delivery, target, entry.nonce);
  return delivery;
}

/** @throws {UNKNOWN_PROCESS, MESSAGE_NOT_FOUND, DUPLICATE_MESSAGE} */
function assign(
  { scheduler, trace, follow }: Carrier,
  { cascade }: Errand,
  parent: Delivery,
  target: string,
  id: string,
): void {
  const { nonce } = scheduler.assign(target, id);
  const from = parent.target;
  const fields = { id, kind: 'assignment', from, target, nonce } as const;
  follow(cascade, trace.add(cascade, parent, fields), target, nonce);
}

/** Signs an outbox entry; one whose anchor the program used before gets an anchor of its own. */
function sign(carrier: Carrier, fields: DataItemFields, origin: OutboxOrigin): SignedItem {
  const { wallet, gateway, limits } = carrier;
  const signed = signDataItem(wallet, fields);
  const { length } = signed.bytes;
  if (length > limits.messageBytes) throw tooLarge(length, limits);
  if (gateway.item(signed.item.id) === undefined) return signed;
  return signDataItem(wallet, { ...fields, anchor: derivedAnchor(origin) });
}

function checkBounds(cascade: Cascade, { depth, burst }: Delivery, limits: Limits): void {
  const { crankDepth, crankDeliveries } = limits;
  if (depth - burst.depth >= crankDepth) {
    const text = `a chain of messages that ${cascade.id} caused has ${crankDepth} links`;
    throw new ActorError('CRANK_TOO_DEEP', text, {
      hint: 'Look for processes that answer each other for ever, or raise limits.crankDepth.',
      details: { initial: cascade.id, limit: crankDepth, got: depth - burst.depth + 1 },
    });
  }
  if (burst.deliveries >= crankDeliveries) {
    const text = `the message ${cascade.id} caused ${crankDeliveries} others in one go`;
    throw new ActorError('CRANK_TOO_MANY', text, {
      hint: 'Look for messages that multiply, or raise limits.crankDeliveries.',
      details: { initial: cascade.id, limit: crankDeliveries, got: burst.deliveries + 1 },
    });
  }
}

/** Each of them may leave a notice: there must not be more of them than deliveries. */
function checkAssignees({ length }: readonly string[], { crankDeliveries: limit }: Limits): void {
  if (length <= limit) return;
  const text = `an assignment names ${length} processes, the limit is ${limit}`;
  throw new ActorError('CRANK_TOO_MANY', text, {
    hint: 'Assign to fewer at a time, or raise limits.crankDeliveries.',
    details: { limit, got: length },
  });
}

/** What a result asks to be sent beyond what one message may cause. */
export function outboxTooLong(got: number, { crankDeliveries: limit }: Limits): ActorError {
  const text = `a result asks for ${got} deliveries, the limit is ${limit}: the others were not sent`;
  return new ActorError('CRANK_TOO_MANY', text, {
    hint: 'Send fewer at a time, or raise limits.crankDeliveries.',
    details: { limit, got },
  });
}

function tooLarge(bytes: number, { messageBytes: max }: Limits): ActorError {
  const text = `the message has ${bytes} bytes, the limit is ${max}`;
  return new ActorError('MESSAGE_TOO_LARGE', text, {
    hint: 'Put large data on Arweave and send its id, or raise limits.messageBytes.',
    details: { got: bytes, limit: max },
  });
}
