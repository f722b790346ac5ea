/**
 * Values between JavaScript and Lua, over the Lua stack. Only plain values cross: nothing of the
 * host can be held by a Lua program, and no Lua object by the host.
 *
 * | Lua                | JavaScript                                                           |
 * |---|---|
 * | nil                | undefined (null is accepted too)                                     |
 * | boolean            | boolean                                                              |
 * | integer            | number if it is safe, else bigint                                    |
 * | float              | number; a whole number comes back to Lua as an integer               |
 * | string             | string if it is valid UTF-8, else the bytes, so that nothing is lost |
 * | table 1..n         | array (an empty table too), undefined where Lua has a hole           |
 * | table, string keys | object                                                               |
 */
import { isUtf8 } from 'node:buffer';
import { LimitError, MachineError } from './errors.js';
import { LUA_TBOOLEAN, LUA_TNIL, LUA_TNUMBER, LUA_TSTRING, LUA_TTABLE } from './exports.js';
import type { LuaInstance } from './instance.js';

export type LuaValue =
  | undefined
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly LuaValue[]
  | { readonly [key: string]: LuaValue };

/** Deepest nesting of tables that crosses; a cycle ends here. */
const DEPTH_MAX = 64;
/** Strings up to this many bytes are copied through the C stack, longer ones through malloc. */
const STACK_COPY_BYTES_MAX = 16_384;
const TYPE_NAMES = ['nil', 'boolean', 'light userdata', 'number', 'string', 'table', 'function'];

/**
 * Lends a copy of a text in linear memory to `use`.
 *
 * @returns what `use` returns; the copy is gone then
 */
export function withText<T>(
  instance: LuaInstance,
  text: string | Uint8Array,
  use: (pointer: number, bytes: number) => T,
): T {
  const { lua } = instance;
  const isShort = text.length * 3 < STACK_COPY_BYTES_MAX;
  const size = isShort ? text.length * 3 : Buffer.byteLength(text);
  const stack = lua.stackSave();
  const pointer = isShort ? lua.stackAlloc(size + 1) : lua.malloc(size + 1);
  if (pointer === 0) {
    throw new LimitError('MEMORY_LIMIT', `not enough memory for a text of ${size} bytes`, {
      hint: 'Raise Memory-Limit of the module, or keep less state.',
    });
  }
  try {
    const bytes = copyText(instance.buffer, pointer, text, size);
    return use(pointer, bytes);
  } finally {
    if (isShort) lua.stackRestore(stack);
    else lua.free(pointer);
  }
}

/** Copies a text and the NUL after it. */
function copyText(buffer: Buffer, pointer: number, text: string | Uint8Array, size: number) {
  let bytes = text.length;
  if (typeof text === 'string') bytes = buffer.write(text, pointer, size, 'utf8');
  else buffer.set(text, pointer);
  buffer[pointer + bytes] = 0;
  return bytes;
}

export function pushText(instance: LuaInstance, state: number, text: string | Uint8Array): void {
  withText(instance, text, (pointer, bytes) => instance.lua.lua_pushlstring(state, pointer, bytes));
}

/** The same; false if there is no memory for the copy, which Lua has errors for that can be caught. */
export function pushIfRoom(instance: LuaInstance, state: number, text: Uint8Array): boolean {
  try {
    pushText(instance, state, text);
    return true;
  } catch (error) {
    if (error instanceof LimitError) return false;
    throw error;
  }
}

/** Reads a string (or number) as UTF-8; bytes that are not become U+FFFD. */
export function readText(instance: LuaInstance, state: number, index: number): string {
  const pointer = instance.lua.lua_tolstring(state, index, 0);
  const end = pointer + Number(instance.lua.lua_rawlen(state, index));
  return instance.buffer.toString('utf8', pointer, end);
}

function readString(instance: LuaInstance, state: number, index: number): string | Uint8Array {
  const pointer = instance.lua.lua_tolstring(state, index, 0);
  const end = pointer + Number(instance.lua.lua_rawlen(state, index));
  const bytes = instance.buffer.subarray(pointer, end);
  return isUtf8(bytes) ? bytes.toString('utf8') : Uint8Array.from(bytes);
}

/** @throws {DEVICE_VALUE} when the value cannot cross */
export function readValue(
  instance: LuaInstance,
  state: number,
  index: number,
  depth = 0,
): LuaValue {
  const { lua } = instance;
  const type = lua.lua_type(state, index);
  switch (type) {
    case LUA_TNIL:
      return undefined;
    case LUA_TBOOLEAN:
      return lua.lua_toboolean(state, index) !== 0;
    case LUA_TNUMBER:
      return readNumber(instance, state, index);
    case LUA_TSTRING:
      return readString(instance, state, index);
    case LUA_TTABLE:
      return readTable(instance, state, lua.lua_absindex(state, index), depth + 1);
    default:
      throw cannotCross(`a ${TYPE_NAMES[type] ?? 'userdata'}`);
  }
}

function readNumber({ lua }: LuaInstance, state: number, index: number): number | bigint {
  if (lua.lua_isinteger(state, index) === 0) return lua.lua_tonumberx(state, index, 0);
  const integer = lua.lua_tointegerx(state, index, 0);
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer;
}

function readTable(instance: LuaInstance, state: number, index: number, depth: number): LuaValue {
  if (depth > DEPTH_MAX) throw cannotCross(`a table nested deeper than ${DEPTH_MAX}, or a cycle,`);
  const { lua } = instance;
  lua.lua_checkstack(state, 4);
  const length = Number(lua.lua_rawlen(state, index));
  const items: [position: number, value: LuaValue][] = [];
  const record: Record<string, LuaValue> = Object.create(null);
  let isEmpty = true;
  lua.lua_pushnil(state);
  while (lua.lua_next(state, index) !== 0) {
    isEmpty = false;
    const value = readValue(instance, state, -1, depth);
    if (length > 0) items.push([readPosition(instance, state, length), value]);
    else record[readKey(instance, state)] = value;
    lua.lua_settop(state, -2);
  }
  return isEmpty || length > 0 ? listOf(items, length) : record;
}

/** A table of few items can have any length, for which the host would have to make room. */
function listOf(items: readonly [position: number, value: LuaValue][], length: number): LuaValue[] {
  if (length > 2 * items.length) throw cannotCross('a list of more holes than items');
  const list: LuaValue[] = new Array(length).fill(undefined);
  for (const [position, value] of items) list[position - 1] = value;
  return list;
}

/** Reads the key of lua_next in a list. */
function readPosition({ lua }: LuaInstance, state: number, length: number): number {
  const position = lua.lua_isinteger(state, -2) ? Number(lua.lua_tointegerx(state, -2, 0)) : 0;
  if (position < 1 || position > length)
    throw cannotCross('a table with list items and other keys');
  return position;
}

/** Reads the key of lua_next in a record; a number must not be converted in place. */
function readKey(instance: LuaInstance, state: number): string {
  if (instance.lua.lua_type(state, -2) !== LUA_TSTRING) throw cannotCross('a table with odd keys');
  return readText(instance, state, -2);
}

/** @throws {DEVICE_VALUE} when the value cannot cross */
export function pushValue(instance: LuaInstance, state: number, value: LuaValue, depth = 0): void {
  const { lua } = instance;
  if (value === undefined || value === null) lua.lua_pushnil(state);
  else if (typeof value === 'boolean') lua.lua_pushboolean(state, value ? 1 : 0);
  else if (typeof value === 'bigint') lua.lua_pushinteger(state, BigInt.asIntN(64, value));
  else if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) lua.lua_pushinteger(state, BigInt(value));
    else lua.lua_pushnumber(state, value);
  } else if (typeof value === 'string' || value instanceof Uint8Array) {
    pushText(instance, state, value);
  } else if (typeof value === 'object') pushTable(instance, state, value, depth + 1);
  else throw cannotCross(`a JavaScript ${typeof value}`);
}

function pushTable(
  instance: LuaInstance,
  state: number,
  value: readonly LuaValue[] | { readonly [key: string]: LuaValue },
  depth: number,
): void {
  if (depth > DEPTH_MAX)
    throw cannotCross(`an object nested deeper than ${DEPTH_MAX}, or a cycle,`);
  const { lua } = instance;
  lua.lua_checkstack(state, 4);
  if (Array.isArray(value)) {
    lua.lua_createtable(state, value.length, 0);
    value.forEach((item: LuaValue, index) => {
      pushValue(instance, state, item, depth);
      lua.lua_rawseti(state, -2, BigInt(index + 1));
    });
    return;
  }
  const entries = Object.entries(value);
  lua.lua_createtable(state, 0, entries.length);
  for (const [key, item] of entries) {
    pushText(instance, state, key);
    pushValue(instance, state, item, depth);
    lua.lua_rawset(state, -3);
  }
}

function cannotCross(what: string): MachineError {
  return new MachineError('DEVICE_VALUE', `${what} cannot pass between Lua and the host`, {
    hint: 'Pass nil, booleans, numbers, strings, lists or tables with string keys.',
  });
}
