/**
 * What a matcher looks into, whatever it was given: the receipt of a message, one delivery, several
 * of them, the result of a dry-run, or a whole network.
 */
import { type EvaluationResult, outboxTag, printedText } from '../../actors/compute/result.js';
import type { Delivery } from '../../actors/messenger/trace.js';
import type { ActorNetwork, Receipt } from '../../actors/network.js';
import type { Tag } from '../../arlocal/tags.js';
import { KitError, show } from '../errors.js';
import { toTreeNode } from '../render/from-delivery.js';
import { listNodes, type TreeNode } from '../render/tree-node.js';

export interface Subject {
  /** For sentences: `the receipt`. */
  readonly what: string;
  /** Trees to show. */
  readonly roots: readonly TreeNode[];
  /** Messages to look among, in the order of delivery. What never arrived is none. */
  readonly messages: readonly TreeNode[];
  /** Where something may have gone wrong, in the same order. */
  readonly nodes: readonly TreeNode[];
  /** Deliveries that are still on their way. */
  readonly pending: number;
  /** Why a message may be missing, if there is something to say. */
  readonly hint?: () => string | undefined;
  /** id -> name, as far as they are known. */
  readonly names: ReadonlyMap<string, string>;
}

type Names = ReadonlyMap<string, string>;
type Fields = Readonly<Record<string, unknown>>;

const NOBODY: Names = new Map();

/**
 * @param names of the network that it is about, where the value does not lead there itself
 * @throws {BAD_MATCHER} for anything else
 */
export function subjectOf(received: unknown, names: Names = NOBODY): Subject {
  if (Array.isArray(received)) return ofList(received, names);
  if (typeof received !== 'object' || received === null) throw badSubject(received);
  const fields = received as Fields;
  const known = namesOf(fields) ?? names;
  if (typeof fields.trace === 'function') {
    return ofNetwork(received as ActorNetwork, known);
  }
  if (isDelivery(fields.tree)) return ofReceipt(received as Receipt, known);
  if (isNode(fields)) return ofNodes('the delivery', [toNode(fields)], known);
  if (Array.isArray(fields.messages) && Array.isArray(fields.spawns)) {
    return ofResult(received as EvaluationResult, known);
  }
  throw badSubject(received);
}

/** The names that a network knows, or that of the network that something belongs to. */
export function namesOf(received: object): Names | undefined {
  const { names, network } = received as { names?: unknown; network?: { names?: unknown } };
  if (names instanceof Map) return names;
  return network?.names instanceof Map ? network.names : undefined;
}

function ofReceipt({ tree, pending }: Receipt, names: Names): Subject {
  const root = toTreeNode(tree);
  const subject = ofNodes('the receipt', [root], names);
  return { ...subject, messages: arrived(subject.nodes.slice(1)), pending };
}

function ofNetwork(network: ActorNetwork, names: Names): Subject {
  const deliveries = network.units.trace.all();
  const remembered = new Set(deliveries.map(({ id }) => id));
  const roots = deliveries.filter(({ cause }) => cause === undefined || !remembered.has(cause));
  const pending = network.pendingDeliveries().length;
  const hint = () => hintAtCrons(network, names);
  return { ...ofNodes('the network', roots.map(toTreeNode), names), pending, hint };
}

/** Crons that nobody watches run, and send nothing. */
function hintAtCrons({ units }: ActorNetwork, names: Names): string | undefined {
  const isSilent = (id: string) =>
    !units.monitor.isWatched(id) && units.scheduler.process(id)?.crons.length;
  const silent = [...units.scheduler.processes()].find(isSilent);
  if (silent === undefined) return undefined;
  const name = names.get(silent) ?? silent;
  return `What the crons of ${name} send is sent once they are watched: await network.monitor('${name}').`;
}

function ofNodes(what: string, roots: readonly TreeNode[], names: Names): Subject {
  const nodes = listNodes(roots);
  return { what, roots, nodes, messages: arrived(nodes), pending: 0, names };
}

/** Those of the list alone, not what they caused; shown in the trees that they are part of. */
function ofList(list: readonly unknown[], around: Names): Subject {
  const wrong = list.find((one) => !isNode(one));
  if (wrong !== undefined) throw badSubject(wrong, 'one of the list');
  const names = list[0] ? (namesOf(list[0]) ?? around) : around;
  const nodes = (list as readonly (Delivery | TreeNode)[]).map(toNode);
  const below = new Set(nodes.flatMap(({ children }) => listNodes(children)).map(({ id }) => id));
  const roots = nodes.filter(({ id }) => !below.has(id));
  return { what: 'the list', roots, nodes, messages: arrived(nodes), pending: 0, names };
}

/** What a dry-run would send. */
function ofResult(result: EvaluationResult, names: Names): Subject {
  const { messages, spawns, error } = result;
  const toChild = (kind: 'message' | 'spawn') => (entry: EvaluationResult['messages'][number]) => ({
    id: '',
    kind,
    from: '',
    to: typeof entry.Target === 'string' ? entry.Target : '',
    action: asText(outboxTag(entry.Tags, 'Action')),
    tags: tagsOf(entry.Tags),
    data: asText(entry.Data) ?? '',
    errors: [],
    refused: [],
    children: [],
  });
  const children = [...messages.map(toChild('message')), ...spawns.map(toChild('spawn'))];
  const root: TreeNode = {
    id: '',
    kind: 'message',
    from: '',
    to: '',
    output: printedText(result),
    gas: result.gas,
    errors: error ? [error] : [],
    refused: result.refused ?? [],
    children,
  };
  const what = 'the result';
  return { what, roots: [root], nodes: [root], messages: children, pending: 0, names };
}

function tagsOf(tags: unknown): Tag[] {
  if (!Array.isArray(tags)) return [];
  return (tags as Partial<Tag>[]).map(({ name, value }) => ({
    name: String(name),
    value: asText(value) ?? '',
  }));
}

function asText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function arrived(nodes: readonly TreeNode[]): TreeNode[] {
  return nodes.filter(({ undelivered }) => undelivered === undefined);
}

const isDelivery = (value: unknown): value is Delivery => isNode(value) && 'target' in value;

function isNode(value: unknown): value is Delivery | TreeNode {
  if (typeof value !== 'object' || value === null) return false;
  return 'kind' in value && 'children' in value && ('target' in value || 'to' in value);
}

function toNode(value: Delivery | TreeNode): TreeNode {
  return 'target' in value ? toTreeNode(value) : value;
}

function badSubject(received: unknown, what = 'what is looked into'): KitError {
  const isPromise = received instanceof Promise;
  return new KitError('BAD_MATCHER', `${what} is ${isPromise ? 'a promise' : show(received)}`, {
    hint: isPromise
      ? 'Await it first: expect(await network.send(...)).'
      : 'Pass what network.send answered, a delivery, a list of deliveries, a dry-run or the network.',
    details: { received },
  });
}
