/** The bounds on what one message may cause: loops that run away end, and say where. */
import { ActorError } from '../errors.js';
import type { Limits } from '../limits.js';
import type { Cascade, Delivery } from './trace.js';

/** @throws {CRANK_TOO_DEEP, CRANK_TOO_MANY} */
export function checkBounds(cascade: Cascade, { depth, burst }: Delivery, limits: Limits): void {
  const { crankDepth, crankDeliveries } = limits;
  if (depth - burst.depth >= crankDepth) {
    const text = `a chain of messages that ${cascade.id} caused has ${crankDepth} links`;
    throw new ActorError('CRANK_TOO_DEEP', text, {
      hint: 'Look for processes that answer each other for ever, or raise limits.crankDepth.',
      details: { initial: cascade.id, limit: crankDepth, got: depth - burst.depth + 1 },
    });
  }
  if (burst.deliveries >= crankDeliveries) {
    const text = `the message ${cascade.id} caused ${crankDeliveries} others in one go`;
    throw new ActorError('CRANK_TOO_MANY', text, {
      hint: 'Look for messages that multiply, or raise limits.crankDeliveries.',
      details: { initial: cascade.id, limit: crankDeliveries, got: burst.deliveries + 1 },
    });
  }
}

/** Each of them may leave a notice: there must not be more of them than deliveries. */
export function checkAssignees(
  { length }: readonly string[],
  { crankDeliveries: limit }: Limits,
): void {
  if (length <= limit) return;
  const text = `an assignment names ${length} processes, the limit is ${limit}`;
  throw new ActorError('CRANK_TOO_MANY', text, {
    hint: 'Assign to fewer at a time, or raise limits.crankDeliveries.',
    details: { limit, got: length },
  });
}

/** What a result asks to be sent beyond what one message may cause. */
export function outboxTooLong(got: number, { crankDeliveries: limit }: Limits): ActorError {
  const text = `a result asks for ${got} deliveries, the limit is ${limit}: the others were not sent`;
  return new ActorError('CRANK_TOO_MANY', text, {
    hint: 'Send fewer at a time, or raise limits.crankDeliveries.',
    details: { limit, got },
  });
}

export function messageTooLarge(bytes: number, { messageBytes: max }: Limits): ActorError {
  const text = `the message has ${bytes} bytes, the limit is ${max}`;
  return new ActorError('MESSAGE_TOO_LARGE', text, {
    hint: 'Put large data on Arweave and send its id, or raise limits.messageBytes.',
    details: { got: bytes, limit: max },
  });
}
