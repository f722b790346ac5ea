/**
 * The tree of a message with all that can be told of it: times, tags, prints, the Lua stack of an
 * error in the user's own files, and what each message changed in the state of its process.
 */
import type { Delivery } from '../../actors/messenger/trace.js';
import type { ActorNetwork } from '../../actors/network.js';
import { toTreeNode } from '../render/from-delivery.js';
import { printedBefore } from '../render/reason.js';
import type { StateChange, TreeError, TreeNode } from '../render/tree-node.js';
import { type Change, diffStates } from './diff.js';
import type { Past } from './past.js';
import { readProcessState } from './process-state.js';
import { readSources } from './sources.js';
import { readStack } from './stack.js';
import { luaText } from './state-value.js';

export interface TraceOptions {
  /** Whether to compare the states of each process before and after. @default false */
  readonly state?: boolean;
  /** Most deliveries below the message. @default 1000 */
  readonly most?: number;
}

const MOST = 1_000;
/** Changes that are told of one message, and characters of a value. */
const CHANGES_SHOWN = 100;
const VALUE_SHOWN = 160;
/** Characters of data that travel. */
const DATA_SHOWN = 4_000;

export async function traceTree(
  network: ActorNetwork,
  past: Past,
  delivery: Delivery,
  options: TraceOptions = {},
): Promise<TreeNode> {
  const budget = { left: options.most ?? MOST };
  return describe(network, past, delivery, options.state ?? false, budget);
}

async function describe(
  network: ActorNetwork,
  past: Past,
  delivery: Delivery,
  withState: boolean,
  budget: { left: number },
): Promise<TreeNode> {
  budget.left--;
  const node = toTreeNode(delivery);
  const { nonce, target } = delivery;
  const entry = nonce === undefined ? undefined : network.units.log.at(target, nonce);
  const changes = withState ? await changesOf(network, past, delivery) : undefined;
  if (withState) await network.gateway.breathe(); // some milliseconds each
  const { id, kind, from, to, action, tags, data, gas, refused, faults } = node;
  const { undelivered, impersonated } = node;
  const children: TreeNode[] = [];
  for (const child of delivery.children) {
    if (budget.left <= 0) break;
    children.push(await describe(network, past, child, withState, budget));
  }
  const [failed] = node.errors;
  const { output, prints } = failed ? printedBefore(failed, node.prints) : node;
  const errors = node.errors.map((error) => withFrames(network, target, nonce ?? 0, error));
  const timestampMs = entry?.timestampMs;
  const shown = data?.slice(0, DATA_SHOWN);
  const about = { id, kind, from, to, action, tags, data: shown, nonce, timestampMs };
  const outcome = { output, prints, gas, errors, refused, faults, undelivered, impersonated };
  return { ...about, ...outcome, changes, children };
}

function withFrames(
  network: ActorNetwork,
  process: string,
  nonce: number,
  error: TreeError,
): TreeError {
  if (error.stack === undefined) return error;
  return { ...error, frames: readStack(error.stack, readSources(network, process, nonce)) };
}

/** What a delivery changed; undefined where that cannot be known. */
async function changesOf(
  network: ActorNetwork,
  past: Past,
  { id, target, kind, nonce, result }: Delivery,
): Promise<StateChange[] | undefined> {
  if (result === undefined || (nonce === undefined && kind !== 'cron')) return undefined;
  if (result.error) return []; // it left no trace
  const recall = network.units.recall(target);
  if (recall.life.program.kind !== 'lua') return undefined;
  const index = recall.find(id);
  if (index === undefined) return undefined;
  return (await changesAt(past, target, index)).slice(0, CHANGES_SHOWN).map(toText);
}

/** What an evaluation changed in its process. */
export async function changesAt(past: Past, process: string, index: number): Promise<Change[]> {
  const stateBefore = (at: number) =>
    past.at(process, at, ({ machine, baseline }) => readProcessState(machine, baseline));
  const before = await stateBefore(index);
  return diffStates(before, await stateBefore(index + 1));
}

function toText({ path, from, to }: Change): StateChange {
  return {
    path,
    ...(from === undefined ? {} : { from: luaText(from, VALUE_SHOWN) }),
    ...(to === undefined ? {} : { to: luaText(to, VALUE_SHOWN) }),
  };
}
