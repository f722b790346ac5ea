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
import { linesOf, shapeOf, withInner } from './prototypes.js';
import { withText } from './values.js';

/** Lines with instructions, ascending. */
export interface CodeLineSet {
  /** Shapes of the functions, see prototypes.ts. */
  readonly shapes: readonly string[];
  /** Those that count. */
  readonly lines: readonly number[];
  /** Those of nothing but closing words. */
  readonly closing: readonly number[];
}

/** @throws {LUA_SYNTAX} when the text does not compile */
export type CodeLines = (source: string, name: string) => CodeLineSet;

const CLOSING = /^(?:\s|--.*|\b(?:end|else|do|then|repeat)\b|[()[\]{},;])*$/;

/** Compiles texts and runs none. */
export function createCodeLines(engine: LuaEngine): CodeLines {
  const instance = createInstance(engine);
  const { lua } = instance;
  const state = lua.luaL_newstate();
  return (source, name) => {
    lua.lua_settop(state, 0);
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
    const functions = [...withInner(instance, proto)];
    const numbers = functions.flatMap((one) => [...linesOf(instance, one)]);
    const all = [...new Set(numbers)].sort((a, b) => a - b);
    const shapes = functions.map((one) => shapeOf(instance, one));
    const texts = source.split('\n');
    const isClosing = (line: number) => CLOSING.test(texts[line - 1] ?? '');
    const lines = all.filter((line) => !isClosing(line));
    return { shapes, lines, closing: all.filter(isClosing) };
  };
}
