/**
 * One instance of the interpreter: its memory, its function table and the few things that its host
 * keeps for it. An instance belongs to one machine at a time; when that machine is disposed, the
 * next one writes its own memory over it, which is cheaper than making a new instance.
 */
import { type Codec, createCodec } from './codec.js';
import { DISPATCH, type LuaEngine, WATCH } from './engine.js';
import { MachineError } from './errors.js';
import type { LuaExports } from './exports.js';
import { createImports } from './host-imports.js';
import { MEMORY_MIN } from './layout.js';
import type { InstructionHook } from './line-hook.js';

export interface LuaInstance {
  readonly lua: LuaExports;
  /** Whole linear memory; made anew when it grows. */
  buffer: Buffer;
  view: DataView;
  /** What time() and os.time() see, in ms. Constant during an evaluation. */
  nowMs: number;
  /** Most bytes of linear memory, a multiple of WASM_PAGE and never below its size. */
  memoryLimit: number;
  /** Bytes of memory that the heap was refused last; 0 if it never was. */
  memoryRefused: number;
  /** Called for every host function, with the Lua state that calls; see device.ts. */
  dispatch: (state: number) => number;
  /** What `dispatch` leaves to the codec. */
  codec: Codec;
  /** Whether this one has a window; then `watch` is told of instructions, see watched.ts. */
  readonly isWatched: boolean;
  watch: InstructionHook;
  refreshViews(): void;
}

/** Gas for what the host does on its own account: enough for anything it does. */
export const HOST_GAS = 10n ** 12n;

/** @param isWatched gives one that tells every instruction, and is slower for it */
export function createInstance(engine: LuaEngine, isWatched = false): LuaInstance {
  let instance: LuaInstance | undefined;
  const current = () => instance as LuaInstance;
  const module = isWatched ? engine.watchedModule() : engine.module;
  const wasm = new WebAssembly.Instance(module, createImports(current));
  const lua = wasm.exports as unknown as LuaExports;
  const refreshViews = () => {
    const { buffer } = lua.memory;
    if (current().view.buffer === buffer) return;
    current().buffer = Buffer.from(buffer);
    current().view = new DataView(buffer);
  };
  instance = {
    lua,
    buffer: Buffer.from(lua.memory.buffer),
    view: new DataView(lua.memory.buffer),
    nowMs: 0,
    memoryLimit: MEMORY_MIN,
    memoryRefused: 0,
    dispatch: () => 0,
    codec: () => 0,
    isWatched,
    watch: watchNothing,
    refreshViews,
  };
  instance.codec = createCodec(instance);
  addEntry(lua, DISPATCH, engine.trampoline, (state) => current().dispatch(state));
  if (isWatched) {
    const watch: InstructionHook = (...at) => current().watch(...at);
    addEntry(lua, WATCH, engine.watchTrampoline, watch);
  }
  lua.gas.value = HOST_GAS;
  lua.emscripten_stack_init();
  lua.__wasm_call_ctors();
  return instance;
}

export const watchNothing: InstructionHook = () => WATCH_NOTHING;

/** No address is beyond it. */
const WATCH_NOTHING = -1;

/** Host functions are C functions to Lua: they need an index in the function table. */
function addEntry(
  lua: LuaExports,
  wanted: number,
  trampoline: WebAssembly.Module,
  f: (state: number, call: number, pc: number, next: number) => number,
): void {
  const { exports } = new WebAssembly.Instance(trampoline, { e: { f } });
  const table = lua.__indirect_function_table;
  const index = table.grow(1);
  if (index !== wanted) {
    throw new MachineError('LUA_WASM_UNKNOWN', `the function table has ${index} entries`);
  }
  table.set(index, exports.f);
}
