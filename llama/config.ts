/**
 * The shape of a llama model, read from its GGUF metadata and checked against what the engine can
 * compute. Anything that would silently change the answer (another architecture, scaled rotary
 * positions, experts) is refused by name.
 * Source: llama.cpp gguf-py constants, llama_model::load_hparams for LLM_ARCH_LLAMA.
 */
import { LlamaError } from './errors.js';
import type { Gguf } from './gguf.js';
import { MAX_CONTEXT } from './regions.js';

export interface LlamaConfig {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headWidth: number;
  readonly ropeWidth: number;
  readonly feedForward: number;
  readonly vocabulary: number;
  /** Most tokens of prompt and answer together. */
  readonly contextLength: number;
  readonly epsilon: number;
  readonly ropeBase: number;
}

/** Context used when neither the caller nor a shorter-trained model asks for less. */
const DEFAULT_CONTEXT = 2048;

/** @throws {LlamaError} MODEL_* when a key is missing or the engine cannot compute the model */
export function readConfig(gguf: Gguf, contextLength?: number): LlamaConfig {
  refuseVariants(gguf);
  const width = readCount(gguf, 'llama.embedding_length');
  const heads = readCount(gguf, 'llama.attention.head_count');
  const headWidth = readCount(gguf, 'llama.attention.key_length', width / heads);
  const trained = readCount(gguf, 'llama.context_length');
  const config: LlamaConfig = {
    layers: readCount(gguf, 'llama.block_count'),
    width,
    heads,
    kvHeads: readCount(gguf, 'llama.attention.head_count_kv', heads),
    headWidth,
    ropeWidth: readCount(gguf, 'llama.rope.dimension_count', headWidth),
    feedForward: readCount(gguf, 'llama.feed_forward_length'),
    vocabulary: readVocabulary(gguf),
    contextLength: contextLength ?? Math.min(trained, DEFAULT_CONTEXT),
    epsilon: readPositive(gguf, 'llama.attention.layer_norm_rms_epsilon'),
    ropeBase: readPositive(gguf, 'llama.rope.freq_base', 10000),
  };
  checkShape(config, gguf, trained);
  return config;
}

function refuseVariants(gguf: Gguf): void {
  const scaling = gguf.metadata.get('llama.rope.scaling.type') ?? 'none';
  if (scaling !== 'none' || gguf.tensors.has('rope_freqs.weight')) {
    const how = scaling === 'none' ? 'rope_freqs.weight' : String(scaling);
    throw new LlamaError('MODEL_UNSUPPORTED_ROPE', `The model scales its positions (${how}).`, {
      scaling: how,
    });
  }
  const experts = gguf.metadata.get('llama.expert_count') ?? 0;
  if (experts !== 0) {
    throw new LlamaError(
      'MODEL_UNSUPPORTED_ARCHITECTURE',
      `The model is a mixture of ${experts} experts.`,
      { experts },
    );
  }
}

function checkShape(config: LlamaConfig, gguf: Gguf, trained: number): void {
  const { width, heads, kvHeads, headWidth, ropeWidth, feedForward, contextLength } = config;
  const valueWidth = gguf.metadata.get('llama.attention.value_length') ?? headWidth;
  const rules: [boolean, string][] = [
    [width % 32 === 0, `the width ${width} must be a multiple of 32`],
    [feedForward % 32 === 0, `the feed-forward width ${feedForward} must be a multiple of 32`],
    [headWidth % 4 === 0, `the head width ${headWidth} must be a multiple of 4`],
    [(heads * headWidth) % 32 === 0, `${heads} heads of ${headWidth} must fill blocks of 32`],
    [heads % kvHeads === 0, `${heads} heads cannot share ${kvHeads} key-value heads`],
    [valueWidth === headWidth, `values of width ${valueWidth} differ from keys of ${headWidth}`],
    [ropeWidth % 2 === 0 && ropeWidth <= headWidth, `the rotary width ${ropeWidth} must be even`],
    [
      Number.isInteger(contextLength) && contextLength > 0 && contextLength <= trained,
      `the context ${contextLength} must be within the ${trained} that the model was trained for`,
    ],
    [
      contextLength <= MAX_CONTEXT,
      `the context ${contextLength} must be within the ${MAX_CONTEXT} ids that an answer holds`,
    ],
  ];
  const broken = rules.find(([holds]) => !holds);
  if (broken !== undefined) {
    throw new LlamaError('MODEL_UNSUPPORTED_SHAPE', `In this model, ${broken[1]}.`, { ...config });
  }
}

function readVocabulary(gguf: Gguf): number {
  const tokens = gguf.metadata.get('tokenizer.ggml.tokens');
  if (!Array.isArray(tokens) || tokens.length === 0) throw missing('tokenizer.ggml.tokens', tokens);
  return tokens.length;
}

function readCount(gguf: Gguf, key: string, fallback?: number): number {
  const value = readPositive(gguf, key, fallback);
  if (!Number.isInteger(value) || value > 0x7fffffff) throw missing(key, value);
  return value;
}

function readPositive(gguf: Gguf, key: string, fallback?: number): number {
  const value = gguf.metadata.get(key) ?? fallback;
  if (typeof value !== 'number' || !(value > 0) || !Number.isFinite(value)) {
    throw missing(key, value);
  }
  return value;
}

function missing(key: string, value: unknown): LlamaError {
  const found = value === undefined ? 'is missing' : `is ${JSON.stringify(value)?.slice(0, 80)}`;
  return new LlamaError('MODEL_MISSING_KEY', `The model's key "${key}" ${found}.`, { key, value });
}
