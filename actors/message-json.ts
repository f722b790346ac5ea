/**
 * What a process is given: the JSON of a message and of its environment, as the compute unit of AO
 * hands them to `handle`.
 *
 * @divergence none; data that is not UTF-8 is null, as there, because JSON text cannot carry bytes.
 *   The bytes stay on the gateway, where a device can read them by the message's id.
 */
import { isUtf8 } from 'node:buffer';
import type { DataItem } from '../arlocal/data-item.js';
import type { Tag } from '../arlocal/tags.js';
import type { CronMessage } from './cron.js';
import type { LogEntry } from './ports.js';
import type { ProcessRecord } from './process-record.js';
import { ENVELOPE_TAGS, protocolTags, tagValue, tagValues } from './protocol.js';

/** The JSON of an assigned message. */
export function messageJson(process: ProcessRecord, entry: LogEntry, item: DataItem): string {
  const fromProcess = tagValue(item.tags, 'From-Process');
  const message = {
    Id: entry.messageId,
    Signature: item.signature,
    Data: dataText(item.data),
    Owner: item.address,
    Target: entry.nonce === 0 ? process.id : item.target,
    Anchor: item.anchor,
    From: fromProcess ?? item.address,
    'Forwarded-By': fromProcess === undefined ? undefined : item.address,
    Tags: withoutEnvelopeTags(item.tags),
    Epoch: 0,
    Nonce: entry.nonce,
    Timestamp: entry.timestampMs,
    'Block-Height': entry.blockHeight,
    'Hash-Chain': entry.hashChain,
    Cron: false,
    'Read-Only': false,
  };
  if (entry.exclude.length === 0) return JSON.stringify(message);
  const excluded = new Set(entry.exclude.map((name) => name.toLowerCase()));
  return JSON.stringify(
    Object.fromEntries(Object.entries(message).filter(([key]) => !excluded.has(key.toLowerCase()))),
  );
}

/** The JSON of a cron message: it has no id, nonce or data of its own. */
export function cronJson(process: ProcessRecord, cron: CronMessage): string {
  return JSON.stringify({
    Owner: process.item.address,
    From: process.item.address,
    Target: process.id,
    Tags: [...protocolTags('Message'), ...cron.tags],
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

/** The JSON of a dry-run: a message that was never assigned. */
export function dryRunJson(
  process: ProcessRecord,
  message: DryRunMessage,
  now: { timestampMs: number; blockHeight: number },
): string {
  const owner = message.Owner ?? '1234';
  const tags = message.Tags ?? [];
  return JSON.stringify({
    Timestamp: now.timestampMs,
    'Block-Height': now.blockHeight,
    Cron: false,
    Id: '1234',
    Data: '1234',
    ...message,
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
    Process: { Id: id, Owner: item.address, Tags: withMessenger(item.tags, messenger) },
    Module: { Id: process.module, Owner: module.address, Tags: module.tags },
  });
}

/**
 * Who trusts AO's messenger unit trusts the one in its place: the tags of a process that names the
 * former as an Authority get a last one that names the latter. Nobody else can sign as it.
 */
function withMessenger(tags: readonly Tag[], messenger: string): readonly Tag[] {
  const authorities = tagValues(tags, 'Authority').flatMap((value) => value.split(','));
  if (!authorities.includes(AO_MESSENGER) || authorities.includes(messenger)) return tags;
  return [...tags, { name: 'Authority', value: messenger }];
}

/** UTF-8 bytes as text, null for any other bytes. */
export function dataText(data: Uint8Array): string | null {
  if (!isUtf8(data)) return null;
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8');
}

function withoutEnvelopeTags(tags: readonly Tag[]): readonly Tag[] {
  return tags.some((tag) => ENVELOPE_TAGS.has(tag.name))
    ? tags.filter((tag) => !ENVELOPE_TAGS.has(tag.name))
    : tags;
}
