/**
 * When a message is over: it was evaluated, and so was everything that it caused, down to the last
 * reply. Read off the events of the network, so it holds for one that runs elsewhere, too.
 */
import type { NetworkEvent } from '../index.js';
import type { Feed } from './feed.js';
import { waitFor } from './interrupt.js';

export interface Consequences {
  /**
   * Resolves once the message and all that it caused are evaluated.
   *
   * @param limitMs longest silence of the network that is borne
   * @throws {Interrupted, CliError} NO_ANSWER
   */
  settled(message: string, limitMs: number, signal: AbortSignal): Promise<void>;
  stop(): void;
}

interface Delivery {
  /** Messages in its outbox, and its error if it has one; unknown until it is evaluated. */
  outbox: number | undefined;
  readonly caused: string[];
  /** How many of its outbox end there: sent to what is no process, or not sendable. */
  ended: number;
}

/** Starts to watch: only what happens from now on is known. */
export function followConsequences(feed: Feed): Consequences {
  const deliveries = new Map<string, Delivery>();
  const changed = new Set<() => void>();
  const stop = feed.listen((event) => {
    record(deliveries, event);
    for (const check of [...changed]) check();
  });
  return {
    settled: (message, limitMs, signal) =>
      waitFor('the end of what it caused', limitMs, signal, (found, touch) => {
        const check = () => {
          touch();
          if (isSettled(deliveries, message)) found();
        };
        changed.add(check);
        check();
        return () => changed.delete(check);
      }),
    stop,
  };
}

function record(deliveries: Map<string, Delivery>, event: NetworkEvent): void {
  if (event.type === 'evaluated' && event.message !== undefined) {
    // The error of a failed one is told right after it, and counts as one more end.
    const errors = event.error === undefined ? 0 : 1;
    deliveryOf(deliveries, event.message).outbox = event.messages + errors;
  }
  if (event.type === 'sent' && event.cause !== undefined) {
    const cause = deliveryOf(deliveries, event.cause);
    if (event.delivered) cause.caused.push(event.message);
    else cause.ended += 1;
  }
  if (event.type === 'error' && event.error.message !== undefined) {
    deliveryOf(deliveries, event.error.message).ended += 1;
  }
}

function deliveryOf(deliveries: Map<string, Delivery>, message: string): Delivery {
  const known = deliveries.get(message);
  if (known !== undefined) return known;
  const fresh: Delivery = { outbox: undefined, caused: [], ended: 0 };
  deliveries.set(message, fresh);
  return fresh;
}

function isSettled(deliveries: ReadonlyMap<string, Delivery>, root: string): boolean {
  const open = [root];
  for (let message = open.pop(); message !== undefined; message = open.pop()) {
    const delivery = deliveries.get(message);
    if (delivery?.outbox === undefined) return false;
    if (delivery.caused.length + delivery.ended < delivery.outbox) return false;
    open.push(...delivery.caused);
  }
  return true;
}
