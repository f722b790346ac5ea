/**
 * The C library's calendar, as far as Lua's os.date and os.time use it: struct tm in linear memory,
 * always UTC, always the "C" locale. Nothing here asks the machine what time it is.
 * Source: emscripten's struct tm (nine i32, then tm_gmtoff, tm_zone); C99 7.23.3.5 (strftime).
 */

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August'],
  ...['September', 'October', 'November', 'December'],
];
const DAY_MS = 86_400_000;
/** The times that a JavaScript Date can hold, in seconds to either side of 1970. */
const SECONDS_MAX = 8_640_000_000_000n;

/** Fields of struct tm, in order, each an i32. */
interface BrokenTime {
  readonly second: number;
  readonly minute: number;
  readonly hour: number;
  readonly day: number; // 1..31
  readonly month: number; // 0..11
  readonly year: number; // full, not since 1900
  readonly weekday: number; // 0 = Sunday
  readonly yearday: number; // 0..365
}

function breakTime(timeMs: number): BrokenTime {
  const date = new Date(timeMs);
  const year = date.getUTCFullYear();
  return {
    second: date.getUTCSeconds(),
    minute: date.getUTCMinutes(),
    hour: date.getUTCHours(),
    day: date.getUTCDate(),
    month: date.getUTCMonth(),
    year,
    weekday: date.getUTCDay(),
    yearday: Math.floor((timeMs - Date.UTC(year, 0)) / DAY_MS),
  };
}

/**
 * Writes the struct tm at `pointer` for a time in seconds since 1970.
 *
 * @divergence times beyond the year 275760 are that year's; C goes on to 2^31 years
 */
export function writeTm(view: DataView, pointer: number, seconds: bigint): void {
  const time = breakTime(Number(clamp(seconds)) * 1000);
  const fields = [time.second, time.minute, time.hour, time.day, time.month, time.year - 1900];
  [...fields, time.weekday, time.yearday, 0, 0, 0].forEach((field, index) => {
    view.setInt32(pointer + index * 4, field, true);
  });
}

function clamp(seconds: bigint): bigint {
  if (seconds > SECONDS_MAX) return SECONDS_MAX;
  return seconds < -SECONDS_MAX ? -SECONDS_MAX : seconds;
}

/** Reads a struct tm whose fields may be out of range; @returns seconds since 1970, or -1. */
export function readTm(view: DataView, pointer: number): bigint {
  const field = (index: number) => view.getInt32(pointer + index * 4, true);
  const date = new Date(0);
  date.setUTCFullYear(field(5) + 1900, field(4), field(3));
  date.setUTCHours(field(2), field(1), field(0));
  const timeMs = date.getTime();
  return Number.isNaN(timeMs) ? -1n : BigInt(timeMs / 1000);
}

/** Formats the struct tm at `pointer` as strftime does. Unknown conversions stay as they are. */
export function formatTm(view: DataView, pointer: number, format: string): string {
  const field = (index: number) => view.getInt32(pointer + index * 4, true);
  const time: BrokenTime = {
    second: field(0),
    minute: field(1),
    hour: field(2),
    day: field(3),
    month: field(4),
    year: field(5) + 1900,
    weekday: field(6),
    yearday: field(7),
  };
  return expand(format, time);
}

function expand(format: string, time: BrokenTime): string {
  return format.replace(/%[EO]?(.)/g, (whole, letter: string) => {
    const conversion = CONVERSIONS[letter];
    return conversion === undefined ? whole : conversion(time);
  });
}

const pad = (value: number, width = 2, fill = '0') => String(value).padStart(width, fill);
const twelveHour = (time: BrokenTime) => time.hour % 12 || 12;
/** Weeks of the year, where weeks start on `firstDay` (0 Sunday, 1 Monday). */
const weekOfYear = (time: BrokenTime, firstDay: number) =>
  Math.floor((time.yearday + 7 - ((time.weekday - firstDay + 7) % 7)) / 7);

/** ISO 8601: the week belongs to the year that its Thursday is in. */
function isoWeek(time: BrokenTime): { readonly year: number; readonly week: number } {
  const thursday = Date.UTC(time.year, 0, time.yearday + 1 + 3 - ((time.weekday + 6) % 7));
  const { year, yearday } = breakTime(thursday);
  return { year, week: Math.floor(yearday / 7) + 1 };
}

const CONVERSIONS: Readonly<Record<string, (time: BrokenTime) => string>> = {
  a: (time) => (DAYS[time.weekday] ?? '?').slice(0, 3),
  A: (time) => DAYS[time.weekday] ?? '?',
  b: (time) => (MONTHS[time.month] ?? '?').slice(0, 3),
  h: (time) => (MONTHS[time.month] ?? '?').slice(0, 3),
  B: (time) => MONTHS[time.month] ?? '?',
  c: (time) => expand('%a %b %e %H:%M:%S %Y', time),
  C: (time) => pad(Math.floor(time.year / 100)),
  d: (time) => pad(time.day),
  D: (time) => expand('%m/%d/%y', time),
  e: (time) => pad(time.day, 2, ' '),
  F: (time) => expand('%Y-%m-%d', time),
  g: (time) => pad(isoWeek(time).year % 100),
  G: (time) => String(isoWeek(time).year),
  H: (time) => pad(time.hour),
  I: (time) => pad(twelveHour(time)),
  j: (time) => pad(time.yearday + 1, 3),
  m: (time) => pad(time.month + 1),
  M: (time) => pad(time.minute),
  n: () => '\n',
  p: (time) => (time.hour < 12 ? 'AM' : 'PM'),
  r: (time) => expand('%I:%M:%S %p', time),
  R: (time) => expand('%H:%M', time),
  S: (time) => pad(time.second),
  t: () => '\t',
  T: (time) => expand('%H:%M:%S', time),
  u: (time) => String(time.weekday || 7),
  U: (time) => pad(weekOfYear(time, 0)),
  V: (time) => pad(isoWeek(time).week),
  w: (time) => String(time.weekday),
  W: (time) => pad(weekOfYear(time, 1)),
  x: (time) => expand('%m/%d/%y', time),
  X: (time) => expand('%H:%M:%S', time),
  y: (time) => pad(((time.year % 100) + 100) % 100),
  Y: (time) => String(time.year),
  z: () => '+0000',
  Z: () => 'UTC',
  '%': () => '%',
};
