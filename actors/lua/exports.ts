/**
 * The part of Lua's C API (and of the C runtime) that the machine calls. Pointers, sizes and
 * indices are i32 and come as numbers; lua_Integer is i64 and comes as bigint.
 * Source: Lua 5.4 reference manual, section 4.
 */
import type { WATCH_END } from './watched.js';

export interface LuaExports {
  readonly memory: WebAssembly.Memory;
  readonly __indirect_function_table: WebAssembly.Table;
  /** Steps left; added by meter.ts. */
  readonly gas: WebAssembly.Global<'i64'>;
  /** Only in an interpreter with a window, see watched.ts. */
  readonly [WATCH_END]?: WebAssembly.Global;
  __wasm_call_ctors(): void;
  setThrew(threw: number, value: number): void;
  stackSave(): number;
  stackRestore(pointer: number): void;
  stackAlloc(size: number): number;
  emscripten_stack_init(): void;
  malloc(size: number): number;
  free(pointer: number): void;

  luaL_newstate(): number;
  luaL_openlibs(state: number): void;
  luaL_loadbufferx(state: number, text: number, size: number, name: number, mode: number): number;
  luaL_where(state: number, level: number): void;
  lua_absindex(state: number, index: number): number;
  lua_checkstack(state: number, extra: number): number;
  lua_concat(state: number, count: number): void;
  lua_createtable(state: number, arraySize: number, recordSize: number): void;
  lua_error(state: number): number;
  lua_getglobal(state: number, name: number): number;
  lua_getinfo(state: number, what: number, activation: number): number;
  lua_getlocal(state: number, activation: number, position: number): number;
  lua_getmetatable(state: number, index: number): number;
  lua_getstack(state: number, level: number, activation: number): number;
  lua_gettop(state: number): number;
  lua_getupvalue(state: number, index: number, position: number): number;
  lua_iscfunction(state: number, index: number): number;
  lua_isinteger(state: number, index: number): number;
  lua_next(state: number, index: number): number;
  lua_pcallk(s: number, args: number, results: number, h: number, c: number, k: number): number;
  lua_pushboolean(state: number, value: number): void;
  lua_pushcclosure(state: number, func: number, upvalues: number): void;
  lua_pushinteger(state: number, value: bigint): void;
  lua_pushlstring(state: number, text: number, size: number): number;
  lua_pushnil(state: number): void;
  lua_pushnumber(state: number, value: number): void;
  lua_pushvalue(state: number, index: number): void;
  lua_rawget(state: number, index: number): number;
  lua_rawgeti(state: number, index: number, key: bigint): number;
  lua_rawlen(state: number, index: number): bigint;
  lua_rawset(state: number, index: number): void;
  lua_rawseti(state: number, index: number, key: bigint): void;
  lua_rotate(state: number, index: number, count: number): void;
  lua_settop(state: number, index: number): void;
  lua_status(state: number): number;
  lua_toboolean(state: number, index: number): number;
  lua_tointegerx(state: number, index: number, isNumber: number): bigint;
  lua_tolstring(state: number, index: number, size: number): number;
  lua_tonumberx(state: number, index: number, isNumber: number): number;
  lua_topointer(state: number, index: number): number;
  lua_type(state: number, index: number): number;
  lua_upvalueid(state: number, index: number, position: number): number;
  lua_xmove(from: number, to: number, count: number): void;
}

export const LUA_OK = 0;
export const LUA_ERRSYNTAX = 3;
export const LUA_ERRMEM = 4;
export const LUA_REGISTRYINDEX = -1_001_000;

export const LUA_TNIL = 0;
export const LUA_TBOOLEAN = 1;
export const LUA_TNUMBER = 3;
export const LUA_TSTRING = 4;
export const LUA_TTABLE = 5;
export const LUA_TFUNCTION = 6;
export const LUA_TTHREAD = 8;

/** Pseudo-index of a C closure's upvalue. */
export const upvalueIndex = (position: number): number => LUA_REGISTRYINDEX - position;
