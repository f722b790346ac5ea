import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readReply } from '../../actors/compute/result.js';
import { depthOf } from '../../actors/json-depth.js';

function measure(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(measure));
}

test('the depth of JSON is that of its value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      expect(depthOf(JSON.stringify(value))).toBe(measure(value));
    }),
  );
});

test.each([
  ['', 0],
  ['"[[["', 0],
  ['["\\"[[["]', 1],
  ['["\\\\",[]]', 2],
  ['{"[":{"]":[1]}}', 3],
  ['"not closed [', 0],
  ['[[[', 3],
])('%s is %i deep', (json, depth) => {
  expect(depthOf(json)).toBe(depth);
});

test('a result that is nested too deep is an error, with the bound and the value', () => {
  const nest = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  const reply = (depth: number) => readReply(`{"ok":true,"response":{"Output":${nest(depth)}}}`);
  expect(reply(498)).not.toHaveProperty('error');
  expect(reply(100_000).error).toMatchObject({
    code: 'RESULT_TOO_DEEP',
    limit: 500,
    got: 100_002,
  });
});
