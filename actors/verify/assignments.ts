/**
 * Verifying the logs of processes: what the scheduler unit signed makes an unbroken chain, and the
 * quick copy beside it says the same. Signatures have been verified with the store.
 */
import type { Gateway } from '../../arlocal/gateway.js';
import { storedItem } from '../items/stored-item.js';
import type { Log, LogEntry } from '../ports.js';
import { nextHashChain } from '../scheduler/hash-chain.js';
import { readAssignments } from '../scheduler/replay.js';

/** What is wrong in a log, and where it begins. */
export interface LogFault {
  readonly nonce: number;
  readonly problem: string;
}

export interface VerifiedLog {
  readonly process: string;
  /** As far as the log is whole. */
  readonly entries: readonly LogEntry[];
  readonly fault: LogFault | undefined;
}

/**
 * @param scheduler address of the scheduler unit
 * @param copy the quick copy of the logs
 */
export function* verifyLogs(
  gateway: Gateway,
  scheduler: string,
  copy: Log<LogEntry>,
): Generator<VerifiedLog> {
  const signed = readAssignments(gateway, scheduler);
  for (const [process, group] of signed) {
    const entries = [...group].sort((a, b) => a.nonce - b.nonce);
    const fault = findFault(gateway, process, entries) ?? compareCopy(process, entries, copy);
    const whole = fault ? entries.slice(0, Math.max(0, fault.nonce)) : entries;
    yield { process, entries: whole, fault };
  }
  for (const process of copy.processes()) {
    if (signed.has(process)) continue;
    yield { process, entries: [], fault: { nonce: 0, problem: 'its assignments are missing' } };
  }
}

function findFault(
  gateway: Gateway,
  process: string,
  entries: readonly LogEntry[],
): LogFault | undefined {
  let previous: LogEntry | undefined;
  for (const [nonce, entry] of entries.entries()) {
    const problem = problemOf(gateway, process, entry, nonce, previous);
    if (problem !== undefined) return { nonce, problem };
    previous = entry;
  }
  return undefined;
}

function problemOf(
  gateway: Gateway,
  process: string,
  entry: LogEntry,
  nonce: number,
  previous: LogEntry | undefined,
): string | undefined {
  if (entry.nonce < nonce) return `there are two assignments with nonce ${entry.nonce}`;
  if (entry.nonce > nonce) return `the assignment with nonce ${nonce} is missing`;
  if (entry.hashChain !== nextHashChain(process, previous)) return 'the hash chain breaks';
  if (previous && entry.timestampMs < previous.timestampMs) return 'its time is before the last';
  if (previous && entry.blockHeight < previous.blockHeight) return 'its block is before the last';
  if (!storedItem(gateway, entry.messageId)) return `its message ${entry.messageId} is missing`;
  return undefined;
}

function compareCopy(
  process: string,
  entries: readonly LogEntry[],
  copy: Log<LogEntry>,
): LogFault | undefined {
  const copied = copy.read(process, 0);
  for (const [nonce, entry] of entries.entries()) {
    if (JSON.stringify(sorted(copied[nonce])) !== JSON.stringify(sorted(entry)))
      return { nonce, problem: 'the quick copy of the log says something else' };
    if (copy.find(process, entry.messageId) !== nonce)
      return { nonce, problem: 'the quick copy does not find the message' };
  }
  if (copied.length === entries.length) return undefined;
  const nonce = entries.length;
  return { nonce, problem: `${copied.length - nonce} assignments have no signed item` };
}

function sorted(entry: LogEntry | undefined): unknown {
  return entry && Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1));
}
