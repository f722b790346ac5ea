/**
 * One instance of the inference engine with one model's weights: the WebAssembly module of
 * llama/engine, its memory, and the ids whose keys and values the cache holds. Sessions share it: an
 * evaluation keeps the longest prefix that the cache already has and computes the rest, which gives
 * the same bits as computing all of it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { LlamaConfig } from './config.js';
import { LlamaError } from './errors.js';
import type { Gguf } from './gguf.js';
import { BATCH, planLayout } from './layout.js';

/** How to choose the next token, and the random numbers' whole state. */
export interface SamplerState {
  /** 0 takes the likeliest token. */
  readonly temperature: number;
  /** Share of the probability, likeliest tokens first, to draw from; 1 is all. */
  readonly topP: number;
  /** Unsigned 64-bit counter of SplitMix64; starts as the seed. */
  random: bigint;
}

export interface Engine {
  /** Bytes of memory: weights, caches and scratch. */
  readonly memoryBytes: number;
  /**
   * Evaluates one more batch of `ids`, beyond what is already evaluated.
   * @returns how many of `ids` are still to do; 0 means that the logits follow the last one
   * @throws {LlamaError} ENGINE_BAD_IDS when there are none, too many, or ids outside the vocabulary
   */
  advance(ids: readonly number[]): number;
  /** Chooses a token by the logits and moves the sampler's random state on. */
  sample(sampler: SamplerState): number;
  /** A copy of the logits that the last evaluated token left. */
  logits(): Float32Array;
}

/** What the engine module exports, besides the functions that tests call (engine/main.ts). */
interface EngineExports {
  modelAddress(): number;
  prepare(): void;
  evaluate(count: number, first: number): void;
  sample(): number;
}

const PAGE = 65536;

/** Where the compiled engine lies, beside the compiled code or under dist/ from the sources. */
export function engineWasmUrl(): URL {
  const beside = new URL('./engine.wasm', import.meta.url);
  return existsSync(beside) ? beside : new URL('../dist/llama/engine.wasm', import.meta.url);
}

/** @throws {LlamaError} ENGINE_NOT_BUILT */
export function compileEngine(url = engineWasmUrl()): WebAssembly.Module {
  if (!existsSync(url)) {
    const path = fileURLToPath(url);
    throw new LlamaError('ENGINE_NOT_BUILT', `The inference engine is not at ${path}.`, { path });
  }
  return new WebAssembly.Module(readFileSync(url));
}

/** Instantiates the module in a memory of `bytes`, which never grows. */
export function instantiateEngine(module: WebAssembly.Module, bytes: number) {
  const pages = Math.ceil(bytes / PAGE);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return { memory, exports };
}

/** @throws {LlamaError} MODEL_MISSING_TENSOR, MODEL_UNSUPPORTED_SHAPE, MODEL_TOO_LARGE */
export function createEngine(
  gguf: Gguf,
  config: LlamaConfig,
  module: WebAssembly.Module = compileEngine(),
): Engine {
  const modelAddress = readModelAddress(module);
  const layout = planLayout(gguf, config, modelAddress);
  const { memory, exports } = instantiateEngine(module, layout.size);
  const { evaluate, prepare, sample } = exports as unknown as EngineExports;
  layout.write(new Uint8Array(memory.buffer));
  prepare();
  const view = new DataView(memory.buffer);
  let cached: number[] = [];
  return {
    memoryBytes: layout.size,
    advance(ids) {
      checkIds(ids, config);
      const common = countCommon(cached, ids);
      if (common === ids.length && common === cached.length && common > 0) return 0;
      // The last id's logits are wanted, so it is evaluated even when its keys are cached.
      const first = Math.min(common, ids.length - 1);
      const batch = ids.slice(first, first + BATCH);
      batch.forEach((id, i) => {
        view.setUint32(layout.tokenIds + 4 * i, id, true);
      });
      evaluate(batch.length, first);
      cached = ids.slice(0, first + batch.length);
      return ids.length - cached.length;
    },
    sample(sampler) {
      view.setFloat32(layout.sampler, sampler.temperature, true);
      view.setFloat32(layout.sampler + 4, sampler.topP, true);
      view.setBigUint64(layout.sampler + 8, sampler.random, true);
      const id = sample();
      if (id < 0) {
        throw new LlamaError('MODEL_NOT_FINITE', 'The model computed a logit that is not finite.');
      }
      sampler.random = view.getBigUint64(layout.sampler + 8, true);
      return id;
    },
    logits: () => new Float32Array(memory.buffer, layout.logits, config.vocabulary).slice(),
  };
}

/** The address is the module's own constant; a throw-away instance tells it. */
function readModelAddress(module: WebAssembly.Module): number {
  const { exports } = instantiateEngine(module, PAGE);
  return (exports as unknown as EngineExports).modelAddress();
}

/** The engine itself checks nothing: an id or a position out of range would reach other memory. */
function checkIds(ids: readonly number[], { contextLength, vocabulary }: LlamaConfig): void {
  const odd = ids.find((id) => !(Number.isInteger(id) && id >= 0 && id < vocabulary));
  if (odd !== undefined) {
    throw new LlamaError('ENGINE_BAD_IDS', `There is no token ${odd} in ${vocabulary}.`, {
      id: odd,
    });
  }
  if (ids.length === 0 || ids.length > contextLength) {
    throw new LlamaError(
      'ENGINE_BAD_IDS',
      `The engine was given ${ids.length} tokens for a context of ${contextLength}.`,
      { length: ids.length, contextLength },
    );
  }
}

function countCommon(a: readonly number[], b: readonly number[]): number {
  const most = Math.min(a.length, b.length);
  let common = 0;
  while (common < most && a[common] === b[common]) common += 1;
  return common;
}
