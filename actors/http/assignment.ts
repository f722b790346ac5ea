/**
 * An assignment as a query: `?process-id=PROCESS&assign=MESSAGE[&base-layer][&exclude=A,B]`, as the
 * messenger unit and the scheduler unit take it.
 */
import type { Context } from 'hono';
import { ActorError } from '../errors.js';
import type { AssignOptions } from '../scheduler/scheduler.js';

interface AssignmentQuery {
  readonly process: string;
  readonly message: string;
  readonly options: AssignOptions;
}

/** @returns undefined if the request asks for no assignment. @throws {BAD_REQUEST} */
export function readAssignment(c: Context): AssignmentQuery | undefined {
  const process = c.req.query('process-id');
  const message = c.req.query('assign');
  if (!process && !message) return undefined;
  if (!process || !message) {
    throw new ActorError('BAD_REQUEST', 'an assignment needs both process-id and assign', {
      hint: 'POST /?process-id=PROCESS&assign=MESSAGE.',
    });
  }
  const exclude = c.req.query('exclude')?.split(',').filter(Boolean) ?? [];
  const baseLayer = c.req.query('base-layer') !== undefined; // it has no value
  return { process, message, options: { exclude, baseLayer } };
}
