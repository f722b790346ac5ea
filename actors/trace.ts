/**
 * The trace: every delivery knows the message that caused it, so that what a message set off can be
 * read as a tree.
 */
import type { ErrorReport } from './errors.js';
import type { EvaluationResult } from './result.js';

type DeliveryKind = 'message' | 'spawn' | 'assignment' | 'cron';

export interface Delivery {
  /** Message id; for a spawn that of the new process; for a cron `<interval>@<ms>`. */
  readonly id: string;
  readonly kind: DeliveryKind;
  /** Process or wallet that sent it. */
  readonly from: string;
  /** Process that got it, or the wallet it is stored for. */
  readonly target: string;
  readonly action?: string;
  /** Message that caused it; absent at the root. */
  readonly cause?: string;
  /** Links to the root. */
  readonly depth: number;
  /** What it causes is counted here. */
  burst: Burst;
  /** Place in the target's log; absent if the target is no process. */
  nonce?: number;
  /** Absent until the target has evaluated it, and for ever if the target is no process. */
  result?: EvaluationResult;
  /** What went wrong here: the evaluation, or messages of its outbox that could not be sent. */
  readonly errors: ErrorReport[];
  /** What it caused, in the order of sending. */
  readonly children: Delivery[];
}

/**
 * What the bounds on runaway loops count: deliveries since the message from outside, or since a
 * compute thread answered, because what takes real time cannot run away.
 */
export interface Burst {
  /** Depth of the delivery that it began with. */
  readonly depth: number;
  /** Deliveries caused since. */
  deliveries: number;
}

/** Everything that one message from outside causes. */
export interface Cascade {
  /** Id of that message; what it causes carries it as `Pushed-For`. */
  readonly id: string;
  readonly root: Delivery;
  /** In the order of delivery, the root first. */
  readonly deliveries: Delivery[];
  /** Evaluations and jobs begun and not yet finished. */
  pending: number;
  /** Resolves when nothing is pending. */
  readonly idle: Promise<void>;
  readonly finish: () => void;
}

export type DeliveryFields = Omit<Delivery, 'depth' | 'burst' | 'cause' | 'errors' | 'children'>;

export interface Trace {
  begin(root: DeliveryFields): Cascade;
  /** Adds what a delivery caused. */
  add(cascade: Cascade, parent: Delivery, child: DeliveryFields): Delivery;
  /** The delivery of a message, with its tree below. */
  find(id: string): Delivery | undefined;
  /** What is remembered, oldest first. */
  all(): Delivery[];
}

/** @param capacity deliveries remembered; the oldest are forgotten */
export function createTrace(capacity: number): Trace {
  const known = new Map<string, Delivery>();
  const remember = (delivery: Delivery) => {
    if (known.has(delivery.id)) return;
    known.set(delivery.id, delivery);
    if (known.size <= capacity) return;
    const oldest = known.keys().next();
    if (!oldest.done) known.delete(oldest.value);
  };
  return {
    begin(fields) {
      const root: Delivery = {
        ...fields,
        depth: 0,
        burst: startBurst(0),
        errors: [],
        children: [],
      };
      remember(root);
      const { promise: idle, resolve: finish } = defer();
      return { id: root.id, root, deliveries: [root], pending: 0, idle, finish };
    },
    add(cascade, parent, fields) {
      const child: Delivery = {
        ...fields,
        cause: parent.id,
        depth: parent.depth + 1,
        burst: parent.burst,
        errors: [],
        children: [],
      };
      parent.burst.deliveries++;
      parent.children.push(child);
      cascade.deliveries.push(child);
      remember(child);
      return child;
    },
    find: (id) => known.get(id),
    all: () => [...known.values()],
  };
}

export function startBurst(depth: number): Burst {
  return { depth, deliveries: 0 };
}

function defer(): { promise: Promise<void>; resolve: () => void } {
  let settle: (() => void) | undefined;
  const promise = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { promise, resolve: () => settle?.() };
}
