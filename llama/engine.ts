/**
 * The engine module: the WebAssembly that llama/engine is compiled to, and an instance of it in a
 * memory that never grows.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LlamaError } from './errors.js';
import { PAGE } from './regions.js';

/** A compiled engine, to be shared by models. */
export interface Engine {
  readonly wasm: Uint8Array;
  readonly module: WebAssembly.Module;
}

/** What the engine module exports, besides the functions that only tests call (engine/main.ts). */
export interface EngineExports {
  step(): void;
  run(): void;
  mathExp(x: number): number;
  mathLog(x: number): number;
}

/** Where the compiled engine lies, beside the compiled code or under dist/ from the sources. */
export function engineWasmUrl(): URL {
  const beside = new URL('./engine.wasm', import.meta.url);
  return existsSync(beside) ? beside : new URL('../dist/llama/engine.wasm', import.meta.url);
}

/** @throws {LlamaError} ENGINE_NOT_BUILT */
export function compileEngine(url = engineWasmUrl()): Engine {
  if (!existsSync(url)) {
    const path = fileURLToPath(url);
    throw new LlamaError('ENGINE_NOT_BUILT', `The inference engine is not at ${path}.`, { path });
  }
  const wasm = readFileSync(url);
  return { wasm, module: new WebAssembly.Module(wasm) };
}

/** Instantiates the module in a memory of `bytes`, which never grows. */
export function instantiateEngine({ module }: Engine, bytes: number) {
  const pages = Math.ceil(bytes / PAGE);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  return { memory, exports: instance.exports as unknown as EngineExports };
}
