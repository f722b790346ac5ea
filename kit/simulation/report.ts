/** What a failed simulation tells a person: the rule, the shortest way to break it, and its trace. */
import type { Network } from '../network.js';
import { toTreeNode } from '../render/from-delivery.js';
import { renderTree } from '../render/tree.js';
import { describeAction } from './action.js';
import { type RunOptions, runActions } from './run.js';
import type { SimulationFailure } from './simulate.js';

/** Most trees shown: the last ones, which lead to the failure. */
const TREES_MAX = 10;

/** @param copy a network as it was at the start; the actions are done on it once more */
export async function describeFailure(
  copy: Network,
  { seed, failure, actions, firstLength, minimal }: SimulationFailure,
  how: RunOptions,
): Promise<string> {
  const known = new Set(copy.units.trace.all());
  await runActions(copy, actions, how);
  const roots = copy.units.trace
    .all()
    .filter((delivery) => !known.has(delivery) && delivery.cause === undefined);
  const shown = roots.slice(-TREES_MAX);
  const left = roots.length - shown.length;
  const trees = shown.map((root) => renderTree(toTreeNode(root), { names: copy.names }));
  const some = left > 0 ? ` (the last ${shown.length} of ${roots.length})` : '';
  const setOff = `what they set off${some}:`;
  return [
    `seed ${seed} breaks "${failure.checker}": ${failure.text}`,
    `${actions.length} of ${firstLength} actions are enough${minimal ? '' : ' (maybe fewer are)'}:`,
    ...actions.map((action) => describeAction(action, copy.names)),
    ...(trees.length === 0 ? [] : [setOff, ...trees]),
  ].join('\n');
}
