/**
 * What one query may cost: how deep it goes, how many entries it reads, how long its lists are. The
 * number of its tokens is bounded by the parser.
 */
import { type DocumentNode, Kind, type SelectionSetNode } from 'graphql';
import { ArlocalError } from '../errors.js';

/** Introspection as tools send it needs 16. */
const DEPTH_MAX = 20;
const ENTRIES_MAX = 10_000;
/** A page may have to scan for what it finds, so a small one is not cheap. */
const PAGE_COST = 250;
/** Counting scans all. */
const COUNT_COST = 3000;
const LIST_MAX = 1000;

/** Spent by the resolvers of one request. */
export interface Budget {
  /** @throws {QUERY_TOO_COSTLY} */
  takeEntries(count: number): void;
  /** @throws {QUERY_TOO_COSTLY} */
  takePage(size: number): void;
  /** @throws {QUERY_TOO_COSTLY} */
  takeCount(): void;
}

export function createBudget(): Budget {
  let left = ENTRIES_MAX;
  const take = (cost: number) => {
    left -= cost;
    if (left >= 0) return;
    throw new ArlocalError('QUERY_TOO_COSTLY', { limit: ENTRIES_MAX, count: COUNT_COST });
  };
  return {
    takeEntries: (count) => take(Math.max(1, count)),
    takePage: (size) => take(Math.max(PAGE_COST, size)),
    takeCount: () => take(COUNT_COST),
  };
}

/** @throws {LIST_TOO_LONG} */
export function checkList<List extends readonly unknown[] | undefined>(
  what: string,
  list: List,
): List {
  if (!list || list.length <= LIST_MAX) return list;
  throw new ArlocalError('LIST_TOO_LONG', { what, got: list.length, limit: LIST_MAX });
}

/** For a document that is valid, so that no fragment contains itself. @throws {QUERY_TOO_DEEP} */
export function checkDepth({ definitions }: DocumentNode): void {
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      fragments.set(definition.name.value, definition.selectionSet);
    }
  }
  const known = new Map<SelectionSetNode, number>();
  const depthOf = (set: SelectionSetNode | undefined): number => {
    if (!set) return 0;
    const depth = known.get(set) ?? Math.max(0, ...set.selections.map((one) => below(one)));
    known.set(set, depth);
    return depth;
  };
  const below = (selection: SelectionSetNode['selections'][number]): number => {
    if (selection.kind === Kind.FRAGMENT_SPREAD)
      return depthOf(fragments.get(selection.name.value));
    return depthOf(selection.selectionSet) + (selection.kind === Kind.FIELD ? 1 : 0);
  };
  for (const definition of definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const got = depthOf(definition.selectionSet);
    if (got > DEPTH_MAX) throw new ArlocalError('QUERY_TOO_DEEP', { got, limit: DEPTH_MAX });
  }
}
