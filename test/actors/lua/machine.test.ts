import { describe, expect, test } from 'vitest';
import { createImage } from '../../../actors/lua/image.js';
import { createMachine } from '../../../actors/lua/machine.js';
import { imageOf, machineOf, RUNNER, runner } from './programs.js';

describe('evaluate', () => {
  test('gives handle the message and the environment, and returns its string', () => {
    const machine = machineOf('function handle(message, env) return env .. "<" .. message end');
    expect(machine.evaluate('{"a":1}', '{}')).toBe('{}<{"a":1}');
  });

  test('keeps globals from one message to the next', () => {
    const { run } = runner();
    run('x = 41');
    expect(run('return x + 1')).toBe('42');
  });

  test.each(['', 'a\0b\0', 'żółć 🦙', '\u{10FFFF}', 'x'.repeat(3_000_000)])(
    'passes text through unharmed (case %#)',
    (text) => {
      expect(machineOf('function handle(message) return message end').evaluate(text, '')).toBe(
        text,
      );
    },
  );

  test('replaces what is not UTF-8 in the response', () => {
    expect(runner().run('return "a\\xffb"')).toBe('a\uFFFDb');
  });

  test('computes with 64-bit integers', () => {
    expect(runner().run('return 9007199254740993 + math.maxinteger')).toBe('-9214364837600034816');
  });

  test('reports an error that Lua did not catch, and stays usable', () => {
    const machine = machineOf('local n = 0 function handle(m) n = n + 1 return m .. n .. x end');
    expect(() => machine.evaluate('a', '')).toThrow(
      expect.objectContaining({
        name: 'LuaError',
        code: 'LUA_ERROR',
        message: '[string ".main"]:1: attempt to concatenate a nil value (global \'x\')',
      }),
    );
    expect(() => machine.evaluate('a', '')).toThrow("global 'x'");
  });

  test.each(['{}', 'nil', 'setmetatable({}, {__tostring = function() error("no") end})'])(
    'survives the error value %s',
    (value) => {
      const machine = machineOf(`function handle() error(${value}) end`);
      expect(() => machine.evaluate('', '')).toThrow('not a string');
    },
  );

  test('refuses a handle that returns no string', () => {
    const machine = machineOf('function handle() return 5 end');
    expect(() => machine.evaluate('', '')).toThrow(expect.objectContaining({ code: 'LUA_ERROR' }));
  });

  test('counts the instructions of each message anew', () => {
    const { machine, run } = runner();
    run('return 1');
    const small = machine.instructionsUsed;
    run('for i = 1, 1000 do end');
    expect(machine.instructionsUsed).toBeGreaterThan(small + 1000);
    run('return 1');
    expect(machine.instructionsUsed).toBeLessThan(1000);
  });
});

describe('time', () => {
  test('is what the message says', () => {
    const { machine } = runner();
    const now = (ms: number) => machine.evaluate('return os.date() .. os.time()', '', ms);
    expect(now(1_700_000_000_000)).toBe('Tue Nov 14 22:13:20 20231700000000');
    expect(now(0)).toBe('Thu Jan  1 00:00:00 19700');
  });

  test.each([
    ['os.date("!%Y-%m-%dT%H:%M:%SZ", 1700000000)', '2023-11-14T22:13:20Z'],
    ['os.date("%a %A %b %B %y %j %p %I %%", 951782400)', 'Tue Tuesday Feb February 00 060 AM 12 %'],
    ['os.date("%G-W%V-%u %U %W", 1609459200)', '2020-W53-5 00 00'],
    ['os.date("%c|%x|%X|%D|%F|%R|%T|%r", 0)', expectedAtZero()],
    ['os.date("%C %e %g %h %n%t%S %w %z %Z", 0)', '19  1 70 Jan \n\t00 4 +0000 UTC'],
    ['os.time({year = 2020, month = 14, day = -3, hour = 12})', '1611835200'],
    ['os.date("*t", 1700000000).yday', '318'],
    ['os.time(os.date("*t", 1234567890))', '1234567890'],
    ['os.date("!%Y", 1 << 60)', '275760'],
    ['os.getenv("HOME")', 'nil'],
    ['os.clock() == os.clock()', 'true'],
  ])('%s', (expression, expected) => {
    expect(runner().run(`return ${expression}`)).toBe(expected);
  });

  function expectedAtZero() {
    return [
      ...['Thu Jan  1 00:00:00 1970', '01/01/70', '00:00:00', '01/01/70', '1970-01-01'],
      ...['00:00', '00:00:00', '12:00:00 AM'],
    ].join('|');
  }
});

describe('two machines', () => {
  test('do not see each other', () => {
    const image = imageOf(RUNNER);
    const [a, b] = [createMachine(image), createMachine(image)];
    a.evaluate('x = 1 string.upper = nil', '');
    expect(b.evaluate('return tostring(x) .. type(string.upper)', '')).toBe('nilfunction');
  });

  test('nor does the next one that gets the memory of a disposed one', () => {
    const image = imageOf(RUNNER);
    const first = createMachine(image);
    const fresh = first.hash();
    first.evaluate('x = {} for i = 1, 1e5 do x[i] = {i} end', '');
    first.dispose();
    const second = createMachine(image);
    expect(second.hash()).toBe(fresh);
    expect(second.evaluate('return x', '')).toBe('nil');
    expect(() => first.evaluate('return x', '')).toThrow(
      expect.objectContaining({ code: 'MACHINE_DISPOSED' }),
    );
  });

  test('exist by the hundred', () => {
    const image = imageOf(RUNNER);
    const machines = Array.from({ length: 300 }, () => createMachine(image));
    machines.forEach((machine, i) => {
      machine.evaluate(`x = ${i}`, '');
    });
    expect(machines.every((machine, i) => machine.evaluate('return x', '') === String(i))).toBe(
      true,
    );
  });
});

describe('an image', () => {
  const { engine } = imageOf(RUNNER);
  const boot = (source: string) => () =>
    createImage(engine, {
      files: [{ name: '.main', source }],
      entry: '.main',
      instructions: 1_000_000,
    });
  test.each([
    ['LUA_SYNTAX', 'function handle( end'],
    ['LUA_ERROR', 'error("boot")'],
    ['LUA_NO_HANDLE', 'x = 1'],
    ['INSTRUCTION_LIMIT', 'while true do end'],
  ])('that cannot boot says %s', (code, source) => {
    expect(boot(source)).toThrow(expect.objectContaining({ code }));
  });

  test('has files that require each other by name', () => {
    const files = [
      { name: '.main', source: 'local b = require(".b") function handle() return b.name end' },
      { name: '.b', source: 'return { name = ... }' },
    ];
    expect(createMachine(createImage(engine, { files, entry: '.main' })).evaluate('', '')).toBe(
      '.b',
    );
  });

  test('is the same for the same files', () => {
    expect(imageOf(RUNNER).hash).toBe(imageOf(RUNNER).hash);
    expect(imageOf(RUNNER).hash).not.toBe(imageOf(`${RUNNER} `).hash);
  });
});
