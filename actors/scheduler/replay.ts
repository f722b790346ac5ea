/**
 * Replay: the state of processes from what the gateway holds and from nothing else. The assignments
 * that the scheduler unit signed are the log; who throws away all memory gets the same state back.
 */
import type { Gateway } from '../../arlocal/gateway.js';
import { PAGE_MAX } from '../../arlocal/query.js';
import type { Tag } from '../../arlocal/tags.js';
import { DATA_PROTOCOL, tagValue, tagValues } from '../items/protocol.js';
import { createMemoryLog, type MemoryLog } from '../memory-ports.js';
import type { LogEntry } from '../ports.js';
import { pickAdopted, readAdoptions } from './adoption.js';

/**
 * Reads the logs that a scheduler unit wrote, of one process or of all.
 * @param scheduler address of the unit
 */
export function readLogs(
  gateway: Gateway,
  scheduler: string,
  process?: string,
): MemoryLog<LogEntry> {
  const log = createMemoryLog<LogEntry>(({ messageId }) => messageId);
  for (const [owner, group] of readAssignments(gateway, scheduler, process)) {
    log.append(
      owner,
      0,
      group.sort((a, b) => a.nonce - b.nonce),
    );
  }
  return log;
}

/**
 * What a scheduler unit signed, by process, in the order of signing; and of adopted processes, what it
 * says that counts of another's.
 */
export function readAssignments(
  gateway: Gateway,
  scheduler: string,
  process?: string,
): ReadonlyMap<string, LogEntry[]> {
  const entries = new Map<string, LogEntry[]>();
  for (const { id, tags } of assignments(gateway, scheduler, process)) {
    const owner = tagValue(tags, 'Process') ?? '';
    const group = entries.get(owner) ?? [];
    group.push(readEntry(id, tags, owner));
    entries.set(owner, group);
  }
  for (const [owner, adoption] of readAdoptions(gateway, scheduler)) {
    if (process !== undefined && process !== owner) continue;
    const theirs = [...assignments(gateway, adoption.scheduler, owner)];
    const read = theirs.map(({ id, tags }) => readEntry(id, tags, owner));
    const ours = (entries.get(owner) ?? []).filter(({ nonce }) => nonce >= adoption.until);
    entries.set(owner, [...pickAdopted(owner, adoption, read), ...ours]);
  }
  return entries;
}

function* assignments(
  gateway: Gateway,
  scheduler: string,
  process?: string,
): Generator<{ id: string; tags: readonly Tag[] }> {
  const tags = [
    { name: 'Data-Protocol', values: [DATA_PROTOCOL] },
    { name: 'Type', values: ['Assignment'] },
    ...(process === undefined ? [] : [{ name: 'Process', values: [process] }]),
  ];
  let after: string | undefined;
  for (;;) {
    const page = gateway.query({
      owners: [scheduler],
      tags,
      sort: 'HEIGHT_ASC',
      first: PAGE_MAX,
      after,
    });
    for (const { entry } of page.edges) yield entry;
    after = page.edges.at(-1)?.cursor;
    if (!page.hasNextPage || after === undefined) return;
  }
}

/** An assignment as the log keeps it; its tags say everything. */
export function readEntry(assignmentId: string, tags: readonly Tag[], process: string): LogEntry {
  return {
    nonce: Number(tagValue(tags, 'Nonce')),
    messageId: tagValue(tags, 'Message') ?? process,
    assignmentId,
    timestampMs: Number(tagValue(tags, 'Timestamp')),
    blockHeight: Number(tagValue(tags, 'Block-Height')),
    hashChain: tagValue(tags, 'Hash-Chain') ?? '',
    exclude: tagValues(tags, 'Exclude'),
  };
}
