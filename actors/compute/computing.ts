/**
 * What a compute unit keeps: how far each process in use has come, and where it lives. How far one is
 * follows from its results, so nothing of a process that is not in use is kept.
 */

import type { Outages } from '../faults/outages.js';
import type { Pace } from '../pace.js';
import type { Moment } from '../scheduler/cron.js';
import type { ProcessRecord } from '../scheduler/process-record.js';
import type { Evaluation } from './evaluation.js';
import type { Forgetting } from './forgetting.js';
import type { Gate } from './gate.js';
import type { Life, ProcessHost } from './host.js';
import { environmentJson } from './message-json.js';
import type { Program } from './modules.js';
import { type Progress, resumeProgress } from './progress.js';
import { createSaver, type Saver } from './saving.js';
import type { Memory, Residence } from './waking.js';

export interface ComputeOptions extends Memory {
  /** @throws {UNKNOWN_PROCESS} */
  readonly requireProcess: (id: string) => ProcessRecord;
  /** The moment up to which crons are due. */
  readonly now: () => Moment;
  /** @throws {MODULE_NOT_FOUND, NOT_A_MODULE, BAD_MODULE} */
  readonly programOf: (module: string) => Program;
  readonly hostOf: (program: Program) => ProcessHost;
  /** Processes that may be awake on a host that answers later. @default all */
  readonly liveMachines?: number;
  /** Gives the thread to others in the middle of much work; without it the work never pauses. */
  readonly pace?: Pace | undefined;
  /** Most crons that are evaluated because somebody asks; CRON_BACKLOG. @default all */
  readonly cronBacklog?: number;
  /** Told of each message that was evaluated, before those who wait for it. */
  readonly onMessage?: ((evaluation: Evaluation) => void) | undefined;
  /** Processes that a fault keeps from being evaluated. @default none */
  readonly outages?: Pick<Outages, 'isHalted' | 'requireAnswers'> | undefined;
  /** True for what an earlier run has told already: evaluated again, it is no news. */
  readonly isHistory?: ((evaluation: Evaluation) => boolean) | undefined;
  /** Leaves out what is too old to be kept. @default keeps all */
  readonly forgetting?: Forgetting | undefined;
}

/** The options of a unit, and how far each process is. */
export interface Computing extends ComputeOptions {
  /** Processes in use, and some that were. */
  readonly known: Map<string, Progress>;
  readonly saver: Saver;
  /** Asked before each evaluation, if there is one. */
  gate: Gate | undefined;
  /** Number of known processes at which those that are not in use are forgotten. */
  crowd: number;
  closed: boolean;
}

const CROWD_MIN = 256;

export function startComputing(options: ComputeOptions): Computing {
  const saver = createSaver(options);
  const rest = { gate: undefined, crowd: CROWD_MIN, closed: false };
  return { ...options, known: new Map(), saver, ...rest };
}

export function progressOf(core: Computing, id: string): Progress {
  const known = core.known.get(id);
  if (known) return known;
  const { results, requireProcess } = core;
  const progress = resumeProgress(requireProcess(id), results, results.next(id));
  core.known.set(id, progress);
  return progress;
}

/** Forgets processes that are not in use, now and then. */
export function forgetIdle(core: Computing): void {
  if (core.known.size <= core.crowd) return;
  for (const [id, { busy, waking, onEvaluation, residence }] of core.known) {
    const isInUse = busy || waking || onEvaluation.size > 0 || residence?.host.isAwake(id);
    if (!isInUse) core.known.delete(id);
  }
  core.crowd = Math.max(CROWD_MIN, 2 * core.known.size);
}

/** The life of a process and its host; throws what `readModule` throws. */
export function residenceOf(core: Computing, progress: Progress): Residence {
  if (!progress.residence) {
    const { record } = progress;
    const program = core.programOf(record.module);
    const environment = environmentJson(record, program.item, core.messenger);
    const life: Life = { id: record.id, program, environment };
    progress.residence = { life, host: core.hostOf(program) };
  }
  return progress.residence;
}
