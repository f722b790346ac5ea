/**
 * Saving states: where checkpoints last, a process that is awake is saved now and then, so that a
 * wake after a crash has little to evaluate again. And where a host answers later, the compute unit
 * puts processes to sleep, because only it knows which evaluations a checkpoint is of.
 */
import { reportError } from '../errors.js';
import type { NetworkEvent } from '../events.js';
import type { Checkpoints, Log } from '../ports.js';
import type { Evaluation } from './evaluation.js';
import type { Progress } from './progress.js';

export interface SaverOptions {
  readonly results: Log<Evaluation>;
  readonly checkpoints: Checkpoints;
  /** Processes that may be awake on hosts that answer later. @default all */
  readonly liveMachines?: number;
  readonly emit: (event: NetworkEvent) => void;
}

export interface Saver {
  /** An evaluation of a process was stored. */
  note(progress: Progress, evaluation: Evaluation): void;
  /** A process has nothing more to do for now. */
  rest(progress: Progress): void;
  /** Saves what is worth it at the end. */
  close(all: Iterable<Progress>): void;
}

/** What a wake may have to evaluate again: a tenth of a second in most cases, half of one at most. */
const UNSAVED_EVALUATIONS = 256;
const UNSAVED_GAS = 50_000_000;

export function createSaver(options: SaverOptions): Saver {
  const { results, checkpoints, liveMachines = Number.POSITIVE_INFINITY, emit } = options;
  /** Processes on hosts that answer later, in the order of their last use. */
  const awake = new Map<string, Progress>();
  let closed = false;

  const failed = (process: string) => (error: unknown) => {
    const report = reportError(error, 'COMPUTE_FAILED', { process });
    if (!closed) emit({ type: 'error', error: report });
  };
  const save = ({ record, residence, unsaved }: Progress) => {
    const { id } = record;
    if (!residence?.host.isAwake(id)) return;
    const evaluations = results.next(id);
    Object.assign(unsaved, { evaluations: 0, gas: 0 });
    const put = (checkpoint: Uint8Array) => {
      if (!closed) checkpoints.put(id, { evaluations, checkpoint });
    };
    const checkpoint = residence.host.checkpoint(id);
    if (checkpoint instanceof Promise) checkpoint.then(put).catch(failed(id));
    else put(checkpoint);
  };
  /** Puts a process to sleep, unless it is needed before its state is here. */
  const lull = async (progress: Progress) => {
    const { record, residence } = progress;
    const { id } = record;
    if (!residence?.host.isAwake(id)) return;
    const evaluations = results.next(id);
    const checkpoint = await residence.host.checkpoint(id);
    if (closed || isInUse(progress) || results.next(id) !== evaluations) return;
    checkpoints.put(id, { evaluations, checkpoint });
    residence.host.drop(id);
    awake.delete(id);
  };
  return {
    note(progress, { result }) {
      const { unsaved, residence } = progress;
      unsaved.evaluations++;
      unsaved.gas += result.gas;
      if (!checkpoints.lasting) return;
      // An inference is never made twice.
      const isDear = residence?.host.takesTime || unsaved.gas >= UNSAVED_GAS;
      if (isDear || unsaved.evaluations >= UNSAVED_EVALUATIONS) save(progress);
    },
    rest(progress) {
      if (!progress.residence?.host.takesTime) return;
      awake.delete(progress.record.id);
      awake.set(progress.record.id, progress);
      if (awake.size <= liveMachines) return;
      const idle = [...awake.values()].find((other) => !isInUse(other));
      if (idle) lull(idle).catch(failed(idle.record.id));
    },
    close(all) {
      for (const progress of closed ? [] : all) {
        const isWorthIt = checkpoints.lasting && progress.unsaved.evaluations > 0;
        if (isWorthIt && !isInUse(progress) && !progress.residence?.host.takesTime) save(progress);
      }
      closed = true;
    },
  };
}

function isInUse({ busy, waking, lost }: Progress): boolean {
  return busy || waking !== undefined || lost;
}
