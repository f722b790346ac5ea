/**
 * A trace in plain form: what refers to something else names its number, because trees may be deeper
 * than what copies values can follow.
 */
import type { EvaluationResult } from '../compute/result.js';
import type { ErrorReport } from '../errors.js';
import type { Burst, Cascade, Delivery, DeliveryFields } from './trace.js';

/** Where a result is stored, or what there is instead of one that is nowhere stored. */
export type Outcome = { readonly process: string; readonly evaluation: number } | EvaluationResult;

/** A delivery, and what the trace itself keeps of it. */
export interface KeptDelivery {
  readonly delivery: Delivery;
  /** Bytes that it is counted as; absent if it is forgotten but for those who wait for it. */
  readonly weight: number | undefined;
  readonly outcome: Outcome | undefined;
}

export interface DeliveryState {
  readonly fields: { readonly [Name in keyof Required<DeliveryFields>]: DeliveryFields[Name] };
  readonly depth: number;
  readonly cause: string | undefined;
  /** Number of the delivery that caused it; absent at the root, and if that is forgotten. */
  readonly parent: number | undefined;
  readonly burst: number;
  readonly errors: readonly ErrorReport[];
  readonly weight: number | undefined;
  readonly outcome: Outcome | undefined;
}

interface CascadeState {
  readonly id: string;
  readonly root: number;
  readonly deliveries: readonly number[];
}

export interface TraceState {
  /** In the order of delivery. */
  readonly deliveries: readonly DeliveryState[];
  readonly bursts: readonly Burst[];
  /** Those that are not over. */
  readonly cascades: readonly CascadeState[];
  /** Of all that is remembered. */
  readonly bytes: number;
}

/** Numbers things in the order in which they are first asked for. */
export interface Numbers<Thing> {
  readonly all: readonly Thing[];
  of(thing: Thing): number;
}

/** @param first number that the first of them gets */
export function createNumbers<Thing>(first = 0): Numbers<Thing> {
  const numbers = new Map<Thing, number>();
  const all: Thing[] = [];
  return {
    all,
    of(thing) {
      const known = numbers.get(thing);
      if (known !== undefined) return known;
      const number = first + all.length;
      numbers.set(thing, number);
      all.push(thing);
      return number;
    },
  };
}

/**
 * @param kept with those of the cascades that are forgotten otherwise; they are numbered as they come
 * @param before what nobody has looked at since it was written: all that is kept is younger
 */
export function writeTrace(
  kept: readonly KeptDelivery[],
  cascades: readonly Cascade[],
  numbers: Numbers<Delivery>,
  before: TraceState = NOTHING,
): TraceState {
  const first = before.deliveries.length;
  const bursts = createNumbers<Burst>(before.bursts.length);
  const parents: (number | undefined)[] = [];
  for (const { delivery } of kept) numbers.of(delivery);
  for (const [place, { delivery }] of kept.entries()) {
    for (const child of delivery.children) parents[numbers.of(child) - first] = first + place;
  }
  const deliveries = kept.map(({ delivery, weight, outcome }, place) => ({
    fields: fieldsOf(delivery),
    depth: delivery.depth,
    cause: delivery.cause,
    parent: parents[place],
    burst: bursts.of(delivery.burst),
    errors: [...delivery.errors],
    weight,
    outcome,
  }));
  return {
    deliveries: [...before.deliveries, ...deliveries],
    bursts: [...before.bursts, ...bursts.all.map((burst) => ({ ...burst }))],
    cascades: cascades.map(({ id, root, deliveries }) => ({
      id,
      root: numbers.of(root),
      deliveries: deliveries.map(numbers.of),
    })),
    bytes: kept.reduce((sum, { weight = 0 }) => sum + weight, before.bytes),
  };
}

const NOTHING: TraceState = { deliveries: [], bursts: [], cascades: [], bytes: 0 };

function fieldsOf(delivery: Delivery): DeliveryState['fields'] {
  const { id, kind, from, impersonated, target, action, nonce, faults, undelivered } = delivery;
  return { id, kind, from, impersonated, target, action, nonce, faults, undelivered };
}

/** The fields without those that are absent. */
export function presentFields(fields: DeliveryState['fields']): DeliveryFields {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as unknown as DeliveryFields;
}
