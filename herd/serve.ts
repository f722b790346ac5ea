/**
 * A network over HTTP: gateway, bundler, messenger, scheduler and compute unit and a node in
 * HyperBEAM's shape, on six ports in a row, or, without ports, through a `fetch` of its own that
 * clients can be given.
 */
import type { Hono } from 'hono';
import { Hono as App } from 'hono';
import { streamSSE } from 'hono/streaming';
import { reportError } from '../actors/errors.js';
import type { NetworkEvent } from '../actors/events.js';
import { createComputeApp } from '../actors/http/compute.js';
import { createNodeApp } from '../actors/http/hyperbeam/node.js';
import { createMessengerApp } from '../actors/http/messenger.js';
import { createModulesApp } from '../actors/http/modules.js';
import { createSchedulerApp } from '../actors/http/scheduler.js';
import { serveUnit } from '../actors/http/serve.js';
import type { ActorNetwork } from '../actors/network.js';
import { createBundlerApp } from '../arlocal/http/bundler-app.js';
import { allowPages } from '../arlocal/http/cors.js';
import { answerDurably } from '../arlocal/http/durable.js';
import { createGatewayApp } from '../arlocal/http/gateway-app.js';
import { createRateBound, rateOf } from '../arlocal/http/rate.js';
import { respondWithError } from '../arlocal/http/respond.js';
import type { RunningServer } from '../arlocal/http/serve.js';
import { VERSION } from './package-root.js';
import { createRefusals } from './refusals.js';

export const LOOPBACK = '127.0.0.1';
export const DEFAULT_PORT_BASE = 4000;
/** The last of the six ports must be one. */
export const MAX_PORT_BASE = 65_530;

/** The parts that are served, in the order of their ports. */
const PARTS = ['gateway', 'bundler', 'mu', 'su', 'cu', 'node'] as const;
type Part = (typeof PARTS)[number];

const PURPOSES: Record<Part, string> = {
  gateway: 'gateway',
  bundler: 'bundler',
  mu: 'messenger unit',
  su: 'scheduler unit',
  cu: 'compute unit',
  node: 'HyperBEAM-style node',
};

export type Urls = Readonly<Record<Part, string>>;
export type Apps = Readonly<Record<Part, Hono>>;

/** Routes below `/corral/` at the gateway, such as those of the developer's tools. */
export type Tools = (network: ActorNetwork) => Hono;

/**
 * The apps of a network.
 * @param document what `GET {gateway}/corral` answers
 */
export function createApps(network: ActorNetwork, document: () => unknown, tools?: Tools): Apps {
  const { watch } = createRefusals(network.tell, (run, delayMs) => {
    setTimeout(run, delayMs).unref();
  });
  return {
    gateway: watch('gateway', createFrontApp(network, document, tools?.(network))),
    bundler: watch('bundler', createBundlerApp(network.gateway)),
    mu: watch('mu', createMessengerApp(network)),
    su: watch('su', createSchedulerApp(network)),
    cu: watch('cu', createComputeApp(network)),
    node: watch('node', createNodeApp(network, { info: { 'corral-version': VERSION } })),
  };
}

/** Where this machine reaches the parts: by its loopback address, unless they listen on another. */
export function urlsOf(portBase: number, host = LOOPBACK): Urls {
  const name = ANY_ADDRESS.has(host) ? LOOPBACK : host;
  const authority = name.includes(':') ? `[${name}]` : name;
  const entries = PARTS.map((part, index) => [part, `http://${authority}:${portBase + index}`]);
  return Object.fromEntries(entries) as Urls;
}

/** Addresses that stand for all that the machine has, its loopback address too. */
const ANY_ADDRESS = new Set(['0.0.0.0', '::']);

/**
 * Serves the apps, on the loopback interface unless told otherwise.
 * @throws {PORT_IN_USE, PORT_UNUSABLE} and then none of the ports is held
 */
export async function listen(
  apps: Apps,
  portBase: number,
  host = LOOPBACK,
): Promise<() => Promise<void>> {
  const served: RunningServer[] = [];
  const rate = createRateBound(rateOf, () => performance.now());
  const close = async () => {
    await Promise.all(served.map((server) => server.close()));
  };
  try {
    for (const [index, part] of PARTS.entries()) {
      const port = portBase + index;
      const purpose = PURPOSES[part];
      const option = '--port-base';
      served.push(await serveUnit(apps[part], { port, host, rate, purpose, option }));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return close;
}

/** A `fetch` that reaches the apps without a port, by the URLs that they would have. */
export function createFetch(apps: Apps, urls: Urls): typeof fetch {
  const byOrigin = new Map(PARTS.map((part) => [urls[part], apps[part]]));
  return async (input, init) => {
    const request = new Request(input, init);
    const { origin } = new URL(request.url);
    const app = byOrigin.get(origin);
    if (!app) throw new TypeError(`${origin} is no part of this network`);
    return app.fetch(request);
  };
}

/** The gateway, with what Corral tells about itself in front. */
function createFrontApp(network: ActorNetwork, document: () => unknown, tools?: Hono): Hono {
  const app = new App();
  app.use('/corral/*', allowPages);
  app.use('/corral/*', answerDurably(network.gateway));
  app.onError(respondWithError);
  app.get('/corral', (context) => context.json(document()));
  app.get('/corral/events', (context) =>
    streamSSE(context, async (stream) => {
      const tell = (event: NetworkEvent) => stream.writeSSE({ data: JSON.stringify(event) });
      const events = network.events[Symbol.asyncIterator]();
      stream.onAbort(() => void events.return?.());
      try {
        for await (const event of { [Symbol.asyncIterator]: () => events }) {
          await network.gateway.durable(); // as all that is told
          await tell(event);
        }
      } catch (error) {
        await tell({ type: 'error', error: reportError(error, 'COMPUTE_FAILED') });
      }
    }),
  );
  const modules = createModulesApp(network);
  app.post('/corral/modules/*', (context) => modules.fetch(context.req.raw, context.env));
  if (tools) app.all('/corral/*', (context) => tools.fetch(context.req.raw, context.env));
  const gateway = createGatewayApp(network.gateway);
  app.all('*', (context) => gateway.fetch(context.req.raw, context.env));
  return app;
}
