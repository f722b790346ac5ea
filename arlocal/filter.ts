/**
 * Which entries a query wants, and the one definition of what matches.
 *
 * A store narrows the candidates with whatever index it has; this predicate decides. So every
 * store answers alike, and an operator that no index supports costs only a scan.
 * The operators are those of Arweave's GraphQL gateways: `NEQ` means "has a tag of that name with
 * another value"; a wildcard is `*` for any text and `?` for one character; the fuzzy matches
 * compare words, ignoring case.
 */
import type { Entry, Stored } from './store.js';

export interface TagFilter {
  readonly name: string;
  readonly values: readonly string[]; // any of them; none at all means any value
  readonly op?: 'EQ' | 'NEQ' | undefined;
  readonly match?: 'EXACT' | 'WILDCARD' | 'FUZZY_AND' | 'FUZZY_OR' | undefined;
}

export interface Filter {
  readonly kind?: Entry['kind'] | undefined;
  readonly ids?: readonly string[] | undefined;
  readonly owners?: readonly string[] | undefined; // addresses
  readonly recipients?: readonly string[] | undefined;
  readonly bundledIn?: readonly string[] | undefined;
  readonly dataRoots?: readonly string[] | undefined; // of L1 data
  readonly tags?: readonly TagFilter[] | undefined; // all of them
  readonly receivedMsMin?: number | undefined;
  readonly receivedMsMax?: number | undefined;
  readonly sequenceMin: number; // inclusive
  readonly sequenceMax: number; // inclusive
  readonly order: 'asc' | 'desc'; // by sequence number
}

export type Matcher = (stored: Stored) => boolean;

/** The predicate of a filter, compiled once for all candidates. */
export function createMatcher(filter: Filter): Matcher {
  const ids = filter.ids && new Set(filter.ids);
  const owners = filter.owners && new Set(filter.owners);
  const recipients = filter.recipients && new Set(filter.recipients);
  const bundles = filter.bundledIn && new Set(filter.bundledIn);
  const dataRoots = filter.dataRoots && new Set(filter.dataRoots);
  const { receivedMsMin = 0, receivedMsMax = Number.POSITIVE_INFINITY } = filter;
  const tags = (filter.tags ?? []).map(createTagMatcher);
  return ({ sequence, entry }) =>
    sequence >= filter.sequenceMin &&
    sequence <= filter.sequenceMax &&
    (!filter.kind || filter.kind === entry.kind) &&
    (!ids || ids.has(entry.id) || (entry.alias !== '' && ids.has(entry.alias))) &&
    (!owners || owners.has(entry.address)) &&
    (!recipients || recipients.has(entry.target)) &&
    (!bundles || bundles.has(entry.bundledIn)) &&
    (!dataRoots || dataRoots.has(entry.l1?.dataRoot ?? '')) &&
    entry.receivedMs >= receivedMsMin &&
    entry.receivedMs <= receivedMsMax &&
    tags.every((matches) => matches(entry));
}

function createTagMatcher(filter: TagFilter): (entry: Entry) => boolean {
  const { name, values, op = 'EQ', match } = filter;
  const isNamed = (candidate: string) =>
    candidate === name || (match === 'WILDCARD' && matchesWildcard(name, candidate));
  if (values.length === 0) return (entry) => entry.tags.some((tag) => isNamed(tag.name));
  const matches = createValueMatcher(filter);
  const wanted = op === 'EQ';
  return (entry) => entry.tags.some((tag) => isNamed(tag.name) && matches(tag.value) === wanted);
}

function createValueMatcher({ values, match = 'EXACT' }: TagFilter): (value: string) => boolean {
  if (match === 'EXACT') {
    const set = new Set(values);
    return (value) => set.has(value);
  }
  if (match === 'WILDCARD') {
    return (value) => values.some((pattern) => matchesWildcard(pattern, value));
  }
  const queries = values.map(wordsOf);
  return (value) => {
    const words = new Set(wordsOf(value));
    const has = (word: string) => words.has(word);
    return queries.some((query) => (match === 'FUZZY_AND' ? query.every(has) : query.some(has)));
  };
}

/** Greedy with one place to go back to, so that no pattern is slow, unlike a regular expression. */
function matchesWildcard(pattern: string, text: string): boolean {
  let at = 0;
  let place = 0;
  let star = -1;
  let resume = 0;
  while (place < text.length) {
    if (pattern[at] === '*') {
      star = at++;
      resume = place;
    } else if (pattern[at] === '?' || pattern[at] === text[place]) {
      at++;
      place++;
    } else if (star >= 0) {
      at = star + 1;
      place = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
