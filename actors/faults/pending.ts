/** What does not move by itself, as plain values: messages on the road, and those not evaluated. */
import type { Crank } from '../messenger/crank.js';
import { isFromOutside, type Parcel, wayOf } from '../messenger/parcel.js';
import type { Delivery } from '../messenger/trace.js';
import type { WaitReason } from './journey.js';
import type { Outages } from './outages.js';
import type { Road } from './road.js';
import type { FaultNote } from './rule.js';

/** A delivery that waits. */
export interface Pending {
  /** Absent for what cannot be sent; it is refused when its turn comes. */
  readonly id?: string;
  readonly kind: Delivery['kind'];
  readonly from: string;
  /** Process or wallet that it is for; a spawn is for nobody. */
  readonly to?: string;
  readonly action?: string;
  /** Message that caused it; absent for one from outside. */
  readonly cause?: string;
  readonly reason: WaitReason;
  /** When it goes on, if that is known: milliseconds since 1970. */
  readonly dueMs?: number;
  /** What faults have done to it so far. */
  readonly faults: readonly FaultNote[];
}

export interface PendingPorts {
  readonly road: Road;
  readonly crank: Pick<Crank, 'halted'>;
  readonly outages: Outages;
  readonly idOf: (parcel: Parcel) => string | undefined;
}

/** In the order of sending; what is scheduled already comes first. */
export function listPending({ road, crank, outages, idOf }: PendingPorts): Pending[] {
  const halted = crank.halted().flatMap(({ delivery, process }): Pending[] => {
    const { id, kind, from, target: to, action, cause, faults } = delivery;
    const halt = outages.haltOf(process);
    if (!halt) return [];
    const { reason, dueMs } = halt;
    return [present({ id, kind, from, to, action, cause, reason, dueMs, faults })];
  });
  const waiting = road.waiting().map(({ parcel, reason, dueMs }): Pending => {
    const { kind, from, to, action } = wayOf(parcel);
    const cause = isFromOutside(parcel) ? undefined : parcel.parent.id;
    const faults = parcel.journey.notes;
    return present({ id: idOf(parcel), kind, from, to, action, cause, reason, dueMs, faults });
  });
  return [...halted, ...waiting];
}

type Fields = { readonly [Name in keyof Required<Pending>]: Pending[Name] | undefined };

/** Without the fields that are absent. */
function present(fields: Fields): Pending {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as unknown as Pending;
}
