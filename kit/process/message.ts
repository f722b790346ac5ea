/** What is sent, as a test says it, and as the core takes it. */
import type { DryRunMessage } from '../../actors/compute/message-json.js';
import { tagList } from '../../actors/items/protocol.js';
import type { SendRequest as CoreRequest } from '../../actors/network.js';
import { KitError, show } from '../errors.js';
import type { DryRunRequest, SendRequest, TagsInput } from '../network-api.js';

type Content = Omit<CoreRequest, 'from' | 'to'>;

/** @throws {BAD_OPTION} */
export function readContent({
  action,
  tags,
  data,
  anchor,
}: Omit<SendRequest, 'from' | 'to'>): Content {
  return {
    ...(action !== undefined && { action: checkText('action', action) }),
    ...(tags && { tags: checkTags(tags) }),
    ...(data !== undefined && { data: checkData(data) }),
    ...(anchor !== undefined && { anchor: checkText('anchor', anchor) }),
  };
}

/** @param address of a sender */
export function readDryRun(
  message: DryRunMessage | DryRunRequest,
  address: (from: NonNullable<DryRunRequest['from']>) => string,
): DryRunMessage {
  if (isWire(message)) return message;
  const { from, action, tags, data } = message;
  const actionTag = action === undefined ? [] : [{ name: 'Action', value: action }];
  const owner = from === undefined ? undefined : address(from);
  return {
    Tags: [...actionTag, ...tagList(checkTags(tags))],
    ...(owner !== undefined && { Owner: owner, From: owner }),
    ...(data !== undefined && { Data: data }),
  };
}

/** @throws {BAD_OPTION} for a value that is no text: AO drops such a message without a word */
export function checkTags(tags: TagsInput = []): TagsInput {
  for (const { name, value } of tagList(tags)) {
    if (typeof value === 'string') continue;
    throw new KitError('BAD_OPTION', `the tag ${name} is ${show(value)}, not text`, {
      hint: textHint(value),
      details: { tag: name },
    });
  }
  return tags;
}

/** A wallet or a process is meant by its id; anything else is written out. */
function textHint(value: unknown): string {
  if (typeof value !== 'object' || value === null) return 'Write String(value).';
  if ('address' in value) return 'Give its address: value.address.';
  return 'id' in value ? 'Give its id: value.id.' : 'Write JSON.stringify(value).';
}

function checkData(data: unknown): string | Uint8Array {
  if (typeof data === 'string' || data instanceof Uint8Array) return data;
  throw new KitError('BAD_OPTION', `data is ${show(data)}, neither text nor bytes`, {
    hint: 'Write JSON.stringify(value), or String(value).',
  });
}

function checkText(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw new KitError('BAD_OPTION', `${name} is ${show(value)}, not text`, {
    hint: `Give ${name} as a string.`,
  });
}

const WIRE_FIELDS = ['Id', 'Owner', 'From', 'Data', 'Tags', 'Anchor', 'Timestamp', 'Block-Height'];

/** True for a message as the compute unit's route takes it. */
function isWire(message: DryRunMessage | DryRunRequest): message is DryRunMessage {
  return WIRE_FIELDS.some((name) => name in message);
}
