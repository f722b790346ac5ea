/**
 * What the node answers: JSON documents whose parts can be asked for by path, in the shapes that
 * aoconnect's mainnet mode, aos and explorers read.
 *
 * @divergence HyperBEAM answers in headers and multipart unless told otherwise; here it is always
 *   JSON, or the text of a single value.
 */
import type { Context } from 'hono';
import type { OutboxMessage } from '../../compute/result.js';
import { ActorError } from '../../errors.js';

export type Doc = Readonly<Record<string, unknown>>;

/** The state of a process after a slot, as far as it can be told: the results of that slot. */
export function computeDoc(process: string, slot: number, raw: Doc): Doc {
  return {
    process,
    'at-slot': slot,
    raw,
    results: {
      raw,
      json: { 'content-type': 'application/json', body: JSON.stringify(raw) },
      output: raw.Output,
      data: outputText(raw.Output),
      outbox: outboxDoc(raw.Messages),
      error: raw.Error,
    },
  };
}

/** Answers a document, or the part of it that the keys lead to. @throws {NOT_FOUND} */
export function answerPart(c: Context, doc: Doc, keys: readonly string[]) {
  let value: unknown = doc;
  for (const key of keys) {
    if (key === 'body' && typeof value !== 'object') continue; // a single value is its own body
    value = own(value, key);
    if (value === undefined || value === null) throw noSuchPart(keys, doc);
  }
  return answerValue(c, value, keys.at(-1) === 'body');
}

/** Objects as JSON, single values as text. @param isJson if the text itself is JSON */
export function answerValue(c: Context, value: unknown, isJson = false) {
  if (typeof value === 'object') return c.json(value);
  return c.text(String(value), 200, isJson ? { 'Content-Type': 'application/json' } : {});
}

/** A member whose name differs in case only is found too. */
function own(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Object.hasOwn(value, key)) return (value as Record<string, unknown>)[key];
  const name = Object.keys(value).find((it) => it.toLowerCase() === key.toLowerCase());
  return name === undefined ? undefined : (value as Record<string, unknown>)[name];
}

/** Messages by their number in the outbox, from 1, with their tags as members. */
function outboxDoc(messages: unknown): Doc {
  const list: readonly OutboxMessage[] = Array.isArray(messages) ? messages : [];
  return Object.fromEntries(
    list.map((message, index) => {
      const { Target, Data, Anchor, Tags } = message;
      const tags = (Array.isArray(Tags) ? Tags : []) as ({
        name?: unknown;
        value?: unknown;
      } | null)[];
      const members = tags.map((tag) => [String(tag?.name).toLowerCase(), tag?.value]);
      const fields = { ...Object.fromEntries(members), target: Target, data: Data, anchor: Anchor };
      return [String(index + 1), fields];
    }),
  );
}

function outputText(output: unknown): unknown {
  if (typeof output !== 'object' || output === null) return output;
  const { data } = output as { data?: unknown };
  if (typeof data !== 'object' || data === null) return data;
  return (data as { output?: unknown }).output ?? data;
}

function noSuchPart(keys: readonly string[], doc: Doc): ActorError {
  return new ActorError('NOT_FOUND', `there is no ${keys.join('/')} here`, {
    hint: `Ask for one of: ${Object.keys(doc).join(', ')}.`,
    details: { path: keys.join('/') },
  });
}
