/**
 * A llama model, ready to answer: its file's facts, its tokenizer, and one engine instance that holds
 * the weights. Load it once per thread; any number of sessions share it.
 */
import { type LlamaConfig, readConfig } from './config.js';
import { createEngine, type Engine } from './engine.js';
import { readGguf } from './gguf.js';
import { createTokenizer, type Tokenizer } from './tokenizer.js';
import { readVocabulary } from './vocabulary.js';

export interface Model {
  readonly name: string;
  /** Number of weights. */
  readonly parameters: number;
  /** Bytes of the model file. */
  readonly fileBytes: number;
  /** The type that most weights have in the file. */
  readonly quantization: string;
  readonly config: LlamaConfig;
  readonly tokenizer: Tokenizer;
  readonly engine: Engine;
}

export interface ModelOptions {
  /** Most tokens of prompt and answer together; default the model's own, at most 2048. */
  readonly contextLength?: number;
  /** A compiled engine, to share between models; default llama/engine as built. */
  readonly module?: WebAssembly.Module;
}

/**
 * Loads a GGUF file's bytes. They may be let go of afterwards: the engine has its own copy.
 *
 * @throws {LlamaError} GGUF_*, MODEL_*, ENGINE_NOT_BUILT
 */
export function loadModel(bytes: Uint8Array, options: ModelOptions = {}): Model {
  const gguf = readGguf(bytes);
  const config = readConfig(gguf, options.contextLength);
  const tokenizer = createTokenizer(readVocabulary(gguf));
  const weights = new Map<string, number>();
  for (const { type, dims } of gguf.tensors.values()) {
    const count = dims.reduce((product, dim) => product * dim, 1);
    weights.set(type, (weights.get(type) ?? 0) + count);
  }
  const [most] = [...weights].sort((a, b) => b[1] - a[1]);
  const name = gguf.metadata.get('general.name');
  return {
    name: typeof name === 'string' ? name : 'llama',
    parameters: [...weights.values()].reduce((sum, count) => sum + count, 0),
    fileBytes: gguf.size,
    quantization: most?.[0] ?? 'F32',
    config,
    tokenizer,
    engine: createEngine(gguf, config, options.module),
  };
}
