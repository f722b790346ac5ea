/**
 * The calls under way at a stop, through all coroutines that wait for one another, with names that
 * their author knows them by.
 */
import { LUA_TSTRING } from '../../actors/lua/exports.js';
import type { LuaInstance } from '../../actors/lua/instance.js';
import { readText } from '../../actors/lua/values.js';
import { type Activation, activationAt, type Look, sourceName } from '../inspect/lua-look.js';
import { pushGlobal } from '../inspect/process-state.js';

export interface Frame {
  /** `handler "pay"`, `split`, `main chunk`. */
  readonly name: string;
  /** File or chunk, as people read it. */
  readonly source: string;
  /** Line that runs now; -1 in a built-in function. */
  readonly line: number;
  /** First line of the function; 0 for a main chunk. */
  readonly from: number;
  /** True for the kernel's own calls and for built-in functions. */
  readonly isKernel: boolean;
  /** Coroutine and level in it. */
  readonly state: number;
  readonly level: number;
}

/** Frames of one coroutine; a runaway recursion has some 200,000. */
const LEVELS_MAX = 1_000;

/**
 * @param states the coroutines under way, the innermost first
 * @param isKernel which chunks are the kernel's
 */
export function readFrames(
  instance: LuaInstance,
  states: readonly number[],
  isKernel: (source: string) => boolean,
): Frame[] {
  const frames: Frame[] = [];
  for (const state of states) {
    const look: Look = { instance, state };
    for (let level = 0; level < LEVELS_MAX; level++) {
      const call = activationAt(look, level);
      if (!call) break;
      const { source, line, from } = call;
      const own = call.kind !== 'C' && !isKernel(source);
      const at = { source: sourceName(source), line, from, isKernel: !own, state, level };
      frames.push({ name: nameOfCall(call), ...at });
    }
  }
  return nameHandler(frames, states[0], instance);
}

function nameOfCall({ name, kind, source, from }: Activation): string {
  if (name !== undefined) return name;
  if (kind === 'main') return 'main chunk';
  return kind === 'C' ? 'built in' : `function <${sourceName(source)}:${from}>`;
}

/** The program's outermost call is what the kernel called: the handler, where one runs. */
function nameHandler(frames: Frame[], state: number | undefined, instance: LuaInstance): Frame[] {
  const outermost = frames.findLastIndex(({ isKernel }) => !isKernel);
  const frame = frames[outermost];
  if (!frame || state === undefined || frame.from === 0) return frames;
  const handler = readHandler({ instance, state });
  if (handler === undefined) return frames;
  return frames.with(outermost, { ...frame, name: `handler "${handler}"` });
}

/** Name of the handler that runs, as the kernel notes it. */
export function readHandler(look: Look): string | undefined {
  const { instance, state } = look;
  const { lua } = instance;
  lua.lua_checkstack(state, 8);
  pushGlobal(look, 'package', 'loaded', '.trace', 'handler');
  const isText = lua.lua_type(state, -1) === LUA_TSTRING;
  const name = isText ? readText(instance, state, -1) : undefined;
  lua.lua_settop(state, -2);
  return name;
}
