/** What a fault takes away: it is in the trace as a delivery that never arrived, and nowhere else. */
import { type Carrier, carry } from './delivery.js';
import { isFromOutside, type Parcel, wayOf } from './parcel.js';
import { idOf } from './signing.js';

/** @throws what makes it unsendable: then there is nothing to lose */
export function lose(carrier: Carrier, parcel: Parcel): void {
  const notes = parcel.journey?.notes ?? [];
  if (isFromOutside(parcel)) {
    Object.assign(parcel.cascade.root, { faults: notes, undelivered: 'dropped' });
    return;
  }
  const id = idOf(carrier, parcel);
  if (id === undefined) {
    carry(carrier, parcel);
    return;
  }
  const { from, to: target = id, kind, action } = wayOf(parcel);
  const fields = { id, kind, from, target, ...(action === undefined ? {} : { action }) };
  const delivery = carrier.trace.add(parcel.cascade, parcel.parent, fields, notes);
  delivery.undelivered = 'dropped';
}
