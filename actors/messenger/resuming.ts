/**
 * Going on with what an earlier run left. Of the trace only what caused each part is known again.
 * What cannot be read any more is told, and keeps back nothing else.
 */

import type { ComputeUnit } from '../compute/compute.js';
import { ActorError, reportError } from '../errors.js';
import type { NetworkEvent } from '../events.js';
import type { SchedulerUnit } from '../scheduler/scheduler.js';
import { type Follow, isUnsent, type Left } from './backlog.js';
import type { Job } from './delivery.js';
import { jobsOf } from './jobs.js';
import type { Cascade, Delivery, Trace } from './trace.js';

export interface ResumePorts {
  readonly compute: ComputeUnit;
  readonly scheduler: SchedulerUnit;
  readonly trace: Trace;
  readonly emit: (event: NetworkEvent) => void;
  readonly follow: (follow: Follow) => void;
  readonly enqueue: (outbox: readonly Job[]) => void;
  readonly release: (cascade: Cascade) => void;
}

/** @returns the cascades that go on */
export function resume(ports: ResumePorts, all: readonly Left[]): Iterable<Cascade> {
  const cascades = new Map<string, Cascade>();
  const deliveries = new Map<string, Delivery>();
  if (all.length > 0) {
    const requests = new Set(all.map(({ root }) => root.id)).size;
    const messages = all.reduce((sum, left) => sum + messagesOf(left), 0);
    ports.emit({ type: 'resumed', requests, messages });
  }
  for (const left of all) {
    const { root, delivery: fields } = left;
    const cascade = cascades.get(root.id) ?? ports.trace.begin(root);
    cascades.set(root.id, cascade);
    const key = `${root.id}:${fields.id}:${fields.target}`;
    const delivery =
      deliveries.get(key) ??
      (fields.id === root.id ? cascade.root : ports.trace.add(cascade, cascade.root, fields));
    deliveries.set(key, delivery);
    cascade.pending++;
    try {
      resumeOne(ports, cascade, delivery, left);
    } catch (error) {
      const report = reportError(error, 'COMPUTE_FAILED', { process: left.process });
      ports.emit({ type: 'error', error: report });
    }
    ports.release(cascade);
  }
  return cascades.values();
}

function messagesOf(left: Left): number {
  return 'evaluation' in left ? left.end - left.next + left.late.length : 1;
}

function resumeOne(
  { compute, scheduler, trace, follow, enqueue }: ResumePorts,
  cascade: Cascade,
  delivery: Delivery,
  left: Left,
): void {
  const { process } = left;
  if ('evaluation' in left) {
    const evaluation = compute.evaluations(process).at(left.evaluation);
    if (!evaluation) throw forgotten(process, left.evaluation);
    trace.settle(delivery, evaluation);
    const outbox = jobsOf(evaluation, scheduler.requireProcess(process), cascade, delivery);
    enqueue(outbox.filter(({ origin }) => isUnsent(left, origin.index)));
    return;
  }
  const { nonce, spawnedBy: by } = left;
  const spawnedBy = by && {
    ...by,
    process: scheduler.requireProcess(by.process),
    initial: cascade.id,
  };
  follow({ cascade, delivery, process, nonce, spawnedBy });
}

function forgotten(process: string, evaluation: number): ActorError {
  const text = `an outbox of ${process} cannot be sent: its result ${evaluation} is not in the store`;
  return new ActorError('MESSAGE_NOT_FOUND', text, {
    hint: 'Look for what else is damaged with corral verify.',
    details: { process, evaluation },
  });
}
