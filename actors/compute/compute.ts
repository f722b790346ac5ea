/**
 * The compute unit: evaluates the assignments of each process in order and keeps the results, which
 * are a log too. It evaluates what somebody asks for, and everything before it.
 */

import { setGoal } from '../catching-up.js';
import { ActorError } from '../errors.js';
import type { Inspection, StateKey } from '../lua/inspect.js';
import type { Moment } from '../scheduler/cron.js';
import { type Sequence, sequenceOf } from '../sequence.js';
import { busyUntil, type CapturedMemory, captureMemories } from './capturing.js';
import { type ComputeOptions, progressOf, residenceOf, startComputing } from './computing.js';
import { crash, proceed } from './crashing.js';
import { drain, evaluate } from './evaluating.js';
import type { Evaluation } from './evaluation.js';
import { requireWhole } from './forgetting.js';
import type { Gate } from './gate.js';
import { type DryRunMessage, dryRunJson } from './message-json.js';
import type { OnEvaluation } from './progress.js';
import type { EvaluationResult } from './result.js';
import { awaken, type Residence } from './waking.js';

export interface ComputeUnit {
  /** Evaluates up to a nonce that the log has, and tells of the evaluation at it. */
  evaluate(process: string, nonce: number, done: OnEvaluation): void;
  isEvaluated(process: string, nonce: number): boolean;
  /**
   * Evaluates all that is assigned, and all crons due up to a moment, by default now.
   * @throws {CRON_BACKLOG} when it has evaluated as many crons as one call may: the next goes on.
   *   {STORE_DAMAGED, STORE_FAILED, NETWORK_CLOSED} when it cannot go on.
   *   {UNIT_DOWN, PROCESS_DOWN, UNIT_BUSY} while a fault halts the process, as whatever asks for it
   */
  catchUp(process: string, until?: Moment): Promise<void>;
  /**
   * The evaluation of a message, made now if it has not been.
   * @throws {UNKNOWN_PROCESS, MESSAGE_NOT_FOUND, HISTORY_FORGOTTEN}
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
  /**
   * What is at a path from the globals of a Lua process, all it was assigned included; nothing of it
   * changes. @throws {UNKNOWN_PROCESS}
   */
  inspect(process: string, path: readonly StateKey[]): Promise<Inspection>;
  /** SHA-256 of the state of a process, all it was assigned included. @throws {UNKNOWN_PROCESS} */
  stateHash(process: string): Promise<string>;
  /** Byte form of that state. @throws {UNKNOWN_PROCESS} */
  memory(process: string): Promise<Uint8Array>;
  /** Moment up to which a process has been evaluated; undefined before its first message. */
  momentOf(process: string): Moment | undefined;
  /** True for a process that has been evaluated on a compute thread: its answers take real time. */
  takesTime(process: string): boolean;
  /** Until something that is being evaluated or woken is done with that; undefined if nothing is. */
  readonly busy: Promise<unknown> | undefined;
  /** The memories of processes that are awake, of now; nothing may be being evaluated. */
  capture(): CapturedMemory[];
  /** A process, or every one, loses its memory; who waits for a message of it goes on waiting. */
  crash(process?: string): void;
  /** Evaluates what somebody waits for of processes that are not halted any more. */
  proceed(): void;
  /** What evaluations pass from now on, if anything. */
  gate: Gate | undefined;
  /** Saves states that last. What is being evaluated ends as NETWORK_CLOSED and is not recorded. */
  close(): void;
}

export function createCompute(options: ComputeOptions): ComputeUnit {
  const core = startComputing(options);
  const { log, results, requireProcess, now, outages } = options;

  const catchUp = async (process: string, until = now()): Promise<void> => {
    outages?.requireAnswers(process);
    const progress = progressOf(core, process);
    const tooMuch = setGoal(core, progress, until);
    return new Promise((resolve, reject) => {
      progress.onIdle.push((failure) => {
        const error = failure ?? tooMuch;
        if (error) reject(error);
        else resolve();
      });
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
    outages?.requireAnswers(process); // it may have crashed meanwhile
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
      outages?.requireAnswers(process);
      const nonce = log.find(process, message);
      if (nonce === undefined) {
        requireWhole(log, process);
        throw notAssigned(process, message);
      }
      return new Promise((resolve) => evaluate(core, process, nonce, resolve));
    },
    evaluations: (process) => sequenceOf(results, requireProcess(process).id),
    isBehind: (process) => progressOf(core, process).goal < log.next(process) - 1,
    dryRun: (process, message) =>
      ask(process, ({ life, host }) => {
        const json = dryRunJson(requireProcess(process), message, now());
        return host.dryRun(life.id, { json, timestampMs: now().timestampMs });
      }),
    inspect: (process, path) => ask(process, ({ life, host }) => host.inspect(life.id, path)),
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
    get busy() {
      return busyUntil(core);
    },
    capture: () => captureMemories(core),
    crash: (process) => crash(core, process),
    proceed: () => proceed(core),
    get gate() {
      return core.gate;
    },
    set gate(gate) {
      core.gate = gate;
    },
    close() {
      core.saver.close(core.known.values());
      core.closed = true;
    },
  };
}

function notAssigned(process: string, message: string): ActorError {
  return new ActorError('MESSAGE_NOT_FOUND', `process ${process} was never given ${message}`, {
    hint: 'Ask for the id of a message that was sent or assigned to this process.',
    details: { process, message },
  });
}
