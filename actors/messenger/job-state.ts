/**
 * What waits to be delivered, in plain form: what it refers to is named by its number in the captured
 * trace, or by its id.
 */
import type { ProcessRecord } from '../scheduler/process-record.js';
import type { Job } from './delivery.js';
import type { OutboxOrigin } from './outbox.js';
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
export type JobState = Job extends infer Kind extends References ? Plain<Kind> : never;

export interface JobNumbers {
  readonly cascades: Numbers<Cascade>;
  readonly deliveries: Numbers<Delivery>;
}

export function writeJob(job: Job, { cascades, deliveries }: JobNumbers): JobState {
  const { cascade, parent, origin, ...rest } = job as References & Job;
  return {
    ...rest,
    cascade: cascades.of(cascade),
    parent: parent && deliveries.of(parent),
    origin: origin && { ...origin, process: origin.process.id },
  } as JobState;
}

/** A job again; its cascade waits for it. */
export function readJob(
  state: JobState,
  { deliveries, cascades }: Thawed,
  requireProcess: (id: string) => ProcessRecord,
): Job {
  const { cascade: number, parent, origin, ...rest } = state;
  const cascade = cascades[number] as Cascade;
  cascade.pending++;
  return {
    ...rest,
    cascade,
    ...(parent !== undefined && { parent: deliveries[parent] }),
    ...(origin && { origin: { ...origin, process: requireProcess(origin.process) } }),
  } as unknown as Job;
}
