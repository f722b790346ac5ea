/**
 * The scheduler unit: gives every message of a process its place. A place is a nonce, a timestamp, a
 * block height and a link of the hash chain; the assignment that says so is a signed item of its own
 * on the gateway, and the log of assignments is the truth of which a process's memory is a cache.
 */
import { type DataItem, signDataItem } from '../../arlocal/data-item.js';
import { fromBase64Url, isId, toBase64Url } from '../../arlocal/encoding.js';
import type { Gateway } from '../../arlocal/gateway.js';
import type { Tag } from '../../arlocal/tags.js';
import type { Clock } from '../clock.js';
import { ActorError } from '../errors.js';
import type { NetworkEvent } from '../events.js';
import { aoType, protocolTags, tagValue } from '../items/protocol.js';
import { type Incoming, incomingItem, putIncoming } from '../items/stored-item.js';
import type { LogEntry } from '../ports.js';
import type { AdoptedPart } from './adoption.js';
import { nextHashChain } from './hash-chain.js';
import { type ProcessRecord, readProcess } from './process-record.js';
import { createRecords, type RecordsOptions } from './records.js';

/** What the log holds already is taken up where it ends. */
export interface SchedulerOptions extends RecordsOptions {
  readonly clock: Clock;
  readonly emit: (event: NetworkEvent) => void;
}

export interface AssignOptions {
  /** Fields of the message to leave out: Anchor, Data, Signature, Tags. Others stay. */
  readonly exclude?: readonly string[];
  /** The message must be an Arweave transaction, and as deep as the process's Settlement-Depth. */
  readonly baseLayer?: boolean;
}

export interface SchedulerUnit {
  readonly address: string;
  /**
   * Starts the log of a process with the Process item itself as Nonce 0.
   * @param id pinned id it is to answer at
   * @throws {INVALID_ID, PROCESS_EXISTS, INVALID_CRON}
   */
  start(item: Incoming, id?: string): ProcessRecord;
  /** Does nothing but to throw what `start` would. */
  checkStart(item: Incoming, id?: string): ProcessRecord;
  /**
   * Assigns a message to its target.
   * @throws {UNKNOWN_PROCESS, DUPLICATE_MESSAGE}
   */
  schedule(item: Incoming): LogEntry;
  /** Does nothing but to throw what `schedule` would. */
  checkSchedule(item: DataItem): void;
  /**
   * Assigns an item or transaction that the gateway has already.
   * @throws {UNKNOWN_PROCESS, MESSAGE_NOT_FOUND, DUPLICATE_MESSAGE, DATA_INCOMPLETE, NOT_SETTLED}
   */
  assign(processId: string, messageId: string, options?: AssignOptions): LogEntry;
  /**
   * Takes over a process from another network, or more of its log; its items are on the gateway.
   * @throws {LOG_CONFLICT} if it was assigned something here
   */
  adopt(part: AdoptedPart): ProcessRecord;
  /** The nonce from which on a process lives here: 0 unless it was adopted. */
  adoptedUntil(process: string): number;
  /** Place of a message in a log, by its id or by that of its assignment. */
  find(processId: string, id: string): LogEntry | undefined;
  process(id: string): ProcessRecord | undefined;
  /** @throws {UNKNOWN_PROCESS} */
  requireProcess(id: string): ProcessRecord;
  /** Ids, in the order of their spawning. */
  processes(): Iterable<string>;
}

export function createScheduler(options: SchedulerOptions): SchedulerUnit {
  const { gateway, wallet, clock, log, emit } = options;
  const records = createRecords(options);

  const append = (
    process: string,
    messageId: string,
    exclude: readonly string[] = [],
  ): LogEntry => {
    const nonce = log.next(process);
    const previous = nonce === 0 ? undefined : log.at(process, nonce - 1);
    if (log.find(process, messageId) !== undefined) throw duplicate(process, messageId);
    const place = {
      nonce,
      messageId,
      timestampMs: Math.max(clock.now(), previous?.timestampMs ?? 0),
      blockHeight: Math.max(gateway.height, previous?.blockHeight ?? 0),
      hashChain: nextHashChain(process, previous),
      exclude,
    };
    const signed = signDataItem(wallet, { tags: assignmentTags(process, place) });
    const entry: LogEntry = { ...place, assignmentId: signed.item.id };
    gateway.putItem(signed); // first: it may be refused
    const answer = log.append(process, nonce, [entry]);
    if (answer.kind === 'duplicate') throw duplicate(process, answer.id);
    if (answer.kind !== 'appended') throw conflict(process, nonce, answer.kind);
    const { timestampMs } = place;
    emit({ type: 'scheduled', process, message: messageId, nonce, timestampMs });
    return entry;
  };
  const requireProcess = (id: string) => records.find(id) ?? refuseUnknown(id);
  const checkStart = (signed: Incoming, id?: string): ProcessRecord => {
    if (id !== undefined && !isCanonicalId(id)) throw invalidId(id);
    const record = readProcess(incomingItem(signed), id);
    if (records.has(record.id)) throw exists(record.id);
    return record;
  };
  const checkSchedule = ({ target, id }: DataItem): void => {
    requireProcess(target);
    if (log.find(target, id) !== undefined) throw duplicate(target, id);
  };

  return {
    address: wallet.address,
    checkStart,
    checkSchedule,
    start(signed, id) {
      const record = checkStart(signed, id);
      putIncoming(gateway, signed, id);
      records.add(record);
      append(record.id, record.id);
      return record;
    },
    schedule(signed) {
      const item = incomingItem(signed);
      checkSchedule(item);
      putIncoming(gateway, signed);
      return append(item.target, item.id);
    },
    adopt(part) {
      records.adopt(part);
      return requireProcess(part.process);
    },
    adoptedUntil: records.adoptedUntil,
    assign(processId, messageId, assignOptions = {}) {
      const process = requireProcess(processId);
      const id = checkAssignable(gateway, process, messageId, assignOptions);
      return append(processId, id, assignOptions.exclude);
    },
    find: (processId, id) => findEntry(options, requireProcess(processId).id, id),
    process: records.find,
    requireProcess,
    processes: records.ids,
  };
}

/** An entry by the id of its message, or by that of its assignment. */
function findEntry({ gateway, log }: SchedulerOptions, process: string, id: string) {
  const nonce = log.find(process, id);
  if (nonce !== undefined) return log.at(process, nonce);
  const entry = log.at(process, nonceOf(gateway.item(id)));
  return entry?.assignmentId === id ? entry : undefined;
}

/**
 * What is assigned must be whole and stay as it is, or the log could not be evaluated again.
 * @returns the id of the message
 */
function checkAssignable(
  gateway: Gateway,
  { item }: ProcessRecord,
  id: string,
  { baseLayer = false }: AssignOptions,
): string {
  const located = gateway.locate(id);
  if (!located || (baseLayer && !located.entry.l1)) throw missing(id, baseLayer);
  const { entry, block } = located;
  if (entry.dataSize > 0 && gateway.data(id) === undefined) throw incomplete(id);
  const depth = Number(tagValue(item.tags, 'Settlement-Depth') ?? 0);
  const confirmations = block ? gateway.height - block.height + 1 : 0;
  if (baseLayer && confirmations < depth) throw notSettled(id, confirmations, depth);
  return entry.alias || entry.id;
}

/** Nonce that an assignment gives; -1 for any other item. */
function nonceOf(item: DataItem | undefined): number {
  const nonce = item && aoType(item) === 'Assignment' ? tagValue(item.tags, 'Nonce') : undefined;
  return /^\d+$/.test(nonce ?? '') ? Number(nonce) : -1;
}

/** Tags of an assignment, in the order in which AO's scheduler unit writes them. */
function assignmentTags(process: string, place: Omit<LogEntry, 'assignmentId'>): Tag[] {
  const tags: Tag[] = [
    { name: 'Process', value: process },
    { name: 'Epoch', value: '0' },
    { name: 'Nonce', value: String(place.nonce) },
    { name: 'Hash-Chain', value: place.hashChain },
    { name: 'Block-Height', value: formatHeight(place.blockHeight) },
    { name: 'Timestamp', value: String(place.timestampMs) },
    ...protocolTags('Assignment'),
  ];
  if (place.nonce > 0) tags.push({ name: 'Message', value: place.messageId });
  for (const value of place.exclude) tags.push({ name: 'Exclude', value });
  return tags;
}

/** Block heights are written with 12 digits. */
export function formatHeight(height: number): string {
  return String(height).padStart(12, '0');
}

function refuseUnknown(id: string): never {
  throw new ActorError('UNKNOWN_PROCESS', `there is no process ${id} on this network`, {
    hint: 'Spawn it first, and send to the id that spawn answered.',
    details: { process: id },
  });
}

/** True if the text is an id and the only way to write it, as targets of items come back. */
function isCanonicalId(text: string): boolean {
  return isId(text) && toBase64Url(fromBase64Url(text)) === text;
}

function invalidId(id: string): ActorError {
  return new ActorError('INVALID_ID', `"${id}" is not an id`, {
    hint: 'An id is 32 bytes in base64url: 43 characters, the last of which carries four bits.',
    details: { id },
  });
}

function duplicate(process: string, message: string): ActorError {
  return new ActorError('DUPLICATE_MESSAGE', `process ${process} was given ${message} before`, {
    hint: 'Sign a new message with another anchor to send the same thing again.',
    details: { process, message },
  });
}

function exists(process: string): ActorError {
  return new ActorError('PROCESS_EXISTS', `process ${process} was spawned before`, {
    hint: 'Sign a new Process item, or pin another id.',
    details: { process },
  });
}

function missing(message: string, baseLayer: boolean): ActorError {
  const what = baseLayer ? 'Arweave transaction' : 'message';
  return new ActorError('MESSAGE_NOT_FOUND', `there is no ${what} ${message} on the gateway`, {
    hint: baseLayer
      ? 'Post the transaction first; a data item is assigned without base-layer.'
      : 'Only an item that is stored already can be assigned.',
    details: { message },
  });
}

function incomplete(message: string): ActorError {
  return new ActorError('DATA_INCOMPLETE', `the data of ${message} is not all uploaded`, {
    hint: 'Upload its chunks before assigning it.',
    details: { message },
  });
}

function notSettled(message: string, confirmations: number, depth: number): ActorError {
  return new ActorError(
    'NOT_SETTLED',
    `${message} has ${confirmations} confirmations, the process wants ${depth}`,
    {
      hint: 'Wait for blocks (or GET /mine/N of the gateway), or lower its tag Settlement-Depth.',
      details: { message, got: confirmations, limit: depth },
    },
  );
}

function conflict(process: string, nonce: number, kind: string): ActorError {
  return new ActorError('LOG_CONFLICT', `the log of ${process} answered "${kind}" at ${nonce}`, {
    hint: 'Another scheduler wrote to it; read the log again.',
    details: { process, nonce },
  });
}
