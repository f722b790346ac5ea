/** Senders and targets in patterns: by name, by id, or as the process or wallet itself. */
import { isId } from '../../arlocal/encoding.js';
import { KitError } from '../errors.js';
import { ask, isAsked, isAsymmetric, looksLike, type Predicate, showValue } from './expected.js';
import type { PartyPattern } from './pattern.js';

type Names = ReadonlyMap<string, string>;

/** A process, a wallet, or anything that has an id or address. */
export function isParty(value: unknown): value is { id: string } | { address: string } {
  if (typeof value !== 'object' || value === null || isAsked(value)) return false;
  const { id, address } = value as { id?: unknown; address?: unknown };
  return typeof id === 'string' || typeof address === 'string';
}

/** A pattern of text or a predicate may fit the name or, of whoever has none, the id. */
export function partyMatches(expected: PartyPattern, id: string, names: Names): boolean {
  const name = names.get(id) ?? id;
  if (typeof expected === 'string') return expected === id || expected === name;
  if (isAsymmetric(expected)) {
    return expected.asymmetricMatch(name) || expected.asymmetricMatch(id);
  }
  if (expected instanceof RegExp) return looksLike(expected, name) || looksLike(expected, id);
  if (typeof expected === 'function') return ask(expected as Predicate<string>, name);
  return ('id' in expected ? expected.id : expected.address) === id;
}

export function showParty(expected: PartyPattern, names: Names): string {
  if (typeof expected === 'string') {
    return names.get(expected) ?? expected;
  }
  if (!isParty(expected)) return showValue(expected);
  const id = 'id' in expected ? expected.id : expected.address;
  return names.get(id) ?? (expected as { name?: string }).name ?? id;
}

/**
 * A name that nobody has would never match, and `.not` would always hold.
 * @throws {BAD_MATCHER}
 */
export function checkParty(path: string, expected: unknown, names: Names): void {
  if (isAsked(expected) || isParty(expected)) return;
  if (typeof expected !== 'string' || expected === '') {
    throw new KitError('BAD_MATCHER', `${path} of the message is ${showValue(expected)}`, {
      hint: `Give ${path} as a name, an id, a process or a wallet, or leave it out.`,
      details: { [path]: expected },
    });
  }
  const known = new Set(names.values());
  if (isId(expected) || known.has(expected)) return;
  const shown = [...known]
    .filter((name) => !UNITS.has(name))
    .sort()
    .slice(0, NAMES_SHOWN)
    .join(', ');
  throw new KitError('BAD_MATCHER', `${path} is ${showValue(expected)}, and nobody is called so`, {
    hint:
      shown === ''
        ? 'No names are known here: give the process, the wallet or its id.'
        : `Known: ${shown}. Or give the process, the wallet or its id.`,
    details: { [path]: expected },
  });
}

const NAMES_SHOWN = 12;
const UNITS = new Set(['scheduler-unit', 'messenger-unit']);
