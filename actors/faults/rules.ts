/**
 * The faults in force, in the order in which they were asked for. All their random choices follow from
 * the seed of the network, the number of the rule and how many it has made.
 */
import type { NetworkEvent } from '../events.js';
import type { Random } from '../random.js';
import type { Chance, FaultKind, FaultNote, RuleInfo, RuleSpec } from './rule.js';

/** A rule and what it remembers. */
export type Rule<Fault extends FaultKind = FaultKind> = RuleInfo<Fault> & {
  struck: number;
  /** Random choices made. */
  drawn: number;
  /** Of a delay: moment before which nothing more arrives, by the ends of the way. */
  readonly dueMs: Map<string, number>;
};

/** Plain values. */
export interface RulesState {
  readonly next: number;
  readonly rules: readonly Rule[];
}

/** A message as the events name it. */
export interface Touched {
  readonly message?: string | undefined;
  readonly from: string;
  readonly target?: string | undefined;
  readonly action?: string | undefined;
}

export interface Rules {
  /** True if nothing is to go wrong. */
  readonly isEmpty: boolean;
  add(spec: RuleSpec): Rule;
  /** Ends those that a condition holds for. @returns how many */
  end(isOver: (rule: Rule) => boolean): number;
  /** In the order of their numbers. */
  all(): readonly Rule[];
  of<Fault extends FaultKind>(fault: Fault): Rule<Fault>[];
  /** A number from 0 up to, but not including, 1. */
  draw(rule: Rule): number;
  /** Counts and tells that a rule strikes a message; one that has struck often enough is over. */
  strike(rule: Rule, text: string, touched: Touched): FaultNote;
  capture(): RulesState;
}

export interface RulesOptions {
  readonly random: Random;
  readonly now: () => number;
  readonly emit: (event: NetworkEvent) => void;
  readonly state?: RulesState | undefined;
}

export function createRules({ random, now, emit, state }: RulesOptions): Rules {
  let next = state?.next ?? 1;
  let rules: readonly Rule[] = structuredClone(state?.rules ?? []);
  const end = (isOver: (rule: Rule) => boolean) => {
    const left = rules.filter((rule) => !isOver(rule));
    const ended = rules.length - left.length;
    if (ended > 0) rules = left;
    return ended;
  };
  return {
    get isEmpty() {
      return rules.length === 0;
    },
    add(spec) {
      const rule: Rule = { ...spec, number: next++, struck: 0, drawn: 0, dueMs: new Map() };
      rules = [...rules, rule];
      return rule;
    },
    end,
    all: () => rules,
    of: <Fault extends FaultKind>(fault: Fault) =>
      rules.filter((rule): rule is Rule<Fault> => rule.fault === fault),
    draw(rule) {
      const bytes = random.bytes(`fault:${rule.number}:${rule.drawn++}`);
      return Buffer.from(bytes).readUIntBE(0, 6) / 2 ** 48;
    },
    strike(rule, text, touched) {
      const { fault, number } = rule;
      rule.struck++;
      const { times } = rule as Chance;
      if (times !== undefined && rule.struck >= times) end((other) => other === rule);
      emit({ type: 'fault', fault, rule: number, text, ...present(touched) });
      return { fault, rule: number, atMs: now(), text };
    },
    capture: () => ({ next, rules: structuredClone(rules) }),
  };
}

function present({ message, from, target, action }: Touched) {
  return {
    from,
    ...(message === undefined ? {} : { message }),
    ...(target === undefined ? {} : { target }),
    ...(action === undefined ? {} : { action }),
  };
}
