/**
 * `POST /arql`: the query language that gateways had before GraphQL, which the `arweave` client still
 * sends from `transactions.search`.
 *
 * An expression is `{ op: "equals", expr1: NAME, expr2: VALUE }` on a tag, or on the names "from" and
 * "to", or `{ op: "and" | "or", expr1, expr2 }` of two. It answers ids, newest first.
 */
import { Hono } from 'hono';
import { ArlocalError } from '../errors.js';
import type { Gateway } from '../gateway.js';
import { fieldsOf } from '../json-fields.js';
import { PAGE_MAX, type Query } from '../query.js';
import { readJson } from './respond.js';

/** Expressions in one query: a bound for its depth. */
const EXPRESSIONS_MAX = 32;

export function createArqlRoutes(gateway: Gateway): Hono {
  const app = new Hono();
  app.post('/arql', async (context) => {
    const found = findIds(gateway, await readJson(context), { left: EXPRESSIONS_MAX });
    return context.json([...found].sort((a, b) => b[1] - a[1]).map(([id]) => id));
  });
  return app;
}

/** Ids with their places in the log. */
type Found = ReadonlyMap<string, number>;

function findIds(gateway: Gateway, json: unknown, budget: { left: number }): Found {
  if (--budget.left < 0) throw invalid(`it has more than ${EXPRESSIONS_MAX} expressions`);
  const fields = fieldsOf(json);
  const [op, first, second] = ['op', 'expr1', 'expr2'].map((name) => fields.get(name));
  if (op === 'equals')
    return findEqual(gateway, readText(first, 'expr1'), readText(second, 'expr2'));
  if (op !== 'and' && op !== 'or') throw invalid('"op" is none of equals, and, or');
  const left = findIds(gateway, first, budget);
  const right = findIds(gateway, second, budget);
  if (op === 'or') return new Map([...left, ...right]);
  return new Map([...left].filter(([id]) => right.has(id)));
}

function findEqual(gateway: Gateway, name: string, value: string): Found {
  const page = gateway.query({ ...conditionOf(name, value), first: PAGE_MAX });
  return new Map(page.edges.map(({ entry, sequence }) => [entry.alias || entry.id, sequence]));
}

function conditionOf(name: string, value: string): Query {
  if (name === 'from') return { owners: [value] };
  if (name === 'to') return { recipients: [value] };
  return { tags: [{ name, values: [value] }] };
}

function readText(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw invalid(`"${name}" is not a string`);
}

function invalid(reason: string): ArlocalError {
  return new ArlocalError('JSON_INVALID', { reason });
}
