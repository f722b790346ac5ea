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

export interface JudgeOptions {
  readonly rules: Rules;
  readonly now: () => number;
  /** The id that a message will have if it is delivered next. */
  readonly idOf: (parcel: Parcel) => string | undefined;
  /** Takes a second copy, to be delivered right behind the first. */
  readonly onCopy: (copy: Traveller) => void;
}

export interface Judge {
  judge(parcel: Traveller): Verdict;
  /** Notes on a message that a rule struck it, unless it did so before. */
  strike(rule: Rule, parcel: Traveller, text: string): void;
}

const PASS: Verdict = { kind: 'pass' };

/** Units that a message passes before it is in a log. */
const BETWEEN_UNITS = ['su', 'mu'] as const;

export function createJudge({ rules, now, idOf, onCopy }: JudgeOptions): Judge {
  const strike = (rule: Rule, parcel: Traveller, text: string) => {
    const { journey } = parcel;
    if (journey.notes.some((note) => note.rule === rule.number)) return;
    const { from, to: target, action } = wayOf(parcel);
    const note = rules.strike(rule, text, { message: idOf(parcel), from, target, action });
    parcel.journey = { ...journey, notes: [...journey.notes, note] };
  };
  const pass = (rule: Rule, parcel: Traveller): Verdict => {
    const { passed } = parcel.journey;
    parcel.journey = { ...parcel.journey, passed: [...passed, rule.number] };
    return PASS;
  };
  const wait = (rule: Rule, parcel: Traveller, reason: WaitReason, text: string): Verdict => {
    strike(rule, parcel, text);
    return { kind: 'wait', reason };
  };
  /** What is between units waits; a process that has crashed is assigned its messages all the same. */
  const crash = (rule: Rule<'crash'>, parcel: Traveller): Verdict => {
    const unit = BETWEEN_UNITS.find((name) => name === rule.target);
    if (!unit) return PASS;
    return wait(rule, parcel, `${unit}-down`, `kept back by a crash of ${UNIT_NAMES[unit]}`);
  };
  const isHit = (rule: Rule & Chance) => {
    const { probability = 1 } = rule;
    return probability >= 1 || rules.draw(rule) < probability;
  };
  const delay = (rule: Rule<'delay'>, parcel: Traveller, way: Way): Verdict => {
    const known = parcel.journey.dues.find(([number]) => number === rule.number);
    const dueMs = known?.[1] ?? dueOf(rules, rule, parcel.journey.sentMs, way);
    if (dueMs <= now()) return pass(rule, parcel);
    if (!known) {
      const dues = [...parcel.journey.dues, [rule.number, dueMs] as const];
      parcel.journey = { ...parcel.journey, dues };
    }
    strike(rule, parcel, `delayed by ${dueMs - parcel.journey.sentMs} ms`);
    return { kind: 'wait', reason: 'delayed', dueMs };
  };
  const drop = (rule: Rule<'drop'>, parcel: Traveller): Verdict => {
    if (!isHit(rule)) return pass(rule, parcel);
    strike(rule, parcel, 'dropped');
    return { kind: 'lose' };
  };
  const duplicate = (rule: Rule<'duplicate'>, parcel: Traveller): Verdict => {
    const isStruck = isHit(rule);
    pass(rule, parcel);
    if (!isStruck) return PASS;
    const copy = copyOf(parcel, rule.number);
    strike(rule, parcel, 'duplicated');
    const { fault, number } = rule;
    const note = { fault, rule: number, atMs: now(), text: 'second copy' };
    copy.journey = { ...copy.journey, notes: [...copy.journey.notes, note] };
    onCopy(copy);
    return PASS;
  };
  const apply = (rule: Rule, parcel: Traveller, way: Way): Verdict => {
    switch (rule.fault) {
      case 'hold':
        return fits(rule.link, way) ? wait(rule, parcel, 'held', 'held') : PASS;
      case 'partition':
        return isParted(rule.groups, way)
          ? wait(rule, parcel, 'partitioned', 'kept back by a partition')
          : PASS;
      case 'crash':
        return crash(rule, parcel);
      case 'delay':
        return fits(rule.link, way) ? delay(rule, parcel, way) : PASS;
      case 'drop':
        return fits(rule.link, way) ? drop(rule, parcel) : PASS;
      case 'duplicate':
        return fits(rule.link, way) && canBeCopied(parcel) ? duplicate(rule, parcel) : PASS;
      default:
        return PASS; // reorder is the road's, busy the compute unit's
    }
  };
  return {
    strike,
    judge(parcel) {
      const way = wayOf(parcel);
      for (const rule of rules.all()) {
        if (parcel.journey.passed.includes(rule.number)) continue;
        const verdict = apply(rule, parcel, way);
        if (verdict.kind !== 'pass') return verdict;
      }
      return PASS;
    },
  };
}

/** A delay never lets a message overtake another of its way. */
function dueOf(rules: Rules, rule: Rule<'delay'>, sentMs: number, { from, to = '' }: Way): number {
  const { minMs, maxMs } = rule;
  const spread = maxMs > minMs ? Math.floor(rules.draw(rule) * (maxMs - minMs + 1)) : 0;
  const ends = `${from}>${to}`;
  const dueMs = Math.max(sentMs + minMs + spread, rule.dueMs.get(ends) ?? 0);
  rule.dueMs.set(ends, dueMs);
  return dueMs;
}

/**
 * Whether the messenger unit can sign it once more. It has no key of a wallet, and a process is never
 * given the same item twice.
 */
function canBeCopied(parcel: Parcel): boolean {
  return !isFromOutside(parcel) && parcel.kind !== 'assignment';
}

/** The second copy: the rules that let the first pass do not look at it again. */
function copyOf(parcel: Traveller, rule: number): Traveller {
  const before = 'copy' in parcel && parcel.copy !== undefined ? parcel.copy : '';
  return { ...parcel, copy: `${before}+${rule}` } as Traveller;
}
