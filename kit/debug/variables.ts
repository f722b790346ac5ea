/**
 * What can be looked at while a session stands still: the variables of each call, the program's
 * globals, what is in their tables, and what an expression gives. References last until the next
 * move.
 */
import {
  LUA_OK,
  LUA_REGISTRYINDEX,
  LUA_TFUNCTION,
  LUA_TTABLE,
  LUA_TTHREAD,
} from '../../actors/lua/exports.js';
import { HOST_GAS, type LuaInstance } from '../../actors/lua/instance.js';
import { readText, withText } from '../../actors/lua/values.js';
import { eachLocal, eachUpvalue, type Look, pushFunctionAt } from '../inspect/lua-look.js';
import { type Baseline, userGlobals } from '../inspect/process-state.js';
import {
  pushEntry,
  type ReadBounds,
  readKeys,
  readTop,
  startReading,
} from '../inspect/read-value.js';
import { luaText } from '../inspect/state-value.js';
import type { Frame } from './frames.js';

export interface Value {
  /** In Lua's notation, cut where it is long. */
  readonly text: string;
  readonly type: string;
  /** To ask for what is in it; 0 if there is nothing. */
  readonly reference: number;
  /** Entries of a table. */
  readonly size?: number;
}

export interface Variable extends Value {
  readonly name: string;
}

/** References of the variables of a call. */
export interface Scopes {
  readonly locals: number;
  readonly upvalues: number;
  readonly globals: number;
}

export interface Evaluated {
  /** What it gave; an expression may give several values, a statement none. */
  readonly values: readonly Value[];
  readonly error?: string;
  /** True if it ran too long: the memory is of no use any more. */
  readonly broken?: boolean;
}

export interface Variables {
  scopes(frame: number): Scopes;
  list(reference: number, start?: number, count?: number): Variable[];
  evaluate(code: string, frame: number, gas?: bigint): Evaluated;
}

/** How much of a value its text shows. */
const SHOWN: ReadBounds = { depth: 2, values: 40, text: 4_096 };
const TEXT_SHOWN = 160;
const LIST_MAX = 1_000;
/** Gas of an expression: a tenth of a second. */
const EXPRESSION_GAS = 20_000_000n;
/** Registry keys of what references stand for; Lua's own are small. */
const FIRST_SLOT = 1 << 24;
/** Lua allows 200 local variables in a function. */
const LOCALS_MAX = 150;

type Subject =
  | { readonly kind: 'locals' | 'upvalues'; readonly frame: Frame }
  | { readonly kind: 'globals' }
  | { readonly kind: 'table'; readonly slot: number };

export interface VariablesOptions {
  readonly instance: LuaInstance;
  readonly frames: readonly Frame[];
  readonly baseline: Baseline;
}

export function createVariables({ instance, frames, baseline }: VariablesOptions): Variables {
  const { lua } = instance;
  const subjects: Subject[] = [];
  const refer = (subject: Subject) => subjects.push(subject); // from 1 on
  const current: Look = { instance, state: frames[0]?.state ?? 0 };

  /** The value on top of the stack, which stays. */
  const describe = (look: Look, name: string): Variable => {
    const { state } = look;
    const text = luaText(readTop(startReading(look, SHOWN), name), TEXT_SHOWN);
    const type = typeOf(look);
    if (type !== 'table') return { name, text, type, reference: 0 };
    const size = readKeys(look).length;
    if (size === 0) return { name, text, type, reference: 0, size };
    const slot = FIRST_SLOT + subjects.length;
    lua.lua_pushvalue(state, -1);
    lua.lua_rawseti(state, LUA_REGISTRYINDEX, BigInt(slot));
    return { name, text, type, reference: refer({ kind: 'table', slot }), size };
  };
  const listLocals = (frame: Frame): Variable[] => {
    const found = new Map<string, Variable>();
    const look = lookAt(instance, frame);
    eachLocal(look, frame.level, (name) => found.set(name, describe(look, name)));
    return [...found.values()];
  };
  const listUpvalues = (frame: Frame): Variable[] => {
    const found: Variable[] = [];
    const look = lookAt(instance, frame);
    if (!pushFunctionAt(look, frame.level)) return found;
    eachUpvalue(look, (name) => {
      if (name !== '_ENV') found.push(describe(look, name));
    });
    drop(look);
    return found;
  };
  const listGlobals = (): Variable[] => {
    const found: Variable[] = [];
    userGlobals(current, baseline, (name) => found.push(describe(current, name)));
    return found;
  };
  const listTable = (slot: number, start: number, count: number): Variable[] => {
    lua.lua_checkstack(current.state, 16);
    lua.lua_rawgeti(current.state, LUA_REGISTRYINDEX, BigInt(slot));
    const keys = readKeys(current).slice(start, start + Math.min(count, LIST_MAX));
    const found = keys.map((key) => {
      pushEntry(current, key);
      const variable = describe(current, typeof key === 'string' ? key : `[${key.text}]`);
      drop(current);
      return variable;
    });
    drop(current);
    return found;
  };
  return {
    scopes(number) {
      const frame = frames[number];
      const locals = frame ? refer({ kind: 'locals', frame }) : 0;
      const upvalues = frame ? refer({ kind: 'upvalues', frame }) : 0;
      return { locals, upvalues, globals: refer({ kind: 'globals' }) };
    },
    list(reference, start = 0, count = LIST_MAX) {
      const subject = subjects[reference - 1];
      if (!subject || frames.length === 0) return [];
      if (subject.kind === 'table') return listTable(subject.slot, start, count);
      if (subject.kind === 'globals') return listGlobals();
      return subject.kind === 'locals' ? listLocals(subject.frame) : listUpvalues(subject.frame);
    },
    evaluate(code, number, gas = EXPRESSION_GAS) {
      const frame = frames[number];
      if (!frame) return { values: [], error: 'there is no such call' };
      const where = lookAt(instance, frame);
      return evaluateIn(current, where, frame.level, { code, gas }, describe);
    },
  };
}

function lookAt(instance: LuaInstance, { state }: Frame): Look {
  instance.lua.lua_checkstack(state, 32);
  return { instance, state };
}

/**
 * Evaluates on the innermost coroutine, with the variables of a call as locals of the chunk.
 * @param describe of the value on top of the stack
 */
function evaluateIn(
  current: Look,
  where: Look,
  level: number,
  { code, gas }: { readonly code: string; readonly gas: bigint },
  describe: (look: Look, name: string) => Variable,
): Evaluated {
  const { instance, state } = current;
  const { lua } = instance;
  const names = namesIn(where, level);
  const failed = compile(current, names, code);
  if (failed !== undefined) return { values: [], error: failed };
  lua.lua_checkstack(state, names.length + 16);
  const base = lua.lua_gettop(state) - 1;
  for (const name of names) pushVariable(current, where, level, name);
  lua.gas.value = gas;
  try {
    const status = lua.lua_pcallk(state, names.length, -1, 0, 0, 0);
    lua.gas.value = HOST_GAS;
    if (status !== LUA_OK) {
      const error = lua.lua_tolstring(state, -1, 0) !== 0 ? readText(instance, state, -1) : 'error';
      return { values: [], error: error.replace(/^expression:\d+: /, '') };
    }
    const count = lua.lua_gettop(state) - base;
    const values = Array.from({ length: count }, (_, index) => {
      lua.lua_pushvalue(state, base + 1 + index);
      const { text, type, reference, size } = describe(current, 'value');
      drop(current);
      return { text, type, reference, ...(size === undefined ? {} : { size }) };
    });
    lua.lua_settop(state, base);
    return { values };
  } catch (error) {
    lua.gas.value = HOST_GAS;
    if (!(error instanceof WebAssembly.RuntimeError || error instanceof RangeError)) throw error;
    return { values: [], error: 'it runs too long, or calls itself too deep', broken: true };
  }
}

/** Pushes the chunk as a function. @returns why it is no Lua */
function compile(look: Look, names: readonly string[], code: string): string | undefined {
  const { instance, state } = look;
  const { lua } = instance;
  const header = names.length === 0 ? '' : `local ${names.join(', ')} = ...; `;
  let problem = '';
  for (const source of [`${header}return ${code}`, header + code]) {
    const status = withText(instance, '=expression', (name) =>
      withText(instance, source, (text, bytes) =>
        withText(instance, 't', (mode) => lua.luaL_loadbufferx(state, text, bytes, name, mode)),
      ),
    );
    if (status === LUA_OK) return undefined;
    problem = readText(instance, state, -1).replace(/^expression:\d+: /, '');
    drop(look);
  }
  return problem;
}

/** Names that can be written in a call: its locals hide the variables around it. */
function namesIn(look: Look, level: number): string[] {
  const names = new Set<string>();
  if (pushFunctionAt(look, level)) {
    eachUpvalue(look, (name) => names.add(name));
    drop(look);
  }
  eachLocal(look, level, (name) => names.add(name));
  return [...names].filter((name) => /^[A-Za-z_]\w*$/.test(name)).slice(-LOCALS_MAX);
}

/** Pushes what a name stands for in a call, on the current coroutine. */
function pushVariable(current: Look, where: Look, level: number, wanted: string): void {
  const { lua } = where.instance;
  const slot = BigInt(FIRST_SLOT - 1);
  const take = (name: string) => {
    if (name !== wanted) return;
    lua.lua_pushvalue(where.state, -1);
    lua.lua_rawseti(where.state, LUA_REGISTRYINDEX, slot); // which all coroutines share
  };
  if (pushFunctionAt(where, level)) {
    eachUpvalue(where, take);
    drop(where);
  }
  eachLocal(where, level, take);
  lua.lua_rawgeti(current.state, LUA_REGISTRYINDEX, slot);
}

function typeOf({ instance: { lua }, state }: Look): string {
  const type = lua.lua_type(state, -1);
  const NAMES = ['nil', 'boolean', 'userdata', 'number', 'string'];
  if (type === LUA_TTABLE) return 'table';
  if (type === LUA_TFUNCTION) return 'function';
  if (type === LUA_TTHREAD) return 'thread';
  return NAMES[type] ?? 'userdata';
}

function drop({ instance, state }: Look): void {
  instance.lua.lua_settop(state, -2);
}
