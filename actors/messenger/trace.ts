/**
 * The trace: every delivery knows the message that caused it, so that what a message set off can be
 * read as a tree. It holds no results: a delivery knows where its own is stored, and reads it there.
 */

import type { Tag } from '../../arlocal/tags.js';
import { type Evaluation, evaluationError, NOT_RECORDED } from '../compute/evaluation.js';
import type { EvaluationResult } from '../compute/result.js';
import type { ErrorReport } from '../errors.js';
import type { WaitReason } from '../faults/journey.js';
import type { FaultNote } from '../faults/rule.js';
import { createKnown } from './known-deliveries.js';
import {
  createNumbers,
  type KeptDelivery,
  type Numbers,
  type Outcome,
  presentFields,
  type TraceState,
  writeTrace,
} from './trace-state.js';

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
  /** What faults did to it on its way, or keep from being evaluated. */
  faults: readonly FaultNote[];
  /** Why it has not arrived: it waits for something, or never will. Absent once it has. */
  undelivered?: WaitReason | 'dropped' | undefined;
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
  'depth' | 'burst' | 'cause' | 'result' | 'message' | 'errors' | 'children' | 'faults'
> &
  Partial<Pick<Delivery, 'faults'>>;

export interface TraceOptions {
  /** Deliveries remembered ... */
  readonly deliveries: number;
  /** ... and their bytes, about; the oldest are forgotten. */
  readonly bytes: number;
  /** The result of an evaluation that is stored. */
  readonly resultOf: (process: string, evaluation: number) => EvaluationResult | undefined;
  /** What was sent in a delivery, if that is stored. @default nothing is */
  readonly messageOf?: (delivery: Delivery) => SentMessage | undefined;
  /** What another trace captured, to go on from. */
  readonly state?: TraceState | undefined;
}

/** What is read out of a captured trace: the same numbers again. */
export interface Thawed {
  readonly deliveries: readonly Delivery[];
  readonly cascades: readonly Cascade[];
}

export interface Trace {
  begin(root: DeliveryFields): Cascade;
  /** Adds what a delivery caused, with what faults did to it on its way. */
  add(
    cascade: Cascade,
    parent: Delivery,
    child: DeliveryFields,
    faults?: readonly FaultNote[],
  ): Delivery;
  /** Notes how a delivery was evaluated, and the error if that failed. */
  settle(delivery: Delivery, evaluation: Evaluation): void;
  /** Notes what went wrong at a delivery. */
  fail(delivery: Delivery, error: ErrorReport): void;
  /** The delivery of a message, with its tree below. */
  find(id: string): Delivery | undefined;
  /** What is remembered, oldest first. */
  all(): Delivery[];
  /**
   * All that it holds, with the cascades that are not over.
   * @returns and the numbers under which it has the deliveries
   */
  capture(open: readonly Cascade[]): { state: TraceState; numbers: Numbers<Delivery> };
  /** What it began with, by the numbers in that state: once, and before anything else. */
  thaw(): Thawed;
}

const NO_FAULTS: readonly FaultNote[] = [];

/** A delivery as the trace itself knows it. */
interface Traced extends Delivery {
  readonly errors: ErrorReport[];
  readonly children: Traced[];
}

export function createTrace(options: TraceOptions): Trace {
  const known = createKnown(options);
  const outcomes = new WeakMap<Delivery, Outcome>();
  const make = (
    fields: DeliveryFields,
    place: Pick<Delivery, 'depth' | 'burst' | 'cause'>,
    errors: readonly ErrorReport[] = [],
  ): Traced => {
    const delivery: Traced = {
      faults: NO_FAULTS,
      ...fields,
      ...place,
      errors: [...errors],
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
    return delivery;
  };
  // Most who go on from a state never look at its trace.
  let frozen = options.state;
  const thaw = (): Thawed => {
    if (!frozen) return { deliveries: [], cascades: [] };
    const { kept, cascades } = readTrace(frozen, make);
    frozen = undefined;
    for (const { delivery, outcome } of kept) if (outcome) outcomes.set(delivery, outcome);
    known.prepend(kept);
    return { deliveries: kept.map(({ delivery }) => delivery), cascades };
  };
  const open = (...made: Parameters<typeof make>): Traced => {
    if (frozen && known.isFullWith(frozen)) thaw();
    const delivery = make(...made);
    known.add(delivery);
    return delivery;
  };
  const fail = (delivery: Delivery, error: ErrorReport) => {
    (delivery as Traced).errors.push(error);
    known.grow(delivery, error.text.length);
  };
  return {
    begin(fields) {
      return startCascade(open(fields, { depth: 0, burst: startBurst(0) }));
    },
    add(cascade, parent, fields, faults) {
      const { id, depth, burst, children } = parent as Traced;
      const child = open(fields, { cause: id, depth: depth + 1, burst });
      if (faults) child.faults = faults;
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
    find(id) {
      thaw();
      return known.find(id);
    },
    all() {
      thaw();
      return known.all();
    },
    thaw,
    capture(cascades) {
      const numbers = createNumbers<Delivery>(frozen?.deliveries.length);
      if (frozen && known.size === 0) return { state: frozen, numbers };
      const outcomeOf = (delivery: Delivery) => outcomes.get(delivery);
      const kept = known.kept(cascades, outcomeOf);
      return { state: writeTrace(kept, cascades, numbers, frozen), numbers };
    },
  };
}

/** A cascade that has begun with a delivery. */
function startCascade(root: Delivery, deliveries: Delivery[] = [root]): Cascade {
  const { promise: idle, resolve: finish } = defer();
  return { id: root.id, root, deliveries, pending: 0, idle, finish };
}

/** Deliveries and cascades as they were when a trace was captured. */
function readTrace(
  state: TraceState,
  make: (
    ...fields: [DeliveryFields, Pick<Delivery, 'depth' | 'burst' | 'cause'>, readonly ErrorReport[]]
  ) => Traced,
): { kept: KeptDelivery[]; cascades: Cascade[] } {
  const bursts = state.bursts.map((burst) => ({ ...burst }));
  const all: Traced[] = [];
  const kept = state.deliveries.map(({ fields, depth, burst: number, cause, errors, ...rest }) => {
    const burst = bursts[number] ?? startBurst(depth);
    const place = { depth, burst, ...(cause === undefined ? {} : { cause }) };
    const delivery = make(presentFields(fields), place, errors);
    all.push(delivery);
    return { delivery, weight: rest.weight, outcome: rest.outcome };
  });
  for (const [number, { parent }] of state.deliveries.entries()) {
    if (parent !== undefined) all[parent]?.children.push(all[number] as Traced);
  }
  const cascades = state.cascades.map(({ root, deliveries }) =>
    startCascade(
      all[root] as Traced,
      deliveries.map((number) => all[number] as Traced),
    ),
  );
  return { kept, cascades };
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
