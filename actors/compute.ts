/**
 * The compute unit: evaluates the assignments of each process in order and keeps the results, which
 * are a log too. It evaluates what somebody asks for, and everything before it. As long as the host
 * answers at once, so does it: a promise per message would cost more than the bookkeeping here.
 */
import type { Gateway } from '../arlocal/gateway.js';
import { type CronMessage, dueMessages, type Moment } from './cron.js';
import type { Ordinate } from './cursors.js';
import { ActorError, type ErrorReport, invariant, reportError } from './errors.js';
import type { NetworkEvent } from './events.js';
import type { Life, ProcessHost } from './host.js';
import type { Limits } from './limits.js';
import {
  cronJson,
  type DryRunMessage,
  dryRunJson,
  environmentJson,
  messageJson,
} from './message-json.js';
import { type Program, readModule } from './modules.js';
import type { Log, LogEntry } from './ports.js';
import type { ProcessRecord } from './process-record.js';
import { tagValue } from './protocol.js';
import { type EvaluationResult, failedResult, printedText } from './result.js';
import { storedItem } from './stored-item.js';

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

export interface ComputeOptions {
  readonly gateway: Gateway;
  readonly log: Log<LogEntry>;
  readonly results: Log<Evaluation>;
  /** @throws {UNKNOWN_PROCESS} */
  readonly requireProcess: (id: string) => ProcessRecord;
  /** The moment up to which crons are due. */
  readonly now: () => Moment;
  readonly limits: Limits;
  readonly hostOf: (program: Program) => ProcessHost;
  readonly emit: (event: NetworkEvent) => void;
}

export type OnEvaluation = (evaluation: Evaluation) => void;

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
  /** What a message would do; nothing changes. @throws {UNKNOWN_PROCESS} */
  dryRun(process: string, message: DryRunMessage): Promise<EvaluationResult>;
  /** SHA-256 of the state of a process, all it was assigned included. @throws {UNKNOWN_PROCESS} */
  stateHash(process: string): Promise<string>;
  /** Byte form of that state. @throws {UNKNOWN_PROCESS} */
  memory(process: string): Promise<Uint8Array>;
  /** Moment up to which a process has been evaluated; undefined before its first message. */
  momentOf(process: string): Moment | undefined;
  /** What is being evaluated ends as NETWORK_CLOSED and is not recorded. */
  close(): void;
}

/** A message or a cron on its way into a process. */
interface Input {
  readonly at: Ordinate & Moment;
  readonly message?: string;
  readonly action: string | undefined;
  readonly json: string;
}

/** How far a process has come. */
interface Progress {
  readonly record: ProcessRecord;
  life?: { readonly life: Life; readonly host: ProcessHost };
  nextNonce: number;
  /** Highest nonce that somebody waits for. */
  goal: number;
  /** Moment up to which somebody wants the crons. */
  cronGoal: Moment | undefined;
  moment: Moment | undefined;
  inputs: Generator<Input> | undefined;
  busy: boolean;
  readonly onEvaluation: Map<number, OnEvaluation[]>;
  onIdle: (() => void)[];
}

export function createCompute(options: ComputeOptions): ComputeUnit {
  const { gateway, log, results, requireProcess, limits, emit } = options;
  const known = new Map<string, Progress>();
  let closed = false;

  const progressOf = (id: string): Progress => {
    const progress = known.get(id) ?? startProgress(requireProcess(id));
    known.set(id, progress);
    return progress;
  };
  const liveOf = (progress: Progress) => {
    if (!progress.life) {
      const { record } = progress;
      const program = readModule(gateway, record.module, limits);
      const environment = environmentJson(record, program.item);
      const life: Life = { id: record.id, program, environment };
      progress.life = { life, host: options.hostOf(program) };
    }
    return progress.life;
  };

  const conclude = (progress: Progress, input: Input, result: EvaluationResult): void => {
    const process = progress.record.id;
    const index = results.next(process);
    const evaluation: Evaluation = {
      process,
      index,
      ...input.at,
      ...(input.message === undefined ? {} : { message: input.message }),
      result,
    };
    const answer = results.append(process, index, [evaluation]);
    invariant(answer.kind === 'appended', 'a process is evaluated in one place at a time');
    tell(emit, evaluation, input.action);
    if (input.at.cron !== undefined) return;
    const listeners = progress.onEvaluation.get(input.at.nonce) ?? [];
    progress.onEvaluation.delete(input.at.nonce);
    for (const listener of listeners) listener(evaluation);
  };

  const evaluateInput = (progress: Progress, input: Input) => {
    const { json, message, at } = input;
    try {
      const { life, host } = liveOf(progress);
      const outcome = host.evaluate(life, { json, message, timestampMs: at.timestampMs });
      return outcome instanceof Promise ? outcome.catch(toFailure) : outcome;
    } catch (error) {
      return toFailure(error);
    }
  };

  /** Evaluates what is outstanding: at once as far as the host answers at once, then later. */
  const drain = (progress: Progress): void => {
    if (progress.busy) return;
    progress.busy = true;
    progress.inputs ??= outstanding(progress, log, gateway);
    for (let next = progress.inputs.next(); !next.done; next = progress.inputs.next()) {
      const input = next.value;
      const outcome = evaluateInput(progress, input);
      if (outcome instanceof Promise) {
        void outcome.then((result) => {
          if (closed) return abandon(progress);
          conclude(progress, input, result);
          progress.busy = false;
          drain(progress);
        });
        return;
      }
      conclude(progress, input, outcome);
    }
    progress.inputs = undefined;
    progress.busy = false;
    const listeners = progress.onIdle;
    progress.onIdle = [];
    for (const listener of listeners) listener();
  };

  const evaluate = (process: string, nonce: number, done: OnEvaluation): void => {
    const progress = progressOf(process);
    if (nonce < progress.nextNonce && !progress.busy) {
      const message = log.at(process, nonce)?.messageId ?? '';
      const past = results.at(process, results.find(process, message) ?? -1);
      if (past) return done(past);
    }
    progress.onEvaluation.set(nonce, [...(progress.onEvaluation.get(nonce) ?? []), done]);
    progress.goal = Math.max(progress.goal, nonce);
    drain(progress);
  };

  const catchUp = (process: string, until = options.now()): Promise<void> => {
    const progress = progressOf(process);
    progress.goal = Math.max(progress.goal, log.next(process) - 1);
    progress.cronGoal = until;
    return new Promise((resolve) => {
      progress.onIdle.push(resolve);
      drain(progress);
    });
  };

  const settled = async (process: string) => {
    await catchUp(process);
    return liveOf(progressOf(process));
  };

  return {
    evaluate,
    catchUp,
    async result(process, message) {
      requireProcess(process);
      const nonce = log.find(process, message);
      if (nonce === undefined) throw notAssigned(process, message);
      return new Promise((resolve) => evaluate(process, nonce, resolve));
    },
    evaluations: (process) => results.read(requireProcess(process).id, 0),
    async dryRun(process, message) {
      const { life, host } = await settled(process);
      const now = options.now();
      const json = dryRunJson(requireProcess(process), message, now);
      return host.dryRun(life, { json, timestampMs: now.timestampMs });
    },
    async stateHash(process) {
      const { life, host } = await settled(process);
      return host.hash(life);
    },
    async memory(process) {
      const { life, host } = await settled(process);
      return host.memory(life);
    },
    momentOf: (process) => progressOf(process).moment,
    close() {
      closed = true;
    },
  };
}

function startProgress(record: ProcessRecord): Progress {
  return {
    record,
    nextNonce: 0,
    goal: -1,
    cronGoal: undefined,
    moment: undefined,
    inputs: undefined,
    busy: false,
    onEvaluation: new Map(),
    onIdle: [],
  };
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

/** What a process is to be given next, in order; goals may be raised while this is read. */
function* outstanding(progress: Progress, log: Log<LogEntry>, gateway: Gateway): Generator<Input> {
  const { record } = progress;
  for (;;) {
    const { nextNonce, goal, moment, cronGoal } = progress;
    const entry = nextNonce <= goal ? log.at(record.id, nextNonce) : undefined;
    const until: Moment | undefined = entry ?? cronGoal;
    if (record.crons.length > 0 && moment && until) {
      yield* cronInputs(progress, moment, until, log, gateway);
    }
    if (!entry) {
      if (progress.nextNonce <= progress.goal && log.at(record.id, progress.nextNonce)) continue;
      return;
    }
    progress.nextNonce++;
    progress.moment = { timestampMs: entry.timestampMs, blockHeight: entry.blockHeight };
    yield messageInput(record, entry, gateway);
  }
}

function* cronInputs(
  progress: Progress,
  from: Moment,
  to: Moment,
  log: Log<LogEntry>,
  gateway: Gateway,
): Generator<Input> {
  const { record, nextNonce } = progress;
  const origin = log.at(record.id, 0);
  invariant(origin, 'a process that was evaluated has a log');
  const timeOfBlock = (height: number) => gateway.block(height)?.timestampMs ?? to.timestampMs;
  for (const cron of dueMessages(record.crons, origin, from, to, timeOfBlock)) {
    progress.moment = cron;
    yield cronInput(record, cron, nextNonce - 1);
  }
  progress.moment = {
    timestampMs: Math.max(from.timestampMs, to.timestampMs),
    blockHeight: Math.max(from.blockHeight, to.blockHeight),
  };
}

function messageInput(record: ProcessRecord, entry: LogEntry, gateway: Gateway): Input {
  const item = entry.nonce === 0 ? record.item : storedItem(gateway, entry.messageId);
  invariant(item, 'what is in a log is on the gateway');
  return {
    at: { nonce: entry.nonce, timestampMs: entry.timestampMs, blockHeight: entry.blockHeight },
    message: entry.messageId,
    action: tagValue(item.tags, 'Action'),
    json: messageJson(record, entry, item),
  };
}

function cronInput(record: ProcessRecord, cron: CronMessage, nonce: number): Input {
  const { timestampMs, blockHeight, name } = cron;
  return {
    at: { nonce, timestampMs, blockHeight, cron: name },
    action: tagValue(cron.tags, 'Action'),
    json: cronJson(record, cron),
  };
}

/** Name under which the log of results finds an evaluation. */
export function evaluationId({ message, cron, timestampMs }: Evaluation): string {
  return message ?? `${cron}@${timestampMs}`;
}

/** The report of a failed evaluation; undefined if it did not fail. */
export function evaluationError(evaluation: Evaluation): ErrorReport | undefined {
  const { process, message, result } = evaluation;
  if (!result.error) return undefined;
  const { code, text, handler, line } = result.error;
  return {
    code,
    text,
    process,
    ...(message === undefined ? {} : { message }),
    ...(handler === undefined ? {} : { handler }),
    ...(line === undefined ? {} : { line }),
  };
}

function tell(emit: (event: NetworkEvent) => void, evaluation: Evaluation, action?: string): void {
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
    ...(message === undefined ? {} : { message }),
    ...(action === undefined ? {} : { action }),
    ...(output === undefined ? {} : { output }),
    ...(result.error ? { error: result.error.text } : {}),
    ...(result.log ? { log: result.log } : {}),
  });
  const error = evaluationError(evaluation);
  if (error) emit({ type: 'error', error });
}

function toFailure(error: unknown): EvaluationResult {
  const { code, text } = reportError(error, 'COMPUTE_FAILED');
  return failedResult({ code, value: text, text });
}

function notAssigned(process: string, message: string): ActorError {
  return new ActorError('MESSAGE_NOT_FOUND', `process ${process} was never given ${message}`, {
    hint: 'Ask for the id of a message that was sent or assigned to this process.',
    details: { process, message },
  });
}
