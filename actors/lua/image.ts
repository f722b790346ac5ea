/**
 * The memory image that every process of a module starts from: Lua booted, the module's files
 * loaded, its entry run. Lua seeds its string hashes from clock and addresses; both are the same in
 * every boot here, and with a copied memory `pairs` visits in the same order on every run.
 */
import { createHash } from 'node:crypto';
import { CODEC_NAME, pushCodec } from './codec.js';
import { type DeviceShape, describeDevice, functionNames, pushDeviceFunctions } from './device.js';
import type { LuaEngine } from './engine.js';
import { LimitError, LuaError, MachineError } from './errors.js';
import { LUA_ERRMEM, LUA_ERRSYNTAX, LUA_OK } from './exports.js';
import { createInstance, type LuaInstance } from './instance.js';
import { DATA_END, HEAP_START } from './layout.js';
import { createLineWatcher, type LineHook } from './line-hook.js';
import { readBreak, sweepStack } from './memory.js';
import { SANDBOX_NAME, SANDBOX_SOURCE } from './sandbox.js';
import { pushText, readText, withText } from './values.js';

export interface LuaFile {
  /** Name for `require`, and in error texts: `[string "name"]:1:`. */
  readonly name: string;
  readonly source: string;
}

export interface ImageOptions {
  readonly files: readonly LuaFile[];
  /** Name of the file that runs at boot; it must define the global function `handle`. */
  readonly entry: string;
  /** Devices that processes of this module may require. A machine must be given the same ones. */
  readonly devices?: readonly DeviceShape[];
  /** Most gas for the boot. @default 1e9 */
  readonly instructions?: number;
  /** Told of each line of the boot; the image is the same. */
  readonly watch?: LineHook | undefined;
}

export interface MemoryImage {
  readonly engine: LuaEngine;
  /** SHA-256 of the state, base64url. Equal for equal options, anywhere. */
  readonly hash: string;
  /** Static data, from address 0. */
  readonly data: Buffer;
  /** Heap, from HEAP_START to the break. */
  readonly heap: Buffer;
  /** Pointer to the Lua state. */
  readonly state: number;
  /** Pointer to the C string "handle". */
  readonly handleName: number;
  /** Names of devices and their functions, in the order of their numbers. */
  readonly devices: readonly string[];
}

const BOOT_INSTRUCTIONS = 1e9;
const BOOT_MEMORY = 512 * 1024 * 1024;

/**
 * Boots a module once.
 *
 * @throws {LUA_SYNTAX} when a file does not compile
 * @throws {LUA_ERROR} when the entry raises an error
 * @throws {LUA_NO_HANDLE} when no global function `handle` is left by the entry
 */
export function createImage(engine: LuaEngine, options: ImageOptions): MemoryImage {
  const instance = createInstance(engine, options.watch !== undefined);
  const { lua } = instance;
  if (options.watch) instance.watch = createLineWatcher(instance, options.watch).onInstruction;
  instance.memoryLimit = BOOT_MEMORY;
  lua.gas.value = BigInt(options.instructions ?? BOOT_INSTRUCTIONS);
  const state = lua.luaL_newstate();
  const handleName = writeName(instance, 'handle');
  try {
    boot(instance, state, options);
    checkHandle(instance, state, handleName);
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError) || lua.gas.value >= 0n) throw error;
    throw new LimitError('INSTRUCTION_LIMIT', 'booting the module ran past its instruction limit', {
      cause: error,
    });
  }
  lua.lua_settop(state, 0);
  sweepStack(instance);
  const data = Buffer.from(instance.buffer.subarray(0, DATA_END));
  const heap = Buffer.from(instance.buffer.subarray(HEAP_START, readBreak(instance)));
  const hash = createHash('sha256').update(data).update(heap).digest('base64url');
  const devices = (options.devices ?? []).map(describeDevice);
  return { engine, hash, data, heap, state, handleName, devices };
}

function boot(instance: LuaInstance, state: number, options: ImageOptions): void {
  const { lua } = instance;
  lua.luaL_openlibs(state);
  loadChunk(instance, state, SANDBOX_NAME, SANDBOX_SOURCE);
  call(instance, state, 0, 1);
  lua.lua_pushvalue(state, 1);
  pushText(instance, state, CODEC_NAME);
  loadChunk(instance, state, '=codec', 'return ...');
  pushCodec(instance, state);
  call(instance, state, 3, 0);
  let first = 0;
  for (const device of options.devices ?? []) {
    lua.lua_pushvalue(state, 1);
    pushText(instance, state, device.name);
    const { name, lua: source } = device;
    if (source === undefined) loadChunk(instance, state, '=device', 'return ...');
    else loadChunk(instance, state, name, source);
    pushDeviceFunctions(instance, state, device, first);
    call(instance, state, 3, 0);
    first += functionNames(device).length;
  }
  for (const file of options.files) {
    lua.lua_pushvalue(state, 1);
    pushText(instance, state, file.name);
    loadChunk(instance, state, file.name, file.source);
    call(instance, state, 2, 0);
  }
  loadChunk(instance, state, '=boot', 'require(...)');
  pushText(instance, state, options.entry);
  call(instance, state, 1, 0);
}

function loadChunk(instance: LuaInstance, state: number, name: string, source: string): void {
  const status = withText(instance, name, (namePointer) =>
    withText(instance, source, (pointer, bytes) =>
      withText(instance, 't', (mode) =>
        instance.lua.luaL_loadbufferx(state, pointer, bytes, namePointer, mode),
      ),
    ),
  );
  if (status !== LUA_OK) throw luaFailure(instance, state, status);
}

function call(instance: LuaInstance, state: number, args: number, results: number): void {
  const status = instance.lua.lua_pcallk(state, args, results, 0, 0, 0);
  if (status !== LUA_OK) throw luaFailure(instance, state, status);
}

/** Turns the status and the error value on top of the stack into an error of ours. */
export function luaFailure(instance: LuaInstance, state: number, status: number): MachineError {
  const { lua } = instance;
  if (status === LUA_ERRMEM) {
    return new LimitError(
      'MEMORY_LIMIT',
      `not enough memory: the process reached its limit of ${instance.memoryLimit} bytes`,
      {
        details: { limit: instance.memoryLimit, got: instance.memoryRefused },
        hint: 'Raise Memory-Limit of the module, or keep less state.',
      },
    );
  }
  const isText = lua.lua_tolstring(state, -1, 0) !== 0;
  const text = isText ? readText(instance, state, -1) : 'the error value is not a string';
  const code = status === LUA_ERRSYNTAX ? 'LUA_SYNTAX' : 'LUA_ERROR';
  return new LuaError(code, text, { details: { status } });
}

function checkHandle(instance: LuaInstance, state: number, handleName: number): void {
  const LUA_TFUNCTION = 6;
  if (instance.lua.lua_getglobal(state, handleName) === LUA_TFUNCTION) return;
  throw new MachineError('LUA_NO_HANDLE', 'the module leaves no global function "handle"', {
    hint: 'Define function handle(messageJson, envJson) in the entry file.',
  });
}

/** Writes a C string that stays. */
function writeName(instance: LuaInstance, name: string): number {
  const pointer = instance.lua.malloc(name.length + 1);
  instance.buffer.write(`${name}\0`, pointer, 'latin1');
  return pointer;
}
