/** Receipts, deliveries and results as a test in Lua reads them: the words are those of `send`. */
import { type EvaluationResult, printedText } from '../../actors/compute/result.js';
import type { LuaValue } from '../../actors/lua/values.js';
import type { Delivery } from '../../actors/messenger/trace.js';
import type { Tag } from '../../arlocal/tags.js';
import type { Receipt } from '../network-api.js';

/** What is passed at once; `messages` and the drawing of the tree are asked for when needed. */
export function receiptToLua(receipt: Receipt): LuaValue {
  const { id, result, errors, pending } = receipt;
  return {
    id,
    pending,
    result: result && resultToLua(result),
    errors: errors.map(({ code, text, hint }) => ({ code, text, hint })),
  };
}

export function deliveryToLua(delivery: Delivery): LuaValue {
  const { id, kind, from, target, action, nonce, message, result, errors } = delivery;
  return {
    id,
    kind,
    from,
    to: target,
    action,
    nonce,
    tags: message && tagsToLua(message.tags),
    data: message && textOrBytes(message.data),
    result: result && resultToLua(result),
    error: errors[0]?.text,
  };
}

export function resultToLua(result: EvaluationResult): LuaValue {
  const { error, gas, messages, spawns } = result;
  return {
    output: printedText(result) ?? '',
    gas,
    messages: messages.map(({ Target, Data, Tags }) => outgoing(Target, Data, Tags)),
    spawns: spawns.map(({ Data, Tags }) => outgoing(undefined, Data, Tags)),
    error: error && {
      code: error.code,
      text: error.text,
      hint: error.hint,
      handler: error.handler,
      line: error.line,
      stack: error.stack,
    },
  };
}

/** A message as a program wrote it: whatever it is, it is shown. */
function outgoing(target: unknown, data: unknown, tags: unknown): LuaValue {
  const list = Array.isArray(tags) ? (tags as Partial<Tag>[]) : [];
  const record = tagsToLua(list.filter((tag): tag is Tag => typeof tag?.name === 'string'));
  return {
    to: target as LuaValue,
    action: record.Action,
    tags: record,
    data: data as LuaValue,
  };
}

/** The last of several tags of one name, as a process sees it. */
function tagsToLua(tags: readonly Tag[]): Record<string, string> {
  return Object.fromEntries(tags.map(({ name, value }) => [name, value]));
}

function textOrBytes(data: string | Uint8Array): LuaValue {
  return data;
}
