/** Every instruction that computes a value, in the arbiter's Lua and in V8. */
import { describe, expect, it } from 'vitest';
import type { Opcode } from '../../opml/machine/opcodes.js';
import { DIALECTS, toHex } from './arbiter-machine-lua.js';
import { type Case, casesFor } from './arbiter-machine-operands.js';
import { compileOpcode, pureOpcodes, SLOT } from './arbiter-machine-v8.js';

const CASES = 250;

interface Subject {
  readonly opcode: Opcode;
  readonly cases: readonly Case[];
  readonly expected: readonly string[];
}

const SUBJECTS: readonly Subject[] = pureOpcodes().map((opcode) => {
  const cases = casesFor(opcode, CASES);
  const compiled = new Map<string, ReturnType<typeof compileOpcode>>();
  const expected = cases.map(({ slots, immediate }) => {
    const key = toHex(immediate);
    const run = compiled.get(key) ?? compileOpcode(opcode, immediate);
    compiled.set(key, run);
    const result = run(slots);
    return typeof result === 'number' ? `trap ${result}` : toHex(result);
  });
  return { opcode, cases, expected };
});

function question({ opcode, cases }: Subject): string {
  const records = cases.map(({ slots, immediate }) => toHex(slots) + toHex(immediate)).join('');
  return `compute(${opcode.op}, '${records}')`;
}

it('knows every instruction by one number and one name', () => {
  const names = new Set(SUBJECTS.map(({ opcode }) => opcode.name));
  expect(names.size).toBe(SUBJECTS.length);
  expect(SUBJECTS.length).toBeGreaterThan(180);
});

describe.each(DIALECTS)('on $name', ({ ask }) => {
  const answers = ask?.(SUBJECTS.map(question));
  const rows = SUBJECTS.map((subject, i) => [subject.opcode.name, subject, i] as const);

  it.skipIf(answers === undefined).each(rows)('%s', (_name, { cases, expected }, i) => {
    const results = (answers?.[i] ?? '').split(' ');
    expect(results.length).toBe(cases.length);
    const wrong = cases.flatMap(({ slots, immediate }, k) => {
      const result = (results[k] ?? '').replace('trap', 'trap ');
      if (result === expected[k]) return [];
      const operands = [0, 1, 2].map((n) => toHex(slots.subarray(SLOT * n, SLOT * (n + 1))));
      return [{ operands, immediate: toHex(immediate), result, expected: expected[k] }];
    });
    expect(wrong).toEqual([]);
  });
});
