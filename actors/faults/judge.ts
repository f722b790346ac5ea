/**
 * What the faults in force do to a message that is about to be delivered. Each looks at it once, in
 * the order in which they were asked for: it waits, it is lost, a copy of it is made, or it passes.
 */
import { isFromOutside, type Parcel, wayOf } from '../messenger/parcel.js';
import type { Journey, WaitReason } from './journey.js';
import { UNIT_NAMES } from './outages.js';
import { type Chance, fits, isParted, type Way } from './rule.js';
import type { Rule, Rules } from './rules.js';

/** A message on the road: there is always something to tell of its journey. */
export type Traveller = Parcel & { journey: Journey };

export type Verdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'lose' }
  | { readonly kind: 'wait'; readonly reason: WaitReason; readonly dueMs?: number };

export interface Court {
  readonly rules: Rules;
  readonly now: () => number;
  /** The id that a message will have if it is delivered next. */
  readonly idOf: (parcel: Parcel) => string | undefined;
  /** Takes a second copy, to be delivered right behind the first. */
  readonly onCopy: (copy: Traveller) => void;
}

const PASS: Verdict = { kind: 'pass' };

/** Units that a message passes before it is in a log. */
const BETWEEN_UNITS = ['su', 'mu'] as const;

export function judge(court: Court, parcel: Traveller): Verdict {
  const way = wayOf(parcel);
  for (const rule of court.rules.all()) {
    if (parcel.journey.passed.includes(rule.number)) continue;
    const verdict = apply(court, rule, parcel, way);
    if (verdict.kind !== 'pass') return verdict;
  }
  return PASS;
}

/** What would keep a message back whatever chance says; undefined if nothing. */
export function reasonOf({ rules }: Court, parcel: Traveller): WaitReason | undefined {
  const way = wayOf(parcel);
  const rule = rules
    .all()
    .find((it) => !parcel.journey.passed.includes(it.number) && barrierOf(it, way));
  return rule && barrierOf(rule, way)?.reason;
}

/** Notes on a message that a rule struck it, unless it did so before. */
export function strike(court: Court, rule: Rule, parcel: Traveller, text: string): void {
  if (parcel.journey.notes.some((note) => note.rule === rule.number)) return;
  const { from, to: target, action } = wayOf(parcel);
  const touched = { message: court.idOf(parcel), from, target, action };
  const note = court.rules.strike(rule, text, touched);
  const { journey } = parcel; // listeners may have changed it
  parcel.journey = { ...journey, notes: [...journey.notes, note] };
}

function apply(court: Court, rule: Rule, parcel: Traveller, way: Way): Verdict {
  const barrier = barrierOf(rule, way);
  if (barrier) {
    strike(court, rule, parcel, barrier.text);
    return { kind: 'wait', reason: barrier.reason };
  }
  if (!('link' in rule) || !fits(rule.link, way)) return PASS;
  if (rule.fault === 'delay') return delay(court, rule, parcel, way);
  if (rule.fault === 'drop') return drop(court, rule, parcel);
  if (rule.fault === 'duplicate') return duplicate(court, rule, parcel);
  return PASS; // reorder is the road's
}

/** What keeps back all that comes. A process that has crashed is assigned its messages all the same. */
function barrierOf(rule: Rule, way: Way): { reason: WaitReason; text: string } | undefined {
  if (rule.fault === 'hold' && fits(rule.link, way)) return { reason: 'held', text: 'held' };
  if (rule.fault === 'partition' && isParted(rule.groups, way)) {
    return { reason: 'partitioned', text: 'kept back by a partition' };
  }
  const unit = rule.fault === 'crash' && BETWEEN_UNITS.find((name) => name === rule.target);
  if (!unit) return undefined;
  return { reason: `${unit}-down`, text: `kept back by a crash of ${UNIT_NAMES[unit]}` };
}

function delay(court: Court, rule: Rule<'delay'>, parcel: Traveller, way: Way): Verdict {
  const { dues, sentMs } = parcel.journey;
  const known = dues.find(([number]) => number === rule.number)?.[1];
  const dueMs = known ?? dueOf(court, rule, sentMs, way);
  if (dueMs <= court.now()) return pass(rule, parcel);
  if (known === undefined) {
    parcel.journey = { ...parcel.journey, dues: [...dues, [rule.number, dueMs]] };
    strike(court, rule, parcel, `delayed by ${dueMs - sentMs} ms`);
  }
  return { kind: 'wait', reason: 'delayed', dueMs };
}

/** A delay never lets a message overtake another of its way. */
function dueOf(court: Court, rule: Rule<'delay'>, sentMs: number, { from, to = '' }: Way): number {
  const { minMs, maxMs } = rule;
  const spread = maxMs > minMs ? Math.floor(court.rules.draw(rule) * (maxMs - minMs + 1)) : 0;
  const ends = `${from}>${to}`;
  const dueMs = Math.max(sentMs + minMs + spread, rule.dueMs.get(ends) ?? 0);
  rule.dueMs.set(ends, dueMs);
  return dueMs;
}

function drop(court: Court, rule: Rule<'drop'>, parcel: Traveller): Verdict {
  if (!isHit(court, rule)) return pass(rule, parcel);
  strike(court, rule, parcel, 'dropped');
  return { kind: 'lose' };
}

function duplicate(court: Court, rule: Rule<'duplicate'>, parcel: Traveller): Verdict {
  if (!canBeCopied(parcel)) return PASS;
  pass(rule, parcel);
  if (!isHit(court, rule)) return PASS;
  const copy = copyOf(parcel, rule, court.now());
  strike(court, rule, parcel, 'duplicated');
  court.onCopy(copy);
  return PASS;
}

function isHit({ rules }: Court, rule: Rule & Chance): boolean {
  const { probability = 1 } = rule;
  return probability >= 1 || rules.draw(rule) < probability;
}

function pass({ number }: Rule, parcel: Traveller): Verdict {
  const { journey } = parcel;
  parcel.journey = { ...journey, passed: [...journey.passed, number] };
  return PASS;
}

/**
 * Whether the messenger unit can sign it once more. It has no key of a wallet, and a process is never
 * given the same item twice.
 */
function canBeCopied(parcel: Parcel): boolean {
  return !isFromOutside(parcel) && parcel.kind !== 'assignment';
}

/** The second copy: the rules that let the first pass do not look at it again. */
function copyOf(parcel: Traveller, { fault, number }: Rule, atMs: number): Traveller {
  const before = 'copy' in parcel && parcel.copy !== undefined ? parcel.copy : '';
  const { journey } = parcel;
  const note = { fault, rule: number, atMs, text: 'second copy' };
  const copied = { ...journey, notes: [...journey.notes, note] };
  return { ...parcel, copy: `${before}+${number}`, journey: copied } as Traveller;
}
