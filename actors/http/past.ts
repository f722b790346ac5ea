/**
 * States as they were: `POST /dry-run?to=MESSAGE` asks a process as it was once that message had been
 * evaluated, `GET /state/PROCESS?to=MS` as it was at that time. They are evaluated again from the log.
 */
import type { Gateway } from '../../arlocal/gateway.js';
import { ActorError } from '../errors.js';
import type { DryRunMessage } from '../message-json.js';
import type { ActorNetwork } from '../network.js';
import type { EvaluationResult } from '../result.js';
import { findPlace } from '../sequence.js';

/** Messages that are evaluated again for one request: about two seconds of work. */
const REPLAY_MAX = 10_000;

/** @throws {UNKNOWN_PROCESS, MESSAGE_NOT_FOUND, REPLAY_TOO_LONG} */
export async function dryRunAt(
  network: ActorNetwork,
  process: string,
  to: string,
  message: DryRunMessage,
): Promise<EvaluationResult> {
  const { units } = network;
  const entry = units.scheduler.find(process, to);
  if (!entry) throw neverGiven(process, to);
  const { nonce } = entry;
  if (nonce === units.log.next(process) - 1) return network.dryRun(process, message);
  checkReplay(nonce);
  return units.inPast(process, { nonce, moment: entry }, (unit) => unit.dryRun(process, message));
}

/**
 * The byte form of a state, and the last message in it.
 * @param to milliseconds; the latest state without
 * @throws {UNKNOWN_PROCESS, BAD_REQUEST, REPLAY_TOO_LONG}
 */
export async function readState(network: ActorNetwork, process: string, to: number | undefined) {
  const { compute, inPast, log, scheduler } = network.units;
  if (to === undefined || to >= network.clock.now) {
    const memory = await compute.memory(process);
    return { memory, last: compute.evaluations(process).at(-1) };
  }
  const { id } = scheduler.requireProcess(process);
  const isLater = (nonce: number) => (log.at(id, nonce)?.timestampMs ?? to) > to;
  const last = log.at(id, findPlace(log.next(id), isLater) - 1);
  if (!last) throw notYet(id, to, log.at(id, 0)?.timestampMs ?? 0);
  const { nonce, blockHeight } = last;
  checkReplay(nonce);
  const moment = { timestampMs: to, blockHeight: heightAt(network.gateway, blockHeight, to) };
  const memory = await inPast(id, { nonce, moment }, (unit) => unit.memory(id));
  return { memory, last };
}

function heightAt(gateway: Gateway, from: number, timeMs: number): number {
  let height = from;
  while ((gateway.block(height + 1)?.timestampMs ?? Number.POSITIVE_INFINITY) <= timeMs) height++;
  return height;
}

function checkReplay(nonce: number): void {
  const got = nonce + 1;
  if (got <= REPLAY_MAX) return;
  const text = `${got} messages would have to be evaluated again, the limit is ${REPLAY_MAX}`;
  throw new ActorError('REPLAY_TOO_LONG', text, {
    hint: 'Ask for an earlier moment, or for the latest state, without "to".',
    details: { limit: REPLAY_MAX, got },
  });
}

function neverGiven(process: string, message: string): ActorError {
  return new ActorError('MESSAGE_NOT_FOUND', `process ${process} was never given ${message}`, {
    hint: 'Give the id of a message of this process as "to".',
    details: { process, message },
  });
}

function notYet(process: string, to: number, startMs: number): ActorError {
  return new ActorError('BAD_REQUEST', `process ${process} was not there at ${to}`, {
    hint: `It was spawned at ${startMs} ms since 1970.`,
    details: { process, to },
  });
}
