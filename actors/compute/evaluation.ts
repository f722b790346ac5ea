/**
 * Evaluations: what a process answered to each message and cron, in the order of its life. They are
 * the entries of its log of results.
 */

import type { ErrorReport } from '../errors.js';
import type { NetworkEvent } from '../events.js';
import type { Ordinate } from './cursors.js';
import { type EvaluationResult, printedText } from './result.js';

/** One evaluation of a process: the entry of its log of results. */
export interface Evaluation extends Ordinate {
  readonly process: string;
  /** Number of the evaluation in the life of the process, crons included. */
  readonly index: number;
  /** Absent for a cron message. */
  readonly message?: string;
  readonly blockHeight: number;
  readonly result: EvaluationResult;
}

/** Index of an evaluation that was never made: it only says why. */
export const NOT_RECORDED = -1;

/** Name under which the log of results finds an evaluation. */
export function evaluationId({ message, cron, timestampMs }: Evaluation): string {
  return message ?? `${cron}@${timestampMs}`;
}

/** The report of a failed evaluation; undefined if it did not fail. */
export function evaluationError(evaluation: Evaluation): ErrorReport | undefined {
  const { process, message, result } = evaluation;
  if (!result.error) return undefined;
  const { code, text, hint, handler, line, limit, got } = result.error;
  return {
    code,
    text,
    process,
    ...(hint === undefined ? {} : { hint }),
    ...(message === undefined ? {} : { message }),
    ...(handler === undefined ? {} : { handler }),
    ...(line === undefined ? {} : { line }),
    ...(limit === undefined ? {} : { limit }),
    ...(got === undefined ? {} : { got }),
  };
}

/** Tells of an evaluation that was stored. */
export function tellEvaluation(
  emit: (event: NetworkEvent) => void,
  evaluation: Evaluation,
  action?: string,
): void {
  const { process, message, nonce, cron, timestampMs, result } = evaluation;
  if (cron !== undefined) emit({ type: 'cron', process, name: cron, timestampMs });
  const output = printedText(result);
  const print = (result.output as { print?: unknown } | null)?.print === true;
  emit({
    type: 'evaluated',
    process,
    nonce,
    print,
    messages: result.messages.length,
    spawns: result.spawns.length,
    gas: result.gas,
    ...(result.memory === undefined ? {} : { memory: result.memory }),
    ...(result.handler === undefined ? {} : { handler: result.handler }),
    ...(message === undefined ? {} : { message }),
    ...(action === undefined ? {} : { action }),
    ...(output === undefined ? {} : { output }),
    ...(result.error ? { error: result.error.text } : {}),
    ...(result.log ? { log: result.log } : {}),
  });
  const error = evaluationError(evaluation);
  if (error) emit({ type: 'error', error });
}
