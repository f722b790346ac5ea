/** Receipts, deliveries and results as a test in Lua reads them: the words are those of `send`. */
import { type EvaluationResult, printedText } from '../../actors/compute/result.js';
import type { LuaValue } from '../../actors/lua/values.js';
import type { Delivery } from '../../actors/messenger/trace.js';
import type { Tag } from '../../arlocal/tags.js';
import { namesOf } from '../match/subject.js';
import type { Receipt } from '../network-api.js';
import { toTreeNode } from '../render/from-delivery.js';
import { reasonOf } from '../render/reason.js';
import { renderTree } from '../render/tree.js';
import type { TreeError } from '../render/tree-node.js';
import type { LuaRecord } from './arguments.js';
import type { Kept } from './stage.js';

/** What is passed at once; the rest is asked for when it is looked at, see `lookAt`. */
export function receiptToLua(receipt: Receipt, kept: Kept): LuaValue {
  return { ref: kept.add(receipt), value: { id: receipt.id } };
}

/**
 * A part of a receipt as it is when a test looks at it: with the crank turned by hand, or with
 * faults, more is still to come.
 *
 * @param around names of the network at this moment, where the receipt does not know its own
 */
export function lookAt(
  receipt: Receipt,
  part: string,
  kept: Kept,
  around: ReadonlyMap<string, string> = new Map(),
): LuaValue {
  switch (part) {
    case 'pending':
      return receipt.pending;
    case 'result':
      return receipt.result && resultToLua(receipt.result);
    case 'messages':
      return receipt.messages.map((one) => deliveryToLua(one, kept));
    case 'errors':
      return receipt.errors.map(errorToLua);
    default:
      return renderTree(toTreeNode(receipt.tree), {
        names: namesOf(receipt) ?? around,
        detail: TREE_DETAIL,
      });
  }
}

const TREE_DETAIL = { data: true, tags: true, output: 'all' } as const;

/** A delivery, to be held by Lua under a number. */
export function deliveryToLua(delivery: Delivery, kept: Kept): LuaValue {
  const { id, kind, from, target, action, nonce, message, result, errors } = delivery;
  const { faults, undelivered, impersonated } = toTreeNode(delivery);
  return {
    ref: kept.add(delivery),
    value: {
      ...{ id, kind, from, to: target, action, nonce, undelivered, impersonated },
      tags: message && tagsToLua(message.tags),
      data: message?.data,
      result: result && resultToLua(result),
      error: errors[0] && errorToLua(errors[0]),
      faults: faults ?? [],
    },
  };
}

/** With the one sentence that says what went wrong as its text. */
function errorToLua(error: TreeError): LuaRecord {
  const { code, hint, handler, line, stack } = error;
  return { code, text: reasonOf(error), hint, handler, line, stack };
}

export function resultToLua(result: EvaluationResult): LuaValue {
  const { error, gas, messages, spawns } = result;
  return {
    output: printedText(result) ?? '',
    gas,
    messages: messages.map(({ Target, Data, Tags }) => outgoing(Target, Data, Tags)),
    spawns: spawns.map(({ Data, Tags }) => outgoing(undefined, Data, Tags)),
    error: error && errorToLua(error),
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
