/**
 * How far a process is brought in one go: crons fall due while nobody asks, and whoever asks at last
 * must not wait for days of them.
 */
import type { Gateway } from '../arlocal/gateway.js';
import type { Progress } from './compute/progress.js';
import { ActorError } from './errors.js';
import type { Log, LogEntry } from './ports.js';
import { type CronSpec, countDue, countMined, dueMessages, type Moment } from './scheduler/cron.js';

export interface CatchingUp {
  readonly gateway: Gateway;
  readonly log: Log<LogEntry>;
  /** Most crons that are evaluated because somebody asks. @default all */
  readonly cronBacklog?: number;
}

/**
 * Sets how far a process is to go: to a moment, or as far as the backlog of crons allows.
 * @returns what to tell who asked once it is there, if that is not as far as was asked for
 */
export function setGoal(
  { gateway, log, cronBacklog: max = Number.POSITIVE_INFINITY }: CatchingUp,
  progress: Progress,
  until: Moment,
): ActorError | undefined {
  const { record, moment } = progress;
  const origin = log.at(record.id, 0);
  const due = moment && origin ? countAll(record.crons, origin, moment, until) : 0;
  if (!moment || !origin || due <= max) {
    progress.goal = Math.max(progress.goal, log.next(record.id) - 1);
    progress.cronGoal = until;
    return undefined;
  }
  const timeOfBlock = (height: number) => gateway.block(height)?.timestampMs ?? until.timestampMs;
  let reach = moment;
  let count = 0;
  for (const cron of dueMessages(record.crons, origin, moment, until, timeOfBlock)) {
    if (++count > max) break;
    reach = cron;
  }
  // Messages up to there are between those crons, the others after them.
  for (let next = log.at(record.id, progress.goal + 1); next && isBefore(next, reach); ) {
    progress.goal++;
    next = log.at(record.id, progress.goal + 1);
  }
  progress.cronGoal = { timestampMs: reach.timestampMs, blockHeight: reach.blockHeight };
  return backlogTooLong(record.id, due, max);
}

function countAll(crons: readonly CronSpec[], origin: Moment, from: Moment, to: Moment): number {
  return (
    countDue(
      crons,
      origin.timestampMs,
      from.timestampMs,
      Math.max(from.timestampMs, to.timestampMs),
    ) + countMined(crons, origin.blockHeight, from.blockHeight, to.blockHeight)
  );
}

function isBefore(a: Moment, b: Moment): boolean {
  return a.timestampMs <= b.timestampMs && a.blockHeight <= b.blockHeight;
}

function backlogTooLong(process: string, due: number, limit: number): ActorError {
  const text = `${due} cron messages of ${process} are due, and ${limit} were evaluated`;
  return new ActorError('CRON_BACKLOG', text, {
    hint: 'Ask again to go on, or raise limits.cronBacklog.',
    details: { process, limit, got: due },
  });
}
