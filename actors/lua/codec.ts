/**
 * The codec: JSON by the host, for the `json` module of the kernel. Every message comes and goes as
 * JSON, which takes the interpreter twenty times as long. `require('.codec')` gives two functions
 * that know what is common; for anything else they answer nothing, and the module does it in Lua:
 *
 * - `decode(text)` answers true and the value.
 * - `encode(table)` answers the text.
 *
 * A byte of JSON costs a unit of gas, and so does each place of a table that is looked at.
 */
import { DISPATCH } from './engine.js';
import { LUA_TTABLE } from './exports.js';
import type { LuaInstance } from './instance.js';
import { createJsonDecoder } from './json-decode.js';
import { createJsonEncoder } from './json-encode.js';
import { pushIfRoom, pushText } from './values.js';

/** Name for `require`. */
export const CODEC_NAME = '.codec';
/** Told apart from the functions of devices, which are numbered from 0. */
const NUMBERS = { decode: -1, encode: -2 } as const;
/** Most gas for one text that is written by the host. */
const ENCODED_GAS_MAX = 64 * 1024 * 1024;

/** Pushes the table of the codec's functions. */
export function pushCodec(instance: LuaInstance, state: number): void {
  const { lua } = instance;
  lua.lua_createtable(state, 0, 2);
  for (const [name, number] of Object.entries(NUMBERS)) {
    pushText(instance, state, name);
    lua.lua_pushinteger(state, BigInt(number));
    lua.lua_pushcclosure(state, DISPATCH, 1);
    lua.lua_rawset(state, -3);
  }
}

/** Answers a call of one of the codec's functions: how many values it has pushed. */
export type Codec = (state: number, number: number) => number;

export function createCodec(instance: LuaInstance): Codec {
  const { lua } = instance;
  const decode = createJsonDecoder(instance);
  const encoder = createJsonEncoder(instance);
  const write = (state: number) => {
    if (lua.lua_type(state, 1) !== LUA_TTABLE) return 0;
    const left = Number(lua.gas.value);
    const json = encoder.encode(lua.lua_topointer(state, 1), Math.min(left, ENCODED_GAS_MAX));
    lua.gas.value -= BigInt(encoder.spent);
    return json && pushIfRoom(instance, state, json) ? 1 : 0;
  };
  return (state, number) => {
    if (number === NUMBERS.encode) return write(state);
    if (!decode(state)) return 0;
    lua.lua_pushboolean(state, 1);
    lua.lua_rotate(state, -2, 1);
    return 2;
  };
}
