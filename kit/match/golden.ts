/**
 * The golden form of a message tree, for `toMatchTrace`: as people read it, and the same whenever the
 * same happened. Ids are names, those without a name are numbered as they come, and nothing tells
 * times, nonces or gas unless asked.
 */
import { reasonOf } from '../render/reason.js';
import { renderTree, type TreeDetail } from '../render/tree.js';
import type { TreeError, TreeNode } from '../render/tree-node.js';
import type { Subject } from './subject.js';

export type GoldenOptions = Pick<TreeDetail, 'tags' | 'data' | 'output' | 'gas' | 'nonce'>;

const ID = /(?<![\w-])[\w-]{43}(?![\w-])/g;

export function goldenTrace({ roots, nodes, names }: Subject, options: GoldenOptions = {}): string {
  const golden = numberUnnamed(nodes, names);
  const text = (value: string) => value.replace(ID, (id) => golden(id));
  const known = new Map(nodes.flatMap(({ from, to }) => [from, to]).map((id) => [id, golden(id)]));
  return renderTree(
    roots.map((root) => mapTexts(root, text)),
    { names: known, detail: { output: 'all', ...options } },
  );
}

/** `process-1`, `process-2`, ... for ids without a name; the same id has the same one everywhere. */
function numberUnnamed(
  nodes: readonly TreeNode[],
  names: ReadonlyMap<string, string>,
): (id: string) => string {
  const messages = new Set(nodes.filter(({ kind }) => kind !== 'spawn').map(({ id }) => id));
  const given = new Map<string, string>();
  const counts = new Map<string, number>();
  return (id) => {
    const name = names.get(id) ?? given.get(id);
    if (name !== undefined) return name;
    const word = messages.has(id) ? 'message' : 'id';
    const count = (counts.get(word) ?? 0) + 1;
    counts.set(word, count);
    given.set(id, `${word}-${count}`);
    return `${word}-${count}`;
  };
}

/** Lines change with every edit above them. */
function withoutPlace(error: TreeError): string {
  return reasonOf(error).replace(/^(?:\[string "[^"]*"\]|[^\s:]+\.lua):\d+: /, '');
}

function mapTexts(node: TreeNode, text: (value: string) => string): TreeNode {
  const { output, data, tags, errors, refused } = node;
  return {
    ...node,
    output: output && text(output),
    data: data && text(data),
    tags: tags?.map(({ name, value }) => ({ name, value: text(value) })),
    prints: undefined, // they are in the output, without their lines
    errors: errors.map((error) => ({ ...error, text: text(withoutPlace(error)), line: undefined })),
    refused: refused.map((error) => ({ ...error, text: text(error.text) })),
    children: node.children.map((child) => mapTexts(child, text)),
  };
}
