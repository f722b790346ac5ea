/**
 * An operator of opML as one HTTP service: a herd on a network of its own behind the API that
 * dispatchers know. `corral operator` runs it; docs/OPERATOR_API.md describes it.
 */
import { randomUUID } from 'node:crypto';
import { serveUnit } from '../../actors/http/serve.js';
import { DEFAULT_TERMS } from '../../pricing/fee.js';
import { type Corral, startCorral } from '../corral.js';
import { CorralError } from '../errors.js';
import { createOperatorApp } from './app.js';
import { createHerdAnswerer } from './ask-herd.js';
import { createCallbacks } from './callbacks.js';
import { type OperatorConfig, parseOperatorConfig } from './config.js';
import { createDesk, type StopReport } from './desk.js';
import { OperatorError } from './errors.js';
import { startHeartbeat } from './heartbeat.js';
import type { Fetch } from './post.js';
import type { Answerer } from './requests.js';
import { DOCUMENTED_SHAPES, ORIGINAL_SHAPES } from './shapes.js';
import { createWallTimer, type Timer } from './timer.js';

/** What an operator is, whoever computes its answers. */
export interface OperatorServiceOptions {
  /** @default every key's default */
  readonly config?: OperatorConfig | undefined;
  /** Speaks the shapes of the original program instead of the documented ones. @default false */
  readonly original?: boolean | undefined;
  /** Questions that may wait. @default 32 */
  readonly queueMax?: number | undefined;
  /** Requests remembered. @default 1000 */
  readonly requestsMax?: number | undefined;
  readonly timer?: Timer | undefined;
  readonly fetch?: Fetch | undefined;
  /** Takes lines for the log: a dead dispatcher, a callback given up. @default nobody */
  readonly log?: ((line: string) => void) | undefined;
}

export interface OperatorOptions extends OperatorServiceOptions {
  /** Worker processes; each answers one question at a time. @default 1 */
  readonly workers?: number | undefined;
  /** Seed of the network. @default 1 */
  readonly seed?: number | undefined;
  /** First of five ports for the network, so that claims can be challenged. @default no ports */
  readonly portBase?: number | undefined;
  /** Folder of the dev wallets' key files. @default ~/.corral/keys */
  readonly keys?: string | undefined;
}

export interface OperatorService {
  /** Where it listens. */
  readonly url: string;
  readonly nodeId: string;
  /** Name that questions must give. */
  readonly model: string;
  /** Finishes what is under way and stops listening. Calling it again changes nothing. */
  stop(): Promise<StopReport>;
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

/**
 * The API over any answerer.
 * @param model name that questions must give
 * @throws {PORT_IN_USE, PORT_UNUSABLE}
 */
export async function startOperatorService(
  answerer: Answerer,
  model: string,
  options: OperatorServiceOptions = {},
): Promise<OperatorService> {
  const { config = parseOperatorConfig(''), original, queueMax, requestsMax } = options;
  const { timer = createWallTimer(), fetch = globalThis.fetch, log = tellNobody } = options;
  const nodeId = randomUUID();
  const callbacks = createCallbacks({ nodeId, fetch, timer, log });
  const newId = randomUUID;
  const desk = createDesk({ answerer, callbacks, timer, newId, queueMax, requestsMax });
  const rules = { model, promptBytesMax: DEFAULT_TERMS.maxPromptBytes };
  const shapes = original ? ORIGINAL_SHAPES : DOCUMENTED_SHAPES;
  const server = await serveUnit(createOperatorApp({ nodeId, desk, rules, shapes }), {
    port: config.port,
    host: new URL(config.host).hostname,
    purpose: 'operator',
    option: 'the key port of the config',
  });
  const stopHeartbeat = startHeartbeat({
    dispatcher: config.dispatcher,
    workerName: `${config.host}:${server.port}`,
    queueLength: desk.queueLength,
    fetch,
    timer,
    log,
  });
  const stop = once(async () => {
    stopHeartbeat();
    const report = await desk.stop();
    await server.close();
    return report;
  });
  return { url: server.url, nodeId, model, stop };
}

/** The function, run at its first call only. */
function once<T>(run: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    running ??= run();
    return running;
  };
}

function tellNobody(): void {
  // The default log: a program that embeds an operator may not want one.
}

/** The model came from the config here, not from an option. */
function explainModelPath(error: unknown): never {
  if (!(error instanceof CorralError) || error.code !== 'MODEL_NOT_FOUND') throw error;
  throw new OperatorError('CONFIG_INVALID', `model_path: ${error.message}`, {
    hint: 'Name a GGUF file, or leave model_path out for the demo model.',
    cause: error,
  });
}
