/**
 * Verifying deliveries: every entry of every outbox was sent once, or is still to be sent, or was
 * refused with a notice. The anchor of what was sent says which entry it was.
 */
import type { Gateway } from '../../arlocal/gateway.js';
import { PAGE_MAX } from '../../arlocal/query.js';
import { isUnsent, type LeftOutbox } from '../backlog.js';
import { readLedger } from '../durable/ledger.js';
import type { Evaluation } from '../evaluation.js';
import type { Notices } from '../notices.js';
import { anchorOf, derivedAnchor, isPatch, type OutboxOrigin } from '../outbox.js';
import type { Log, LogEntry, Table } from '../ports.js';
import type { ProcessRecord } from '../process-record.js';
import type { OutboxMessage } from '../result.js';

export interface OutboxOptions {
  readonly gateway: Gateway;
  /** Address of the messenger unit. */
  readonly messenger: string;
  readonly log: Log<LogEntry>;
  readonly results: Log<Evaluation>;
  readonly notices: Notices;
  readonly unsent: Table<true>;
  readonly requireProcess: (id: string) => ProcessRecord;
}

/** @returns what is wrong, in words that name the nonce and the place in the outbox */
export function verifyOutboxes(options: OutboxOptions, process: string): string[] {
  const { results, gateway } = options;
  const { records } = gateway;
  const pending = records ? readLedger<LeftOutbox>(records, 'outbox') : new Map<string, never>();
  const follows = records ? readLedger<unknown>(records, 'follows') : new Map<string, unknown>();
  const sent = countSent(options, process);
  const record = options.requireProcess(process);
  const problems: string[] = [];
  for (let index = 0; index < results.next(process); index++) {
    const evaluation = results.at(process, index);
    if (!evaluation || evaluation.result.error) continue;
    const { nonce, cron, result } = evaluation;
    const waits = follows.has(`${process}:${nonce}`) || options.unsent.has(`${process}:${nonce}`);
    const isOptional = cron !== undefined || waits; // crons are pushed only while monitored
    const left = pending.get(`${process}:${index}`);
    const refused = new Set(options.notices.of(process, index).map((refusal) => refusal.index));
    const origin = { process: record, evaluation: index, initial: '' };
    for (const [at, entry] of [...result.messages, ...result.spawns].entries()) {
      if (entry.Target === undefined && isPatch(entry)) continue; // it goes to nobody
      const { own, derived } = countOf(sent, entry, { ...origin, index: at });
      const place = `entry ${at} of the outbox of nonce ${nonce}`;
      if (derived > 1) problems.push(`${place} was sent ${derived} times`);
      const isExcused = isOptional || refused.has(at) || (left && isUnsent(left, at));
      if (own + derived === 0 && !isExcused) problems.push(`${place} was never sent`);
    }
  }
  return problems;
}

/** Sent under the program's own anchor, which it may have used before, or under the entry's. */
function countOf(sent: ReadonlyMap<string, number>, entry: OutboxMessage, origin: OutboxOrigin) {
  const [own, derived] = [anchorOf(entry, origin), derivedAnchor(origin)];
  return { own: own === derived ? 0 : (sent.get(own) ?? 0), derived: sent.get(derived) ?? 0 };
}

/** How often each anchor was sent on behalf of a process. */
function countSent({ gateway, messenger }: OutboxOptions, process: string): Map<string, number> {
  const counts = new Map<string, number>();
  const tags = [{ name: 'From-Process', values: [process] }];
  for (let after: string | undefined; ; ) {
    const page = gateway.query({ owners: [messenger], tags, first: PAGE_MAX, after });
    for (const { entry } of page.edges)
      counts.set(entry.anchor, 1 + (counts.get(entry.anchor) ?? 0));
    after = page.edges.at(-1)?.cursor;
    if (!page.hasNextPage) return counts;
  }
}
