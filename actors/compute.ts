/**
 * The compute unit: evaluates the assignments of each process in order and keeps the results, which
 * are a log too. It evaluates what somebody asks for, and everything before it. As long as the host
 * answers at once, so does it: a promise per message would cost more than the bookkeeping here.
 */
import type { Moment } from './cron.js';
import { ActorError, invariant, reportError } from './errors.js';
import { type Evaluation, NOT_RECORDED, tellEvaluation } from './evaluation.js';
import type { Life, ProcessHost } from './host.js';
import { type DryRunMessage, dryRunJson, environmentJson } from './message-json.js';
import type { Program } from './modules.js';
import type { ProcessRecord } from './process-record.js';
import {
  type Input,
  type OnEvaluation,
  outstanding,
  type Progress,
  resumeProgress,
} from './progress.js';
import { type EvaluationError, type EvaluationResult, failedResult } from './result.js';
import { createSaver, type Saver } from './saving.js';
import { type Sequence, sequenceOf } from './sequence.js';
import { awaken, type Memory, type Residence } from './waking.js';

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
  /** Told of each message that was evaluated, before those who wait for it. */
  readonly onMessage?: ((evaluation: Evaluation) => void) | undefined;
  /** True for what an earlier run has told already: evaluated again, it is no news. */
  readonly isHistory?: ((evaluation: Evaluation) => boolean) | undefined;
}

export interface ComputeUnit {
  /** Evaluates up to a nonce that the log has, and tells of the evaluation at it. */
  evaluate(process: string, nonce: number, done: OnEvaluation): void;
  isEvaluated(process: string, nonce: number): boolean;
  /** Evaluates all that is assigned, and all crons due up to a moment, by default now. */
  catchUp(process: string, until?: Moment): Promise<void>;
  /**
   * The evaluation of a message, made now if it has not been.
   * @throws {UNKNOWN_PROCESS, MESSAGE_NOT_FOUND}
   */
  result(process: string, message: string): Promise<Evaluation>;
  /** What has been evaluated so far, in order. @throws {UNKNOWN_PROCESS} */
  evaluations(process: string): Sequence<Evaluation>;
  /**
   * True if the log has messages that nobody has wanted evaluated yet, as the scheduler unit alone
   * takes them. @throws {UNKNOWN_PROCESS}
   */
  isBehind(process: string): boolean;
  /** What a message would do; nothing changes. @throws {UNKNOWN_PROCESS} */
  dryRun(process: string, message: DryRunMessage): Promise<EvaluationResult>;
  /** SHA-256 of the state of a process, all it was assigned included. @throws {UNKNOWN_PROCESS} */
  stateHash(process: string): Promise<string>;
  /** Byte form of that state. @throws {UNKNOWN_PROCESS} */
  memory(process: string): Promise<Uint8Array>;
  /** Moment up to which a process has been evaluated; undefined before its first message. */
  momentOf(process: string): Moment | undefined;
  /** True for a process that has been evaluated on a compute thread: its answers take real time. */
  takesTime(process: string): boolean;
  /** Saves states that last. What is being evaluated ends as NETWORK_CLOSED and is not recorded. */
  close(): void;
}

/** What the functions below share: the options of a unit, and how far each process is. */
interface Core extends ComputeOptions {
  /** Processes in use, and some that were. */
  readonly known: Map<string, Progress>;
  readonly saver: Saver;
  /** Number of known processes at which those that are not in use are forgotten. */
  crowd: number;
  closed: boolean;
}

const CROWD_MIN = 256;

export function createCompute(options: ComputeOptions): ComputeUnit {
  const core: Core = {
    ...options,
    known: new Map(),
    saver: createSaver(options),
    crowd: CROWD_MIN,
    closed: false,
  };
  const { log, results, requireProcess, now } = options;

  const catchUp = (process: string, until = now()): Promise<void> => {
    const progress = progressOf(core, process);
    progress.goal = Math.max(progress.goal, log.next(process) - 1);
    progress.cronGoal = until;
    return new Promise((resolve) => {
      progress.onIdle.push(resolve);
      drain(core, progress);
    });
  };
  const ask = async <Answer>(
    process: string,
    question: (residence: Residence) => Answer | Promise<Answer>,
  ): Promise<Answer> => {
    await catchUp(process);
    const progress = progressOf(core, process);
    const residence = residenceOf(core, progress);
    const waking = awaken(core, progress, residence);
    if (waking) await waking;
    return question(residence);
  };

  return {
    evaluate: (process, nonce, done) => evaluate(core, process, nonce, done),
    isEvaluated(process, nonce) {
      const last = results.at(process, results.next(process) - 1);
      return last !== undefined && last.nonce >= nonce;
    },
    catchUp,
    async result(process, message) {
      requireProcess(process);
      const nonce = log.find(process, message);
      if (nonce === undefined) throw notAssigned(process, message);
      return new Promise((resolve) => evaluate(core, process, nonce, resolve));
    },
    evaluations: (process) => sequenceOf(results, requireProcess(process).id),
    isBehind: (process) => progressOf(core, process).goal < log.next(process) - 1,
    dryRun: (process, message) =>
      ask(process, ({ life, host }) => {
        const json = dryRunJson(requireProcess(process), message, now());
        return host.dryRun(life.id, { json, timestampMs: now().timestampMs });
      }),
    stateHash: (process) => ask(process, ({ life, host }) => host.hash(life.id)),
    memory: (process) => ask(process, ({ life, host }) => host.memory(life.id)),
    momentOf(process) {
      const { moment } = progressOf(core, process);
      const last = results.at(process, results.next(process) - 1);
      if (!moment || !last) return moment;
      const timestampMs = Math.max(moment.timestampMs, last.timestampMs);
      return { timestampMs, blockHeight: Math.max(moment.blockHeight, last.blockHeight) };
    },
    takesTime: (process) => progressOf(core, process).residence?.host.takesTime ?? false,
    close() {
      core.saver.close(core.known.values());
      core.closed = true;
    },
  };
}

function evaluate(core: Core, process: string, nonce: number, done: OnEvaluation): void {
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

/** Evaluates what is outstanding: at once as far as the host answers at once, then later. */
function drain(core: Core, progress: Progress): void {
  if (progress.busy) return;
  progress.busy = true;
  progress.inputs ??= outstanding(progress, core.log, core.gateway, core.messenger);
  try {
    for (let next = progress.inputs.next(); !next.done; next = progress.inputs.next()) {
      const input = next.value;
      const outcome = evaluateInput(core, progress, input);
      if (outcome instanceof Promise) {
        void outcome.then(
          (result) => {
            if (core.closed) {
              abandon(core, progress, CLOSED);
              return;
            }
            conclude(core, progress, input, result);
            progress.busy = false;
            drain(core, progress);
          },
          (error) => abandon(core, progress, toFailure(error)),
        );
        return;
      }
      conclude(core, progress, input, outcome);
    }
  } catch (error) {
    abandon(core, progress, toFailure(error));
    return;
  }
  progress.inputs = undefined;
  progress.busy = false;
  const listeners = progress.onIdle;
  progress.onIdle = [];
  for (const listener of listeners) listener();
  core.saver.rest(progress);
  if (core.known.size > core.crowd) forgetIdle(core);
}

/** @throws what the store throws: nobody is told that a message failed because a disk did */
function evaluateInput(core: Core, progress: Progress, { json, message, at }: Input) {
  const rescue = (error: unknown) => {
    const failure = toFailure(error);
    if (STORE_ERRORS.has(failure.code)) throw error;
    return failedResult(failure);
  };
  try {
    const residence = residenceOf(core, progress);
    const { life, host } = residence;
    const ask = () => host.evaluate(life.id, { json, message, timestampMs: at.timestampMs });
    const outcome = awaken(core, progress, residence)?.then(ask) ?? ask();
    return outcome instanceof Promise ? outcome.catch(rescue) : outcome;
  } catch (error) {
    return rescue(error);
  }
}

const STORE_ERRORS: ReadonlySet<string> = new Set(['STORE_DAMAGED', 'STORE_FAILED']);

/** Stores a result and tells of it: an outbox is sent only after its result is stored. */
function conclude(core: Core, progress: Progress, input: Input, result: EvaluationResult): void {
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
  if (!core.isHistory?.(evaluation)) tellEvaluation(emit, evaluation, action);
  if (cron !== undefined) return;
  core.onMessage?.(evaluation);
  const listeners = progress.onEvaluation.get(nonce) ?? [];
  progress.onEvaluation.delete(nonce);
  for (const listener of listeners) listener(evaluation);
}

function progressOf(core: Core, id: string): Progress {
  const known = core.known.get(id);
  if (known) return known;
  const { results, requireProcess } = core;
  const progress = resumeProgress(requireProcess(id), results, results.next(id));
  core.known.set(id, progress);
  return progress;
}

/** How far a process is follows from its results: nothing of one that is not in use is kept. */
function forgetIdle(core: Core): void {
  for (const [id, { busy, waking, onEvaluation, residence }] of core.known) {
    const isInUse = busy || waking || onEvaluation.size > 0 || residence?.host.isAwake(id);
    if (!isInUse) core.known.delete(id);
  }
  core.crowd = Math.max(CROWD_MIN, 2 * core.known.size);
}

/** The life of a process and its host; throws what `readModule` throws. */
function residenceOf(core: Core, progress: Progress): Residence {
  if (!progress.residence) {
    const { record } = progress;
    const program = core.programOf(record.module);
    const environment = environmentJson(record, program.item, core.messenger);
    const life: Life = { id: record.id, program, environment };
    progress.residence = { life, host: core.hostOf(program) };
  }
  return progress.residence;
}

/** Answers everyone who waits for a process that cannot go on. Nothing is recorded. */
function abandon(core: Core, progress: Progress, error: EvaluationError): void {
  const { record, residence, onEvaluation, onIdle } = progress;
  const result = failedResult(error);
  core.known.delete(record.id); // the next who asks tries again, from what is stored
  residence?.host.drop(record.id);
  for (const [nonce, listeners] of onEvaluation) {
    const place = { process: record.id, nonce, timestampMs: 0, blockHeight: 0 };
    for (const listener of listeners) listener({ ...place, index: NOT_RECORDED, result });
  }
  for (const listener of onIdle) listener();
}

const CLOSED: EvaluationError = (() => {
  const text = 'the network was closed before the message was evaluated';
  return { code: 'NETWORK_CLOSED', value: text, text };
})();

function toFailure(error: unknown): EvaluationError {
  const report = reportError(error, 'COMPUTE_FAILED');
  return { ...report, value: report.text };
}

function notAssigned(process: string, message: string): ActorError {
  return new ActorError('MESSAGE_NOT_FOUND', `process ${process} was never given ${message}`, {
    hint: 'Ask for the id of a message that was sent or assigned to this process.',
    details: { process, message },
  });
}
