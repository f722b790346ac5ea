/**
 * What waits to be delivered, in plain form: what it refers to is named by its number in the captured
 * trace, or by its id.
 */
import type { ProcessRecord } from '../scheduler/process-record.js';
import type { Follow } from './backlog.js';
import type { OutboxOrigin } from './outbox.js';
import type { Parcel } from './parcel.js';
import type { Cascade, Delivery, Thawed } from './trace.js';
import type { Numbers } from './trace-state.js';

/** What a job may refer to; all else in it is plain. */
interface References {
  readonly cascade: Cascade;
  readonly parent?: Delivery;
  readonly origin?: OutboxOrigin;
}

type Plain<Kind extends References> = Omit<Kind, keyof References> & {
  readonly cascade: number;
  readonly parent: number | undefined;
  readonly origin: (Omit<OutboxOrigin, 'process'> & { readonly process: string }) | undefined;
};

/** A job by value. */
export type JobState = Parcel extends infer Kind extends References ? Plain<Kind> : never;

export interface JobNumbers {
  readonly cascades: Numbers<Cascade>;
  readonly deliveries: Numbers<Delivery>;
}

export function writeJob(job: Parcel, { cascades, deliveries }: JobNumbers): JobState {
  const { cascade, parent, origin, ...rest } = job as References & Parcel;
  return {
    ...rest,
    cascade: cascades.of(cascade),
    parent: parent && deliveries.of(parent),
    origin: origin && { ...origin, process: origin.process.id },
  } as JobState;
}

/** A message that is scheduled, and that a fault keeps from being evaluated. */
export interface HaltedState {
  readonly cascade: number;
  readonly delivery: number;
  readonly process: string;
  readonly nonce: number;
  /** As in a job: the outbox entry that asked for it, if it is a spawn. */
  readonly spawnedBy: (Omit<OutboxOrigin, 'process'> & { readonly process: string }) | undefined;
}

export function writeHalted(follow: Follow, { cascades, deliveries }: JobNumbers): HaltedState {
  const { cascade, delivery, process, nonce, spawnedBy } = follow;
  return {
    cascade: cascades.of(cascade),
    delivery: deliveries.of(delivery),
    process,
    nonce,
    spawnedBy: spawnedBy && { ...spawnedBy, process: spawnedBy.process.id },
  };
}

/** A message that waits for its evaluation again. */
export function readHalted(
  { cascade, delivery, process, nonce, spawnedBy: by }: HaltedState,
  { deliveries, cascades }: Thawed,
  requireProcess: (id: string) => ProcessRecord,
): Follow {
  return {
    cascade: cascades[cascade] as Cascade,
    delivery: deliveries[delivery] as Delivery,
    process,
    nonce,
    spawnedBy: by && { ...by, process: requireProcess(by.process) },
  };
}

/** A job again; its cascade waits for it. */
export function readJob(
  state: JobState,
  { deliveries, cascades }: Thawed,
  requireProcess: (id: string) => ProcessRecord,
): Parcel {
  const { cascade: number, parent, origin, ...rest } = state;
  const cascade = cascades[number] as Cascade;
  cascade.pending++;
  return {
    ...rest,
    cascade,
    ...(parent !== undefined && { parent: deliveries[parent] }),
    ...(origin && { origin: { ...origin, process: requireProcess(origin.process) } }),
  } as unknown as Parcel;
}
