/** The kernel's JSON against JavaScript's, on values and on broken texts. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createTestProcess } from './console.js';

const process = createTestProcess();
process.evaluate(`
  local json = require('json')
  Handlers.add('Echo', 'Echo', function(m) m.reply({ Data = json.encode(json.decode(m.Data)) }) end)
  Handlers.add('Check', 'Check', function(m) m.reply({ Data = tostring((pcall(json.decode, m.Data))) }) end)`);

const answer = (action: string, text: string): string => {
  const { response } = process.send({ Action: action }, text);
  expect(response.Error).toBeUndefined();
  return String(response.Messages?.[0]?.Data);
};

// What Lua tables can hold: no null, no empty object (it is an empty array), short numbers.
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'binary' }),
    fc.integer({ min: -1e13, max: 1e13 }),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.string(), tie('value'), { minKeys: 1, maxKeys: 5 }),
  ),
}));

it('gives back any value, written compactly or with spaces', () => {
  fc.assert(
    fc.property(values.value, fc.constantFrom(0, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(JSON.parse(answer('Echo', text))).toEqual(JSON.parse(text));
    }),
    { numRuns: 300, seed: 1 },
  );
});

it('refuses what JavaScript refuses, but for one trailing comma and loose numbers', () => {
  fc.assert(
    fc.property(values.value, fc.nat(), (value, at) => {
      const text = JSON.stringify(value);
      const cut = text.slice(0, at % text.length);
      if (isJson(cut) || /^-?\d*$/.test(cut)) return;
      expect(answer('Check', cut), cut).toBe('false');
    }),
    { numRuns: 300, seed: 2 },
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
