/** The deliveries that a trace remembers: so many of them and so many bytes, and the oldest go first. */
import type { Cascade, Delivery, TraceOptions } from './trace.js';
import type { KeptDelivery, Outcome, TraceState } from './trace-state.js';

/** Bytes of a delivery without its texts, as measured. */
const DELIVERY_BYTES = 1024;

/** What is remembered: what is reachable from a delivery is younger, so the oldest are forgotten. */
export function createKnown(most: Pick<TraceOptions, 'deliveries' | 'bytes'>) {
  const weights = new Map<Delivery, number>(); // in the order of the deliveries
  const named = new Map<string, Delivery>(); // an assignment has the id of its message, which goes first
  let bytes = 0;
  const forgetOldest = () => {
    const [oldest] = weights;
    if (!oldest) return;
    const [delivery, weight] = oldest;
    bytes -= weight;
    weights.delete(delivery);
    if (named.get(delivery.id) === delivery) named.delete(delivery.id);
  };
  const forgetRest = () => {
    while (weights.size > most.deliveries || (bytes > most.bytes && weights.size > 1)) {
      forgetOldest();
    }
  };
  const grow = (delivery: Delivery, more: number) => {
    const weight = weights.get(delivery);
    if (weight === undefined) return; // forgotten already
    weights.set(delivery, weight + more);
    bytes += more;
    forgetRest();
  };
  const keep = (delivery: Delivery, weight: number) => {
    if (!named.has(delivery.id)) named.set(delivery.id, delivery);
    weights.set(delivery, weight);
    bytes += weight;
  };
  return {
    add(delivery: Delivery) {
      if (!named.has(delivery.id)) named.set(delivery.id, delivery);
      weights.set(delivery, 0);
      grow(delivery, DELIVERY_BYTES + (delivery.action?.length ?? 0));
    },
    grow,
    find: (id: string) => named.get(id),
    all: () => [...named.values()],
    get size() {
      return weights.size;
    },
    /** True if another delivery would be too many beside those of a state. */
    isFullWith: (state: TraceState) =>
      weights.size + state.deliveries.length >= most.deliveries ||
      bytes + state.bytes >= most.bytes,
    /** Takes what is older than all that it knows. */
    prepend(older: readonly KeptDelivery[]) {
      const younger = [...weights];
      weights.clear();
      named.clear();
      bytes = 0;
      for (const { delivery, weight } of older) if (weight !== undefined) keep(delivery, weight);
      for (const [delivery, weight] of younger) keep(delivery, weight);
      forgetRest();
    },
    /** What is remembered, and before it what only these cascades still have a hold of. */
    kept(cascades: readonly Cascade[], outcomeOf: (of: Delivery) => Outcome | undefined) {
      const held = cascades.flatMap(({ deliveries }) =>
        deliveries.filter((it) => !weights.has(it)),
      );
      return [...held, ...weights.keys()].map((delivery) => ({
        delivery,
        weight: weights.get(delivery),
        outcome: outcomeOf(delivery),
      }));
    },
  };
}
