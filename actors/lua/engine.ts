/**
 * The compiled Lua interpreter: PUC Lua 5.4 as WebAssembly, the `glue.wasm` of the wasmoon package
 * (MIT) without wasmoon's JavaScript. Compiled once, shared by every process of a network.
 * The file's hash is checked because two facts about it are written down in layout.ts.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { MachineError } from './errors.js';
import type { LuaInstance } from './instance.js';
import { GLUE_SHA256, TABLE_SIZE } from './layout.js';
import { meterModule } from './meter.js';
import { addWindow } from './watched.js';

/** Indices of the host's entries in the function table, the same in every instance. */
export const DISPATCH = TABLE_SIZE;
export const WATCH = TABLE_SIZE + 1;

/** One interpreter for many processes. Holds no state of any process. */
export interface LuaEngine {
  readonly module: WebAssembly.Module;
  /** The same with a window for watchers, see watched.ts; compiled when it is first asked for. */
  readonly watchedModule: () => WebAssembly.Module;
  /** Make a JavaScript function callable from the function table, see instance.ts. */
  readonly trampoline: WebAssembly.Module;
  readonly watchTrampoline: WebAssembly.Module;
  /** Instances of disposed machines, ready to be written over. */
  readonly spare: LuaInstance[];
}

/**
 * Reads, meters and compiles the interpreter. Takes about 10 ms; call it once.
 *
 * @throws {LUA_WASM_UNKNOWN} when the installed wasmoon is not the pinned one
 */
export function compileLua(): LuaEngine {
  const { file, bytes, hash } = readGlue();
  if (hash !== GLUE_SHA256) {
    throw new MachineError('LUA_WASM_UNKNOWN', `${file} is not the Lua build that Corral knows`, {
      details: { hash, expected: GLUE_SHA256 },
      hint: 'Install wasmoon 1.16.0 exactly, or update actors/lua/layout.ts for the new build.',
    });
  }
  let watched: WebAssembly.Module | undefined;
  return {
    module: new WebAssembly.Module(meterModule(bytes)),
    watchedModule: () => {
      watched ??= new WebAssembly.Module(meterModule(addWindow(bytes, WATCH)));
      return watched;
    },
    trampoline: new WebAssembly.Module(TRAMPOLINE),
    watchTrampoline: new WebAssembly.Module(WATCH_TRAMPOLINE),
    spare: [],
  };
}

function readGlue(): { file: string; bytes: Uint8Array; hash: string } {
  const entry = createRequire(import.meta.url).resolve('wasmoon');
  const file = join(dirname(entry), 'glue.wasm');
  const bytes = readFileSync(file);
  return { file, bytes, hash: createHash('sha256').update(bytes).digest('hex') };
}

/** Names what the codec does and takes for it, see codec.ts: to be changed with either. */
const CODEC = 'codec 1';

/** Names how this Corral's Lua machine runs and counts: another name counts gas otherwise. */
export function identifyLua(): string {
  const { bytes } = readGlue();
  const hash = createHash('sha256').update(meterModule(bytes)).update(CODEC);
  return hash.digest('hex').slice(0, 16);
}

/**
 * (module (import "e" "f" (func $f (param i32) (result i32))) (export "f" (func $f)))
 * A table of WebAssembly functions takes no JavaScript function; one that went through a module is
 * fine.
 */
const TRAMPOLINE = new Uint8Array([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x06, 0x01, 0x60, 0x01, 0x7f, 0x01, 0x7f],
  ...[0x02, 0x07, 0x01, 0x01, 0x65, 0x01, 0x66, 0x00, 0x00],
  ...[0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00],
]);

/** The same for (param i32 i32 i32 i32). */
const WATCH_TRAMPOLINE = new Uint8Array([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x09, 0x01, 0x60, 0x04, 0x7f, 0x7f, 0x7f, 0x7f, 0x01, 0x7f],
  ...[0x02, 0x07, 0x01, 0x01, 0x65, 0x01, 0x66, 0x00, 0x00],
  ...[0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00],
]);
