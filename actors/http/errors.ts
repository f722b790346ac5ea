/**
 * Errors over HTTP: always JSON `{ error, code, hint }`, because aoconnect reads every answer as JSON
 * and looks at the status of few. Where a bound was passed, `limit` and `got` tell by how much.
 */
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Gateway } from '../../arlocal/gateway.js';
import { allowPages } from '../../arlocal/http/cors.js';
import { answerDurably } from '../../arlocal/http/durable.js';
import { ActorError, boundOf, reportError } from '../errors.js';

const NOT_FOUND = new Set([
  'UNKNOWN_PROCESS',
  'MESSAGE_NOT_FOUND',
  'MODULE_NOT_FOUND',
  'NOT_FOUND',
]);
const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'ITEM_TOO_LARGE', 'PAGE_TOO_LARGE']);

/** Nobody answers now; units are down or busy if a fault wants it. */
const AWAY = new Set(['NETWORK_CLOSED', 'UNIT_DOWN', 'UNIT_BUSY', 'PROCESS_DOWN']);

type Status = 400 | 404 | 409 | 413 | 500 | 503;

/** Gives an app what all units have: CORS, durable answers, a bound on bodies, and errors as JSON. */
export function prepareApp(gateway: Gateway, bodyBytesMax: number): Hono {
  const app = new Hono();
  app.use(allowPages);
  app.use(answerDurably(gateway));
  app.use(limitBody(bodyBytesMax));
  app.onError((error, c) => answerError(c, error));
  app.notFound((c) =>
    c.json({ error: `there is nothing at ${c.req.method} ${c.req.path}`, code: 'NOT_FOUND' }, 404),
  );
  return app;
}

/**
 * Refuses a body that is too long. A length that the request tells is enough, since Node's parser
 * holds it to that; hono's own counts what streams, which costs a fifth of a request.
 */
function limitBody(max: number): MiddlewareHandler {
  const count = bodyLimit({ maxSize: max, onError: (c) => refuseBody(c, max) });
  return (c, next) => {
    const length = c.req.header('content-length');
    if (length === undefined) return count(c, next);
    return Number(length) > max ? Promise.resolve(refuseBody(c, max)) : next();
  };
}

function answerError(c: Context, error: unknown) {
  const { code, text, hint } = reportError(error, 'BAD_REQUEST');
  const sentence = text.replace(/\.$/, ''); // texts of the gateway end in a full stop
  const told = hint ? `${sentence}. ${hint}` : text;
  const status = statusOf(error, code);
  return c.json({ error: told, code, hint, ...boundOf(error) }, status);
}

/** Errors with a code of ours are the caller's; anything else is a defect of Corral. */
function statusOf(error: unknown, code: string): Status {
  if (NOT_FOUND.has(code)) return 404;
  if (TOO_LARGE.has(code)) return 413;
  if (code === 'LOG_CONFLICT') return 409;
  if (AWAY.has(code) || code.startsWith('STORE_')) return 503;
  return typeof (error as { hint?: unknown } | null)?.hint === 'string' ? 400 : 500;
}

function refuseBody(c: Context, max: number) {
  return answerError(
    c,
    new ActorError('MESSAGE_TOO_LARGE', `the body is longer than ${max} bytes`, {
      hint: 'Put large data on Arweave and send its id.',
      details: { limit: max, got: Number(c.req.header('content-length')) || undefined },
    }),
  );
}

/** @throws {BAD_REQUEST} */
export function requireNumber(text: string, name: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new ActorError('BAD_REQUEST', `${name} is "${text}", not a whole number`, {
    hint: 'Write it with digits alone, 15 at most.',
  });
}

/** @throws {BAD_REQUEST} if the query lacks the parameter */
export function requireQuery(c: Context, name: string): string {
  const value = c.req.query(name);
  if (value) return value;
  throw new ActorError('BAD_REQUEST', `the query has no ${name}`, {
    hint: `Add ?${name}=... to the URL.`,
  });
}

/** A whole number from the query, or `max` if it is greater. @throws {BAD_REQUEST} */
export function numberQuery(c: Context, name: string, max: number): number | undefined {
  const value = c.req.query(name);
  if (value === undefined || value === '') return undefined;
  if (/^\d+$/.test(value)) return Math.min(Number(value), max);
  throw new ActorError('BAD_REQUEST', `${name} is "${value}", not a whole number`, {
    hint:
      value === 'undefined'
        ? `aoconnect sends that for a ${name} it was not given: give one, as a number up to ${max}.`
        : `Give a number up to ${max}.`,
  });
}
