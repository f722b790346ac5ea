/**
 * The nearest miss: of all messages the one that is most like what was expected, and which of its
 * fields differ. It is usually the message that was meant.
 */
import { createLabels } from '../render/names.js';
import { renderTree } from '../render/tree.js';
import { listNodes, type TreeNode } from '../render/tree-node.js';
import { type Check, type Comparison, compareMessage, type MessagePattern } from './pattern.js';
import type { Subject } from './subject.js';

interface Miss {
  readonly node: TreeNode;
  readonly comparison: Comparison;
}

/** Trees with more deliveries are shown in part. */
const DRAWN = 60;
const VALUE_SHOWN = 500;

/** What fields weigh: messages of one action, or to one process, are more alike than others. */
const WEIGHTS: ReadonlyMap<string, number> = new Map([
  ['action', 3],
  ['to', 2],
]);

/** The first of those that differ least; undefined if there are none. */
export function findNearest(
  pattern: MessagePattern,
  messages: readonly TreeNode[],
  names: ReadonlyMap<string, string>,
): Miss | undefined {
  const misses = messages.map((node) => ({
    node,
    comparison: compareMessage(pattern, node, names),
  }));
  const distance = ({ comparison: { missed, held, of } }: Miss) =>
    missed.reduce((sum, { path }) => sum + (WEIGHTS.get(path) ?? 1), of - held - missed.length);
  const [nearest] = misses.sort((a, b) => distance(a) - distance(b));
  return nearest;
}

/** `The nearest of 5, herder -> alice  Refund, differs in 1 of 3 fields:` and the fields. */
export function describeMiss(
  { node, comparison }: Miss,
  subject: Subject,
  among: number,
  which = among === 1 ? 'The only message' : `The nearest of ${among} messages`,
): string {
  const { missed, of } = comparison;
  const head = headOf(node, subject);
  const unlike = missed.length === of && of > 1 ? 'all' : missed.length;
  const fields = of === 1 ? 'its field' : `${unlike} of ${of} fields`;
  return [`${which}, ${head}, differs in ${fields}:`, ...describeChecks(missed)].join('\n');
}

/** Each field, what was expected of it and what it is. */
export function describeChecks(checks: readonly Check[]): string[] {
  const width = Math.max(...checks.map(({ path }) => path.length));
  return checks.flatMap(({ path, expected, actual }) => [
    `  ${path.padEnd(width)}  expected ${cut(expected)}`,
    `  ${' '.repeat(width)}  got      ${cut(actual)}`,
  ]);
}

function cut(text: string): string {
  return text.length > VALUE_SHOWN
    ? `${text.slice(0, VALUE_SHOWN)}… (${text.length} characters)`
    : text;
}

/** `herder -> alice  Refund` */
export function headOf(node: TreeNode, { names, nodes }: Subject): string {
  const label = createLabels(
    names,
    nodes.flatMap(({ from, to }) => [from, to]),
  );
  const parties =
    node.from === '' ? `-> ${label(node.to)}` : `${label(node.from)} -> ${label(node.to)}`;
  return node.action === undefined ? parties : `${parties}  ${node.action}`;
}

/** The message tree, with marks behind some of the messages; of a large one the part with the marks. */
export function drawTrees(
  subject: Subject,
  marks: ReadonlyMap<TreeNode, string> = new Map(),
): string {
  const { names, nodes } = subject;
  const isMarked = (root: TreeNode) => listNodes([root]).some((node) => marks.has(node));
  const some = subject.roots.filter(isMarked);
  const roots = listNodes(subject.roots).length > DRAWN && some.length > 0 ? some : subject.roots;
  if (roots.length === 0 || nodes.length === 0) return 'No message was sent.';
  const tree = renderTree(roots, { names, most: DRAWN, mark: (node) => marks.get(node) });
  return subject.pending === 0 ? tree : `${tree}\n${describePending(subject.pending)}`;
}

function describePending(pending: number): string {
  const some = pending === 1 ? '1 delivery waits' : `${pending} deliveries wait`;
  return `... and ${some}: for a step, the end of a fault, or time`;
}
