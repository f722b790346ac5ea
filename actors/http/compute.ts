/**
 * The compute unit over HTTP: results, dry-runs, crons and states, in the shapes that aoconnect and
 * aos read.
 */
import { type Context, Hono } from 'hono';
import type { Page, PageQuery } from '../cursors.js';
import { ActorError } from '../errors.js';
import type { DryRunMessage } from '../message-json.js';
import type { ActorNetwork } from '../network.js';
import { type EvaluationResult, resultToWire } from '../result.js';
import { numberQuery, prepareApp, requireQuery } from './errors.js';

const PAGE_MAX = 1000;

export function createComputeApp(network: ActorNetwork): Hono {
  const { compute } = network.units;
  const app = prepareApp(new Hono(), network.limits.messageBytes);

  app.get('/', (c) =>
    c.json({ address: network.addresses.scheduler, timestamp: network.clock.now }),
  );

  app.get('/result/:message', async (c) => {
    const process = requireQuery(c, 'process-id');
    return c.json(resultToWire(await network.result(process, c.req.param('message'))));
  });

  app.get('/results/:process', (c) =>
    c.json(pageToWire(network.results(c.req.param('process'), readPageQuery(c)))),
  );

  app.get('/cron/:process', async (c) =>
    c.json(pageToWire(await network.crons(c.req.param('process'), readPageQuery(c)))),
  );

  app.post('/dry-run', async (c) => {
    const process = requireQuery(c, 'process-id');
    return c.json(resultToWire(await network.dryRun(process, readMessage(await c.req.text()))));
  });

  app.get('/state/:process', async (c) => {
    const process = c.req.param('process');
    const memory = await compute.memory(process);
    const last = compute.evaluations(process).at(-1);
    return c.body(Buffer.from(memory), 200, {
      'Content-Type': 'application/octet-stream',
      'Last-Timestamp': String(last?.timestampMs ?? ''),
      'Last-Ordinate': String(last?.nonce ?? ''),
      'Last-Block-Height': String(last?.blockHeight ?? ''),
    });
  });

  return app;
}

function readPageQuery(c: Context): PageQuery {
  return {
    from: c.req.query('from') || undefined,
    to: c.req.query('to') || undefined,
    sort: c.req.query('sort')?.toUpperCase() === 'DESC' ? 'DESC' : 'ASC',
    limit: numberQuery(c, 'limit', PAGE_MAX),
  };
}

function pageToWire({ edges, hasNextPage }: Page<EvaluationResult>) {
  return {
    pageInfo: { hasNextPage },
    edges: edges.map(({ cursor, node }) => ({ cursor, node: resultToWire(node) })),
  };
}

/** @throws {BAD_REQUEST} */
function readMessage(body: string): DryRunMessage {
  let message: unknown;
  try {
    message = JSON.parse(body);
  } catch (cause) {
    throw new ActorError('BAD_REQUEST', 'the body is no JSON', { hint: MESSAGE_HINT, cause });
  }
  const { Tags: tags } = (message ?? {}) as { Tags?: unknown };
  const isObject = typeof message === 'object' && message !== null && !Array.isArray(message);
  if (isObject && (tags === undefined || (Array.isArray(tags) && tags.every(isTag)))) {
    return message as DryRunMessage;
  }
  throw new ActorError('BAD_REQUEST', 'the body is no message', { hint: MESSAGE_HINT });
}

const MESSAGE_HINT =
  'Send one JSON object such as { "Tags": [{ "name": "Action", "value": "Info" }] }.';

function isTag(value: unknown): boolean {
  return typeof (value as { name?: unknown } | null)?.name === 'string';
}
