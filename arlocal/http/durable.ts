/**
 * Nothing is told before it is durable: neither that something was taken, nor what somebody else has
 * stored a moment ago. Who reads the log of a network may go by it, so a crash must not take it back.
 */
import type { MiddlewareHandler } from 'hono';
import type { Gateway } from '../gateway.js';

/** Holds every answer back until all that was stored before it is committed; most wait for nothing. */
export function answerDurably(gateway: Gateway): MiddlewareHandler {
  if (gateway.records === undefined) return (_, next) => next(); // in memory nothing outlives anything
  return async (context, next) => {
    await next();
    try {
      await gateway.durable();
    } catch (error) {
      context.res = undefined; // its headers would be taken over
      throw error;
    }
  };
}
