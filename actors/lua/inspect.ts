/**
 * Looking into a process's memory from the host: a path from its globals, and what is there as a plain
 * value that can go to another thread. Raw access alone, so that nothing of the program runs; strings
 * that are looked up are made in its memory, so whoever looks restores a checkpoint afterwards.
 *
 * | Lua                    | plain value                                                       |
 * |---|---|
 * | integer                | number if it is safe, else bigint                                 |
 * | string                 | string if it is valid UTF-8, else its bytes                       |
 * | table 1..n, {}         | array                                                             |
 * | any other table        | object; a key that is no string is written `[3]`, `[true]`        |
 * | function, coroutine .. | `{ '<lua>': 'function' }`                                         |
 * | a table within itself  | `{ '<lua>': 'the table at Queue[1]' }`                            |
 */
import { isUtf8 } from 'node:buffer';
import { LUA_TBOOLEAN, LUA_TNIL, LUA_TNUMBER, LUA_TSTRING, LUA_TTABLE } from './exports.js';
import type { LuaInstance } from './instance.js';
import { pushText } from './values.js';

export type StateKey = string | number | bigint | boolean;

export type StateValue =
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly StateValue[]
  | { readonly [key: string]: StateValue };

export interface InspectBounds {
  /** Nesting of tables. */
  readonly depth: number;
  /** Values altogether. */
  readonly values: number;
  /** Bytes of strings altogether. */
  readonly bytes: number;
}

export const INSPECT_BOUNDS: InspectBounds = {
  depth: 64,
  values: 250_000,
  bytes: 64 * 1024 * 1024,
};

/** What is at the end of a path. */
export type Inspection =
  | { readonly kind: 'value'; readonly value: StateValue; readonly type: string }
  /** After so many steps there was no table. */
  | { readonly kind: 'blocked'; readonly steps: number; readonly type: string }
  /** More than is read: of what, how much may be. */
  | { readonly kind: 'excess'; readonly bound: keyof InspectBounds; readonly limit: number }
  /** The process has no Lua of ours to look into. */
  | { readonly kind: 'foreign' };

const REGISTRY = -1_001_000;
const GLOBALS = 2n; // LUA_RIDX_GLOBALS
const NAME = '<lua>';
const TYPES = [
  'nil',
  'boolean',
  'userdata',
  'number',
  'string',
  'table',
  'function',
  'userdata',
  'coroutine',
];

interface Look {
  readonly instance: LuaInstance;
  readonly state: number;
  readonly bounds: InspectBounds;
  /** Tables that the value is in, by their addresses. */
  readonly around: Map<number, string>;
  values: number;
  bytes: number;
}

/** Ends a look; a value of its own because it is no error of anybody. */
class Excess {
  readonly bound: keyof InspectBounds;
  constructor(bound: keyof InspectBounds) {
    this.bound = bound;
  }
}

/** @param path keys from the globals on */
export function inspect(
  instance: LuaInstance,
  state: number,
  path: readonly StateKey[],
  bounds: InspectBounds = INSPECT_BOUNDS,
): Inspection {
  const { lua } = instance;
  const top = lua.lua_gettop(state);
  const look: Look = { instance, state, bounds, around: new Map(), values: 0, bytes: 0 };
  try {
    lua.lua_checkstack(state, 8);
    lua.lua_rawgeti(state, REGISTRY, GLOBALS);
    for (const [steps, key] of path.entries()) {
      const type = lua.lua_type(state, -1);
      if (type !== LUA_TTABLE) return { kind: 'blocked', steps, type: TYPES[type] ?? 'nil' };
      pushKey(instance, state, key);
      lua.lua_rawget(state, -2);
    }
    const type = TYPES[lua.lua_type(state, -1)] ?? 'nil';
    return { kind: 'value', value: readTop(look, writePath(path), 0), type };
  } catch (error) {
    if (!(error instanceof Excess)) throw error;
    return { kind: 'excess', bound: error.bound, limit: bounds[error.bound] };
  } finally {
    lua.lua_settop(state, top);
  }
}

/** A path as one would write it in Lua: `Balances.alice`, `Queue[1]["two words"]`. */
export function writePath(path: readonly StateKey[]): string {
  return path.map((key, index) => writeStep(key, index === 0)).join('');
}

function writeStep(key: StateKey, isFirst: boolean): string {
  if (typeof key !== 'string') return `[${key}]`;
  if (!/^[A-Za-z_]\w*$/.test(key))
    return isFirst ? `_G[${JSON.stringify(key)}]` : `[${JSON.stringify(key)}]`;
  return isFirst ? key : `.${key}`;
}

function pushKey(instance: LuaInstance, state: number, key: StateKey): void {
  const { lua } = instance;
  if (typeof key === 'string') pushText(instance, state, key);
  else if (typeof key === 'boolean') lua.lua_pushboolean(state, key ? 1 : 0);
  else if (typeof key === 'bigint') lua.lua_pushinteger(state, BigInt.asIntN(64, key));
  else if (Number.isSafeInteger(key)) lua.lua_pushinteger(state, BigInt(key));
  else lua.lua_pushnumber(state, key);
}

/** Reads the value on top of the stack, which stays. */
function readTop(look: Look, path: string, depth: number): StateValue {
  const { instance, state, bounds } = look;
  const { lua } = instance;
  look.values++;
  if (look.values > bounds.values) throw new Excess('values');
  const type = lua.lua_type(state, -1);
  if (type === LUA_TNIL) return undefined;
  if (type === LUA_TBOOLEAN) return lua.lua_toboolean(state, -1) !== 0;
  if (type === LUA_TNUMBER) return readNumber(look);
  if (type === LUA_TSTRING) return readString(look);
  if (type === LUA_TTABLE) return readTable(look, path, depth + 1);
  return { [NAME]: TYPES[type] ?? 'userdata' };
}

function readNumber({ instance: { lua }, state }: Look): number | bigint {
  if (lua.lua_isinteger(state, -1) === 0) return lua.lua_tonumberx(state, -1, 0);
  const integer = lua.lua_tointegerx(state, -1, 0);
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer;
}

function readString(look: Look): string | Uint8Array {
  const { instance, state, bounds } = look;
  const length = Number(instance.lua.lua_rawlen(state, -1));
  look.bytes += length;
  if (look.bytes > bounds.bytes) throw new Excess('bytes');
  const start = instance.lua.lua_tolstring(state, -1, 0);
  const bytes = instance.buffer.subarray(start, start + length);
  return isUtf8(bytes) ? bytes.toString('utf8') : Uint8Array.from(bytes);
}

function readTable(look: Look, path: string, depth: number): StateValue {
  const { instance, state, around, bounds } = look;
  const { lua } = instance;
  if (depth > bounds.depth) throw new Excess('depth');
  const address = lua.lua_topointer(state, -1);
  const outer = around.get(address);
  if (outer !== undefined) return { [NAME]: `the table at ${outer}` };
  around.set(address, path);
  lua.lua_checkstack(state, 8);
  const fields: [StateKey, StateValue][] = [];
  lua.lua_pushnil(state);
  while (lua.lua_next(state, -2) !== 0) {
    lua.lua_pushvalue(state, -2); // reading a key as text would change it
    const key = readKey(look);
    lua.lua_settop(state, -2);
    fields.push([key, readTop(look, path + writeStep(key, false), depth)]);
    lua.lua_settop(state, -2);
  }
  around.delete(address);
  return listOf(fields) ?? recordOf(fields);
}

/** The key on top; one that is neither text, number nor boolean by its type. */
function readKey(look: Look): StateKey {
  const { lua } = look.instance;
  const type = lua.lua_type(look.state, -1);
  if (type === LUA_TNUMBER) return readNumber(look);
  if (type === LUA_TBOOLEAN) return lua.lua_toboolean(look.state, -1) !== 0;
  const text = type === LUA_TSTRING ? readString(look) : `[${TYPES[type] ?? 'userdata'}]`;
  return typeof text === 'string' ? text : Buffer.from(text).toString('latin1');
}

/** The values of a table with the keys 1 to n; undefined for any other table. */
function listOf(fields: readonly [StateKey, StateValue][]): StateValue[] | undefined {
  const list = new Array<StateValue>(fields.length);
  for (const [key, value] of fields) {
    if (typeof key !== 'number' || !Number.isInteger(key) || key < 1 || key > fields.length) {
      return undefined;
    }
    list[key - 1] = value;
  }
  return list;
}

/** Sorted, because the order of a table's keys says how it was made, and nothing of what is in it. */
function recordOf(fields: readonly [StateKey, StateValue][]): { [key: string]: StateValue } {
  const named = fields.map(([key, value]): [string, StateValue] => [
    typeof key === 'string' ? key : `[${key}]`,
    value,
  ]);
  return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)));
}
