/** The kinds of models that the engine runs, and the shape of one as its file tells it. */
import { type LlamaConfig, readConfig } from './config.js';
import { LlamaError } from './errors.js';
import type { Gguf } from './gguf.js';
import { type MlpConfig, readMlpConfig } from './mlp.js';

export type Architecture =
  | { readonly kind: 'llama'; readonly config: LlamaConfig }
  | { readonly kind: 'mlp'; readonly config: MlpConfig };

/**
 * @param contextLength of a llama model; default the model's own, at most 2048
 * @throws {LlamaError} MODEL_* when a key is missing or the engine cannot compute the model
 */
export function readArchitecture(gguf: Gguf, contextLength?: number): Architecture {
  const name = gguf.metadata.get('general.architecture');
  if (name === 'llama') return { kind: 'llama', config: readConfig(gguf, contextLength) };
  if (name === 'mlp') return { kind: 'mlp', config: readMlpConfig(gguf) };
  throw new LlamaError(
    'MODEL_UNSUPPORTED_ARCHITECTURE',
    `The model's architecture is "${name ?? 'not given'}".`,
    { architecture: name },
  );
}
