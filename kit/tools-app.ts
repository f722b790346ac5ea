/**
 * The developer's tools over HTTP, for `corral trace` and `corral debug` against a running network:
 * message trees and states at `/corral/trace` and `/corral/state` of the gateway, the debugger at
 * `/corral/debug`. They change nothing, and what they take is bounded.
 */
import { randomUUID } from 'node:crypto';
import type { Context, Hono } from 'hono';
import { numberQuery, prepareApp } from '../actors/http/errors.js';
import type { ActorNetwork } from '../actors/network.js';
import { createDebugApp } from './debug/debug-app.js';
import { createDesk } from './debug/desk.js';
import { createInspector, type Inspector } from './inspect/inspector.js';
import { toJsonValue } from './inspect/state-value.js';
import type { TreeNode } from './render/tree-node.js';

/** What `GET /corral/trace/ID` answers. */
export interface TraceDocument {
  readonly tree: TreeNode;
  /** Names of the processes that it speaks of, by id. */
  readonly names: Readonly<Record<string, string>>;
}

const BODY_BYTES_MAX = 1024 * 1024;
const DELIVERIES_MAX = 2_000;
/** Evaluations that one request may make again. */
const REPLAY_MAX = 20_000;

export function createToolsApp(network: ActorNetwork): Hono {
  const inspector = createInspector(network, REPLAY_MAX);
  const app = prepareApp(network.gateway, BODY_BYTES_MAX);
  app.get('/corral/trace/:id', async (c) => c.json(await answerTrace(network, inspector, c)));
  app.get('/corral/state/:process', async (c) => {
    const process = c.req.param('process');
    const nonce = numberQuery(c, 'nonce', Number.MAX_SAFE_INTEGER);
    const { globals, locals, modules, handlers } = await inspector.state(process, nonce);
    const parts = { globals, locals, modules, handlers };
    return c.json({ process, nonce, ...(toJsonValue(parts) as object) });
  });
  app.route(
    '/',
    createDebugApp(network, createDesk(network, { past: inspector.past, newId: randomUUID })),
  );
  return app;
}

async function answerTrace(
  network: ActorNetwork,
  inspector: Inspector,
  c: Context,
): Promise<TraceDocument> {
  const tree = await inspector.trace(c.req.param('id') ?? '', {
    state: c.req.query('state') === '1',
    most: numberQuery(c, 'most', DELIVERIES_MAX) ?? DELIVERIES_MAX,
    process: c.req.query('process') || undefined,
  });
  const names = idsIn(tree).map((id): [string, string] => [id, nameIn(network, id)]);
  return { tree, names: Object.fromEntries(names.filter(([, name]) => name !== '')) };
}

/** All ids in a tree: of who takes part, in tags, in what was printed and in what changed. */
function idsIn(tree: TreeNode): string[] {
  const ids = new Set<string>();
  JSON.stringify(tree, (_, value: unknown) => {
    for (const [id] of typeof value === 'string' ? value.matchAll(ID) : []) ids.add(id);
    return value;
  });
  return [...ids];
}

const ID = /(?<![\w-])[\w-]{43}(?![\w-])/g;

function nameIn({ units }: ActorNetwork, id: string): string {
  return units.scheduler.process(id)?.name ?? '';
}
