/**
 * Arguments of calls, as Lua passes them: checked by name, so that a slip such as `target` for `to`
 * is told with what there is instead.
 */
import type { LuaValue } from '../../actors/lua/values.js';
import type { Tag } from '../../arlocal/tags.js';
import type { WarAmount } from '../cheats/mint-war.js';
import { KitError, show } from '../errors.js';
import type { Network } from '../network-api.js';
import type { Ref, Sender } from '../people/refs.js';

export type LuaRecord = Readonly<Record<string, LuaValue>>;

/**
 * The fields of a call's table.
 *
 * @param call as it is written: `network.send`
 * @throws {BAD_OPTION} when it is no table, or has a field that the call does not know
 */
export function readFields(call: string, value: LuaValue, known: readonly string[]): LuaRecord {
  const fields = isEmptyTable(value) ? {} : value;
  if (!isRecord(fields)) {
    throw new KitError('BAD_OPTION', `${call} takes a table, got ${showLua(value)}`, {
      hint: `Write ${call} { ${known.slice(0, 3).join(' = ..., ')} = ... }.`,
    });
  }
  const odd = Object.keys(fields).find((name) => !known.includes(name));
  if (odd === undefined) return fields;
  const other = known.find((name) => name.toLowerCase() === odd.toLowerCase());
  throw new KitError('BAD_OPTION', `${call} knows no field "${odd}"`, {
    hint: other === undefined ? `It takes ${known.join(', ')}.` : `Write ${other}.`,
  });
}

/**
 * `{ Name = value }`, in the order of the names, because a table of Lua has none; or, where the
 * order says something, a list of `{ name = ..., value = ... }`. Numbers and booleans are written
 * as text.
 */
export function readTags(value: LuaValue): Tag[] {
  if (value === undefined || isEmptyTable(value)) return [];
  if (Array.isArray(value)) return value.map(readTag);
  if (!isRecord(value)) {
    throw new KitError('BAD_OPTION', `tags is ${showLua(value)}`, {
      hint: 'Write tags = { Name = "value" }.',
    });
  }
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, tag]) => ({ name, value: tagText(tag) }));
}

function readTag(value: LuaValue): Tag {
  const { name, value: tag } = readFields('one of the tags', value, ['name', 'value']);
  return { name: readText('the name of a tag', name), value: tagText(tag) };
}

/** What is no text stays what it is: the network refuses it by name. */
function tagText(value: LuaValue): string {
  const isPlain = ['number', 'bigint', 'boolean'].includes(typeof value);
  return isPlain ? String(value) : (value as string);
}

export function isRecord(value: LuaValue): value is LuaRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isBytes(value);
}

export function isBytes(value: LuaValue): value is Uint8Array {
  return value instanceof Uint8Array;
}

/** An empty table of Lua comes as a list. */
function isEmptyTable(value: LuaValue): boolean {
  return Array.isArray(value) && value.length === 0;
}

export function showLua(value: LuaValue): string {
  return value === undefined ? 'nil' : show(value);
}

/** A wallet passes as its name and address: the one that signs is of the network. */
export function readSender(network: Network, value: LuaValue): Sender {
  if (isRecord(value) && typeof value.name === 'string' && typeof value.address === 'string') {
    return network.wallet(value.name);
  }
  return value as unknown as Sender;
}

/** Whatever it is, the network checks it. */
export function readRef(value: LuaValue): Ref {
  return value as unknown as Ref;
}

/** A moment or a duration: the network checks it. */
export function readMoment(value: LuaValue): number | string {
  return value as unknown as number | string;
}

export function readCount(value: LuaValue): number | undefined {
  return value === undefined ? undefined : Number(value);
}

/** Numbers are written as Lua writes them; a table is the test's to encode. */
export function readData(value: LuaValue): string | Uint8Array {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'string' || isBytes(value)) return value;
  throw new KitError('BAD_OPTION', `data is ${showLua(value)}, neither text nor a number`, {
    hint: 'Write data = require("json").encode(value).',
  });
}

/** @param what it is, for the error: `the name of a wallet` */
export function readText(what: string, value: LuaValue): string {
  if (typeof value === 'string') return value;
  throw new KitError('BAD_OPTION', `${what} is ${showLua(value)}, not text`, {
    hint: 'Give a string.',
  });
}

/**
 * An amount of wAR, as text with or without its unit: `'1.5'`, `'1.5 wAR'`, `'15 winston'`. A number
 * would leave open which is meant.
 *
 * @throws {BAD_AMOUNT}
 */
export function readWar(value: LuaValue): WarAmount {
  const [, amount, unit] =
    (typeof value === 'string' && /^([\d.]+)(?: (wAR|winston))?$/.exec(value)) || [];
  const isWinston = unit === 'winston';
  if (amount !== undefined && /^\d+$/.test(amount) && isWinston) return BigInt(amount);
  if (amount !== undefined && /^\d+(\.\d{1,12})?$/.test(amount) && !isWinston) return amount;
  const number = typeof value === 'number' || typeof value === 'bigint' ? `${value}` : undefined;
  throw new KitError('BAD_AMOUNT', `${showLua(value)} is no amount of wAR`, {
    hint:
      number === undefined
        ? "Give wAR as text, '1.5' with up to 12 decimals, or winston (10^12 a wAR), '15 winston'."
        : `A number does not say of what: write '${number} wAR' or '${number} winston'.`,
    details: { amount: showLua(value) },
  });
}
