/**
 * States as they were: `POST /dry-run?to=MESSAGE` asks a process as it was once that message had been
 * evaluated, `GET /state/PROCESS?to=MS` as it was at that time. They are evaluated again from the log.
 */
import type { Gateway } from '../../arlocal/gateway.js';
import type { DryRunMessage } from '../compute/message-json.js';
import { readModule } from '../compute/modules.js';
import type { EvaluationResult } from '../compute/result.js';
import { ActorError } from '../errors.js';
import type { ActorNetwork } from '../network.js';
import { findPlace } from '../sequence.js';
import { readEvaluations } from './evaluations.js';

/** Messages that are evaluated again for one request. */
const REPLAY_MAX = 10_000;

/** How much they may take together: as many evaluations that go to the bound of one. */
const REPLAY_BOUNDS = 2;

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
  await checkReplay(network, process, nonce);
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
  await checkReplay(network, id, nonce);
  const moment = { timestampMs: to, blockHeight: heightAt(network.gateway, blockHeight, to) };
  const memory = await inPast(id, { nonce, moment }, (unit) => unit.memory(id));
  return { memory, last };
}

function heightAt(gateway: Gateway, from: number, timeMs: number): number {
  let height = from;
  while ((gateway.block(height + 1)?.timestampMs ?? Number.POSITIVE_INFINITY) <= timeMs) height++;
  return height;
}

/** What evaluating up to a nonce takes is known from when it was done before. */
async function checkReplay(network: ActorNetwork, process: string, until: number): Promise<void> {
  if (until >= REPLAY_MAX) throw tooLong(`${until + 1} messages`, until + 1, REPLAY_MAX);
  const { module } = network.units.scheduler.requireProcess(process);
  const { instructions, gas = instructions } = readModule(
    network.gateway,
    module,
    network.limits,
  ).limits;
  let spent = 0;
  for await (const { nonce, result } of readEvaluations(network, process)) {
    if (nonce > until) return;
    spent += result.gas;
    const limit = REPLAY_BOUNDS * gas;
    if (spent > limit) throw tooLong(`messages of ${spent} instructions`, spent, limit);
  }
}

function tooLong(what: string, got: number, limit: number): ActorError {
  const text = `${what} would have to be evaluated again, the limit is ${limit}`;
  return new ActorError('REPLAY_TOO_LONG', text, {
    hint: 'Ask for an earlier moment, or for the latest state, without "to".',
    details: { limit, got },
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
