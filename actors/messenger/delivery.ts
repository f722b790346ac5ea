/**
 * One entry of an outbox on its way: signed by the messenger unit, scheduled at its target if that is
 * a process, stored on the gateway in any case, and evaluated.
 */
import type { SignedItem } from '../../arlocal/data-item.js';
import { requireModule } from '../compute/modules.js';
import type { OutboxAssignment, OutboxMessage } from '../compute/result.js';
import type { NetworkEvent } from '../events.js';
import type { Journey } from '../faults/journey.js';
import type { Road } from '../faults/road.js';
import { tagValue } from '../items/protocol.js';
import type { ProcessRecord } from '../scheduler/process-record.js';
import { checkAssignees, checkBounds } from './bounds.js';
import { assigneesOf, isPatch, type OutboxOrigin, readAssignment } from './outbox.js';
import type { SpawnedNotice } from './parcel.js';
import { assignmentsOf } from './parts.js';
import { type Signing, sign } from './signing.js';
import type { Cascade, Delivery, DeliveryFields, Trace } from './trace.js';

export type Job = {
  readonly cascade: Cascade;
  readonly parent: Delivery;
  readonly origin: OutboxOrigin;
  /** Set on a second copy, which gets an anchor of its own. */
  readonly copy?: string;
  /** What it has been through on a road that is not open. */
  journey?: Journey;
} & (
  | { readonly kind: 'message'; readonly entry: OutboxMessage }
  | { readonly kind: 'spawn'; readonly entry: OutboxMessage }
  | { readonly kind: 'assignment'; readonly entry: OutboxAssignment }
);

/** What it takes to deliver. */
export interface Carrier extends Signing {
  readonly trace: Trace;
  readonly emit: (event: NetworkEvent) => void;
  /** Where what a delivery is taken apart into waits, unless the road is open. */
  readonly road: Road;
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
  /** True for addresses that are known to be wallets, which get messages but never run. */
  readonly isWallet: (address: string) => boolean;
  /** Makes what the gateway was given durable before long. */
  readonly keep: () => void;
}

/** On whose behalf something is delivered. */
export type Errand = Pick<Job, 'cascade' | 'parent' | 'origin' | 'journey'> & {
  readonly kind: Job['kind'] | SpawnedNotice['kind'];
};

/**
 * Delivers an outbox entry.
 * @throws {CRANK_TOO_DEEP, CRANK_TOO_MANY} and whatever makes the entry unsendable
 */
export function carry(carrier: Carrier, job: Job | SpawnedNotice): void {
  if (job.kind === 'spawned') {
    deliver(carrier, job, sign(carrier, job));
    return;
  }
  checkBounds(job.cascade, job.parent, carrier.limits);
  if (job.kind === 'spawn') carrySpawn(carrier, job);
  else if (job.kind === 'message') carryMessage(carrier, job);
  else carryAssignment(carrier, job, job.entry);
}

function carryAssignment(carrier: Carrier, job: Job, entry: OutboxAssignment): void {
  const { message, processes } = readAssignment(entry);
  checkAssignees(processes, carrier.limits);
  for (const process of processes) {
    carrier.attempt(job, job.parent, () => assign(carrier, job, job.parent, process, message));
  }
}

function carryMessage(carrier: Carrier, job: Job & { readonly kind: 'message' }): void {
  const { entry } = job;
  if (entry.Target === undefined && isPatch(entry)) return;
  const delivery = deliver(carrier, job, sign(carrier, job));
  carrier.attempt(job, delivery, () => {
    const processes = assigneesOf(entry);
    checkAssignees(processes, carrier.limits);
    assignEach(carrier, job, delivery, processes);
  });
}

function carrySpawn(carrier: Carrier, job: Job & { readonly kind: 'spawn' }): void {
  const { cascade, parent, origin, journey } = job;
  const signed = sign(carrier, job);
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
  const delivery = carrier.trace.add(cascade, parent, fields, journey?.notes);
  carrier.boot(cascade, delivery, child, origin);
  const { target } = signed.item;
  if (target === '' || target === id || !carrier.scheduler.process(target)) return;
  assignEach(carrier, job, delivery, [target]);
}

/** Tells a process of the child that it spawned. */
export function carrySpawned(
  carrier: Carrier,
  cascade: Cascade,
  delivery: Delivery,
  origin: OutboxOrigin,
): void {
  const notice: SpawnedNotice = { kind: 'spawned', cascade, parent: delivery, origin };
  if (!carrier.road.isOpen) carrier.road.addBehind([notice]);
  else carrier.attempt(notice, delivery, () => carry(carrier, notice));
}

function deliver(carrier: Carrier, job: Errand, signed: SignedItem): Delivery {
  const { gateway, scheduler, trace, follow, emit } = carrier;
  const { cascade, parent, origin, journey } = job;
  const { id, target, tags } = signed.item;
  const actionTag = tagValue(tags, 'Action');
  const action = actionTag === undefined ? {} : { action: actionTag };
  const from = origin.process.id;
  const isProcess = scheduler.process(target) !== undefined;
  const entry = isProcess ? scheduler.schedule(signed) : undefined;
  if (!entry) gateway.putItem(signed);
  const nonce = entry ? { nonce: entry.nonce } : {};
  const fields = { id, kind: 'message', from, target, ...action, ...nonce } as const;
  const delivery = trace.add(cascade, parent, fields, journey?.notes);
  const cause = parent.id;
  emit({ type: 'sent', message: id, from, target, delivered: isProcess, cause, ...action });
  if (entry) follow(cascade, delivery, target, entry.nonce);
  return delivery;
}

/** Has an item that was just delivered given to others as well: each on its own way. */
function assignEach(
  carrier: Carrier,
  job: Job,
  delivery: Delivery,
  processes: readonly string[],
): void {
  if (!carrier.road.isOpen) {
    carrier.road.addBehind(assignmentsOf(job, delivery, processes, delivery.id));
    return;
  }
  for (const process of processes) {
    carrier.attempt(job, delivery, () => assign(carrier, job, delivery, process, delivery.id));
  }
}

/** @throws {UNKNOWN_PROCESS, MESSAGE_NOT_FOUND, DUPLICATE_MESSAGE} */
function assign(
  { scheduler, trace, follow }: Carrier,
  { cascade, journey }: Errand,
  parent: Delivery,
  target: string,
  id: string,
): void {
  const { nonce } = scheduler.assign(target, id);
  const from = parent.target;
  const fields = { id, kind: 'assignment', from, target, nonce } as const;
  follow(cascade, trace.add(cascade, parent, fields, journey?.notes), target, nonce);
}
