/**
 * The compute unit over HTTP: results, dry-runs, crons and states, in the shapes that aoconnect and
 * aos read.
 *
 * @divergence `/results` of AO's compute unit never evaluates; here it does so once over an old store,
 *   because there the results are kept, while here they come back from the log.
 */
import type { Context, Hono } from 'hono';
import { numberOf } from '../../arlocal/json-fields.js';
import type { Page, PageQuery } from '../compute/cursors.js';
import type { DryRunMessage } from '../compute/message-json.js';
import { type EvaluationResult, resultToWire } from '../compute/result.js';
import { ActorError } from '../errors.js';
import { depthOf } from '../json-depth.js';
import type { ActorNetwork } from '../network.js';
import { numberQuery, prepareApp, requireQuery } from './errors.js';
import { dryRunAt, readState } from './past.js';
import { checkAssignments, requireSlot } from './slot.js';

const PAGE_MAX = 1000;

export function createComputeApp(network: ActorNetwork): Hono {
  const { compute, scheduler } = network.units;
  const app = prepareApp(network.gateway, network.limits.messageBytes);

  app.get('/', (c) =>
    c.json({ address: network.addresses.scheduler, timestamp: network.clock.now }),
  );

  app.get('/result/:message', async (c) => {
    const process = requireQuery(c, 'process-id');
    const id = c.req.param('message');
    const message = scheduler.find(process, id)?.messageId ?? id; // an assignment's id is fine
    const result = await network.result(process, message);
    return c.json(resultToWire(result));
  });

  app.post('/result/:slot', async (c) => {
    const process = requireQuery(c, 'process-id');
    const { nonce, messageId } = requireSlot(network, process, c.req.param('slot'));
    checkAssignments(await c.req.text(), nonce, messageId);
    const result = await network.result(process, messageId);
    return c.json(resultToWire(result));
  });

  app.get('/results/:process', async (c) => {
    const process = c.req.param('process');
    if (compute.isBehind(process)) await compute.catchUp(process);
    const page = network.results(process, readPageQuery(c));
    return c.json(pageToWire(page));
  });

  app.get('/cron/:process', async (c) => {
    const page = await network.crons(c.req.param('process'), readPageQuery(c));
    return c.json(pageToWire(page));
  });

  app.post('/dry-run', async (c) => {
    const process = requireQuery(c, 'process-id');
    const message = readMessage(await c.req.text());
    const to = c.req.query('to');
    const result = to
      ? await dryRunAt(network, process, to, message)
      : await network.dryRun(process, message);
    return c.json(resultToWire(result));
  });

  app.get('/state/:process', async (c) => {
    const process = c.req.param('process');
    const to = numberQuery(c, 'to', Number.MAX_SAFE_INTEGER);
    const { memory, last } = await readState(network, process, to);
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
  const depth = depthOf(body);
  if (depth > DEPTH_MAX) throw tooDeep(depth);
  let message: unknown;
  try {
    message = JSON.parse(body);
  } catch (cause) {
    throw new ActorError('BAD_REQUEST', 'the body is no JSON', { hint: MESSAGE_HINT, cause });
  }
  const isObject = typeof message === 'object' && message !== null && !Array.isArray(message);
  if (!isObject)
    throw new ActorError('BAD_REQUEST', 'the body is no message', { hint: MESSAGE_HINT });
  checkFields(message as Record<string, unknown>);
  return message as DryRunMessage;
}

/** @throws {BAD_REQUEST} that names the first field of the wrong type */
function checkFields(fields: Record<string, unknown>): void {
  const { Tags: tags = [] } = fields;
  for (const field of TEXT_FIELDS) {
    const value = fields[field];
    if (value !== undefined && typeof value !== 'string') throw wrongType(field, 'a string');
  }
  for (const field of NUMBER_FIELDS) {
    const value = fields[field];
    if (value !== undefined && Number.isNaN(numberOf(value))) throw wrongType(field, 'a number');
  }
  if (!Array.isArray(tags)) throw wrongType('Tags', 'a list');
  for (const [i, tag] of tags.entries()) {
    const { name, value } = (tag ?? {}) as { name?: unknown; value?: unknown };
    if (typeof name !== 'string') throw wrongType(`Tags[${i}].name`, 'a string');
    if (typeof value !== 'string') throw wrongType(`Tags[${i}].value (${name})`, 'a string');
  }
}

/** As deep as a result may be. */
const DEPTH_MAX = 500;

function tooDeep(got: number): ActorError {
  const text = `the message is nested ${got} levels deep, the limit is ${DEPTH_MAX}`;
  return new ActorError('BAD_REQUEST', text, {
    hint: 'Send deep structures as text.',
    details: { limit: DEPTH_MAX, got },
  });
}

const TEXT_FIELDS = ['Id', 'Owner', 'From', 'Anchor'];
const NUMBER_FIELDS = ['Timestamp', 'Block-Height'];

function wrongType(field: string, type: string): ActorError {
  return new ActorError('BAD_REQUEST', `${field} of the message is not ${type}`, {
    hint: MESSAGE_HINT,
    details: { field },
  });
}

const MESSAGE_HINT =
  'Send one JSON object such as { "Tags": [{ "name": "Action", "value": "Info" }] }.';
