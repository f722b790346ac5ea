/** Which tests there are in a file, as its Lua told, and which of them are to run. */
import type { LuaValue } from '../../actors/lua/values.js';

type Mode = 'only' | 'skip';

export interface Group {
  readonly id: number;
  readonly name: string;
  readonly parent?: number;
  readonly mode?: Mode;
  readonly line?: number;
  /** Place among all groups and tests of the file. */
  readonly order: number;
  /** Whether it has something to do before its tests. */
  readonly prepares: boolean;
}

export interface Test {
  readonly id: number;
  readonly name: string;
  readonly group: number;
  readonly mode?: Mode;
  readonly line?: number;
  readonly order: number;
}

/** A group with what is in it, in the order of the file. */
export interface Branch {
  readonly group: Group;
  /** Names from the file's first group down to this one. */
  readonly path: readonly string[];
  readonly children: readonly (Branch | Leaf)[];
}

export interface Leaf {
  readonly test: Test;
  readonly path: readonly string[];
  readonly isChosen: boolean;
}

/**
 * Reads what the file told.
 *
 * @param filter part of the test's full name: its groups and itself; '' for all
 */
export function growSuite(told: LuaValue, filter: string): Branch {
  const { groups, tests } = told as unknown as {
    readonly groups: readonly Group[];
    readonly tests: readonly Test[];
  };
  const byId = new Map(groups.map((group) => [group.id, group]));
  const lineageOf = (id: number | undefined): readonly Group[] => {
    const group = id === undefined ? undefined : byId.get(id);
    return group === undefined ? [] : [...lineageOf(group.parent), group];
  };
  const modesOf = (test: Test) => [test, ...lineageOf(test.group)].map(({ mode }) => mode);
  const hasOnly = tests.some((test) => modesOf(test).includes('only'));
  const isChosen = (test: Test, path: readonly string[]) => {
    const modes = modesOf(test);
    if (modes.includes('skip') || (hasOnly && !modes.includes('only'))) return false;
    const names = [...path, test.name];
    return names.join(' ').includes(filter) || names.join(' > ').includes(filter);
  };
  const grow = (group: Group, path: readonly string[]): Branch => {
    const inner = groups
      .filter(({ parent }) => parent === group.id)
      .map((child) => ({ order: child.order, child: grow(child, [...path, child.name]) }));
    const own = tests
      .filter((test) => test.group === group.id)
      .map((test) => ({
        order: test.order,
        child: { test, path, isChosen: isChosen(test, path) },
      }));
    const children = [...inner, ...own].sort((a, b) => a.order - b.order);
    return { group, path, children: children.map(({ child }) => child) };
  };
  const [file] = groups;
  if (file === undefined) throw new Error('a test file told no groups');
  return grow(file, []);
}

export function leavesOf(branch: Branch): readonly Leaf[] {
  return branch.children.flatMap((child) => ('test' in child ? [child] : leavesOf(child)));
}
