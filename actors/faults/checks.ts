/** What callers may ask of faults; anything else is told at once, and not when nothing happens. */
import { ActorError } from '../errors.js';
import type { Chance, Link, Target } from './rule.js';

const LINK_FIELDS = ['from', 'to', 'action', 'kind'] as const;
const KINDS: readonly unknown[] = ['message', 'spawn', 'assignment'];

/** @throws {BAD_FAULT} */
export function checkLink(link: Link): Link {
  if (!isObject(link)) throw badLink(`a link is ${shown(link)}`, { link });
  const known = Object.entries(link).filter(([, value]) => value !== undefined);
  for (const [name, value] of known) {
    const isField = (LINK_FIELDS as readonly string[]).includes(name);
    const isValue = name === 'kind' ? KINDS.includes(value) : typeof value === 'string';
    if (!isField || !isValue) throw badLink(`a link has ${name} ${shown(value)}`, { name, value });
  }
  return Object.fromEntries(known) as Link;
}

function badLink(text: string, details: Record<string, unknown>): ActorError {
  const kinds = KINDS.join(', ');
  const hint = `It has ${LINK_FIELDS.join(', ')}, all texts; kind is one of ${kinds}.`;
  return badFault(text, { hint, details });
}

/** @throws {BAD_FAULT} */
export function checkChance(chance: Chance): Chance {
  checkFields('the chance of a fault', chance, ['times', 'probability']);
  const { times, probability } = chance;
  if (times !== undefined) checkNumber(times, 'times', 1);
  const isNumber = typeof probability === 'number' && probability >= 0 && probability <= 1;
  if (probability !== undefined && !isNumber) {
    throw badFault(`a probability is ${shown(probability)}`, {
      hint: 'It is a number from 0 to 1.',
      details: { probability },
    });
  }
  return {
    ...(times === undefined ? {} : { times }),
    ...(probability === undefined ? {} : { probability }),
  };
}

/** @param what it is that has fields, for the error  @throws {BAD_FAULT} */
export function checkFields(what: string, value: unknown, fields: readonly string[]): void {
  const odd = isObject(value) ? Object.keys(value).find((name) => !fields.includes(name)) : '';
  if (odd === undefined) return;
  const text = odd === '' ? `${what} is ${shown(value)}` : `${what} has no ${odd}`;
  const example = fields.map((name) => `${name}: ...`).join(', ');
  throw badFault(text, { hint: `Write { ${example} }.`, details: { got: value } });
}

/** @throws {BAD_FAULT} */
export function checkNumber(value: number, name: string, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw badFault(`${name} is ${shown(value)}`, {
    hint: `It is a whole number from ${least} on.`,
    details: { got: value, limit: least },
  });
}

/** @throws {BAD_FAULT} */
export function checkGroups(
  a: readonly string[],
  b: readonly string[],
): readonly [readonly string[], readonly string[]] {
  for (const group of [a, b]) {
    const odd = Array.isArray(group) ? group.find((id) => typeof id !== 'string') : group;
    if (Array.isArray(group) && odd === undefined) continue;
    throw badFault(`a partition is between two lists of ids, and here is ${shown(odd)}`, {
      hint: 'Write partition([id, ...], [id, ...]).',
      details: { got: odd },
    });
  }
  const both = a.find((id) => b.includes(id));
  if (both === undefined) return [[...a], [...b]];
  throw badFault(`${both} is on both sides of a partition`, {
    hint: 'Name it on one of them.',
    details: { id: both },
  });
}

/** @throws {UNKNOWN_PROCESS, BAD_FAULT} */
export function checkTarget(target: Target, requireProcess: (id: string) => unknown): Target {
  if (typeof target !== 'string') {
    throw badFault(`the target of a fault is ${shown(target)}`, {
      hint: "It is 'su', 'mu', 'cu' or the id of a process.",
      details: { target },
    });
  }
  if (target !== 'su' && target !== 'mu' && target !== 'cu') requireProcess(target);
  return target;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** A value as an error tells it: text is told from what is none. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return isObject(value) ? (Array.isArray(value) ? 'a list' : 'an object') : String(value);
}

function badFault(
  text: string,
  more: { hint: string; details?: Record<string, unknown> },
): ActorError {
  return new ActorError('BAD_FAULT', text, more);
}
