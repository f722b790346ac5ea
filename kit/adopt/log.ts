/**
 * The log of a process from another network, verified link by link: every signature, the order, the
 * hash chain, and that one scheduler unit signed all of it, the process's own.
 */
import { aoType, tagValue } from '../../actors/items/protocol.js';
import type { LogEntry } from '../../actors/ports.js';
import type { ChainLink } from '../../actors/scheduler/hash-chain.js';
import { nextHashChain } from '../../actors/scheduler/hash-chain.js';
import { readEntry } from '../../actors/scheduler/replay.js';
import type { DataItem } from '../../arlocal/data-item.js';
import { isId } from '../../arlocal/encoding.js';
import { KitError } from '../errors.js';
import type { AdoptRequest } from './request.js';
import type { Source, WireEntry } from './source.js';
import { verifyWireItem, type WireItem } from './wire-item.js';

/** A part of a log, as it may be stored. */
export interface VerifiedLog {
  readonly scheduler: string;
  readonly entries: readonly LogEntry[];
  /** Messages and assignments; the process itself may answer at another id than its own. */
  readonly items: readonly { readonly item: DataItem; readonly alias?: string }[];
}

/** What is here of it already. */
export interface Known {
  readonly next: number;
  readonly last: ChainLink | undefined;
  readonly scheduler: string | undefined;
}

/** Looks for a message that the endpoint does not serve whole, where items are: by its id. */
export type FindItem = (id: string) => Promise<DataItem | undefined>;

/** @throws {ADOPT_SIGNATURE, ADOPT_LOG, ADOPT_SCHEDULER} and what the source throws */
export async function readLog(
  source: Source,
  request: AdoptRequest,
  known: Known,
  find: FindItem,
): Promise<VerifiedLog> {
  const { process } = request;
  const items: { item: DataItem; alias?: string }[] = [];
  const entries: LogEntry[] = [];
  let scheduler = known.scheduler ?? request.scheduler;
  let last = known.last;
  for await (const page of source.pages(process, known.next)) {
    for (const wire of page) {
      const nonce = known.next + entries.length;
      const assignment = verifyAssignment(source, wire, nonce);
      const entry = readEntry(assignment.id, assignment.tags, process);
      checkPlace(source, process, entry, assignment, nonce, last);
      const message = await verifyMessage(source, wire.message, entry, find);
      scheduler ??= schedulerOf(process, message);
      if (assignment.address !== scheduler)
        throw otherScheduler(source, nonce, assignment.address, scheduler);
      const alias = message.id === entry.messageId ? {} : { alias: entry.messageId };
      items.push({ item: message, ...alias }, { item: assignment });
      entries.push(entry);
      last = entry;
    }
  }
  return { scheduler: scheduler ?? '', entries, items };
}

function verifyAssignment(source: Source, { assignment }: WireEntry, nonce: number): DataItem {
  const item = assignment && verifyWireItem(assignment);
  if (item && aoType(item) === 'Assignment') return item;
  throw badSignature(source, `the assignment of nonce ${nonce}`, assignment?.id);
}

function checkPlace(
  { url }: Source,
  process: string,
  entry: LogEntry,
  assignment: DataItem,
  nonce: number,
  last: ChainLink | undefined,
): void {
  const about = tagValue(assignment.tags, 'Process');
  const rules: [boolean, string][] = [
    [about === process, `it is about the process ${about}`],
    [entry.nonce === nonce, `it has nonce ${entry.nonce}`],
    [entry.hashChain === nextHashChain(process, last), 'the hash chain breaks there'],
    [entry.nonce > 0 || entry.messageId === process, 'it is not the process itself'],
    [Number.isSafeInteger(entry.timestampMs), 'its timestamp is none'],
    [Number.isSafeInteger(entry.blockHeight), 'its block height is none'],
    [isId(entry.messageId), 'its message has no id'],
  ];
  const broken = rules.find(([holds]) => !holds);
  if (!broken) return;
  throw new KitError(
    'ADOPT_LOG',
    `the log at ${url} is not whole at nonce ${nonce}: ${broken[1]}`,
    {
      hint: 'The endpoint left something out, or serves the log of something else.',
      details: { url, process, nonce },
    },
  );
}

/** The message itself, or the process, which a network may have pinned to another id. */
async function verifyMessage(
  source: Source,
  wire: WireItem | undefined,
  { nonce, messageId }: LogEntry,
  find: FindItem,
): Promise<DataItem> {
  const item = (wire && verifyWireItem(wire)) ?? (await find(messageId));
  const isMeant = item?.id === messageId || (nonce === 0 && item && aoType(item) === 'Process');
  if (item && isMeant) return item;
  throw badSignature(source, `the message of nonce ${nonce}`, messageId);
}

/** Who may sign assignments of a process: it says so itself. */
function schedulerOf(process: string, item: DataItem): string {
  const scheduler = tagValue(item.tags, 'Scheduler') ?? '';
  if (isId(scheduler)) return scheduler;
  throw new KitError('ADOPT_SCHEDULER', `the process ${process} names no scheduler`, {
    hint: 'Give the address of the unit that signed its log: adopt({ scheduler }).',
    details: { process },
  });
}

function badSignature({ url }: Source, what: string, id: string | undefined): KitError {
  return new KitError('ADOPT_SIGNATURE', `${what} from ${url} is not what was signed`, {
    hint:
      'Data that is no text, transactions and signed requests do not fit into a log in JSON: ' +
      'give the URL of a gateway that has them. Otherwise somebody changed it.',
    details: { url, id },
  });
}

function otherScheduler({ url }: Source, nonce: number, got: string, wanted: string): KitError {
  const text = `the assignment of nonce ${nonce} from ${url} was signed by ${got}, not by ${wanted}`;
  return new KitError('ADOPT_SCHEDULER', text, {
    hint: `Only if you trust that unit: adopt({ ..., scheduler: '${got}' }).`,
    details: { url, nonce, got, wanted },
  });
}
