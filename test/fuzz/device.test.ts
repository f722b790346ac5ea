/**
 * Calls of a device with everything that a program can make: what arrives at the host is plain data,
 * and what the host answers arrives whole.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Device } from '../../actors/lua/device.js';
import type { LuaValue } from '../../actors/lua/values.js';
import { runner } from '../actors/lua/programs.js';

const CALLS = Math.ceil(Number(process.env.CORRAL_FUZZ ?? 10_000) / 10);

const atom = fc.constantFrom(
  ...['nil', 'true', '0', '-1', '1.5', '0/0', '1/0', 'math.maxinteger', 'math.mininteger'],
  ...["''", "'x'", "'\\0\\255'", "('x'):rep(70000)", 'print', 'coroutine.create(print)', '_G'],
  ...['setmetatable({}, { __index = error, __len = error, __pairs = error })', 'string'],
  ...['(function() local t = {} for i = 30, 0, -1 do t[1 << i] = 1 end return t end)()'],
  ...['(function() local t = {} for i = 1, 80 do t = { t } end return t end)()'],
  ...['(function() local t = {} t.t = t return t end)()'],
);
const key = fc.constantFrom('a', '__proto__', 'constructor', 'toString', 'then', 'length', '');
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    atom,
    fc.array(tie('value'), { maxLength: 4 }).map((items) => `{ ${items.join(', ')} }`),
    fc
      .array(fc.tuple(key, tie('value')), { maxLength: 3 })
      .map((pairs) => `{ ${pairs.map(([name, it]) => `['${name}'] = ${it}`).join(', ')} }`),
  ),
}));

test(`${CALLS} calls with odd arguments`, () => {
  const seen: LuaValue[][] = [];
  const device: Device = {
    name: 'device',
    functions: {
      echo: (...args) => {
        seen.push(args);
        return args[0];
      },
    },
    save: () => new Uint8Array(),
    restore: () => undefined,
  };
  const { run } = runner({ devices: [device] });
  fc.assert(
    fc.property(fc.array(value, { maxLength: 4 }), (args) => {
      const answer = run(`return pcall(require('device').echo, ${['1', ...args].join(', ')})`);
      expect(answer).toMatch(/^(true|false)$|^error: /);
      for (const it of seen.splice(0).flat()) expect(isPlain(it)).toBe(true);
    }),
    { numRuns: CALLS, seed: 1 },
  );
  expect(({} as { a?: unknown }).a).toBeUndefined();
  expect(run('return 1 + 1')).toBe('2');
});

/** Nothing in it can be called, and it has no prototype of the host's. */
function isPlain(it: LuaValue): boolean {
  if (typeof it === 'function' || typeof it === 'symbol') return false;
  if (typeof it !== 'object' || it === null || it instanceof Uint8Array) return true;
  if (Array.isArray(it)) return it.every(isPlain);
  return Object.getPrototypeOf(it) === null && Object.values(it).every(isPlain);
}
