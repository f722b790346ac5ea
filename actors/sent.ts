/**
 * What was sent of an outbox, as the gateway shows it: the anchor of an item says which entry it was.
 * Ordinarily nobody has to look, because what is open is stored with what was sent. Whoever takes up
 * something that another run left looks first, so that not even a forged note of it sends twice.
 */
import type { DataItemFields } from '../arlocal/data-item.js';
import type { Gateway } from '../arlocal/gateway.js';
import type { Entry } from '../arlocal/store.js';
import type { Tag } from '../arlocal/tags.js';
import type { Evaluation } from './compute/evaluation.js';
import type { EvaluationResult, OutboxMessage } from './compute/result.js';
import { ActorError } from './errors.js';
import { IMPERSONATED, tagValue } from './items/protocol.js';
import type { Job } from './messenger/delivery.js';
import {
  anchorOf,
  derivedAnchor,
  messageFields,
  type OutboxOrigin,
  spawnFields,
} from './messenger/outbox.js';
import type { Log, LogEntry } from './ports.js';

export interface SentPorts {
  readonly gateway: Gateway;
  /** Address of the messenger unit. */
  readonly messenger: string;
  readonly log: Log<LogEntry>;
  readonly results: Log<Evaluation>;
}

/** Items that the messenger unit signed on behalf of a process, by their anchors. */
export type SentItems = Map<string, Entry[]>;

/** An entry of an outbox that is sent as an item of its own. */
export interface Sendable {
  readonly kind: 'message' | 'spawn';
  readonly entry: OutboxMessage;
  readonly origin: OutboxOrigin;
}

const PAGE = 100;

/** @param since sequence number of the entry from which on to look */
export function readSent(
  { gateway, messenger }: Pick<SentPorts, 'gateway' | 'messenger'>,
  process: string,
  since = 0,
): SentItems {
  const items: SentItems = new Map();
  const tags = [{ name: 'From-Process', values: [process] }];
  for (let after: string | undefined; ; ) {
    const page = gateway.query({ owners: [messenger], tags, first: PAGE, after }); // newest first
    for (const { entry, sequence } of page.edges) {
      if (sequence < since) return items;
      if (tagValue(entry.tags, IMPERSONATED) !== undefined) continue; // no outbox asked for it
      const others = items.get(entry.anchor);
      if (others) others.push(entry);
      else items.set(entry.anchor, [entry]);
    }
    after = page.edges.at(-1)?.cursor;
    if (!page.hasNextPage) return items;
  }
}

/** The entries of an outbox that become items, in its order. */
export function sendables(
  { messages, spawns }: EvaluationResult,
  origin: Omit<OutboxOrigin, 'index'>,
): Sendable[] {
  return [
    ...messages.map((entry) => ({ kind: 'message' as const, entry })),
    ...spawns.map((entry) => ({ kind: 'spawn' as const, entry })),
  ].map((sendable, index) => ({ ...sendable, origin: { ...origin, index } }));
}

/** Of jobs of one outbox, those that were not sent. An assignment cannot be made twice anyway. */
export function unsentOf(ports: SentPorts, jobs: readonly Job[]): Job[] {
  const [first] = jobs;
  if (!first) return [];
  const items = readSent(ports, first.origin.process.id, startOf(ports, first.origin));
  return jobs.filter((job) => job.kind === 'assignment' || !isSent(ports, items, job));
}

/** Whether a process was told of the child that this entry asked for. */
export function wasTold(ports: SentPorts, spawnedBy: OutboxOrigin): boolean {
  const items = readSent(ports, spawnedBy.process.id, startOf(ports, spawnedBy));
  return items.has(derivedAnchor(spawnedBy, 'spawned'));
}

function isSent(ports: SentPorts, items: SentItems, sendable: Sendable): boolean {
  if (items.has(derivedAnchor(sendable.origin))) return true;
  return ownItems(ports, items, sendable).length > 0 && isTaken(ports, sendable);
}

/**
 * Whether the items under a program's own anchor are this entry: a program may say the same under
 * the same anchor again, and then the entries before this one come first.
 */
function isTaken(ports: SentPorts, sendable: Sendable): boolean {
  const { process, evaluation, index } = sendable.origin;
  const items = readSent(ports, process.id);
  let left = ownItems(ports, items, sendable).length;
  for (const { index: at, result } of ports.results.read(process.id, 0, evaluation + 1)) {
    for (const other of sendables(result, { process, evaluation: at, initial: '' })) {
      if (at === evaluation && other.origin.index >= index) break;
      const isTwin = other.kind === sendable.kind && isLike(other, sendable);
      if (isTwin && !items.has(derivedAnchor(other.origin))) left--;
    }
  }
  return left > 0;
}

function isLike(a: Sendable, b: Sendable): boolean {
  return JSON.stringify(a.entry) === JSON.stringify(b.entry);
}

/** Items under the anchor that the program gave an entry, which say what it says. */
export function ownItems(
  { gateway }: Pick<SentPorts, 'gateway'>,
  items: SentItems,
  sendable: Sendable,
): Entry[] {
  const own = anchorOf(sendable.entry, sendable.origin);
  if (own === derivedAnchor(sendable.origin)) return [];
  return (items.get(own) ?? []).filter((item) => says(gateway, item, sendable));
}

/** Whether an item is what an entry asks for, whatever message it was pushed for. */
function says(gateway: Gateway, item: Entry, { kind, entry, origin }: Sendable): boolean {
  try {
    const fields = kind === 'spawn' ? spawnFields(entry, origin) : messageFields(entry, origin);
    const isAlike = item.target === (fields.target ?? '') && isSameTags(item.tags, fields.tags);
    return isAlike && isSameData(gateway.data(item.id), fields.data);
  } catch (error) {
    if (error instanceof ActorError) return false; // it can never have been sent
    throw error;
  }
}

function isSameTags(a: readonly Tag[], b: readonly Tag[] = []): boolean {
  const plain = (tags: readonly Tag[]) =>
    JSON.stringify(tags.filter(({ name }) => name !== 'Pushed-For').map((t) => [t.name, t.value]));
  return plain(a) === plain(b);
}

function isSameData(bytes: Uint8Array | undefined, data: DataItemFields['data'] = ''): boolean {
  return bytes !== undefined && Buffer.from(data).equals(bytes);
}

/** Nothing of an outbox is older than the assignment of its message, or of the one before its cron. */
function startOf({ gateway, log, results }: SentPorts, origin: OutboxOrigin): number {
  const { process, evaluation } = origin;
  const nonce = results.at(process.id, evaluation)?.nonce ?? -1;
  return gateway.locate(log.at(process.id, nonce)?.assignmentId ?? '')?.sequence ?? 0;
}
