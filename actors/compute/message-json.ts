/**
 * What a process is given: the JSON of a message and of its environment, as the compute unit of AO
 * hands them to `handle`.
 *
 * @divergence none; data that is not UTF-8 is null, as there, because JSON text cannot carry bytes.
 *   The bytes stay on the gateway, where a device can read them by the message's id.
 */
import { isUtf8 } from 'node:buffer';
import type { DataItem } from '../../arlocal/data-item.js';
import type { Tag } from '../../arlocal/tags.js';
import { impersonatedIn, isEnvelopeTag, tagValue } from '../items/protocol.js';
import type { LogEntry } from '../ports.js';
import type { CronMessage } from '../scheduler/cron.js';
import type { ProcessRecord } from '../scheduler/process-record.js';

/**
 * The JSON of an assigned message.
 * @param messenger address of the messenger unit of this network
 */
export function messageJson(
  process: ProcessRecord,
  entry: LogEntry,
  item: DataItem,
  messenger: string,
): string {
  const unit = messengerAt(process, entry, item, messenger);
  const from = senderOf(process, item, unit);
  const owner = ownerOf(process, item, unit);
  const message = {
    Id: entry.messageId,
    Signature: item.signature,
    Data: dataText(item.data),
    Owner: owner,
    Target: entry.nonce === 0 ? process.id : item.target,
    Anchor: item.anchor,
    From: from,
    'Forwarded-By': from === owner ? undefined : owner,
    Tags: shownTags(item.tags, from),
    Epoch: 0,
    Nonce: entry.nonce,
    Timestamp: entry.timestampMs,
    'Block-Height': entry.blockHeight,
    'Hash-Chain': entry.hashChain,
    Cron: false,
    'Read-Only': false,
  };
  if (entry.exclude.length === 0) return JSON.stringify(message);
  const excluded = new Set(entry.exclude.filter((name) => EXCLUDABLE.has(name)));
  return JSON.stringify(message, (key, value) => (excluded.has(key) ? undefined : value));
}

/** Fields that an assignment can leave out. The others say who sent what to whom, and stay. */
const EXCLUDABLE: ReadonlySet<string> = new Set(['Anchor', 'Data', 'Signature', 'Tags']);

/**
 * Who a message is from: its signer, or the process that the signer says it signs for. Anybody can
 * write that tag, so it counts if the messenger unit signed, or an Authority of the process. Another
 * signer's claim is shown as AO's unit shows it, for the process to refuse, as all kernels do; but a
 * process without any Authority refuses nothing, and none refuses what seems to be from an Authority:
 * there the message is from who signed it.
 */
export function senderOf(
  { authorities }: ProcessRecord,
  item: DataItem,
  messenger: string,
): string {
  const { address, tags } = item;
  const impersonated = impersonatedIn(item, messenger);
  if (impersonated !== undefined) return impersonated;
  const claimed = tagValue(tags, 'From-Process');
  if (claimed === undefined) return address;
  if (address === messenger || authorities.includes(address)) return claimed;
  const isRefused = authorities.length > 0 && claimed !== messenger;
  return isRefused && !authorities.includes(claimed) ? claimed : address;
}

/** The messenger unit whose word counts: of what was adopted also that of the other network. */
function messengerAt(
  { adopted }: ProcessRecord,
  { nonce }: LogEntry,
  { address }: DataItem,
  messenger: string,
): string {
  const isTheirs = adopted && nonce < adopted.until && address === adopted.messenger;
  return isTheirs ? address : messenger;
}

/**
 * Who signed an item; of one that is impersonated, who would have: of processes the messenger unit.
 * A process that was adopted knows that unit by the address of the one that signed for processes where
 * it came from, so that its environment, and with it its state, is what it was there.
 */
function ownerOf({ adopted, authorities }: ProcessRecord, item: DataItem, messenger: string) {
  const impersonated = impersonatedIn(item, messenger);
  const isProcess = tagValue(item.tags, 'From-Module') !== undefined;
  if (impersonated !== undefined && !isProcess) return impersonated;
  const isStandIn = adopted && item.address === messenger && !authorities.includes(messenger);
  return (isStandIn && (adopted.messenger ?? authorities[0])) || item.address;
}

/** The JSON of a cron message: it has no id, nonce or data of its own. */
export function cronJson(process: ProcessRecord, cron: CronMessage): string {
  return JSON.stringify({
    Owner: process.item.address,
    From: process.item.address,
    Target: process.id,
    Tags: withoutEnvelopeTags(cron.tags),
    Timestamp: cron.timestampMs,
    'Block-Height': cron.blockHeight,
    Cron: true,
    'Read-Only': false,
  });
}

/** What a dry-run asks: every field may be left out. */
export interface DryRunMessage {
  readonly Id?: string | undefined;
  readonly Owner?: string | undefined;
  readonly From?: string | undefined;
  readonly Data?: unknown;
  readonly Tags?: readonly Tag[] | undefined;
  readonly Anchor?: string | undefined;
  readonly Timestamp?: number | undefined;
  readonly 'Block-Height'?: number | undefined;
}

/** The JSON of a dry-run: a message that was never assigned. It has these fields and no others. */
export function dryRunJson(
  process: ProcessRecord,
  message: DryRunMessage,
  now: { timestampMs: number; blockHeight: number },
): string {
  const owner = message.Owner ?? '1234';
  const tags = message.Tags ?? [];
  return JSON.stringify({
    Timestamp: message.Timestamp ?? now.timestampMs,
    'Block-Height': message['Block-Height'] ?? now.blockHeight,
    Cron: false,
    Id: message.Id ?? '1234',
    Data: message.Data ?? '1234',
    Anchor: message.Anchor,
    Owner: owner,
    From: message.From ?? tagValue(tags, 'From-Process') ?? owner,
    Target: process.id,
    Tags: withoutEnvelopeTags(tags),
    'Read-Only': true,
  });
}

/** Address of the messenger unit of AO's legacy network, which clients write into what they spawn. */
const AO_MESSENGER = 'fcoN_xJeisVsPXA-trzVAuIiqO3ydLQxM-L4XbrQKzY';

/**
 * The second argument of `handle`; it never changes in the life of a process.
 * @param messenger address of the messenger unit of this network
 */
export function environmentJson(
  process: ProcessRecord,
  module: DataItem,
  messenger: string,
): string {
  const { id, item } = process;
  return JSON.stringify({
    Process: { Id: id, Owner: item.address, Tags: withMessenger(process, messenger) },
    Module: { Id: process.module, Owner: module.address, Tags: module.tags },
  });
}

/**
 * Who trusts AO's messenger unit trusts the one in its place: the tags of a process that names the
 * former as an Authority get a last one that names the latter. Nobody else can sign as it. What was
 * adopted keeps what it was given where it began.
 */
function withMessenger(process: ProcessRecord, messenger: string): readonly Tag[] {
  const { authorities, item, adopted } = process;
  const value = adopted ? adopted.messenger : messenger;
  if (value === undefined || !authorities.includes(AO_MESSENGER)) return item.tags;
  return authorities.includes(value) ? item.tags : [...item.tags, { name: 'Authority', value }];
}

/** UTF-8 bytes as text, null for any other bytes. */
export function dataText(data: Uint8Array): string | null {
  if (!isUtf8(data)) return null;
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8');
}

/** The tags of a message from somebody: a claim to be somebody else that does not count is no tag. */
function shownTags(tags: readonly Tag[], from: string): readonly Tag[] {
  const isClaim = ({ name, value }: Tag) => name === 'From-Process' && value !== from;
  const shown = withoutEnvelopeTags(tags);
  return shown.some(isClaim) ? shown.filter((tag) => !isClaim(tag)) : shown;
}

function withoutEnvelopeTags(tags: readonly Tag[]): readonly Tag[] {
  return tags.some(isEnvelopeTag) ? tags.filter((tag) => !isEnvelopeTag(tag)) : tags;
}
