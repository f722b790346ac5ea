import { describe, expect, test } from 'vitest';
import {
  alignColumns,
  formatAmount,
  formatBytes,
  formatCount,
  formatWar,
  parseAmount,
  shortId,
  truncate,
  wrapLine,
  wrapWords,
} from '../../cli/format.js';

describe('amounts', () => {
  test.each([
    [1_000_000_000n, '0.001000000000 wAR'],
    [999_999_973n, '0.000999999973 wAR'],
    [0n, '0.000000000000 wAR'],
    [1n, '0.000000000001 wAR'],
    [12_345_678_901_234_567_890_123n, '12345678901.234567890123 wAR'],
    [-27n, '-0.000000000027 wAR'],
  ])('%d winston have 12 decimals', (winston, text) => {
    expect(formatWar(winston)).toBe(text);
  });

  test.each([
    [1_000_000_000n, '0.001 wAR'],
    [10n ** 15n, '1000 wAR'],
    [0n, '0 wAR'],
  ])('%d winston lose the zeros that say nothing', (winston, text) => {
    expect(formatAmount(winston, 'wAR')).toBe(text);
  });

  test.each([
    ['0.001', 1_000_000_000n],
    ['1', 10n ** 12n],
    ['0.000000000001', 1n],
    ['9007199254740993', 9_007_199_254_740_993n * 10n ** 12n],
  ])('%s is read without a float', (text, winston) => {
    expect(parseAmount(text)).toBe(winston);
  });

  test.each(['', '0', '0.0', '-1', '1e3', '.5', '1.', '0.0000000000001', 'ten', '1,5'])(
    '"%s" is no amount',
    (text) => {
      expect(parseAmount(text)).toBeUndefined();
    },
  );
});

test('counts and sizes read well', () => {
  expect(formatCount(7_712_345)).toBe('7,712,345');
  expect(formatCount(999)).toBe('999');
  expect(formatBytes(6_920_000)).toBe('6.9 MB');
  expect(formatBytes(61_000)).toBe('61.0 kB');
  expect(shortId('xU9zFkq3X2ZQ6olwNVvr1vUWIjc3kXTWr7xKQD6dh10')).toBe('xU9...h10');
});

test('columns are as wide as their widest cell, the last one is not padded', () => {
  expect(
    alignColumns([
      ['alice', '1 AR'],
      ['bo', '20 AR'],
    ]),
  ).toEqual(['alice  1 AR', 'bo     20 AR']);
});

test('a long line is cut by characters, not bytes', () => {
  expect(truncate('abcdef', 4)).toBe('abc…');
  expect(truncate('🦙🦙🦙', 3)).toBe('🦙🦙🦙');
});

test('a long line is broken at its bars or words, colours not counted, with a hanging indent', () => {
  expect(wrapLine('  [1] Requested: 26 | Fee: 1.00x | Client: uOHtsc', 30)).toEqual([
    '  [1] Requested: 26',
    '      Fee: 1.00x',
    '      Client: uOHtsc',
  ]);
  expect(wrapLine(' one two three', 8)).toEqual([' one two', '     three']);
  expect(wrapLine('\x1b[31mone\x1b[0m two', 7)).toEqual(['\x1b[31mone\x1b[0m two']);
});

test('a paragraph is broken between words', () => {
  expect(wrapWords('one two three four', 9)).toEqual(['one two', 'three', 'four']);
  expect(wrapWords('unbreakable', 4)).toEqual(['unbreakable']);
});
