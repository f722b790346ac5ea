/**
 * `GET /?debug=1&process=ID[&message=|spawn=|assign=][&wallet=][&page=][&page-size=]` of the messenger
 * unit: what came to a process lately, newest first, and what caused each of it.
 *
 * @divergence AO's unit keeps two hours of traces with their log lines; here it is the deliveries that
 *   the network remembers, with what went wrong at each.
 */
import type { Context } from 'hono';
import { ActorError } from '../errors.js';
import type { Delivery } from '../messenger/trace.js';
import type { ActorNetwork } from '../network.js';
import { numberQuery, requireQuery } from './errors.js';

const PAGE_SIZE = 10;
const PAGE_SIZE_MAX = 1000;
const TYPES = { message: 'MESSAGE', spawn: 'SPAWN', assignment: 'ASSIGN', cron: 'CRON' } as const;

/** @throws {BAD_REQUEST} */
export function answerTrace(network: ActorNetwork, c: Context): Response {
  const process = requireQuery(c, 'process');
  const kinds = (['message', 'spawn', 'assign'] as const).filter((kind) => c.req.query(kind));
  if (kinds.length > 1) {
    throw new ActorError('BAD_REQUEST', 'the query names more than one of message, spawn, assign', {
      hint: 'Ask for one of them.',
    });
  }
  const id = kinds[0] && c.req.query(kinds[0]);
  const wallet = c.req.query('wallet');
  const size = numberQuery(c, 'page-size', PAGE_SIZE_MAX) ?? PAGE_SIZE;
  const page = Math.max(1, numberQuery(c, 'page', Number.MAX_SAFE_INTEGER) ?? 1);
  const wanted = network.units.trace
    .all()
    .filter((delivery) => delivery.target === process)
    .filter((delivery) => id === undefined || delivery.id === id)
    .filter((delivery) => wallet === undefined || delivery.from === wallet)
    .reverse();
  const start = size * (page - 1);
  return c.json({
    pageInfo: { hasNextPage: wanted.length > start + size },
    edges: wanted.slice(start, start + size).map((delivery) => ({
      node: toNode(network, delivery),
      cursor: `${delivery.id}-${process}`,
    })),
  });
}

function toNode(network: ActorNetwork, delivery: Delivery) {
  const { id, kind, from, target, action, cause, nonce, errors } = delivery;
  const entry = nonce === undefined ? undefined : network.units.log.at(target, nonce);
  return {
    id: `${id}-${target}`,
    messageId: id,
    processId: target,
    wallet: from,
    timestamp: entry?.timestampMs,
    parentId: cause,
    type: TYPES[kind],
    action,
    nonce,
    errors,
  };
}
