/** The outbox of an evaluation as jobs: one for each entry, in the order of sending. */

import type { Evaluation } from '../compute/evaluation.js';
import type { EvaluationResult } from '../compute/result.js';
import type { ProcessRecord } from '../scheduler/process-record.js';
import type { Job } from './delivery.js';
import type { Cascade, Delivery } from './trace.js';

/** @param process the one that was evaluated */
export function jobsOf(
  { index: evaluation, result }: Evaluation,
  process: ProcessRecord,
  cascade: Cascade,
  parent: Delivery,
): Job[] {
  const { messages, spawns, assignments } = result;
  let index = 0;
  const place = () => ({
    cascade,
    parent,
    origin: { process, evaluation, index: index++, initial: cascade.id },
  });
  return [
    ...messages.map((entry) => ({ ...place(), kind: 'message' as const, entry })),
    ...spawns.map((entry) => ({ ...place(), kind: 'spawn' as const, entry })),
    ...assignments.map((entry) => ({ ...place(), kind: 'assignment' as const, entry })),
  ];
}

export function countJobs({ messages, spawns, assignments }: EvaluationResult): number {
  return messages.length + spawns.length + assignments.length;
}
