import { expect, test } from 'vitest';
import { weightOf } from '../../actors/json-weight.js';

test.each([
  ['text', 'x'.repeat(10_000)],
  ['a list of numbers', Array.from({ length: 1000 }, (_, i) => 1_000_000 + i)],
  ['an object', { Output: { data: 'y'.repeat(5_000) }, Messages: [{ Data: 'z'.repeat(5_000) }] }],
])('weighs %s about as much as its JSON', (_, value) => {
  const { length } = JSON.stringify(value);
  expect(weightOf(value)).toBeGreaterThan(length / 2);
  expect(weightOf(value)).toBeLessThan(length * 2);
});

test('weighs nothing at all as something', () => {
  for (const value of [undefined, null, '', 0, false, [], {}]) {
    expect(weightOf(value)).toBeGreaterThan(0);
  }
});
