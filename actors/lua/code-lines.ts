/**
 * Which lines of a Lua file can run: those that its compiled functions have instructions for.
 *
 * Lua also gives instructions to the line where a construct ends (the `end` of a function returns,
 * that of a loop jumps back). Nothing that a reader could see happens there, and to many nobody ever
 * gets; so a line of nothing but closing words does not count.
 */
import type { LuaEngine } from './engine.js';
import { LUA_OK } from './exports.js';
import { luaFailure } from './image.js';
import { createInstance } from './instance.js';
import { LUA_CLOSURE } from './layout.js';
import { linesOf } from './prototypes.js';
import { withText } from './values.js';

/** @returns ascending; @throws {LUA_SYNTAX} when the text does not compile */
export type CodeLines = (source: string, name: string) => readonly number[];

const CLOSING = /^(?:\s|--.*|\b(?:end|else|do|then|repeat)\b|[()[\]{},;])*$/;

/** Compiles texts and runs none. */
export function createCodeLines(engine: LuaEngine): CodeLines {
  const instance = createInstance(engine);
  const { lua } = instance;
  const state = lua.luaL_newstate();
  return (source, name) => {
    const status = withText(instance, `@${name}`, (namePointer) =>
      withText(instance, source, (text, bytes) =>
        withText(instance, 't', (mode) =>
          lua.luaL_loadbufferx(state, text, bytes, namePointer, mode),
        ),
      ),
    );
    if (status !== LUA_OK) throw luaFailure(instance, state, status);
    const closure = lua.lua_topointer(state, -1);
    const proto = instance.view.getUint32(closure + LUA_CLOSURE.proto, true);
    const lines = new Set(linesOf(instance, proto));
    lua.lua_settop(state, 0);
    const texts = source.split('\n');
    return [...lines].filter((line) => !CLOSING.test(texts[line - 1] ?? '')).sort((a, b) => a - b);
  };
}
