/**
 * An operator of opML as one HTTP service: a herd on a network of its own behind the API that
 * dispatchers know. `corral operator` runs it; docs/OPERATOR_API.md describes it.
 */
import { type Corral, startCorral } from '../corral.js';
import { CorralError } from '../errors.js';
import { createHerdAnswerer } from './ask-herd.js';
import { parseOperatorConfig } from './config.js';
import { OperatorError } from './errors.js';
import {
  type OperatorService,
  type OperatorServiceOptions,
  once,
  startOperatorService,
} from './service.js';

export interface OperatorOptions extends OperatorServiceOptions {
  /** Worker processes; each answers one question at a time. @default 1 */
  readonly workers?: number | undefined;
  /** Seed of the network. @default 1 */
  readonly seed?: number | undefined;
  /** First of six ports for the network, so that claims can be challenged. @default no ports */
  readonly portBase?: number | undefined;
  /** Folder of the dev wallets' key files. @default ~/.corral/keys */
  readonly keys?: string | undefined;
}

export interface Operator extends OperatorService {
  /** The network of its herd. */
  readonly corral: Corral;
}

/** @throws {CONFIG_INVALID, PORT_IN_USE, PORT_UNUSABLE} and what `startCorral` throws */
export async function startOperator(options: OperatorOptions = {}): Promise<Operator> {
  const { config = parseOperatorConfig(''), workers = 1, seed, portBase, keys } = options;
  const corral = await startCorral({
    workers,
    seed,
    portBase,
    keys,
    listen: portBase !== undefined,
    model: config.modelPath,
  }).catch(explainModelPath);
  try {
    const answerer = await createHerdAnswerer(corral);
    const model = config.modelName ?? corral.info.model.name;
    const service = await startOperatorService(answerer, model, options);
    const stop = once(async () => {
      const report = await service.stop();
      await corral.close();
      return report;
    });
    return { ...service, corral, stop };
  } catch (error) {
    await corral.close();
    throw error;
  }
}

/** The model came from the config here, not from an option. */
function explainModelPath(error: unknown): never {
  if (!(error instanceof CorralError) || error.code !== 'MODEL_NOT_FOUND') throw error;
  throw new OperatorError('CONFIG_INVALID', `model_path: ${error.message}`, {
    hint: 'Name a GGUF file, or leave model_path out for the demo model.',
    cause: error,
  });
}
