/**
 * From an outbox to signed items: what a program asked to be sent is checked, and given the tags that
 * say who sent it and why. Pure but for the signature.
 *
 * @divergence AO's messenger unit drops a message with a tag that is not a string without a word;
 *   here it is an error that names the tag. The rest of the outbox goes on in both.
 */
import type { DataItemFields } from '../../arlocal/data-item.js';
import { isId } from '../../arlocal/encoding.js';
import { sha256Text } from '../../arlocal/hashing.js';
import type { Tag } from '../../arlocal/tags.js';
import { type OutboxAssignment, type OutboxMessage, outboxTag } from '../compute/result.js';
import { ActorError } from '../errors.js';
import { isReservedTag, protocolTags, tagValue } from '../items/protocol.js';
import type { ProcessRecord } from '../scheduler/process-record.js';

/** The place an outbox entry comes from; it is its identity, so that sending twice is harmless. */
export interface OutboxOrigin {
  readonly process: ProcessRecord;
  /** Number of the evaluation in the life of the process. */
  readonly evaluation: number;
  readonly index: number;
  /** Id of the message from outside that set everything off; the name of a cron otherwise. */
  readonly initial: string;
}

/** True for a message that changes what a process shows on a node, and that goes to nobody. */
export function isPatch({ Tags: tags }: OutboxMessage): boolean {
  const device = outboxTag(tags, 'device') ?? outboxTag(tags, 'Device');
  return device === 'patch@1.0';
}

/**
 * The fields of a message to sign.
 * @throws {UNSENDABLE_MESSAGE, TAG_NOT_STRING}
 */
export function messageFields(entry: OutboxMessage, origin: OutboxOrigin): DataItemFields {
  checkTable(entry, 'message');
  const { Target: target } = entry;
  if (typeof target !== 'string' || !isId(target)) {
    throw new ActorError('UNSENDABLE_MESSAGE', `a message has ${describe(target)} as its target`, {
      hint: 'Target is the 43 characters of a process id or of a wallet address.',
      details: { target },
    });
  }
  return {
    target,
    anchor: anchorOf(entry, origin),
    tags: [...pushedTags('Message', origin), ...ownTags(entry)],
    data: dataOf(entry.Data),
  };
}

/**
 * The fields of a Process item to sign.
 * @throws {UNSENDABLE_MESSAGE, TAG_NOT_STRING}
 */
export function spawnFields(entry: OutboxMessage, origin: OutboxOrigin): DataItemFields {
  checkTable(entry, 'spawn');
  const tags = ownTags(entry);
  if (tagValue(tags, 'Scheduler') === undefined) {
    tags.push({ name: 'Scheduler', value: origin.process.scheduler });
  }
  const { Target: target } = entry;
  return {
    ...(typeof target === 'string' && isId(target) ? { target } : {}),
    anchor: anchorOf(entry, origin),
    tags: [...pushedTags('Process', origin), ...tags],
    data: dataOf(entry.Data),
  };
}

/** The notice that tells a process of its new child. */
export function spawnedFields(
  spawnTags: readonly Tag[],
  child: string,
  origin: OutboxOrigin,
): DataItemFields {
  const own = spawnTags.filter(
    ({ name }) => !isReservedTag(name) && name !== 'Action' && name !== 'Process',
  );
  return {
    target: origin.process.id,
    anchor: derivedAnchor(origin, 'spawned'),
    tags: [
      ...pushedTags('Message', origin),
      { name: 'Action', value: 'Spawned' },
      { name: 'Process', value: child },
      ...own,
    ],
    data: '',
  };
}

/**
 * Ids of the processes that are to get an assignment of an outbox message.
 * @throws {UNSENDABLE_MESSAGE}
 */
export function assigneesOf(entry: OutboxMessage): readonly string[] {
  const value = outboxTag(entry.Tags, 'Assignments') ?? [];
  if (Array.isArray(value) && value.every((id) => typeof id === 'string')) return value;
  throw new ActorError('UNSENDABLE_MESSAGE', `the tag Assignments is ${describe(value)}`, {
    hint: 'Write Assignments = { id, ... }, the ids of processes.',
    details: { tag: 'Assignments' },
  });
}

/**
 * What an outbox assignment asks for.
 * @throws {UNSENDABLE_MESSAGE}
 */
export function readAssignment(entry: OutboxAssignment): { message: string; processes: string[] } {
  checkTable(entry, 'assignment');
  const { Message: message, Processes: processes } = entry;
  if (
    typeof message === 'string' &&
    Array.isArray(processes) &&
    processes.every((id) => typeof id === 'string')
  ) {
    return { message, processes };
  }
  throw new ActorError('UNSENDABLE_MESSAGE', 'an assignment names no message or no processes', {
    hint: 'Write Assign({ Processes = { id, ... }, Message = id }).',
    details: { message, processes },
  });
}

function pushedTags(type: 'Message' | 'Process', { process, initial }: OutboxOrigin): Tag[] {
  const tags = [
    ...protocolTags(type),
    { name: 'From-Process', value: process.id },
    { name: 'From-Module', value: process.module },
  ];
  // What a cron sets off was pushed for no message.
  return isId(initial) ? [...tags, { name: 'Pushed-For', value: initial }] : tags;
}

/** A kernel of the user's may put anything into its outbox. */
function checkTable(entry: unknown, what: string): void {
  if (typeof entry === 'object' && entry !== null) return;
  throw new ActorError('UNSENDABLE_MESSAGE', `a ${what} of the outbox is ${describe(entry)}`, {
    hint: 'Put tables into the outbox, as ao.send, ao.spawn and ao.assign do.',
  });
}

function ownTags(entry: OutboxMessage): Tag[] {
  const tags: Tag[] = [];
  if (entry.Tags === undefined) return tags;
  if (!Array.isArray(entry.Tags)) {
    throw new ActorError(
      'UNSENDABLE_MESSAGE',
      `a message has ${describe(entry.Tags)} as its tags`,
      {
        hint: 'Tags is a list of { name = ..., value = ... }.',
      },
    );
  }
  for (const tag of entry.Tags as unknown[]) {
    const { name, value } = (tag ?? {}) as Partial<Record<'name' | 'value', unknown>>;
    if (typeof name === 'string' && isReservedTag(name)) continue;
    if (typeof name !== 'string' || typeof value !== 'string') throw notText(name, value);
    tags.push({ name, value });
  }
  return tags;
}

function notText(name: unknown, value: unknown): ActorError {
  const tag = typeof name === 'string' ? name : describe(name);
  return new ActorError('TAG_NOT_STRING', `the tag ${tag} is ${describe(value)}, not a string`, {
    hint: 'Write tostring(value); AO itself drops such a message without a word.',
    details: { tag },
  });
}

/** The program's own anchor if it is one: 32 characters. */
export function anchorOf(entry: OutboxMessage, origin: OutboxOrigin): string {
  const { Anchor: anchor } = entry;
  return typeof anchor === 'string' && /^[ -~]{32}$/.test(anchor) ? anchor : derivedAnchor(origin);
}

/** An anchor that no other outbox entry of the network can have. */
export function derivedAnchor(origin: OutboxOrigin, purpose = 'message'): string {
  const { process, evaluation, index } = origin;
  const place = `${process.id}:${evaluation}:${index}:${purpose}`;
  return sha256Text(Buffer.from(place));
}

function dataOf(data: unknown): string {
  if (data === undefined || data === null) return '';
  return typeof data === 'string' ? data : JSON.stringify(data);
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  return typeof value === 'string' ? `"${value}"` : `the ${typeof value} ${JSON.stringify(value)}`;
}
