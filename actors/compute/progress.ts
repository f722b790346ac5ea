/**
 * How far a process has come, and what it is to be given next: the assignments of its log, with its
 * crons between them.
 */
import type { Gateway } from '../../arlocal/gateway.js';
import { invariant } from '../errors.js';
import { tagValue } from '../items/protocol.js';
import { storedItem } from '../items/stored-item.js';
import type { Log, LogEntry } from '../ports.js';
import { type CronMessage, dueMessages, type Moment } from '../scheduler/cron.js';
import type { ProcessRecord } from '../scheduler/process-record.js';
import type { Ordinate } from './cursors.js';
import type { Evaluation } from './evaluation.js';
import { cronJson, messageJson } from './message-json.js';
import type { Residence } from './waking.js';

export type OnEvaluation = (evaluation: Evaluation) => void;

/** A message or a cron on its way into a process. */
export interface Input {
  readonly at: Ordinate & Moment;
  readonly message?: string;
  readonly action: string | undefined;
  readonly json: string;
}

/** How far a process has come. */
export interface Progress {
  readonly record: ProcessRecord;
  residence?: Residence;
  nextNonce: number;
  /** Highest nonce that somebody waits for. */
  goal: number;
  /** Moment up to which somebody wants the crons. */
  cronGoal: Moment | undefined;
  moment: Moment | undefined;
  /** Crons after `moment` that were evaluated before this progress began. */
  cronsDone: number;
  inputs: Generator<Input> | undefined;
  /** Set while the process wakes up. */
  waking: Promise<void> | undefined;
  /** What has been evaluated since the last checkpoint. */
  readonly unsaved: { evaluations: number; gas: number };
  busy: boolean;
  /** True once the process has lost its memory: another progress has taken its place. */
  lost: boolean;
  readonly onEvaluation: Map<number, OnEvaluation[]>;
  /** Told when nothing is outstanding, or what keeps the process from going on. */
  onIdle: ((failure?: unknown) => void)[];
}

export function startProgress(record: ProcessRecord): Progress {
  return {
    record,
    nextNonce: 0,
    goal: -1,
    cronGoal: undefined,
    moment: undefined,
    cronsDone: 0,
    inputs: undefined,
    waking: undefined,
    unsaved: { evaluations: 0, gas: 0 },
    busy: false,
    lost: false,
    onEvaluation: new Map(),
    onIdle: [],
  };
}

/**
 * The progress of a process that was given the first `count` of its evaluations before. Crons that
 * fall due at one moment may have been cut in the middle: then they are counted again from the moment
 * before, and the first of them are left out.
 */
export function resumeProgress(
  record: ProcessRecord,
  results: Log<Evaluation>,
  count: number,
): Progress {
  const progress = startProgress(record);
  const last = results.at(record.id, count - 1);
  if (!last) return progress;
  let before: Evaluation | undefined = last;
  while (before?.cron !== undefined && isSameMoment(before, last)) {
    progress.cronsDone++;
    before = results.at(record.id, count - 1 - progress.cronsDone);
  }
  invariant(before, 'the first evaluation of a process is that of its Process item');
  const { timestampMs, blockHeight } = before;
  return Object.assign(progress, {
    nextNonce: last.nonce + 1,
    goal: last.nonce,
    moment: { timestampMs, blockHeight },
  });
}

function isSameMoment(a: Moment, b: Moment): boolean {
  return a.timestampMs === b.timestampMs && a.blockHeight === b.blockHeight;
}

/** What a process is to be given next, in order; goals may be raised while this is read. */
export function* outstanding(
  progress: Progress,
  log: Log<LogEntry>,
  gateway: Gateway,
  messenger: string,
): Generator<Input> {
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
    yield messageInput(record, entry, gateway, messenger);
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
    if (progress.cronsDone > 0) progress.cronsDone--;
    else yield cronInput(record, cron, nextNonce - 1);
  }
  progress.moment = {
    timestampMs: Math.max(from.timestampMs, to.timestampMs),
    blockHeight: Math.max(from.blockHeight, to.blockHeight),
  };
}

function messageInput(
  record: ProcessRecord,
  entry: LogEntry,
  gateway: Gateway,
  messenger: string,
): Input {
  const item = entry.nonce === 0 ? record.item : storedItem(gateway, entry.messageId);
  invariant(item, 'what is in a log is on the gateway');
  return {
    at: { nonce: entry.nonce, timestampMs: entry.timestampMs, blockHeight: entry.blockHeight },
    message: entry.messageId,
    action: tagValue(item.tags, 'Action'),
    json: messageJson(record, entry, item, messenger),
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
