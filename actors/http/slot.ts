/**
 * `POST /result/SLOT?process-id=PROCESS`, as a HyperBEAM node asks a compute unit: a slot is a nonce.
 * The node sends the assignment along. This unit has it already, from its own scheduler, and what
 * anybody else says was assigned is never evaluated; it must only be the same message.
 *
 * @source permaweb/HyperBEAM, src/dev_delegated_compute.erl and dev_scheduler_formats.erl
 */
import { ActorError } from '../errors.js';
import type { ActorNetwork } from '../network.js';
import type { LogEntry } from '../ports.js';
import { requireNumber } from './errors.js';

/** @throws {BAD_REQUEST, UNKNOWN_PROCESS, MESSAGE_NOT_FOUND} */
export function requireSlot(network: ActorNetwork, process: string, slot: string): LogEntry {
  const { scheduler, log } = network.units;
  const nonce = requireNumber(slot, 'the slot');
  const entry = log.at(scheduler.requireProcess(process).id, nonce);
  if (entry) return entry;
  throw new ActorError('MESSAGE_NOT_FOUND', `process ${process} has no message at ${nonce}`, {
    hint: `Its slots are 0 to ${log.next(process) - 1}.`,
    details: { process, nonce },
  });
}

/** @throws {BAD_REQUEST} if the body is no JSON, {LOG_CONFLICT} if it names another message */
export function checkAssignments(body: string, slot: number, messageId: string): void {
  if (body.trim() === '') return;
  const { edges } = readObject(parse(body));
  for (const edge of Array.isArray(edges) ? edges : []) {
    const { Id: given } = readObject(readObject(readObject(edge).node).message);
    if (typeof given !== 'string' || given === messageId) continue;
    throw new ActorError('LOG_CONFLICT', `slot ${slot} is the message ${messageId}, not ${given}`, {
      hint: 'This unit evaluates what its own scheduler unit assigned.',
      details: { slot, messageId, given },
    });
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    const hint =
      'Send the assignment as { "edges": [{ "node": { "message": ... } }] }, or nothing.';
    throw new ActorError('BAD_REQUEST', 'the body is no JSON', { hint, cause });
  }
}

function readObject(value: unknown): Partial<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? value : {};
}
