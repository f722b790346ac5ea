/**
 * Durations and moments as people write them: `'90s'`, `'1h30m'`, `'2025-06-01'`. Everything comes out in
 * whole milliseconds, because AO's timestamps count those.
 */
import { KitError, show } from '../errors.js';

/** Milliseconds, or text such as `'250ms'`, `'90s'`, `'5m'`, `'1.5h'`, `'2d'`, `'1w'`, `'1h30m'`. */
export type Duration = number | string;

/** Milliseconds since 1970, a date in ISO 8601 such as `'2025-06-01'` (UTC), or a `Date`. */
export type Moment = number | string | Date;

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g;
const WHOLE = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d|w)\s*)+$/;
const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;

/** The last moment that a `Date` holds. */
export const LATEST_MS = 8_640_000_000_000_000;

/** @throws {BAD_DURATION} */
export function parseDuration(duration: Duration): number {
  const ms = typeof duration === 'string' ? readText(duration.trim()) : duration;
  if (Number.isSafeInteger(ms) && ms >= 0) return ms;
  throw new KitError('BAD_DURATION', `${show(duration)} is no duration`, {
    hint: 'Give whole milliseconds from 0, or text of numbers and units: 250ms, 90s, 5m, 1.5h, 2d, 1w, 1h30m.',
    details: { duration },
  });
}

/** @throws {BAD_MOMENT} */
export function parseMoment(moment: Moment): number {
  const ms = readMoment(moment);
  if (Number.isSafeInteger(ms) && ms >= 0 && ms <= LATEST_MS) return ms;
  throw new KitError('BAD_MOMENT', `${show(moment)} is no moment`, {
    hint: 'Give milliseconds since 1970 (up to 8.64e15), a Date, or ISO 8601 text such as 2025-06-01T12:00:00Z.',
    details: { moment },
  });
}

function readText(text: string): number {
  if (!WHOLE.test(text)) return Number.NaN;
  const parts = [...text.matchAll(PART)];
  const ms = parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNIT_MS[unit ?? ''] ?? 0),
    0,
  );
  return Math.round(ms * 1000) % 1000 === 0 ? Math.round(ms) : ms; // 1.1 s is 1100.0000000000002 ms
}

function readMoment(moment: Moment): number {
  if (typeof moment === 'number') return moment;
  if (moment instanceof Date) return moment.getTime();
  if (typeof moment !== 'string' || !ISO.test(moment)) return Number.NaN;
  if (!isDay(moment.slice(0, 10))) return Number.NaN;
  // Without a zone a time of day would depend on this machine.
  const isLocal = moment.includes('T') && !/(Z|[+-]\d\d:\d\d)$/.test(moment);
  return Date.parse(isLocal ? `${moment}Z` : moment);
}

/** `Date` takes 2025-02-30 for the second of March. */
function isDay(text: string): boolean {
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}
