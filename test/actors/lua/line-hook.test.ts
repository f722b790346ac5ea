import { describe, expect, test } from 'vitest';
import type { LuaMachine } from '../../../actors/lua/machine.js';
import { readText } from '../../../actors/lua/values.js';
import { history } from './history.js';
import { hookOfLua } from './hook-of-lua.js';
import { machineOf, RUNNER, runner } from './programs.js';

/** Lines that a machine enters in one evaluation, as `source:line`. */
function linesOf(machine: LuaMachine, message: string, only = '=message'): number[] {
  const lines: number[] = [];
  machine.watch((_state, source, line) => {
    if (source === only) lines.push(line);
  });
  machine.evaluate(message, '');
  machine.watch(undefined);
  return lines;
}

const lines = (program: string) => linesOf(machineOf(RUNNER), program);

describe('the lines that are told', () => {
  test('are those that run, in order', () => {
    expect(lines('local a = 1\n\nif a == 2 then\n  a = 3\nelse\n  a = 4\nend\nreturn a')).toEqual([
      1, 3, 6, 8,
    ]);
  });

  test('count each turn of a loop, on one line too', () => {
    expect(lines('for i = 1, 3 do\n  local x = i\nend')).toEqual([1, 2, 1, 2, 1, 2, 1, 3]);
    expect(lines('local n = 0 while n < 3 do n = n + 1 end')).toHaveLength(4);
  });

  test('are not told again when a call returns into the middle of one', () => {
    const program = 'local function f()\n  return 1\nend\nlocal x = f() + f() + f()\nreturn x';
    expect(lines(program)).toEqual([3, 4, 2, 2, 2, 5]);
  });

  test('follow coroutines, tail calls, metamethods and functions that C calls', () => {
    const program = `local co = coroutine.wrap(function(a)
  local b = coroutine.yield(a)
  return b
end)
co(1)
co(2)
local function last(n)
  if n == 0 then return n end
  return last(n - 1)
end
last(2)
table.sort({ 2, 1 }, function(a, b)
  return a < b
end)
local t = setmetatable({}, { __index = function()
  return 5
end })
return t.x`;
    expect(lines(program)).toEqual([
      ...[1, 4, 1, 5, 2, 6, 3],
      ...[10, 11, 8, 9, 8, 9, 8],
      ...[12, 14, 12, 13],
      ...[15, 17, 15, 18, 16],
    ]);
  });

  test('go on after an error that was caught', () => {
    const program = 'local ok = pcall(function()\n  error("no")\nend)\nreturn ok';
    expect(lines(program)).toEqual([1, 3, 1, 2, 4]);
  });

  test('name the chunk as Lua does, also when another name takes its memory', () => {
    const machine = machineOf(RUNNER);
    const seen = new Set<string>();
    machine.watch((_state, source) => seen.add(source));
    const names = Array.from({ length: 200 }, (_, i) => `@${'dir/'.repeat(i % 20)}${i}.lua`);
    for (const name of names) {
      machine.evaluate(`load("return 1", "${name}")() collectgarbage()`, '');
    }
    expect([...seen].filter((source) => source.startsWith('@'))).toEqual(names);
  });

  test.each([
    ['a program of many kinds', PROGRAM()],
    ['a long function', `local x = 0\n${'x = x + 1\n'.repeat(2_000)}return x`],
    ['few instructions on far lines', `local x = 0${'\n'.repeat(300)}x = 1${'\n'.repeat(90)}x = 2`],
    ['one line', 'local t = {} for i = 1, 300 do t[i] = function(...) return ... end t[i](i) end'],
  ])("are those of Lua's own line hook in %s", (_name, program) => {
    const machine = machineOf(RUNNER);
    const expected = hookOfLua(machine, program);
    expect(expected.length).toBeGreaterThan(8);
    const seen: string[] = [];
    machine.restore();
    machine.watch((_state, source, line) => seen.push(`${source}:${line}`));
    machine.evaluate(program, '');
    expect(seen).toEqual(expected);
  });
});

/** Calls, closures, varargs, coroutines and loops, over more lines than Lua keeps differences for. */
function PROGRAM(): string {
  const functions = Array.from(
    { length: 60 },
    (_, i) => `local function f${i}(n, ...)
  local sum = select('#', ...)

  for k = 1, n do
    sum = sum +
      k * ${i}
    if sum % 2 == 0 then goto next end
    sum = sum + #tostring(sum)
    ::next::
  end
  return sum
end`,
  );
  const calls = Array.from({ length: 60 }, (_, i) => `total = total + f${i}(${i % 5}, 1, 2)`);
  return [
    ...functions,
    'local total = 0',
    ...calls,
    'local produce = coroutine.wrap(function()',
    '  for i = 1, 5 do',
    '    coroutine.yield(i)',
    '  end',
    'end)',
    'repeat',
    '  local x = produce()',
    'until not x',
    'return total',
  ].join('\n');
}

describe('a watched run', () => {
  test('is the run that nobody watched: state, answers and gas', () => {
    let told = 0;
    const watched = history((machine) => machine.watch(() => (told += 1)));
    expect(watched).toEqual(history());
    expect(told).toBeGreaterThan(10_000);
  });

  test('uses the same gas, and ends at the same limit', () => {
    const limits = { instructions: 100_000 };
    const [plain, watched] = [runner({ limits }), runner({ limits, watch: () => undefined })];
    for (const program of ['local n = 0 for i = 1, 1000 do n = n + i end', 'while true do end']) {
      const used = [plain, watched].map(({ run, machine }) => {
        const outcome = attempt(() => run(program));
        const gas = machine.instructionsUsed;
        if (outcome.startsWith('INSTRUCTION_LIMIT')) machine.restore();
        return [outcome, gas];
      });
      expect(used[1]).toEqual(used[0]);
    }
  });

  test('goes on where an unwatched one was, and the other way round', () => {
    const { machine, run } = runner();
    run(
      'co = coroutine.wrap(function()\n  coroutine.yield(1)\n  coroutine.yield(2)\n  return 3\nend) co()',
    );
    const before = machine.hash();
    expect(linesOf(machine, 'return co()')).toEqual([1, 3]);
    machine.watch(undefined);
    expect(run('return co()')).toBe('3');
    expect(before).not.toBe(machine.hash());
  });

  test('keeps its devices', () => {
    const device = {
      name: 'tally',
      functions: { add: (n: unknown) => Number(n) + 1 },
      save: () => new Uint8Array(),
      restore: () => undefined,
    };
    const program = 'local d = require("tally") function handle(m) return tostring(d.add(m)) end';
    const machine = machineOf(program, { devices: [device] });
    machine.watch(() => undefined);
    expect(machine.evaluate('4', '')).toBe('5');
  });
});

describe('a hook', () => {
  test('that throws ends the evaluation with its own error, past every pcall', () => {
    const { machine, run } = runner();
    const stop = new Error('stop');
    machine.watch((_state, source, line) => {
      if (source === '=message' && line === 2) throw stop;
    });
    expect(() => run('x = 1\nx = 2')).toThrow(stop);
    expect(() => run('return 1')).toThrow(expect.objectContaining({ code: 'MACHINE_DIRTY' }));
    machine.restore();
    expect(run('return x')).toBe('nil');
  });

  test('sees the call, its line and its locals through the functions of Lua', () => {
    const { machine, run } = runner();
    const seen: string[] = [];
    machine.watch((state, source, line) => {
      if (source === '=message' && line === 3) seen.push(localsOf(machine, state));
    });
    run('local a = 7\nlocal b = "eight"\nlocal c = a\nreturn 1');
    expect(seen).toEqual(['line 3: a = 7, b = eight']);
  });

  test('is gone when it is taken away', () => {
    const { machine, run } = runner();
    let told = 0;
    machine.watch(() => (told += 1));
    run('return 1');
    const before = told;
    machine.watch(undefined);
    run('return 1');
    expect(before).toBeGreaterThan(0);
    expect(told).toBe(before);
  });

  test('hears nothing of another machine of the same engine', () => {
    const [one, other] = [machineOf(RUNNER), machineOf(RUNNER)];
    const heard: string[] = [];
    one.watch((_state, _source, line) => heard.push(`one ${line}`));
    other.watch((_state, _source, line) => heard.push(`other ${line}`));
    one.evaluate('return 1', '');
    expect(heard.every((it) => it.startsWith('one'))).toBe(true);
    one.dispose();
    machineOf(RUNNER, { watch: () => heard.push('third') }).evaluate('return 1', '');
    expect(heard.at(-1)).toBe('third');
  });
});

function attempt(run: () => string): string {
  try {
    return run();
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const ACTIVATION_BYTES = 120;
const CURRENT_LINE = 24;

/** The innermost call's line and locals, as lua_getinfo and lua_getlocal tell them. */
function localsOf(machine: LuaMachine, state: number): string {
  return machine.lend((instance) => {
    const { lua } = instance;
    const stack = lua.stackSave();
    const activation = lua.stackAlloc(ACTIVATION_BYTES);
    const what = lua.stackAlloc(16);
    instance.buffer.write('l\0', what, 'latin1');
    lua.lua_getstack(state, 0, activation);
    lua.lua_getinfo(state, what, activation);
    const line = instance.view.getUint32(activation + CURRENT_LINE, true);
    const locals: string[] = [];
    for (let n = 1; ; n += 1) {
      const name = lua.lua_getlocal(state, activation, n);
      if (name === 0) break;
      const end = instance.buffer.indexOf(0, name);
      const key = instance.buffer.toString('latin1', name, end);
      const value = readText(instance, state, -1);
      if (key !== '(temporary)') locals.push(`${key} = ${value}`);
      lua.lua_settop(state, -2);
    }
    lua.stackRestore(stack);
    return `line ${line}: ${locals.join(', ')}`;
  });
}
