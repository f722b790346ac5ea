import { expect, test } from 'vitest';
import { parseDuration, parseMoment } from '../../../kit/time/durations.js';

test.each([
  [0, 0],
  [1500, 1500],
  ['250ms', 250],
  ['90s', 90_000],
  ['5m', 300_000],
  ['1.5h', 5_400_000],
  ['1.1s', 1_100],
  ['2d', 172_800_000],
  ['1w', 604_800_000],
  ['1h30m', 5_400_000],
  ['1h 30m', 5_400_000],
  [' 10s ', 10_000],
])('%j takes %i ms', (duration, ms) => {
  expect(parseDuration(duration)).toBe(ms);
});

test.each([
  '',
  '5',
  'h',
  '1 hour',
  '-1h',
  '1y',
  '5-minutes',
  '1h and',
  1.5,
  -1,
  Number.NaN,
  null,
  {},
  '0.5ms',
])('%j is no duration', (duration) => {
  expect(() => parseDuration(duration as string)).toThrow(
    expect.objectContaining({ code: 'BAD_DURATION' }),
  );
});

test.each([
  [0, 0],
  ['1970-01-02', 86_400_000],
  ['2025-01-01T00:00:00Z', 1_735_689_600_000],
  ['2025-01-01T00:00', 1_735_689_600_000],
  ['2025-01-01T01:00:00.5+01:00', 1_735_689_600_500],
  ['2024-02-29', 1_709_164_800_000],
  [8_640_000_000_000_000, 8_640_000_000_000_000],
  [new Date(5), 5],
])('%j is %i', (moment, ms) => {
  expect(parseMoment(moment)).toBe(ms);
});

test.each([
  '',
  'tomorrow',
  '2025',
  '2025-13-01',
  '2025-02-30',
  '2025-02-29T12:00:00Z',
  '2025-04-31T00:00+02:00',
  '2025-01-00',
  '1h',
  -1,
  1.5,
  9e15,
  8_640_000_000_000_001,
  new Date('x'),
  null,
  {},
])('%j is no moment', (moment) => {
  expect(() => parseMoment(moment as string)).toThrow(
    expect.objectContaining({ code: 'BAD_MOMENT' }),
  );
});
