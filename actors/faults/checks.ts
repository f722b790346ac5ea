/** What callers may ask of faults; anything else is told at once, and not when nothing happens. */
import { ActorError } from '../errors.js';
import type { Chance, Link, Target } from './rule.js';

const LINK_FIELDS = ['from', 'to', 'action', 'kind'] as const;
const KINDS: readonly unknown[] = ['message', 'spawn', 'assignment'];

/** @throws {BAD_FAULT} */
export function checkLink(link: Link): Link {
  const fields = Object.entries(isObject(link) ? link : { link });
  const known = fields.filter(([, value]) => value !== undefined);
  for (const [name, value] of known) {
    const isField = (LINK_FIELDS as readonly string[]).includes(name);
    const isValue = name === 'kind' ? KINDS.includes(value) : typeof value === 'string';
    if (isField && isValue) continue;
    throw badFault(`a link has ${name} ${JSON.stringify(value)}`, {
      hint: `It has ${LINK_FIELDS.join(', ')}, all texts; kind is one of ${KINDS.join(', ')}.`,
      details: { name, value },
    });
  }
  return Object.fromEntries(known) as Link;
}

/** @throws {BAD_FAULT} */
export function checkChance({ times, probability, ...others }: Chance): Chance {
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw badFault(`a fault has no ${other}`, { hint: 'It has times and probability.' });
  }
  if (times !== undefined) checkNumber(times, 'times', 1);
  const isChance = probability === undefined || (probability >= 0 && probability <= 1);
  if (!isChance) {
    throw badFault(`a probability is ${probability}`, {
      hint: 'It is a number from 0 to 1.',
      details: { probability },
    });
  }
  return {
    ...(times === undefined ? {} : { times }),
    ...(probability === undefined ? {} : { probability }),
  };
}

/** @throws {BAD_FAULT} */
export function checkNumber(value: number, name: string, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw badFault(`${name} is ${String(value)}`, {
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
    if (Array.isArray(group) && group.every((id) => typeof id === 'string')) continue;
    throw badFault('a partition is between two lists of ids', {
      hint: 'Write partition([id, ...], [id, ...]).',
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
    throw badFault('a fault needs a target', {
      hint: "It is 'su', 'mu', 'cu' or the id of a process.",
    });
  }
  if (target !== 'su' && target !== 'mu' && target !== 'cu') requireProcess(target);
  return target;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function badFault(
  text: string,
  more: { hint: string; details?: Record<string, unknown> },
): ActorError {
  return new ActorError('BAD_FAULT', text, more);
}
