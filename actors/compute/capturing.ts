/**
 * Capturing: the memories of the processes that are awake, between two evaluations. The memory of any
 * other is its checkpoint, or follows from its log.
 */
import type { MemoryCapture } from './actor.js';
import type { Computing } from './computing.js';

/** The memory of a process after so many evaluations. */
export interface CapturedMemory {
  readonly process: string;
  readonly evaluations: number;
  readonly memory: MemoryCapture | Promise<MemoryCapture>;
}

/** Until a process that is being evaluated or woken is done with that; undefined if none is. */
export function busyUntil({ known }: Computing): Promise<unknown> | undefined {
  for (const progress of known.values()) {
    if (progress.busy) return new Promise((resolve) => progress.onIdle.push(resolve));
    if (progress.waking) return Promise.allSettled([progress.waking]);
  }
  return undefined;
}

/** Nothing may be being evaluated; what hosts answer later is of now all the same. */
export function captureMemories({ known, results }: Computing): CapturedMemory[] {
  return [...known.values()].flatMap(({ record: { id }, residence }) =>
    residence?.host.isAwake(id)
      ? [{ process: id, evaluations: results.next(id), memory: residence.host.capture(id) }]
      : [],
  );
}
