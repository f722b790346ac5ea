/**
 * Looking at Lua values through Lua's own C API: what a function is and where it was written, which
 * calls are under way. A look is at one state (the main one or a coroutine); nothing here raises an
 * error in Lua or calls a function of the program.
 */
import { LUA_TFUNCTION } from '../../actors/lua/exports.js';
import type { LuaInstance } from '../../actors/lua/instance.js';
import { withText } from '../../actors/lua/values.js';

/** A Lua state to look at. */
export interface Look {
  readonly instance: LuaInstance;
  /** Pointer to the state: the main one, or a coroutine. */
  readonly state: number;
}

/** Where a function was written. */
export interface Origin {
  /** Chunk name as Lua has it: `@file.lua`, or the name that was given to `load`. */
  readonly source: string;
  /** First and last line; 0 and -1 for a main chunk's unknown, -1 for a C function. */
  readonly from: number;
  readonly to: number;
  readonly kind: 'Lua' | 'C' | 'main';
}

/** Offsets in lua_Debug on a 32-bit machine. Source: Lua 5.4 lua.h */
const DEBUG = {
  name: 4,
  nameKind: 8,
  what: 12,
  source: 16,
  sourceLength: 20,
  line: 24,
  lineDefined: 28,
  lastLine: 32,
  upvalues: 36,
  call: 104,
  bytes: 112,
} as const;

/** A call that is under way. */
export interface Activation extends Origin {
  /** Line that runs now, or that runs next; -1 in a C function. */
  readonly line: number;
  /** What the caller calls it, where Lua can tell: `pay`; with the kind of name. */
  readonly name: string | undefined;
  readonly nameKind: string;
  /** Identity of the call as long as it is under way. */
  readonly call: number;
}

/** Lends a lua_Debug. */
function withDebug<T>({ lua }: LuaInstance, use: (activation: number) => T): T {
  const stack = lua.stackSave();
  try {
    return use(lua.stackAlloc(DEBUG.bytes));
  } finally {
    lua.stackRestore(stack);
  }
}

/** Where the function on top of the stack was written; the function stays. */
export function originOf({ instance, state }: Look): Origin {
  return withDebug(instance, (activation) => {
    instance.lua.lua_pushvalue(state, -1);
    withText(instance, '>S', (what) => instance.lua.lua_getinfo(state, what, activation));
    return readOrigin(instance, activation);
  });
}

/** The call at a level, 0 being the innermost; undefined beyond the last. */
export function activationAt(look: Look, level: number): Activation | undefined {
  const { instance, state } = look;
  return withDebug(instance, (activation) => {
    if (instance.lua.lua_getstack(state, level, activation) === 0) return undefined;
    withText(instance, 'nSl', (what) => instance.lua.lua_getinfo(state, what, activation));
    const { view } = instance;
    const name = view.getUint32(activation + DEBUG.name, true);
    return {
      ...readOrigin(instance, activation),
      line: view.getInt32(activation + DEBUG.line, true),
      name: name === 0 ? undefined : readCString(instance, name),
      nameKind: readCString(instance, view.getUint32(activation + DEBUG.nameKind, true)),
      call: view.getUint32(activation + DEBUG.call, true),
    };
  });
}

/**
 * Calls `use` for each named local of the call at a level, with its value on top of the stack. A name
 * may come twice: the later one hides the earlier. Positions are those of lua_getlocal.
 */
export function eachLocal(
  { instance, state }: Look,
  level: number,
  use: (name: string, position: number) => void,
): void {
  const { lua } = instance;
  withDebug(instance, (activation) => {
    if (lua.lua_getstack(state, level, activation) === 0) return;
    for (const step of [1, -1]) {
      for (let position = step; ; position += step) {
        const name = lua.lua_getlocal(state, activation, position);
        if (name === 0) break;
        const text = readCString(instance, name);
        // Names in brackets are Lua's own: counters of loops, temporary values.
        if (step < 0) use(`...${-position}`, position);
        else if (!text.startsWith('(')) use(text, position);
        lua.lua_settop(state, -2);
      }
    }
  });
}

/** Pushes the function of the call at a level. @returns false if there is none */
export function pushFunctionAt({ instance, state }: Look, level: number): boolean {
  const { lua } = instance;
  return withDebug(instance, (activation) => {
    if (lua.lua_getstack(state, level, activation) === 0) return false;
    withText(instance, 'f', (what) => lua.lua_getinfo(state, what, activation));
    return true;
  });
}

/** Calls `use` for each upvalue of the function on top, with its value on top of the stack then. */
export function eachUpvalue(
  { instance, state }: Look,
  use: (name: string, id: number, position: number) => void,
): void {
  const { lua } = instance;
  if (lua.lua_type(state, -1) !== LUA_TFUNCTION) return;
  for (let position = 1; ; position++) {
    const id = lua.lua_upvalueid(state, -1, position);
    const name = lua.lua_getupvalue(state, -1, position);
    if (name === 0) break;
    use(readCString(instance, name), id, position);
    lua.lua_settop(state, -2);
  }
}

function readOrigin(instance: LuaInstance, activation: number): Origin {
  const { view, buffer } = instance;
  const source = view.getUint32(activation + DEBUG.source, true);
  const length = view.getUint32(activation + DEBUG.sourceLength, true);
  const what = readCString(instance, view.getUint32(activation + DEBUG.what, true));
  return {
    source: buffer.toString('utf8', source, source + length),
    from: view.getInt32(activation + DEBUG.lineDefined, true),
    to: view.getInt32(activation + DEBUG.lastLine, true),
    kind: what === 'C' ? 'C' : what === 'main' ? 'main' : 'Lua',
  };
}

function readCString({ buffer }: LuaInstance, pointer: number): string {
  return buffer.toString('utf8', pointer, buffer.indexOf(0, pointer));
}

/** `pay.lua`, `aos`: a chunk's name as people read it. A text that was loaded names itself. */
export function sourceName(source: string): string {
  if (/^[@=]/.test(source)) return source.slice(1);
  const [line = ''] = source.split('\n');
  return line.length > 40 || line !== source ? `"${line.slice(0, 40)}..."` : source;
}

/** `function (pay.lua:12)`, of the function on top of the stack. */
export function describeFunction(look: Look): string {
  const { source, from, kind } = originOf(look);
  if (kind === 'C') return 'function (built in)';
  return `function (${sourceName(source)}:${from})`;
}
