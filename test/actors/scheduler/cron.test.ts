import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CronMessage,
  compareCronNames,
  countDue,
  dueMessages,
  type Moment,
  nextDue,
  parseCrons,
} from '../../../actors/scheduler/cron.js';

const interval = (value: string) => ({ name: 'Cron-Interval', value });
const origin: Moment = { timestampMs: 1_000_500, blockHeight: 10 };

/** Blocks 11, 12, ... at these times. */
const blocksAt = (times: readonly number[]) => (height: number) => times[height - 11] ?? 0;

function names(messages: Iterable<CronMessage>): string[] {
  return [...messages].map(({ name, timestampMs, blockHeight }) => {
    return `${name} @${timestampMs} ^${blockHeight}`;
  });
}

describe('Cron-Interval tags', () => {
  test('carry the Cron-Tags that follow them', () => {
    const crons = parseCrons([
      interval('5-blocks'),
      { name: 'Cron-Tag-Action', value: 'Block' },
      interval('10-minutes'),
      { name: 'Cron-Tag-Action', value: 'Cron' },
      { name: 'Cron-Tag-X', value: 'y' },
      { name: 'Name', value: 'other' },
    ]);
    expect(crons).toEqual([
      {
        name: '10-minutes',
        index: 0,
        kind: 'time',
        every: 600_000,
        tags: [
          { name: 'Action', value: 'Cron' },
          { name: 'X', value: 'y' },
        ],
      },
      {
        name: '5-blocks',
        index: 0,
        kind: 'block',
        every: 5,
        tags: [{ name: 'Action', value: 'Block' }],
      },
    ]);
  });

  test('are in the order in which they fall due together: the shortest first', () => {
    const crons = parseCrons(['1-hour', '2-blocks', '10-seconds', '1-block'].map(interval));
    expect(crons.map(({ index, name }) => `${index}-${name}`)).toEqual([
      '0-10-seconds',
      '1-1-hour',
      '0-2-blocks',
      '1-1-block',
    ]);
  });

  test('come before their Cron-Tags', () => {
    expect(() => parseCrons([{ name: 'Cron-Tag-Action', value: 'Cron' }])).toThrow(
      expect.objectContaining({ code: 'INVALID_CRON', details: { tag: 'Cron-Tag-Action' } }),
    );
  });

  test.each([
    ['1-second', 1_000],
    ['1500-milliseconds', 1_000],
    ['2-Hours', 7_200_000],
    ['1-day', 86_400_000],
    ['1-week', 604_800_000],
    ['1-month', 2_592_000_000],
    ['1-year', 31_557_600_000],
  ])('%s is %i ms', (text, every) => {
    expect(parseCrons([interval(text)])[0]).toMatchObject({ kind: 'time', every });
  });

  test.each([
    '',
    '10',
    'minute',
    '0-seconds',
    '999-milliseconds',
    '-1-minute',
    '1.5-hours',
    '3-moons',
    '0-blocks',
  ])('"%s" is refused', (text) => {
    expect(() => parseCrons([interval(text)])).toThrow(
      expect.objectContaining({ code: 'INVALID_CRON' }),
    );
  });
});

describe('cron messages', () => {
  const crons = parseCrons([interval('1-block'), interval('2-seconds'), interval('3-seconds')]);

  test('fall due by time and by block, in the order of time', () => {
    const to = { timestampMs: 1_006_400, blockHeight: 12 };
    const due = dueMessages(crons, origin, origin, to, blocksAt([1_002_500, 1_006_000]));
    expect(names(due)).toEqual([
      '0-2-seconds @1002000 ^10',
      '0-1-block#11 @1002500 ^11',
      '1-3-seconds @1003000 ^11',
      '0-2-seconds @1004000 ^11',
      '0-2-seconds @1006000 ^11',
      '1-3-seconds @1006000 ^11',
      '0-1-block#12 @1006000 ^12',
    ]);
  });

  test('are the same however often somebody looks in between', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9_000 }), { maxLength: 6 }),
        fc.array(fc.integer({ min: 0, max: 9_000 }), { maxLength: 6 }),
        (mined, looks) => {
          const times = mined.sort((a, b) => a - b).map((ms) => origin.timestampMs + ms);
          const at = (timestampMs: number): Moment => ({
            timestampMs,
            blockHeight: 10 + times.filter((time) => time <= timestampMs).length,
          });
          const end = at(origin.timestampMs + 9_000);
          const whole = names(dueMessages(crons, origin, origin, end, blocksAt(times)));
          const stops = looks.sort((a, b) => a - b).map((ms) => at(origin.timestampMs + ms));
          let from = origin;
          const parts = [...stops, end].flatMap((to) => {
            const part = names(dueMessages(crons, origin, from, to, blocksAt(times)));
            from = to;
            return part;
          });
          expect(parts).toEqual(whole);
        },
      ),
    );
  });

  test('can be counted and foreseen without making them', () => {
    const ms = origin.timestampMs;
    expect(countDue(crons, ms, ms, ms + 6_000)).toBe(5);
    expect(countDue(crons, ms, ms + 2_000, ms + 6_000)).toBe(4);
    expect(nextDue(crons, ms, ms)).toBe(1_002_000);
    expect(nextDue(crons, ms, 1_002_000)).toBe(1_003_000);
    expect(nextDue(parseCrons([interval('1-block')]), ms, ms)).toBeUndefined();
  });

  test('of one moment have an order', () => {
    const order = ['10-1-block#12', '0-1-second', '2-5-seconds', '3-1-block#9'].sort(
      compareCronNames,
    );
    expect(order).toEqual(['0-1-second', '2-5-seconds', '3-1-block#9', '10-1-block#12']);
  });
});
