/** Faults in words, for logs and traces. */
import { UNIT_NAMES } from './outages.js';
import type { Chance, Link, Target } from './rule.js';
import type { Rule } from './rules.js';

/** What a fault is, e.g. `drop what comes from A, 2 times`. */
export function describeRule(rule: Rule): string {
  switch (rule.fault) {
    case 'hold':
      return `hold ${describeLink(rule.link)}`;
    case 'drop':
    case 'duplicate':
      return `${rule.fault} ${describeLink(rule.link)}${describeChance(rule)}`;
    case 'delay': {
      const { minMs, maxMs } = rule;
      const time = minMs === maxMs ? `${minMs} ms` : `${minMs} to ${maxMs} ms`;
      return `delay ${describeLink(rule.link)} by ${time}`;
    }
    case 'reorder':
      return `reorder ${describeLink(rule.link)} within ${rule.within}`;
    case 'partition':
      return `partition ${rule.groups.map((group) => group.join(', ')).join(' | ')}`;
    case 'crash':
      return `crash of ${describeTarget(rule.target)}`;
    case 'busy':
      return `${describeTarget(rule.target)} busy until ${rule.untilMs}`;
  }
}

function describeLink({ kind, action, from, to }: Link): string {
  const what = [kind ?? 'messages', action === undefined ? '' : `with the action ${action}`];
  const ends = [from === undefined ? '' : `from ${from}`, to === undefined ? '' : `to ${to}`];
  return [...what, ...ends].filter((part) => part !== '').join(' ');
}

function describeChance({ times, probability }: Chance): string {
  const often = times === undefined ? '' : `, ${times} of them`;
  return probability === undefined ? often : `${often}, with probability ${probability}`;
}

function describeTarget(target: Target): string {
  const units: Readonly<Record<string, string>> = UNIT_NAMES;
  return units[target] ?? `the process ${target}`;
}
