/**
 * The words of the AO protocol on the wire: tag names and values, and how to read them. No other
 * module spells them.
 */
import type { DataItem } from '../../arlocal/data-item.js';
import type { Tag } from '../../arlocal/tags.js';

export const DATA_PROTOCOL = 'ao';
const VARIANT = 'ao.TN.1';

/**
 * Tag of an item that the messenger unit signed for somebody who did not ask for it: a test did. Its
 * value is whom the item is from. Not in AO; from any other signer it says nothing.
 */
export const IMPERSONATED = 'Corral-Impersonated';

/** What the messenger unit writes on the messages of processes. */
const RESERVED_TAGS: ReadonlySet<string> = new Set([
  'Data-Protocol',
  'Variant',
  'Type',
  'From-Process',
  'From-Module',
  'Pushed-For',
  'Assignments',
]);

/** Names that would say who sent a message, as kernels read them: in any case, and with _ for -. */
const SENDER_NAME = /^(from|owner|forwarded[-_]by|from[-_](process|module))$/i;

/** Every name that kernels read as `IMPERSONATED`. */
const IMPERSONATED_NAME = /^corral[-_]impersonated$/i;

/** Those by which a messenger unit says it, which count in this spelling alone. */
const SENDER_TAGS: ReadonlySet<string> = new Set(['From-Process', 'From-Module']);

/** True for what only the messenger unit writes: a program cannot set it on what it sends. */
export const isReservedTag = (name: string): boolean =>
  RESERVED_TAGS.has(name) || IMPERSONATED_NAME.test(name);

/**
 * True for a tag that would pass for who sent the message: kernels put tags at the root of a message,
 * over its fields. A program is not shown it.
 */
export const isEnvelopeTag = ({ name }: Tag): boolean =>
  (SENDER_NAME.test(name) && !SENDER_TAGS.has(name)) || IMPERSONATED_NAME.test(name);

/**
 * Whom an item is from that was signed for somebody else by a test; undefined for any other item. A
 * process says nothing by the tag on networks that let it through: it could only name itself.
 */
export function impersonatedIn(item: DataItem, messenger: string): string | undefined {
  if (item.address !== messenger) return undefined;
  const claimed = tagValue(item.tags, IMPERSONATED);
  const sender = tagValue(item.tags, 'From-Process');
  return sender === undefined || sender === claimed ? claimed : undefined;
}

/** Value of the first tag with this name. */
export function tagValue(tags: readonly Tag[], name: string): string | undefined {
  for (const tag of tags) if (tag.name === name) return tag.value;
  return undefined;
}

export function tagValues(tags: readonly Tag[], name: string): string[] {
  return tags.filter((tag) => tag.name === name).map((tag) => tag.value);
}

export type AoType = 'Process' | 'Message' | 'Module' | 'Assignment' | 'Adoption';

/** The item's type in the AO protocol; undefined for any other item. */
export function aoType(item: Pick<DataItem, 'tags'>): string | undefined {
  if (tagValue(item.tags, 'Data-Protocol') !== DATA_PROTOCOL) return undefined;
  return tagValue(item.tags, 'Type');
}

/** The tags that make an item a part of the protocol. */
export function protocolTags(type: AoType): Tag[] {
  return [
    { name: 'Data-Protocol', value: DATA_PROTOCOL },
    { name: 'Variant', value: VARIANT },
    { name: 'Type', value: type },
  ];
}

/** A record of tags as the wire's list of tags. */
export function tagList(tags: Readonly<Record<string, string>> | readonly Tag[] = []): Tag[] {
  if (Array.isArray(tags)) return [...tags];
  return Object.entries(tags).map(([name, value]) => ({ name, value }));
}
