/**
 * The trace: every delivery knows the message that caused it, so that what a message set off can be
 * read as a tree. It holds no results: a delivery knows where its own is stored, and reads it there.
 */

import type { Tag } from '../../arlocal/tags.js';
import { type Evaluation, evaluationError, NOT_RECORDED } from '../compute/evaluation.js';
import type { EvaluationResult } from '../compute/result.js';
import type { ErrorReport } from '../errors.js';

type DeliveryKind = 'message' | 'spawn' | 'assignment' | 'cron';

export interface Delivery {
  /** Message id; for a spawn that of the new process; for a cron `<interval>@<ms>`. */
  readonly id: string;
  readonly kind: DeliveryKind;
  /** Process or wallet that sent it. */
  readonly from: string;
  /** True if a test had it signed for `from`, who did not ask for it. Not in AO. */
  readonly impersonated?: true;
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
  /**
   * With what was refused of its outbox. Absent until the target has evaluated it, and for ever if
   * the target is no process. Read where it is stored: absent again once a network with a store was
   * closed.
   */
  readonly result?: EvaluationResult | undefined;
  /** What was sent, read where it is stored as well. */
  readonly message?: SentMessage | undefined;
  /** What went wrong here: the evaluation, or messages of its outbox that could not be sent. */
  readonly errors: readonly ErrorReport[];
  /** What it caused, in the order of sending. */
  readonly children: readonly Delivery[];
}

/** Tags and data as they were signed; of a cron those that its process asked for. */
export interface SentMessage {
  readonly tags: readonly Tag[];
  readonly data: Uint8Array;
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

export type DeliveryFields = Omit<
  Delivery,
  'depth' | 'burst' | 'cause' | 'result' | 'message' | 'errors' | 'children'
>;

export interface TraceOptions {
  /** Deliveries remembered ... */
  readonly deliveries: number;
  /** ... and their bytes, about; the oldest are forgotten. */
  readonly bytes: number;
  /** The result of an evaluation that is stored. */
  readonly resultOf: (process: string, evaluation: number) => EvaluationResult | undefined;
  /** What was sent in a delivery, if that is stored. @default nothing is */
  readonly messageOf?: (delivery: Delivery) => SentMessage | undefined;
}

export interface Trace {
  begin(root: DeliveryFields): Cascade;
  /** Adds what a delivery caused. */
  add(cascade: Cascade, parent: Delivery, child: DeliveryFields): Delivery;
  /** Notes how a delivery was evaluated, and the error if that failed. */
  settle(delivery: Delivery, evaluation: Evaluation): void;
  /** Notes what went wrong at a delivery. */
  fail(delivery: Delivery, error: ErrorReport): void;
  /** The delivery of a message, with its tree below. */
  find(id: string): Delivery | undefined;
  /** What is remembered, oldest first. */
  all(): Delivery[];
}

/** A delivery as the trace itself knows it. */
interface Traced extends Delivery {
  readonly errors: ErrorReport[];
  readonly children: Traced[];
}

interface StoredAt {
  readonly process: string;
  readonly evaluation: number;
}

/** Bytes of a delivery without its texts, as measured. */
const DELIVERY_BYTES = 1024;

export function createTrace(options: TraceOptions): Trace {
  const known = createKnown(options);
  /** Where the results are stored, or what is instead of a result that is nowhere stored. */
  const outcomes = new WeakMap<Delivery, StoredAt | EvaluationResult>();
  const open = (
    fields: DeliveryFields,
    place: Pick<Delivery, 'depth' | 'burst' | 'cause'>,
  ): Traced => {
    const delivery: Traced = {
      ...fields,
      ...place,
      errors: [],
      children: [],
      get result() {
        const outcome = outcomes.get(delivery);
        if (outcome === undefined || !('evaluation' in outcome)) return outcome;
        return options.resultOf(outcome.process, outcome.evaluation);
      },
      get message() {
        return options.messageOf?.(delivery);
      },
    };
    known.add(delivery);
    return delivery;
  };
  const fail = (delivery: Delivery, error: ErrorReport) => {
    (delivery as Traced).errors.push(error);
    known.grow(delivery, error.text.length);
  };
  return {
    begin(fields) {
      const root = open(fields, { depth: 0, burst: startBurst(0) });
      const { promise: idle, resolve: finish } = defer();
      return { id: root.id, root, deliveries: [root], pending: 0, idle, finish };
    },
    add(cascade, parent, fields) {
      const { id, depth, burst, children } = parent as Traced;
      const child = open(fields, { cause: id, depth: depth + 1, burst });
      burst.deliveries++;
      children.push(child);
      cascade.deliveries.push(child);
      return child;
    },
    settle(delivery, evaluation) {
      const { process, index, result } = evaluation;
      outcomes.set(delivery, index === NOT_RECORDED ? result : { process, evaluation: index });
      const error = evaluationError(evaluation);
      if (error) fail(delivery, error);
    },
    fail,
    find: known.find,
    all: known.all,
  };
}

/** What is remembered: what is reachable from a delivery is younger, so the oldest are forgotten. */
function createKnown(most: Pick<TraceOptions, 'deliveries' | 'bytes'>) {
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
  const grow = (delivery: Delivery, more: number) => {
    const weight = weights.get(delivery);
    if (weight === undefined) return; // forgotten already
    weights.set(delivery, weight + more);
    bytes += more;
    while (weights.size > most.deliveries || (bytes > most.bytes && weights.size > 1)) {
      forgetOldest();
    }
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
