/**
 * The operator's API as a running service, over whoever computes the answers.
 */
import { randomUUID } from 'node:crypto';
import { serveUnit } from '../../actors/http/serve.js';
import { DEFAULT_TERMS } from '../../pricing/fee.js';
import { createOperatorApp } from './app.js';
import { createCallbacks } from './callbacks.js';
import { type OperatorConfig, parseOperatorConfig } from './config.js';
import { createDesk, type StopReport } from './desk.js';
import { startHeartbeat } from './heartbeat.js';
import type { Fetch } from './post.js';
import type { Answerer } from './requests.js';
import { DOCUMENTED_SHAPES, ORIGINAL_SHAPES } from './shapes.js';
import { createWallTimer, type Timer } from './timer.js';

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
  /** Takes lines for the log: callbacks told and given up, a dead dispatcher. @default nobody */
  readonly log?: ((line: string) => void) | undefined;
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
export function once<T>(run: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    running ??= run();
    return running;
  };
}

function tellNobody(): void {
  // The default log: a program that embeds an operator may not want one.
}
