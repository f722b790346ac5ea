/**
 * Crashing: a process loses its memory and whatever is being evaluated of it. Nothing else is lost:
 * who waits for a message goes on waiting, and the process is woken from its checkpoint or its log.
 */
import { networkClosed } from '../errors.js';
import { type Computing, progressOf } from './computing.js';
import { drain } from './evaluating.js';

/** A process loses its memory; without an id all of them do. */
export function crash(core: Computing, process?: string): void {
  const ids = process === undefined ? [...core.known.keys()] : [process];
  for (const id of ids) crashOne(core, id);
}

/** Evaluates what somebody waits for of processes that were halted, and are not any more. */
export function proceed(core: Computing): void {
  for (const progress of [...core.known.values()]) {
    if (progress.onEvaluation.size > 0) drain(core, progress);
  }
}

function crashOne(core: Computing, process: string): void {
  const lost = core.known.get(process);
  if (!lost) return;
  lost.lost = true;
  lost.residence?.host.drop(process);
  core.known.delete(process);
  const progress = progressOf(core, process);
  progress.goal = Math.max(progress.goal, lost.goal);
  for (const [nonce, listeners] of lost.onEvaluation) progress.onEvaluation.set(nonce, listeners);
  // Who asked for its state instead is told that nobody answers.
  for (const listener of lost.onIdle) listener(refusalOf(core, process));
  lost.onIdle = [];
}

function refusalOf({ outages }: Computing, process: string): unknown {
  try {
    outages?.requireAnswers(process);
  } catch (error) {
    return error;
  }
  return networkClosed();
}
