/**
 * Reads Lua values out of a machine as plain values (state-value.ts), by raw access alone: no
 * metamethod of the program runs. Keys are visited in a sorted order, so that equal tables read the same.
 */
import { isUtf8 } from 'node:buffer';
import {
  LUA_TBOOLEAN,
  LUA_TFUNCTION,
  LUA_TNIL,
  LUA_TNUMBER,
  LUA_TSTRING,
  LUA_TTABLE,
  LUA_TTHREAD,
} from '../../actors/lua/exports.js';
import { pushText } from '../../actors/lua/values.js';
import { describeFunction, type Look } from './lua-look.js';
import { fieldPath, named, type StateValue } from './state-value.js';

export interface ReadBounds {
  /** Deepest nesting of tables that is read. */
  readonly depth: number;
  /** Values read altogether; of what is beyond, tables are counted and no more. */
  readonly values: number;
  /** Longest string that is read, in bytes. */
  readonly text: number;
}

export const STATE_BOUNDS: ReadBounds = { depth: 16, values: 200_000, text: 1024 * 1024 };

/** One pass over a state: what was met, and how much more may be. */
export interface Reading extends Look {
  readonly bounds: ReadBounds;
  /** Where each table was met first, by its address. */
  readonly met: Map<number, string>;
  left: number;
}

export function startReading(look: Look, bounds = STATE_BOUNDS): Reading {
  return { ...look, bounds, met: new Map(), left: bounds.values };
}

/** The value on top of the stack, which stays. @param path where it is, for what is met again */
export function readTop(reading: Reading, path: string, depth = 0): StateValue {
  const { instance, state } = reading;
  const { lua } = instance;
  reading.left--;
  switch (lua.lua_type(state, -1)) {
    case LUA_TNIL:
      return undefined;
    case LUA_TBOOLEAN:
      return lua.lua_toboolean(state, -1) !== 0;
    case LUA_TNUMBER:
      return readNumber(reading);
    case LUA_TSTRING:
      return readString(reading);
    case LUA_TTABLE:
      return readTable(reading, path, depth);
    case LUA_TFUNCTION:
      return named(describeFunction(reading));
    case LUA_TTHREAD:
      return named('coroutine');
    default:
      return named('userdata');
  }
}

function readNumber({ instance, state }: Look): StateValue {
  const { lua } = instance;
  if (lua.lua_isinteger(state, -1) === 0) {
    const float = lua.lua_tonumberx(state, -1, 0);
    return Number.isInteger(float) ? named(floatText(float)) : float;
  }
  const integer = lua.lua_tointegerx(state, -1, 0);
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer;
}

/** As Lua writes it, but with every digit: `50.0`, `1e+20`. */
function floatText(float: number): string {
  if (Object.is(float, -0)) return '-0.0';
  return Math.abs(float) < 1e15 ? `${float}.0` : float.toExponential();
}

function readString({ instance, state, bounds }: Reading): StateValue {
  const length = Number(instance.lua.lua_rawlen(state, -1));
  if (length > bounds.text) return named(`string of ${length} bytes`);
  const start = instance.lua.lua_tolstring(state, -1, 0);
  const bytes = instance.buffer.subarray(start, start + length);
  return isUtf8(bytes) ? bytes.toString('utf8') : Uint8Array.from(bytes);
}

function readTable(reading: Reading, path: string, depth: number): StateValue {
  const { instance, state, met, bounds } = reading;
  const { lua } = instance;
  const address = lua.lua_topointer(state, -1);
  const before = met.get(address);
  if (before !== undefined) return named(`the table at ${before}`);
  met.set(address, path);
  lua.lua_checkstack(state, 8);
  const keys = readKeys(reading);
  const size = keys.length;
  if (size > 0 && (depth >= bounds.depth || reading.left < size)) return named(describeSize(size));
  const isList = size > 0 && Number(lua.lua_rawlen(state, -1)) === size && keys.every(isPosition);
  const entries = keys.map((key): [string, StateValue] => {
    const label = typeof key === 'string' ? key : `[${key.text}]`;
    const place = `${path}${typeof key === 'string' ? fieldPath(key) : label}`;
    pushEntry(reading, key);
    const value = readTop(reading, place, depth + 1);
    lua.lua_settop(state, -2);
    return [label, value];
  });
  // What nobody can know of an empty table: it is written as a list.
  if (size === 0) return [];
  return isList ? entries.map(([, value]) => value) : Object.fromEntries(entries);
}

/** A key: a string as it is, any other by a text, and how to push it again. */
export type Key =
  | string
  | { readonly text: string; readonly integer?: bigint; readonly order: number };

function isPosition(key: Key, index: number): boolean {
  return typeof key !== 'string' && key.integer === BigInt(index + 1);
}

/** Pushes the value under a key of the table on top. */
export function pushEntry(look: Look, key: Key): void {
  const { instance, state } = look;
  const { lua } = instance;
  if (typeof key === 'string') {
    pushText(instance, state, key);
    lua.lua_rawget(state, -2);
  } else if (key.integer !== undefined) {
    lua.lua_pushinteger(state, key.integer);
    lua.lua_rawget(state, -2);
  } else {
    pushByOrder(look, key.order);
  }
}

/** Integers first, then strings, then what else there is; each in its order. */
export function readKeys(reading: Look): Key[] {
  const integers: { text: string; integer: bigint; order: number }[] = [];
  const strings: string[] = [];
  const others: { text: string; order: number }[] = [];
  let order = 0;
  eachEntry(reading, () => {
    const key = readKey(reading, order);
    order++;
    if (typeof key === 'string') strings.push(key);
    else if (key.integer !== undefined) integers.push({ ...key, integer: key.integer });
    else others.push(key);
  });
  integers.sort((a, b) => (a.integer < b.integer ? -1 : 1));
  return [...integers, ...strings.sort(), ...others];
}

/** The key below the value on top of the stack. */
function readKey({ instance, state }: Look, order: number): Key {
  const { lua } = instance;
  const type = lua.lua_type(state, -2);
  if (type === LUA_TSTRING) {
    const start = lua.lua_tolstring(state, -2, 0);
    const bytes = instance.buffer.subarray(start, start + Number(lua.lua_rawlen(state, -2)));
    if (isUtf8(bytes)) return bytes.toString('utf8');
    return { text: `bytes ${bytes.toString('hex').slice(0, 64)}`, order };
  }
  if (type === LUA_TNUMBER && lua.lua_isinteger(state, -2) !== 0) {
    const integer = lua.lua_tointegerx(state, -2, 0);
    return { text: integer.toString(), integer, order };
  }
  if (type === LUA_TNUMBER) return { text: String(lua.lua_tonumberx(state, -2, 0)), order };
  if (type === LUA_TBOOLEAN) return { text: String(lua.lua_toboolean(state, -2) !== 0), order };
  return { text: `${KEY_KINDS.get(type) ?? 'userdata'} ${order + 1}`, order };
}

const KEY_KINDS = new Map([
  [LUA_TTABLE, 'table'],
  [LUA_TFUNCTION, 'function'],
  [LUA_TTHREAD, 'coroutine'],
]);

/** Visits the entries of the table on top; key and value are on top of the stack meanwhile. */
function eachEntry({ instance, state }: Look, use: () => void): void {
  const { lua } = instance;
  lua.lua_pushnil(state);
  while (lua.lua_next(state, -2) !== 0) {
    use();
    lua.lua_settop(state, -2);
  }
}

/** Pushes the value of the entry that comes at this place of a visit. */
function pushByOrder({ instance, state }: Look, order: number): void {
  const { lua } = instance;
  lua.lua_pushnil(state);
  for (let at = 0; lua.lua_next(state, -2) !== 0 && at < order; at++) lua.lua_settop(state, -2);
  lua.lua_rotate(state, -2, 1);
  lua.lua_settop(state, -2);
}

function describeSize(size: number): string {
  return `table of ${size} ${size === 1 ? 'entry' : 'entries'}`;
}
