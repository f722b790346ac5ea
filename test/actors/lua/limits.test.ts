import { describe, expect, test } from 'vitest';
import { createMachine } from '../../../actors/lua/machine.js';
import { imageOf, RUNNER, runner } from './programs.js';

const MIB = 1024 * 1024;

describe('the instruction limit', () => {
  test.each([
    ['an endless loop', 'while true do end'],
    ['in pcall', 'while true do pcall(function() while true do end end) end'],
    [
      'in xpcall with a handler',
      'xpcall(function() while true do end end, function() return 1 end)',
    ],
    ['in a coroutine', 'coroutine.wrap(function() while true do end end)()'],
    ['in coroutines without end', 'while true do coroutine.wrap(function() end)() end'],
    ['in __gc', 'setmetatable({}, {__gc = function() while true do end end}) collectgarbage()'],
    [
      'in __close',
      'local x <close> = setmetatable({}, {__close = function() while true do end end})',
    ],
    ['in __index', 'return setmetatable({}, {__index = function() while true do end end}).x'],
    ['in a comparison of table.sort', 'table.sort({3, 2, 1}, function() while true do end end)'],
    ['in string.gsub', '("x"):gsub("x", function() while true do end end)'],
    ['in a tail call', 'local function f() return f() end f()'],
    ['with goto', '::again:: goto again'],
    ['in string.rep of nothing', '(""):rep(1e17)'],
    ['in pattern matching', '("a"):rep(30000):find(("a*"):rep(30) .. "b")'],
    ['in table.move', 'table.move({}, 1, 1e15, 2)'],
    [
      'in collecting garbage',
      'local t = {} for i = 1, 1e5 do t[i] = {} end while true do collectgarbage() end',
    ],
    ['in copying', 'local s = ("x"):rep(1e6) while true do local t = s .. "y" end'],
    ['in load', 'load(function() return "a = 1 " end)'],
  ])('stops %s', (_, source) => {
    const { machine, run } = runner();
    run('x = 1');
    const before = machine.checkpoint();
    expect(() => run(source)).toThrow(
      expect.objectContaining({ name: 'LimitError', code: 'INSTRUCTION_LIMIT' }),
    );
    expect(() => run('return x')).toThrow(expect.objectContaining({ code: 'MACHINE_DIRTY' }));
    expect(() => machine.checkpoint()).toThrow(expect.objectContaining({ code: 'MACHINE_DIRTY' }));
    machine.restore(before);
    expect(run('return x')).toBe('1');
  });

  test('is met at the same place every time', () => {
    const image = imageOf(RUNNER);
    const source = 'local t = {} for i = 1, 1000 do t[i] = ("x"):rep(i) end return #t';
    const measured = createMachine(image);
    measured.evaluate(source, '');
    const instructions = measured.instructionsUsed;
    const enough = createMachine(image, { limits: { instructions } });
    expect(enough.evaluate(source, '')).toBe('1000');
    const tooLittle = createMachine(image, { limits: { instructions: instructions - 1 } });
    expect(() => tooLittle.evaluate(source, '')).toThrow(
      expect.objectContaining({ code: 'INSTRUCTION_LIMIT' }),
    );
  });
});

test('what is paid does not depend on the memory that there was before', () => {
  const { machine, run } = runner({ limits: { instructions: 1e8 } });
  const source = 'local t = {} for i = 1, 40 do t[i] = ("x"):rep(1e5) .. i end return #t';
  run(source);
  const first = machine.instructionsUsed;
  machine.restore();
  run(source);
  expect(machine.instructionsUsed).toBe(first);
});

// Each of these takes the host far longer than a turn of a loop takes the interpreter.
test.each([
  ['an error that is caught', 'pcall(error)'],
  ['a coroutine that yields', 'again()'],
  ['a date in words', 'os.date("!%Y")'],
])('%s costs more than 500', (_, deed) => {
  const { machine, run } = runner();
  const gas = (source: string) => {
    run(`again = coroutine.wrap(function() while true do coroutine.yield() end end) ${source}`);
    return machine.instructionsUsed;
  };
  const turns = 100;
  const loop = (body: string) => `for i = 1, ${turns} do ${body} end`;
  expect(gas(loop(deed)) - gas(loop(''))).toBeGreaterThan(turns * 500);
});

test('C that calls much and loops little pays for its calls', () => {
  const { machine, run } = runner({ limits: { instructions: 1e8 } });
  run('t = {} for i = 1, 10000 do t[i] = "abc" end');
  run('table.concat(t, ",")');
  expect(machine.instructionsUsed).toBeGreaterThan(10_000 * 5);
});

describe('the memory limit', () => {
  const limits = { memoryBytes: 6 * MIB + 1000, instructions: 1e9 };

  test.each([
    ['a table', 'local t = {} while true do t[#t + 1] = {} end'],
    ['a string', 'local s = "x" while true do s = s .. s end'],
    ['coroutines', 'local t = {} while true do t[#t + 1] = coroutine.create(print) end'],
    ['one huge string', 'return ("x"):rep(1e9)'],
  ])('stops the growth of %s, as an error that Lua can catch', (_, source) => {
    const { machine, run } = runner({ limits });
    expect(run(source)).toBe('error: not enough memory');
    expect(machine.memoryBytes).toBeLessThanOrEqual(limits.memoryBytes);
    machine.restore();
    expect(run('return 1')).toBe('1');
  });

  test('is a LimitError when Lua does not catch it', () => {
    const machine = createMachine(imageOf('function handle() return ("x"):rep(1e9) end'), {
      limits,
    });
    expect(() => machine.evaluate('', '')).toThrow(
      expect.objectContaining({ name: 'LimitError', code: 'MEMORY_LIMIT' }),
    );
    expect(() => machine.evaluate('', '')).toThrow(
      expect.objectContaining({ code: 'MACHINE_DIRTY' }),
    );
  });

  test('holds for the message itself', () => {
    const { machine, run } = runner({ limits });
    expect(() => run('x'.repeat(8 * MIB))).toThrow(
      expect.objectContaining({ name: 'LimitError', code: 'MEMORY_LIMIT' }),
    );
    machine.restore();
    expect(run('return 1')).toBe('1');
  });

  test('does not depend on what the memory was used for before', () => {
    const image = imageOf(RUNNER);
    const fill =
      't = {} local ok = pcall(function() while true do t[#t + 1] = {} end end) return #t';
    const machine = createMachine(image, { limits });
    const first = machine.evaluate(fill, '');
    machine.restore();
    expect(machine.evaluate(fill, '')).toBe(first);
  });

  test('holds in the memory that a machine with a higher limit left', () => {
    const image = imageOf(RUNNER);
    const fill = 'local t = {} for i = 1, 1e5 do t[i] = {} end return #t';
    const large = createMachine(image, { limits: { memoryBytes: 8 * MIB } });
    large.evaluate('return #("x"):rep(4 * 1024 * 1024)', '');
    large.dispose();
    const small = createMachine(image, { limits: { memoryBytes: 4 * MIB } });
    expect(small.evaluate(fill, '')).toBe('error: not enough memory');
  });

  test.each([0, 1024, 4096 * MIB, Number.NaN])('cannot be %s bytes', (memoryBytes) => {
    const make = () => createMachine(imageOf(RUNNER), { limits: { memoryBytes } });
    expect(make).toThrow(expect.objectContaining({ code: 'BAD_LIMIT' }));
  });

  test.each([0, -1, 1.5, Number.POSITIVE_INFINITY])(
    'of %s instructions is refused',
    (instructions) => {
      const make = () => createMachine(imageOf(RUNNER), { limits: { instructions } });
      expect(make).toThrow(expect.objectContaining({ code: 'BAD_LIMIT' }));
    },
  );
});

describe('deep nesting ends in a Lua error', () => {
  test.each([
    ['calls', 'local function f() return 1 + f() end f()', 'stack overflow'],
    [
      'pcall',
      'local d = 0 local function f() d = d + 1 pcall(f) end f() error("deep " .. d)',
      'deep 19',
    ],
    [
      'coroutines',
      'local function f() assert(coroutine.resume(coroutine.create(f))) end f()',
      'C stack overflow',
    ],
    ['string.gsub', 'local function f() return ("x"):gsub("x", f) end f()', 'C stack overflow'],
    [
      'tostring',
      'local t = setmetatable({}, {__tostring = function(s) return tostring(s) end}) tostring(t)',
      'C stack overflow',
    ],
    ['parentheses', 'error(select(2, load(("("):rep(1e5))))', 'C stack overflow'],
    ['patterns', '("a"):rep(1e5):find(("a?"):rep(1000))', 'pattern too complex'],
    [
      '__index',
      'local t = {} for i = 1, 3000 do t = setmetatable({}, {__index = t}) end return t.x',
      'too long',
    ],
    [
      'error handlers',
      'local function h(m) return h(m) .. 1 end error(select(2, xpcall(error, h)))',
      'error in error handling',
    ],
  ])('of %s', (_, source, text) => {
    const { run } = runner({ limits: { instructions: 1e8 } });
    const answer = run(source);
    expect(answer).toMatch(/^error: /);
    expect(answer).toContain(text);
    expect(run('return 1')).toBe('1');
  });

  test('and calls from deep within the host end in a LimitError', () => {
    const { machine, run } = runner();
    const nest = 'local function f() pcall(f) end f()';
    const descend = (): void => {
      try {
        descend();
      } catch (error) {
        if (error instanceof RangeError) run(nest);
        throw error;
      }
    };
    expect(descend).toThrow();
    machine.restore();
    expect(run('return 1')).toBe('1');
  });
});
