/**
 * Deliveries that one entry of an outbox leads to, each as a parcel of its own: on a road where faults
 * may strike, and with a crank that is turned by hand, every delivery goes its own way.
 */
import type { Job } from './delivery.js';
import type { Parcel } from './parcel.js';
import type { Delivery } from './trace.js';

/**
 * An assignment to several processes as one to each; anything else is itself.
 * @param max processes that one may name: with more of them it is refused as a whole
 */
export function partsOf(parcel: Parcel, max: number): readonly Parcel[] {
  if (parcel.kind !== 'assignment') return [parcel];
  const { Processes: processes } = parcel.entry ?? {};
  const isMany = Array.isArray(processes) && processes.length > 1 && processes.length <= max;
  if (!isMany || !processes.every((id) => typeof id === 'string')) return [parcel];
  return assignmentsOf(parcel, parcel.parent, processes, parcel.entry.Message);
}

/** Assignments of one item, each to a process. */
export function assignmentsOf(
  { cascade, origin }: Pick<Job, 'cascade' | 'origin'>,
  parent: Delivery,
  processes: readonly string[],
  message: unknown,
): Job[] {
  return processes.map((process) => {
    const entry = { Message: message, Processes: [process] };
    return { cascade, parent, origin, kind: 'assignment', entry };
  });
}
