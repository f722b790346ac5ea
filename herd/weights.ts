/**
 * The weights: a GGUF file becomes a data item on the gateway, which workers load by its id as
 * `/data/<id>`, as they do on AO.
 */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ActorNetwork } from '../actors/network.js';
import { signDataItem } from '../arlocal/data-item.js';
import type { Wallet } from '../arlocal/wallet.js';
import { readArchitecture } from '../llama/architecture.js';
import { type Gguf, readGguf } from '../llama/gguf.js';
import { CorralError } from './errors.js';
import { packageRoot } from './package-root.js';

export interface ModelInfo {
  /** Id of the data item. */
  readonly id: string;
  readonly name: string;
  /** Of the file: 'llama', a language model, or 'mlp', a classifier. */
  readonly architecture: string;
  readonly parameters: number;
  readonly fileBytes: number;
}

export const DEMO_MODEL: string = join(packageRoot, 'models', 'corral-llama.gguf');

/**
 * Stores a model file; the same file again changes nothing.
 * @throws {MODEL_NOT_FOUND, MODEL_INVALID}
 */
export function storeModel(network: ActorNetwork, owner: Wallet, path: string): ModelInfo {
  const data = readModelFile(path);
  const { gguf, architecture } = checkModel(data, path);
  const named = gguf.metadata.get('general.name');
  const name = typeof named === 'string' ? named : basename(path, '.gguf');
  const signed = signDataItem(owner, {
    tags: [
      { name: 'Content-Type', value: 'application/octet-stream' },
      { name: 'Name', value: name },
    ],
    data,
  });
  if (!network.gateway.item(signed.item.id)) network.gateway.putItem(signed);
  const sizes = [...gguf.tensors.values()].map(({ dims }) => dims.reduce((a, b) => a * b, 1));
  const parameters = sizes.reduce((sum, size) => sum + size, 0);
  return { id: signed.item.id, name, architecture, parameters, fileBytes: data.length };
}

function readModelFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new CorralError('MODEL_NOT_FOUND', `the model ${path} cannot be read (${reason})`, {
      hint: 'Give the path of a GGUF file with --model, or leave it out for the demo model.',
      details: { path },
      cause,
    });
  }
}

/** Refuses at the door what no worker could load. */
function checkModel(data: Uint8Array, path: string): { gguf: Gguf; architecture: string } {
  try {
    const gguf = readGguf(data);
    return { gguf, architecture: readArchitecture(gguf).kind };
  } catch (cause) {
    // The engine's own message says what to do as well.
    const { message } = cause as Error;
    throw new CorralError('MODEL_INVALID', `the model ${path} cannot be used: ${message}`, {
      details: { path },
      cause,
    });
  }
}
