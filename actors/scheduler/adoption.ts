/**
 * Adopted processes: they began on another network, and go on here. The first part of such a log is
 * assignments that the other scheduler unit signed. What makes them count here is an item that this
 * network's own scheduler unit signed, which says up to which of them: nobody else can say that.
 */
import { signDataItem } from '../../arlocal/data-item.js';
import type { Gateway } from '../../arlocal/gateway.js';
import type { Tag } from '../../arlocal/tags.js';
import type { Wallet } from '../../arlocal/wallet.js';
import { ActorError } from '../errors.js';
import { protocolTags, tagValue } from '../items/protocol.js';
import type { Log, LogEntry } from '../ports.js';
import { nextHashChain } from './hash-chain.js';

/** Where a process began, and how much of its log is from there. */
export interface Adoption {
  /** Address of the scheduler unit there. */
  readonly scheduler: string;
  /** Address of the messenger unit there, if it is known: it signed for processes. */
  readonly messenger?: string | undefined;
  /** Assignments from there: nonces below are theirs. */
  readonly until: number;
  /** Id of the last of them. */
  readonly head: string;
}

/** Part of a log, from another network; its items are on the gateway, and verified. */
export interface AdoptedPart {
  /** The id that the process answers at. */
  readonly process: string;
  readonly scheduler: string;
  readonly messenger?: string | undefined;
  /** They follow on what is here of the log already. */
  readonly entries: readonly LogEntry[];
}

const PAGE = 100;

/** All that a scheduler unit has adopted; of a process the last item counts. */
export function readAdoptions(gateway: Gateway, scheduler: string): Map<string, Adoption> {
  const adoptions = new Map<string, Adoption>();
  const tags = [{ name: 'Type', values: ['Adoption'] }];
  for (let after: string | undefined; ; ) {
    const page = gateway.query({
      owners: [scheduler],
      tags,
      sort: 'HEIGHT_ASC',
      first: PAGE,
      after,
    });
    for (const { entry } of page.edges) {
      adoptions.set(tagValue(entry.tags, 'Process') ?? '', readTags(entry.tags));
    }
    after = page.edges.at(-1)?.cursor;
    if (!page.hasNextPage || after === undefined) return adoptions;
  }
}

/**
 * Appends what was adopted to a log, and signs that it counts.
 * @throws {LOG_CONFLICT} if the process has messages that were assigned here
 */
export function appendAdopted(
  gateway: Gateway,
  wallet: Wallet,
  log: Log<LogEntry>,
  { process, scheduler, messenger, entries }: AdoptedPart,
  known: Adoption | undefined,
): Adoption {
  const next = log.next(process);
  if (next !== (known?.until ?? 0)) throw livesHere(process, known?.until ?? 0);
  const until = next + entries.length;
  const head = entries.at(-1)?.assignmentId ?? known?.head ?? '';
  const adoption = { scheduler, messenger, until, head };
  gateway.putItem(signDataItem(wallet, { tags: adoptionTags(process, adoption) }));
  const { kind } = log.append(process, next, entries);
  if (kind !== 'appended') throw livesHere(process, next);
  return adoption;
}

/** Of assignments of a process that another scheduler unit signed, those that count, in order. */
export function pickAdopted(
  process: string,
  { until, head }: Adoption,
  entries: readonly LogEntry[],
): LogEntry[] {
  const picked: LogEntry[] = [];
  let next: LogEntry | undefined;
  for (let nonce = until - 1; nonce >= 0; nonce--) {
    const later: LogEntry | undefined = next;
    next = entries.find(
      (entry) =>
        entry.nonce === nonce &&
        (later ? nextHashChain(process, entry) === later.hashChain : entry.assignmentId === head),
    );
    if (!next) break;
    picked.push(next);
  }
  return picked.reverse();
}

function adoptionTags(process: string, { scheduler, messenger, until, head }: Adoption): Tag[] {
  const tags = [
    { name: 'Process', value: process },
    { name: 'Scheduler', value: scheduler },
    { name: 'Until', value: String(until) },
    { name: 'Head', value: head },
  ];
  const from = messenger === undefined ? [] : [{ name: 'Messenger', value: messenger }];
  return [...protocolTags('Adoption'), ...tags, ...from];
}

function readTags(tags: readonly Tag[]): Adoption {
  return {
    scheduler: tagValue(tags, 'Scheduler') ?? '',
    messenger: tagValue(tags, 'Messenger'),
    until: Number(tagValue(tags, 'Until')),
    head: tagValue(tags, 'Head') ?? '',
  };
}

function livesHere(process: string, until: number): ActorError {
  const text = `the process ${process} has messages here that the other network does not know`;
  return new ActorError('LOG_CONFLICT', text, {
    hint: 'From its first message here on, a process lives here: adopt it in a new network.',
    details: { process, until },
  });
}
