/**
 * The compute unit: evaluates the assignments of each process in order and keeps the results, which
 * are a log too. It evaluates what somebody asks for, and everything before it. As long as the host
 * answers at once, so does it: a promise per message would cost more than the bookkeeping here.
 */
import type { Gateway } from '../arlocal/gateway.js';
import type { Moment } from './cron.js';
import { ActorError, invariant, reportError } from './errors.js';
import { type Evaluation, tellEvaluation } from './evaluation.js';
import type { NetworkEvent } from './events.js';
import type { Life, ProcessHost } from './host.js';
import { type DryRunMessage, dryRunJson, environmentJson } from './message-json.js';
import type { Program } from './modules.js';
import type { Log, LogEntry } from './ports.js';
import type { ProcessRecord } from './process-record.js';
import {
  type Input,
  type OnEvaluation,
  outstanding,
  type Progress,
  startProgress,
} from './progress.js';
import { type EvaluationResult, failedResult } from './result.js';

export interface ComputeOptions {
  readonly gateway: Gateway;
  readonly log: Log<LogEntry>;
  readonly results: Log<Evaluation>;
  /** @throws {UNKNOWN_PROCESS} */
  readonly requireProcess: (id: string) => ProcessRecord;
  /** The moment up to which crons are due. */
  readonly now: () => Moment;
  /** @throws {MODULE_NOT_FOUND, NOT_A_MODULE, BAD_MODULE} */
  readonly programOf: (module: string) => Program;
  readonly hostOf: (program: Program) => ProcessHost;
  readonly emit: (event: NetworkEvent) => void;
  /** Address of the messenger unit. */
  readonly messenger: string;
  /** True for what an earlier run has told already: evaluated again, it is no news. */
  readonly isHistory?: ((evaluation: Evaluation) => boolean) | undefined;
}

export interface ComputeUnit {
  /** Evaluates up to a nonce that the log has, and tells of the evaluation at it. */
  evaluate(process: string, nonce: number, done: OnEvaluation): void;
  /** Evaluates all that is assigned, and all crons due up to a moment, by default now. */
  catchUp(process: string, until?: Moment): Promise<void>;
  /**
   * The evaluation of a message, made now if it has not been.
   * @throws {UNKNOWN_PROCESS, MESSAGE_NOT_FOUND}
   */
  result(process: string, message: string): Promise<Evaluation>;
  /** What has been evaluated so far, in order. @throws {UNKNOWN_PROCESS} */
  evaluations(process: string): readonly Evaluation[];
  /**
   * True if the log has messages that nobody has wanted evaluated yet, as after a start over an old
   * store. @throws {UNKNOWN_PROCESS}
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
  /** What is being evaluated ends as NETWORK_CLOSED and is not recorded. */
  close(): void;
}

/** What the functions below share: the options of a unit, and how far each process is. */
interface Core extends ComputeOptions {
  readonly known: Map<string, Progress>;
  closed: boolean;
}

export function createCompute(options: ComputeOptions): ComputeUnit {
  const core: Core = { ...options, known: new Map(), closed: false };
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
  const settled = async (process: string) => {
    await catchUp(process);
    const progress = progressOf(core, process);
    await revive(core, progress);
    return liveOf(core, progress);
  };

  return {
    evaluate: (process, nonce, done) => evaluate(core, process, nonce, done),
    catchUp,
    async result(process, message) {
      requireProcess(process);
      const nonce = log.find(process, message);
      if (nonce === undefined) throw notAssigned(process, message);
      return new Promise((resolve) => evaluate(core, process, nonce, resolve));
    },
    evaluations: (process) => results.read(requireProcess(process).id, 0),
    isBehind: (process) => progressOf(core, process).goal < log.next(process) - 1,
    async dryRun(process, message) {
      const { life, host } = await settled(process);
      const json = dryRunJson(requireProcess(process), message, now());
      return host.dryRun(life, { json, timestampMs: now().timestampMs });
    },
    async stateHash(process) {
      const { life, host } = await settled(process);
      return host.hash(life);
    },
    async memory(process) {
      const { life, host } = await settled(process);
      return host.memory(life);
    },
    momentOf: (process) => progressOf(core, process).moment,
    takesTime: (process) => progressOf(core, process).life?.host.takesTime ?? false,
    close() {
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
  for (let next = progress.inputs.next(); !next.done; next = progress.inputs.next()) {
    const input = next.value;
    const outcome = evaluateInput(core, progress, input);
    if (outcome instanceof Promise) {
      void outcome.then((result) => {
        if (core.closed) return abandon(progress);
        conclude(core, progress, input, result);
        progress.busy = false;
        drain(core, progress);
      });
      return;
    }
    conclude(core, progress, input, outcome);
  }
  progress.inputs = undefined;
  progress.busy = false;
  const listeners = progress.onIdle;
  progress.onIdle = [];
  for (const listener of listeners) listener();
}

function evaluateInput(core: Core, progress: Progress, { json, message, at }: Input) {
  try {
    const { life, host } = liveOf(core, progress);
    const ask = () => host.evaluate(life, { json, message, timestampMs: at.timestampMs });
    const outcome = revive(core, progress)?.then(ask) ?? ask();
    return outcome instanceof Promise ? outcome.catch(toFailure) : outcome;
  } catch (error) {
    return toFailure(error);
  }
}

/**
 * Brings a process whose thread has ended to life again; undefined if it lives. Fails if the thread
 * ends again meanwhile: then the next message tries anew.
 */
function revive(core: Core, progress: Progress): Promise<void> | undefined {
  const { life, host } = liveOf(core, progress);
  if (!progress.revival && host.isLost(life.id)) {
    progress.revival = relive(core, progress).finally(() => {
      progress.revival = undefined;
    });
  }
  return progress.revival;
}

/** Gives a process what it was given before, but for what failed: that left no trace in its state. */
async function relive(core: Core, progress: Progress): Promise<void> {
  const { life, host } = liveOf(core, progress);
  const past = startProgress(progress.record);
  const evaluations = core.results.read(life.id, 0);
  const last = evaluations.at(-1);
  past.goal = last?.nonce ?? -1;
  past.cronGoal = last;
  const inputs = outstanding(past, core.log, core.gateway, core.messenger);
  for (const { nonce, result } of evaluations) {
    const { value: input } = inputs.next();
    invariant(input?.at.nonce === nonce, 'a process is always given the same in the same order');
    const { json, message, at } = input;
    if (!result.error) await host.evaluate(life, { json, message, timestampMs: at.timestampMs });
  }
}

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
  if (!core.isHistory?.(evaluation)) tellEvaluation(emit, evaluation, action);
  if (cron !== undefined) return;
  const listeners = progress.onEvaluation.get(nonce) ?? [];
  progress.onEvaluation.delete(nonce);
  for (const listener of listeners) listener(evaluation);
}

function progressOf({ known, requireProcess }: Core, id: string): Progress {
  const progress = known.get(id) ?? startProgress(requireProcess(id));
  known.set(id, progress);
  return progress;
}

/** The life of a process and its host; throws what `readModule` throws. */
function liveOf(core: Core, progress: Progress) {
  if (!progress.life) {
    const { record } = progress;
    const program = core.programOf(record.module);
    const environment = environmentJson(record, program.item, core.messenger);
    const life: Life = { id: record.id, program, environment };
    progress.life = { life, host: core.hostOf(program) };
  }
  return progress.life;
}

/** Answers everyone who waits for a process of a closed network; nothing is recorded. */
function abandon({ record, onEvaluation, onIdle }: Progress): void {
  const text = 'the network was closed before the message was evaluated';
  const result = failedResult({ code: 'NETWORK_CLOSED', value: text, text });
  for (const [nonce, listeners] of onEvaluation) {
    const evaluation = {
      process: record.id,
      index: -1,
      nonce,
      timestampMs: 0,
      blockHeight: 0,
      result,
    };
    for (const listener of listeners) listener(evaluation);
  }
  for (const listener of onIdle) listener();
}

function toFailure(error: unknown): EvaluationResult {
  const { code, text, hint } = reportError(error, 'COMPUTE_FAILED');
  return failedResult({ code, value: text, text, ...(hint ? { hint } : {}) });
}

function notAssigned(process: string, message: string): ActorError {
  return new ActorError('MESSAGE_NOT_FOUND', `process ${process} was never given ${message}`, {
    hint: 'Ask for the id of a message that was sent or assigned to this process.',
    details: { process, message },
  });
}
