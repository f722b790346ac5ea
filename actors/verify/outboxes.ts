/**
 * Verifying deliveries: every entry of every outbox was sent once, or is still to be sent, or was
 * refused with a notice, and nothing was sent that no outbox asks for. The anchor of what was sent
 * says which entry it was.
 */
import type { Gateway } from '../../arlocal/gateway.js';
import type { Entry } from '../../arlocal/store.js';
import type { Evaluation } from '../compute/evaluation.js';
import { readLedger } from '../durable/ledger.js';
import { isUnsent, type LeftOutbox } from '../messenger/backlog.js';
import { isOfRest } from '../messenger/notices.js';
import { derivedAnchor, isPatch } from '../messenger/outbox.js';
import type { NetworkPorts } from '../network-ports.js';
import type { ProcessRecord } from '../scheduler/process-record.js';
import { ownItems, readSent, type Sendable, type SentItems, sendables } from '../sent.js';

export interface OutboxOptions
  extends Pick<NetworkPorts, 'log' | 'results' | 'notices' | 'unsent' | 'monitors'> {
  readonly gateway: Gateway;
  /** Address of the messenger unit. */
  readonly messenger: string;
  readonly requireProcess: (id: string) => ProcessRecord;
}

/** An entry of an outbox, and what the store notes of it. */
interface Expected extends Sendable {
  /** In words: its nonce, and its place in the outbox. */
  readonly place: string;
  /** Why it may not have been sent; it says the opposite of what was sent, unless it is a cron. */
  readonly excuse: 'a notice' | 'the backlog' | 'a cron' | undefined;
}

/** @returns what is wrong, in words that name the nonce and the place in the outbox */
export function verifyOutboxes(options: OutboxOptions, process: string): string[] {
  const sent = readSent(options, process);
  const all = [...expectedOf(options, process)];
  const problems: string[] = [];
  // What must have been sent comes first: a program may use an anchor again.
  for (const expected of all.filter(({ excuse }) => excuse === undefined)) {
    const count = take(options, sent, expected);
    if (count === 0) problems.push(`${expected.place} was never sent`);
    if (count > 1) problems.push(`${expected.place} was sent ${count} times`);
  }
  for (const expected of all.filter(({ excuse }) => excuse !== undefined)) {
    const count = take(options, sent, expected);
    const { place, excuse } = expected;
    if (count > 1) problems.push(`${place} was sent ${count} times`);
    else if (count === 1 && excuse !== 'a cron')
      problems.push(`${place} was sent, and ${excuse} says that it was not`);
  }
  for (const { origin } of all) takeOne(sent, derivedAnchor(origin, 'spawned'));
  for (const { id } of [...sent.values()].flat())
    problems.push(`${id} was sent for it, and no outbox asks for that`);
  return problems;
}

function* expectedOf(options: OutboxOptions, process: string): Generator<Expected> {
  const { results, gateway, notices } = options;
  const record = options.requireProcess(process);
  const { records } = gateway;
  const pending = records ? readLedger<LeftOutbox>(records, 'outbox') : new Map<string, never>();
  const follows = records ? readLedger<unknown>(records, 'follows') : new Map<string, unknown>();
  for (let index = 0; index < results.next(process); index++) {
    const evaluation = results.at(process, index);
    if (!evaluation || evaluation.result.error) continue;
    const { nonce, result } = evaluation;
    if (nonce < (record.adopted?.until ?? 0)) continue; // it was sent where the process began
    const key = `${process}:${nonce}`;
    const waits = evaluation.cron === undefined && (follows.has(key) || options.unsent.has(key));
    const refusals = notices.of(process, index);
    const left = pending.get(`${process}:${index}`);
    const origin = { process: record, evaluation: index, initial: '' };
    for (const sendable of sendables(result, origin)) {
      const { kind, entry } = sendable;
      const at = sendable.origin.index;
      if (kind === 'message' && entry.Target === undefined && isPatch(entry)) continue; // to nobody
      const isRefused = refusals.some(
        (refusal) =>
          (refusal.index === at && refusal.kind === kind) ||
          (refusal.index < at && isOfRest(refusal, result)),
      );
      const isLeft = waits || (left !== undefined && isUnsent(left, at));
      const excuse = isRefused
        ? 'a notice'
        : isLeft
          ? 'the backlog'
          : cronExcuse(options, evaluation);
      yield { ...sendable, place: `entry ${at} of the outbox of nonce ${nonce}`, excuse };
    }
  }
}

/** What crons ask for is sent only while the process is monitored. */
function cronExcuse({ monitors }: OutboxOptions, { process, index, cron }: Evaluation) {
  if (cron === undefined) return undefined;
  const isAhead = index >= (monitors.get(process) ?? Number.POSITIVE_INFINITY);
  return isAhead ? 'the backlog' : 'a cron';
}

/**
 * Takes away what was sent of an entry: under its own anchor all of it, and under one that the
 * program gave it one item, because another entry may have that anchor as well.
 * @returns how often it was sent
 */
function take({ gateway }: OutboxOptions, sent: SentItems, expected: Expected): number {
  const derived = derivedAnchor(expected.origin);
  const count = sent.get(derived)?.length ?? 0;
  sent.delete(derived);
  const [own] = count === 0 ? ownItems({ gateway }, sent, expected) : [];
  if (own) takeOne(sent, own.anchor, own);
  return own ? 1 : count;
}

function takeOne(sent: SentItems, anchor: string, item = sent.get(anchor)?.[0]): void {
  const others = sent.get(anchor)?.filter((other: Entry) => other !== item) ?? [];
  if (others.length > 0) sent.set(anchor, others);
  else sent.delete(anchor);
}
