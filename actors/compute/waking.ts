/**
 * Waking a process: it goes on from its last checkpoint, and is given again what it was given after
 * that, but for what failed: that left no trace in its state. Without a checkpoint, or with one that
 * does not fit, it is given all of it. Nothing comes of it but the state: the results are known.
 */
import type { Gateway } from '../../arlocal/gateway.js';
import { ActorError, invariant, networkClosed, reportError } from '../errors.js';
import type { NetworkEvent } from '../events.js';
import type { Checkpoints, Log, LogEntry } from '../ports.js';
import { runSteps } from '../steps.js';
import type { Evaluation } from './evaluation.js';
import type { Life, ProcessHost } from './host.js';
import { outstanding, type Progress, resumeProgress } from './progress.js';
import type { EvaluationResult } from './result.js';

/** What it takes to wake a process. */
export interface Memory {
  readonly gateway: Gateway;
  readonly log: Log<LogEntry>;
  readonly results: Log<Evaluation>;
  readonly checkpoints: Checkpoints;
  /** Address of the messenger unit. */
  readonly messenger: string;
  readonly emit: (event: NetworkEvent) => void;
}

/** A process and where it lives. */
export interface Residence {
  readonly life: Life;
  readonly host: ProcessHost;
}

/**
 * Has a process awake; undefined if it is already, or now.
 * @throws what its module or the store throws; so may the promise
 */
export function awaken(
  memory: Memory,
  progress: Progress,
  { life, host }: Residence,
): Promise<void> | undefined {
  if (progress.waking || host.isAwake(life.id)) return progress.waking;
  progress.waking = runSteps(wake(memory, progress, { life, host }))?.finally(() => {
    progress.waking = undefined;
  });
  return progress.waking;
}

function* wake(memory: Memory, progress: Progress, { life, host }: Residence) {
  try {
    const from = yield* restore(memory, { life, host });
    const to = memory.results.next(life.id);
    yield* replay(memory, progress, host, from, to);
    progress.unsaved.evaluations = to - from;
  } catch (error) {
    if (!progress.lost) host.drop(life.id); // what is half awake must not go on
    throw error;
  }
}

/** Brings a process to life from its checkpoint, if that is of use. @returns the evaluations in it */
function* restore(memory: Memory, { life, host }: Residence): Generator<unknown, number, unknown> {
  try {
    const saved = memory.checkpoints.take(life.id);
    if (saved) {
      const known = memory.results.next(life.id);
      if (saved.evaluations > known) throw tooNew(life.id, saved.evaluations, known);
      yield host.wake(life, saved.checkpoint);
      return saved.evaluations;
    }
  } catch (error) {
    const report = reportError(error, 'CHECKPOINT_DAMAGED', { process: life.id });
    if (THREAD_ENDED.has(report.code)) throw error;
    memory.emit({ type: 'error', error: report });
  }
  yield host.wake(life);
  return 0;
}

function tooNew(process: string, evaluations: number, known: number): ActorError {
  const text = `the checkpoint of ${process} is of ${evaluations} evaluations, ${known} are known`;
  return new ActorError('CHECKPOINT_DAMAGED', text, {
    hint: 'The process is replayed from its log instead.',
    details: { process, evaluations, known },
  });
}

/** Not the fault of a checkpoint. */
const THREAD_ENDED: ReadonlySet<string> = new Set(['COMPUTE_FAILED', 'NETWORK_CLOSED']);

/** Gives a process what it was given from one evaluation up to, but not including, another. */
function* replay(
  { log, results, gateway, messenger, emit }: Memory,
  progress: Progress,
  host: ProcessHost,
  from: number,
  to: number,
): Generator<unknown, void, unknown> {
  const { record } = progress;
  const past = resumeProgress(record, results, from);
  const last = results.at(record.id, to - 1);
  past.goal = last?.nonce ?? -1;
  past.cronGoal = last;
  const inputs = outstanding(past, log, gateway, messenger);
  let differs = false;
  for (let index = from; index < to; index++) {
    if (progress.lost) throw networkClosed(); // another progress wakes it
    const { value: input } = inputs.next();
    const { nonce, cron, result } = results.at(record.id, index) ?? {};
    const isSame = input?.at.nonce === nonce && input?.at.cron === cron;
    invariant(input && result && isSame, 'a process is always given the same in the same order');
    if (result.error) continue;
    const { json, message, at } = input;
    const again = yield host.evaluate(record.id, { json, message, timestampMs: at.timestampMs });
    const { error } = again as EvaluationResult;
    if (error && !differs) emit({ type: 'error', error: differenceOf(record.id, message, error) });
    differs ||= error !== undefined;
  }
}

function differenceOf(process: string, message: string | undefined, error: { text: string }) {
  return {
    code: 'REPLAY_DIFFERS',
    text: `a message that ${process} answered before fails as it is replayed: ${error.text}`,
    hint: 'The results that were given stand. Replay the store with the Corral that wrote it.',
    process,
    ...(message === undefined ? {} : { message }),
  };
}
