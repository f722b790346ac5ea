/**
 * Evaluating: a process is given what is outstanding, one input at a time, and each result is stored
 * before anybody is told. As long as the host answers at once, so does all of this, but for a breath
 * now and then in a long row: a promise per message would cost more than the bookkeeping here.
 */

import { invariant, networkClosed, reportError } from '../errors.js';
import { type Computing, forgetIdle, progressOf, residenceOf } from './computing.js';
import { type Evaluation, NOT_RECORDED, tellEvaluation } from './evaluation.js';
import { type Input, type OnEvaluation, outstanding, type Progress } from './progress.js';
import { type EvaluationError, type EvaluationResult, failedResult } from './result.js';
import { awaken, type Residence } from './waking.js';

/** Evaluates up to a nonce that the log has, and tells of the evaluation at it. */
export function evaluate(
  core: Computing,
  process: string,
  nonce: number,
  done: OnEvaluation,
): void {
  const progress = progressOf(core, process);
  const message = core.log.at(process, nonce)?.messageId ?? '';
  const past = nonce < progress.nextNonce ? core.results.find(process, message) : undefined;
  const evaluation = past === undefined ? undefined : core.results.at(process, past);
  if (evaluation) {
    done(evaluation);
    return;
  }
  const others = progress.onEvaluation.get(nonce);
  if (others) others.push(done);
  else progress.onEvaluation.set(nonce, [done]);
  progress.goal = Math.max(progress.goal, nonce);
  drain(core, progress);
}

/**
 * Evaluates what is outstanding: at once as far as the host answers at once, then later. Nothing of a
 * process that is halted: it waits.
 */
export function drain(core: Computing, progress: Progress): void {
  if (progress.busy || isHalted(core, progress)) return;
  progress.busy = true;
  progress.inputs ??= outstanding(progress, core.log, core.gateway, core.messenger);
  try {
    for (let isFirst = true; ; isFirst = false) {
      const { value: input } = progress.inputs.next();
      if (!input) break;
      const outcome = isFirst
        ? evaluateInput(core, progress, input)
        : inPace(core, progress, input);
      if (outcome instanceof Promise) {
        void goOn(core, progress, input, outcome);
        return;
      }
      conclude(core, progress, input, outcome);
      if (isHalted(core, progress)) {
        progress.busy = false;
        return;
      }
    }
  } catch (error) {
    abandon(core, progress, error);
    return;
  }
  progress.inputs = undefined;
  progress.busy = false;
  const listeners = progress.onIdle;
  progress.onIdle = [];
  for (const listener of listeners) listener();
  core.saver.rest(progress);
  forgetIdle(core);
  core.forgetting?.tidy(core);
}

function isHalted({ outages }: Computing, { record, lost }: Progress): boolean {
  return lost || outages?.isHalted(record.id) === true;
}

/** Evaluates an input after others; after a breath if they were much work. */
function inPace(core: Computing, progress: Progress, input: Input) {
  if (!core.pace?.isDue) return evaluateInput(core, progress, input);
  return core.pace.breathe().then(() => {
    if (core.closed || progress.lost) throw networkClosed();
    return evaluateInput(core, progress, input);
  });
}

/** Goes on after an evaluation that took time. */
async function goOn(
  core: Computing,
  progress: Progress,
  input: Input,
  outcome: Promise<EvaluationResult>,
): Promise<void> {
  try {
    const result = await outcome;
    if (core.closed) throw networkClosed();
    if (progress.lost) return; // it is evaluated again
    conclude(core, progress, input, result);
  } catch (error) {
    if (!progress.lost) abandon(core, progress, error);
    return;
  }
  progress.busy = false;
  drain(core, progress);
}

/** @throws what the store throws: nobody is told that a message failed because a disk did */
function evaluateInput(core: Computing, progress: Progress, input: Input) {
  const rescue = (error: unknown) => {
    const failure = toFailure(error);
    if (STORE_ERRORS.has(failure.code)) throw error;
    return failedResult(failure);
  };
  try {
    const residence = residenceOf(core, progress);
    const ask = () => {
      if (progress.lost) throw networkClosed(); // nobody waits for it any more
      return askHost(core, input, residence);
    };
    const outcome = awaken(core, progress, residence)?.then(ask) ?? ask();
    return outcome instanceof Promise ? outcome.catch(rescue) : outcome;
  } catch (error) {
    return rescue(error);
  }
}

/** Has the host evaluate an input once the gate, if there is one, lets it through. */
function askHost(core: Computing, input: Input, { life, host }: Residence) {
  const { json, message, at } = input;
  const ask = () => host.evaluate(life.id, { json, message, timestampMs: at.timestampMs });
  const wait = core.gate?.({
    process: life.id,
    index: core.results.next(life.id),
    input,
    memory: () => host.memory(life.id),
  });
  if (!wait) return ask();
  return wait.then(() => {
    if (core.closed) throw networkClosed();
    return ask();
  });
}

const STORE_ERRORS: ReadonlySet<string> = new Set(['STORE_DAMAGED', 'STORE_FAILED']);

/**
 * Stores a result and tells of it: an outbox is sent only after its result is stored.
 * @throws what the store throws
 */
function conclude(
  core: Computing,
  progress: Progress,
  input: Input,
  result: EvaluationResult,
): void {
  const { results, emit } = core;
  const { at, message, action } = input;
  const process = progress.record.id;
  const index = results.next(process);
  const { nonce, timestampMs, blockHeight, cron } = at;
  const evaluation: Evaluation = {
    process,
    index,
    nonce,
    timestampMs,
    blockHeight,
    result,
    ...(cron === undefined ? {} : { cron }),
    ...(message === undefined ? {} : { message }),
  };
  const answer = results.append(process, index, [evaluation]);
  invariant(answer.kind === 'appended', 'a process is evaluated in one place at a time');
  core.saver.note(progress, evaluation);
  core.forgetting?.note();
  if (!progress.residence?.host.takesTime) core.pace?.spend(result.gas);
  if (!core.isHistory?.(evaluation)) tellEvaluation(emit, evaluation, action);
  if (cron !== undefined) return;
  core.onMessage?.(evaluation);
  const listeners = progress.onEvaluation.get(nonce) ?? [];
  progress.onEvaluation.delete(nonce);
  for (const listener of listeners) listener(evaluation);
}

/** Answers everyone who waits for a process that cannot go on. Nothing is recorded. */
function abandon(core: Computing, progress: Progress, error: unknown): void {
  const { record, residence, onEvaluation, onIdle } = progress;
  const result = failedResult(toFailure(error));
  core.known.delete(record.id); // the next who asks tries again, from what is stored
  residence?.host.drop(record.id);
  for (const [nonce, listeners] of onEvaluation) {
    const place = { process: record.id, nonce, timestampMs: 0, blockHeight: 0 };
    for (const listener of listeners) listener({ ...place, index: NOT_RECORDED, result });
  }
  for (const listener of onIdle) listener(error);
}

function toFailure(error: unknown): EvaluationError {
  const report = reportError(error, 'COMPUTE_FAILED');
  return { ...report, value: report.text };
}
