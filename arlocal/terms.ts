/**
 * The index terms of an entry: what a store looks up instead of scanning its log.
 *
 * A term is one string, so an index is one table from term to sequence numbers. Terms only narrow
 * the candidates of a query; `createMatcher` decides.
 */
import type { Filter, TagFilter } from './filter.js';
import type { Entry } from './store.js';

/** Every term that an entry is found by, each once. */
export function entryTerms(entry: Entry): Iterable<string> {
  const terms = new Set([`owner ${entry.address}`]);
  if (entry.target !== '') terms.add(`recipient ${entry.target}`);
  if (entry.bundledIn !== '') terms.add(`bundle ${entry.bundledIn}`);
  if (entry.l1) terms.add('transaction').add(`root ${entry.l1.dataRoot}`);
  for (const tag of entry.tags) terms.add(tagTerm(tag.name, tag.value));
  return terms;
}

/** For each condition that the index can answer: the terms of which a match has at least one. */
export function filterTerms(filter: Filter): string[][] {
  const { kind, owners, recipients, bundledIn, dataRoots, tags = [] } = filter;
  const conditions = tags
    .filter(isExact)
    .map(({ name, values }) => values.map((value) => tagTerm(name, value)));
  if (owners) conditions.push(owners.map((owner) => `owner ${owner}`));
  // "To nobody" is a condition too, but not one that an index helps with.
  if (recipients && !recipients.includes('')) {
    conditions.push(recipients.map((recipient) => `recipient ${recipient}`));
  }
  if (bundledIn && !bundledIn.includes('')) conditions.push(bundledIn.map((id) => `bundle ${id}`));
  if (dataRoots) conditions.push(dataRoots.map((root) => `root ${root}`));
  if (kind === 'transaction') conditions.push(['transaction']);
  return conditions;
}

function isExact({ op = 'EQ', match = 'EXACT', values }: TagFilter): boolean {
  return op === 'EQ' && match === 'EXACT' && values.length > 0;
}

/** The length of the name is in the term, so that no name and value run into another pair's. */
function tagTerm(name: string, value: string): string {
  return `tag ${name.length} ${name} ${value}`;
}
