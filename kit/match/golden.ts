/**
 * The golden form of a message tree, for `toMatchTrace`: as people read it, and the same whenever the
 * same happened. Ids are names, those without a name are numbered as they come, and nothing tells
 * times, nonces or gas unless asked.
 */
import type { Names } from '../render/names.js';
import { sayingOf } from '../render/reason.js';
import { renderTree, type TreeDetail } from '../render/tree.js';
import type { TreeNode } from '../render/tree-node.js';
import type { Subject } from './subject.js';

/** Digits beyond what a number of JavaScript holds. */
const LARGE_NUMBER = /\d{16}/;

export type GoldenOptions = Pick<TreeDetail, 'tags' | 'data' | 'output' | 'gas' | 'nonce'>;

export function goldenTrace({ roots, nodes, names }: Subject, options: GoldenOptions = {}): string {
  return renderTree(roots.map(toGolden), {
    names: createNumbering(nodes, names),
    detail: { output: 'all', ...options },
  });
}

/** `id-1`, `id-2`, ... for ids without a name, as they come; the same one wherever it comes again. */
function createNumbering(nodes: readonly TreeNode[], names: Names): Names {
  const messages = new Set(nodes.filter(({ kind }) => kind === 'message').map(({ id }) => id));
  const given = new Map<string, string>();
  const counts = { message: 0, id: 0 };
  return {
    get(id) {
      if (id === '') return undefined;
      const known = names.get(id) ?? given.get(id);
      if (known !== undefined) return known;
      const word = messages.has(id) ? 'message' : 'id';
      counts[word]++;
      given.set(id, `${word}-${counts[word]}`);
      return given.get(id);
    },
  };
}

function toGolden(node: TreeNode): TreeNode {
  const { data, errors, children } = node;
  return {
    ...node,
    data: data && sortJson(data),
    prints: undefined, // they are in the output, without their lines
    // Lines change with every edit above them.
    errors: errors.map((error) => ({ ...error, text: sayingOf(error), line: undefined })),
    children: children.map(toGolden),
  };
}

/** The order of a table's keys means nothing, and changes with what else a program does. */
function sortJson(data: string): string {
  if (LARGE_NUMBER.test(data)) return data; // it would not come back as it was
  const sorted = (_key: string, value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  try {
    return JSON.stringify(JSON.parse(data), sorted);
  } catch (error) {
    if (error instanceof SyntaxError) return data;
    throw error;
  }
}
