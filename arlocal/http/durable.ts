/**
 * Nothing is told before it is durable: neither that something was taken, nor what somebody else has
 * stored a moment ago. Who reads the log of a network may go by it, so a crash must not take it back.
 */
import type { Context, MiddlewareHandler } from 'hono';
import type { Gateway } from '../gateway.js';

/** Holds every answer back until all that was stored before it is committed; most wait for nothing. */
export function answerDurably(gateway: Gateway): MiddlewareHandler {
  if (gateway.records === undefined) return (_, next) => next(); // in memory nothing outlives anything
  return async (context, next) => {
    await next();
    try {
      await gateway.durable();
    } catch (error) {
      forgetAnswer(context);
      throw error;
    }
  };
}

/** What was said of the answer must not be said of the error in its place. */
function forgetAnswer({ res: { headers } }: Context): void {
  for (const name of [...headers.keys()]) {
    if (!name.startsWith('access-control-')) headers.delete(name);
  }
}
