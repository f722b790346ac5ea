/**
 * Errors as HTTP: every refusal is JSON with the message, its code and what to do, and the status
 * says whose fault it is. A bug is a 500 that says so, never a 404. Where a bound was passed, `limit`
 * and `got` tell by how much.
 */
import type { Context, ErrorHandler, NotFoundHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { ArlocalError, type ArlocalErrorCode } from '../errors.js';

type ErrorStatus = 400 | 403 | 404 | 409 | 410 | 413 | 416 | 502 | 503;

const STATUS: Partial<Record<ArlocalErrorCode, ErrorStatus>> = {
  ALIAS_TAKEN: 409,
  ALIAS_TOO_LATE: 409,
  BALANCE_TOO_LOW: 410, // as ArLocal
  BLOCK_NOT_FOUND: 404,
  BODY_TOO_LARGE: 413,
  CHUNK_NOT_FOUND: 404,
  DATA_TOO_LARGE: 413,
  ITEM_TOO_LARGE: 413,
  NOT_FOUND: 404,
  NOT_TAKEN_BACK: 403,
  RANGE_UNSATISFIABLE: 416,
  STORE_CLOSED: 503,
  STORE_DAMAGED: 503,
  STORE_FAILED: 503,
  UPSTREAM_AWAY: 502,
  UPSTREAM_REFUSED: 502,
  UPSTREAM_TOO_LARGE: 502,
  UPSTREAM_UNTRUE: 502,
};

export const respondWithError: ErrorHandler = (error, context) => {
  if (!(error instanceof ArlocalError)) {
    const message = error instanceof Error ? error.message : String(error);
    return context.json({ error: `Internal error: ${message}`, code: 'INTERNAL' }, 500);
  }
  const { code, message, hint, details } = error;
  const { limit, got } = details;
  const body = { error: message, code, hint, limit, got, details };
  return context.json(body, STATUS[code] ?? 400);
};

export const respondWithNoRoute: NotFoundHandler = (context) => {
  const id = `${context.req.method} ${context.req.path}`;
  return respondWithError(new ArlocalError('NOT_FOUND', { what: 'route', id }), context);
};

/** The body as JSON. @throws {JSON_INVALID} */
export async function readJson(context: Context): Promise<unknown> {
  const text = await context.req.text();
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ArlocalError('JSON_INVALID', { reason }, { cause });
  }
}

/** Refuses longer bodies while they arrive. */
export function limitBody(max: number) {
  return bodyLimit({
    maxSize: max,
    onError: (context) => {
      const got = Number(context.req.header('content-length'));
      throw new ArlocalError('BODY_TOO_LARGE', got > max ? { limit: max, got } : { limit: max });
    },
  });
}
