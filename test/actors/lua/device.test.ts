import { describe, expect, test } from 'vitest';
import { type Device, type DeviceFunction, results } from '../../../actors/lua/device.js';
import { createMachine } from '../../../actors/lua/machine.js';
import type { LuaValue } from '../../../actors/lua/values.js';
import { imageOf, RUNNER, runner } from './programs.js';

function deviceOf(functions: Record<string, DeviceFunction>, lua?: string): Device {
  const stateless = { save: () => new Uint8Array(), restore: () => undefined };
  return { name: 'device', functions, ...stateless, ...(lua === undefined ? {} : { lua }) };
}

/** A device that counts, with a state of its own. */
function counter(): Device {
  let count = 0;
  return {
    name: 'counter',
    functions: {
      next: () => {
        count += 1;
        return count;
      },
    },
    save: () => Uint8Array.of(count),
    restore: (state) => {
      count = state[0] ?? 0;
    },
  };
}

describe('values', () => {
  test.each<[string, LuaValue]>([
    ['nil', undefined],
    ['true', true],
    ['false', false],
    ['42', 42],
    ['-0.5', -0.5],
    ['1e300', 1e300],
    ['math.mininteger', -(2n ** 63n)],
    ['9007199254740993', 9007199254740993n],
    ['"żółw 🐢"', 'żółw 🐢'],
    ['"a\\0b"', 'a\0b'],
    ['"\\xff\\0"', Uint8Array.of(255, 0)],
    ['{}', []],
    ['{1, {2}, "x"}', [1, [2], 'x']],
    ['{1, nil, 3}', [1, undefined, 3]],
    ['{a = {b = {c = 1}}, d = {1}}', { a: { b: { c: 1 } }, d: [1] }],
  ])('%s goes to the host and comes back', (source, value) => {
    const seen: LuaValue[] = [];
    const device = deviceOf({
      echo: (...args) => {
        seen.push(...args);
        return args[0];
      },
    });
    const { run } = runner({ devices: [device] });
    run(`require("device").echo(require("device").echo(${source}))`);
    expect(seen).toEqual([value, value]);
  });

  test.each([
    ['print', 'a function'],
    ['coroutine.create(print)', 'cannot pass'],
    ['{1, 2, a = 1}', 'list items and other keys'],
    ['{1, 2, [1.5] = 1}', 'list items and other keys'],
    ['{[true] = 1}', 'odd keys'],
    ['(function() local t = {} for i = 40, 0, -1 do t[1 << i] = i end return t end)()', 'holes'],
    ['(function() local t = {} t.t = t return t end)()', 'a cycle'],
  ])('%s cannot cross', (source, text) => {
    const { run } = runner({ devices: [deviceOf({ take: () => undefined })] });
    const answer = run(`require("device").take(${source})`);
    expect(answer).toMatch(/^error: message:1: /);
    expect(answer).toContain(text);
  });

  test('come in any number', () => {
    const device = deviceOf({
      none: () => results(),
      many: (...args) => results(...args, ...args),
    });
    const { run } = runner({ devices: [device] });
    expect(run('return select("#", require("device").none())')).toBe('0');
    expect(run('return table.concat({require("device").many(1, 2, 3)}, ",")')).toBe('1,2,3,1,2,3');
    expect(run('return select("#", require("device").many(table.unpack({}, 1, 200)))')).toBe('400');
    expect(run('return require("device").many(table.unpack({}, 1, 100000))')).toContain(
      '100000 arguments cannot pass to the host',
    );
  });
});

describe('an error of the host', () => {
  const fail = deviceOf({
    fail: () => {
      throw new Error('no such model');
    },
  });

  test('is a Lua error with its message and the place of the call', () => {
    const { run } = runner({ devices: [fail] });
    expect(run('\n\nrequire("device").fail()')).toBe('error: message:3: no such model');
    expect(run('return select(2, pcall(require("device").fail))')).toBe('no such model');
  });

  test('leaves the machine whole, also in a coroutine', () => {
    const { run } = runner({ devices: [fail] });
    const source = 'local c = coroutine.create(require("device").fail) return coroutine.resume(c)';
    expect(run(source)).toBe('false');
    expect(run('return 1')).toBe('1');
  });
});

describe('a device', () => {
  test('may come with Lua of its own', () => {
    const lua = 'local host = ... return { twice = function(x) return host.same(x) * 2 end }';
    const { run } = runner({ devices: [deviceOf({ same: (x) => x }, lua)] });
    expect(run('return require("device").twice(21)')).toBe('42');
    expect(run('return require("device").same')).toBe('nil');
  });

  test('has a state that belongs to the checkpoint', () => {
    const { machine, run } = runner({ devices: [counter()] });
    run('n = require("counter").next');
    const before = machine.checkpoint();
    expect(run('return n() + n()')).toBe('3');
    machine.restore(before);
    expect(run('return n()')).toBe('1');
    machine.restore();
    expect(run('return require("counter").next()')).toBe('1');
  });

  test('belongs to one machine, also when both share an image', () => {
    const image = imageOf(RUNNER, [counter()]);
    const [a, b] = [counter(), counter()].map((d) => createMachine(image, { devices: [d] }));
    a?.evaluate('require("counter").next()', '');
    expect(a?.evaluate('return require("counter").next()', '')).toBe('2');
    expect(b?.evaluate('return require("counter").next()', '')).toBe('1');
  });

  test('must be the one of the image', () => {
    const image = imageOf(RUNNER, [counter()]);
    const others = [[], [deviceOf({})], [counter(), counter()]];
    for (const devices of others) {
      expect(() => createMachine(image, { devices })).toThrow(
        expect.objectContaining({ code: 'DEVICE_MISSING' }),
      );
    }
  });

  test('cannot start another evaluation of its own process', () => {
    let again = () => '';
    const { machine, run } = runner({ devices: [deviceOf({ again: () => again() })] });
    again = () => machine.evaluate('return 1', '');
    expect(run('require("device").again()')).toContain('in the middle of a message');
    again = () => {
      machine.dispose();
      return '';
    };
    expect(run('require("device").again()')).toContain('in the middle of a message');
  });

  test('runs inside the instruction limit of its caller', () => {
    const { run } = runner({ devices: [deviceOf({ same: (x) => x })] });
    expect(() => run('while true do require("device").same({1, 2, 3}) end')).toThrow(
      expect.objectContaining({ code: 'INSTRUCTION_LIMIT' }),
    );
  });
});
