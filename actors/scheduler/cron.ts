/**
 * Cron: the messages that a process with `Cron-Interval` tags is given as time passes.
 *
 * They are nowhere in the log, because they follow from it: which ones are due between two moments
 * depends on the process's tags and on its own assignment alone. Pure.
 *
 * @source AO's compute unit: intervals count from the process's own timestamp or block height
 * @divergence there, which cron comes first can depend on when somebody reads; here it never does
 */
import type { Tag } from '../../arlocal/tags.js';
import { ActorError } from '../errors.js';

export interface CronSpec {
  /** The tag's value, e.g. `10-minutes`. */
  readonly name: string;
  /** Place among those of its kind at one moment: the shortest time first, blocks as they stand. */
  readonly index: number;
  readonly kind: 'time' | 'block';
  /** Milliseconds, or blocks. */
  readonly every: number;
  readonly tags: readonly Tag[];
}

export interface Moment {
  readonly timestampMs: number;
  readonly blockHeight: number;
}

export interface CronMessage extends Moment {
  /** `<index>-<interval>`, followed by `#<height>` for a block. */
  readonly name: string;
  readonly tags: readonly Tag[];
}

const SECOND = 1_000;
const DAY = 86_400 * SECOND;

/** Milliseconds of a unit, as aoconnect spells them; a month has 30 days and a year 365 1/4. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ['millisecond', 1],
  ['second', SECOND],
  ['minute', 60 * SECOND],
  ['hour', 3_600 * SECOND],
  ['day', DAY],
  ['week', 7 * DAY],
  ['month', 30 * DAY],
  ['year', 365.25 * DAY],
]);

/**
 * The intervals of a process: each `Cron-Interval` tag, with the `Cron-Tag-*` tags that follow it.
 * @throws {INVALID_CRON}
 */
export function parseCrons(tags: readonly Tag[]): CronSpec[] {
  const crons: (Omit<CronSpec, 'index'> & { tags: Tag[] })[] = [];
  for (const { name, value } of tags) {
    if (name === 'Cron-Interval') {
      crons.push({ ...parseInterval(value), tags: [] });
    } else if (name.startsWith(CRON_TAG) && name.length > CRON_TAG.length) {
      const cron = crons.at(-1);
      if (cron === undefined) throw orphanTag(name);
      cron.tags.push({ name: name.slice(CRON_TAG.length), value });
    }
  }
  const timed = crons.filter(({ kind }) => kind === 'time').sort((a, b) => a.every - b.every);
  const mined = crons.filter(({ kind }) => kind === 'block');
  return [timed, mined].flatMap((group) => group.map((cron, index) => ({ ...cron, index })));
}

const CRON_TAG = 'Cron-Tag-';

function orphanTag(name: string): ActorError {
  return new ActorError('INVALID_CRON', `the tag ${name} follows no Cron-Interval`, {
    hint: 'Write Cron-Interval first, then the tags of its message.',
    details: { tag: name },
  });
}

function parseInterval(text: string): Pick<CronSpec, 'name' | 'kind' | 'every'> {
  const match = /^(\d+)-([a-z]+?)s?$/.exec(text.toLowerCase());
  const count = Number(match?.[1]);
  const unit = match?.[2] ?? '';
  if (unit === 'block' && count >= 1) return { name: text, kind: 'block', every: count };
  const every = Math.floor((count * (UNITS.get(unit) ?? Number.NaN)) / SECOND) * SECOND;
  if (every >= SECOND) return { name: text, kind: 'time', every };
  throw new ActorError(
    'INVALID_CRON',
    `"${text}" is not an interval of at least a second or a block`,
    {
      hint: `Write Cron-Interval as N-unit, with one of: ${[...UNITS.keys(), 'block'].join(', ')}.`,
      details: { interval: text },
    },
  );
}

/** How many messages of time intervals fall after `fromMs` and up to `toMs`. */
export function countDue(
  crons: readonly CronSpec[],
  originMs: number,
  fromMs: number,
  toMs: number,
): number {
  const startMs = startOf(originMs);
  return crons
    .filter((cron) => cron.kind === 'time')
    .reduce((sum, cron) => sum + tick(cron, startMs, toMs) - tick(cron, startMs, fromMs), 0);
}

/** How many messages of block intervals fall after one height and up to another. */
export function countMined(
  crons: readonly CronSpec[],
  origin: number,
  from: number,
  to: number,
): number {
  const countAt = (height: number, every: number) => Math.floor((height - origin) / every);
  return crons
    .filter((cron) => cron.kind === 'block')
    .reduce((sum, { every }) => sum + countAt(Math.max(from, to), every) - countAt(from, every), 0);
}

/**
 * The cron messages after `from` and up to `to`, in the order of their evaluation.
 *
 * The order is that of time, whatever the steps in which it is asked for: a read in between must not
 * change what a replay of the log computes. At one moment time intervals come first, because they
 * are due as soon as the clock gets there, before any block can be mined.
 *
 * @param timeOfBlock milliseconds at which the block of a height was mined
 */
export function* dueMessages(
  crons: readonly CronSpec[],
  origin: Moment,
  from: Moment,
  to: Moment,
  timeOfBlock: (height: number) => number,
): Generator<CronMessage> {
  let { timestampMs, blockHeight } = from;
  for (;;) {
    const next = nextDue(crons, origin.timestampMs, timestampMs) ?? Number.POSITIVE_INFINITY;
    while (blockHeight < to.blockHeight && timeOfBlock(blockHeight + 1) < next) {
      blockHeight++;
      for (const cron of crons) {
        if (cron.kind !== 'block' || (blockHeight - origin.blockHeight) % cron.every !== 0)
          continue;
        yield toMessage(cron, { timestampMs: timeOfBlock(blockHeight), blockHeight });
      }
    }
    if (next > to.timestampMs) return;
    timestampMs = next;
    for (const cron of crons) {
      if (cron.kind !== 'time') continue;
      if ((timestampMs - startOf(origin.timestampMs)) % cron.every !== 0) continue;
      yield toMessage(cron, { timestampMs, blockHeight });
    }
  }
}

/** Order of two cron names at one moment: time intervals, then blocks by height, then by index. */
export function compareCronNames(a: string, b: string): number {
  const [, indexA, heightA] = /^(\d+)[^#]*#?(\d*)/.exec(a) ?? [];
  const [, indexB, heightB] = /^(\d+)[^#]*#?(\d*)/.exec(b) ?? [];
  return Number(heightA) - Number(heightB) || Number(indexA) - Number(indexB);
}

/** The first moment after `now` at which a time interval falls due; undefined without any. */
export function nextDue(
  crons: readonly CronSpec[],
  originMs: number,
  nowMs: number,
): number | undefined {
  const times = crons.filter((cron) => cron.kind === 'time');
  if (times.length === 0) return undefined;
  return Math.min(...times.map((cron) => nextTick(cron, originMs, nowMs)));
}

function nextTick(cron: CronSpec, originMs: number, nowMs: number): number {
  const startMs = startOf(originMs);
  return startMs + (tick(cron, startMs, nowMs) + 1) * cron.every;
}

function tick(cron: CronSpec, start: number, now: number): number {
  return Math.max(0, Math.floor((now - start) / cron.every));
}

/** Time intervals count in whole seconds. */
function startOf(originMs: number): number {
  return Math.floor(originMs / SECOND) * SECOND;
}

/** What the ids of an interval's messages begin with: no other of its process has the same. */
export function cronName({ index, name }: CronSpec): string {
  return `${index}-${name}`;
}

function toMessage(cron: CronSpec, moment: Moment): CronMessage {
  const name = cronName(cron);
  const { tags, kind } = cron;
  return { ...moment, name: kind === 'time' ? name : `${name}#${moment.blockHeight}`, tags };
}
