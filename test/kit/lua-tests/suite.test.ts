import { describe, expect, test } from 'vitest';
import { failures, runIn, runLua, statuses, writeProject } from './project.js';

describe('a file', () => {
  test('runs its tests in the order in which they stand', async () => {
    const report = await runLua(`
      test('one', function() end)
      describe('group', function()
        test('two', function() end)
        describe('inner', function() test('three', function() end) end)
      end)
      test('four', function() end)`);
    expect(statuses(report)).toEqual([
      'one: passed',
      'group > two: passed',
      'group > inner > three: passed',
      'four: passed',
    ]);
  });

  test('runs hooks from the outside in, and back', async () => {
    const report = await runLua(`
      local log = {}
      local function note(what) return function() table.insert(log, what) end end
      before(note('before'))
      before_each(note('each'))
      after_each(function() print(table.concat(log, ' ')) end)
      describe('group', function()
        before(note('inner before'))
        before_each(note('inner each'))
        after_each(note('inner after'))
        test('a', note('a'))
        test('b', note('b'))
      end)`);
    expect(report.tests.map(({ prints }) => prints)).toEqual([
      ['before inner before each inner each a inner after'],
      ['before inner before each inner each b inner after'],
    ]);
  });

  test('gives every test the variables as before left them', async () => {
    const report = await runLua(`
      local count = 0
      before(function() count = 10 end)
      for i = 1, 3 do
        test('test ' .. i, function() count = count + 1; print(count) end)
      end`);
    expect(report.tests.map(({ prints }) => prints)).toEqual([['11'], ['11'], ['11']]);
  });

  test('runs what is after a test that failed, and tells the first failure', async () => {
    const report = await runLua(`
      after_each(function() print('after'); error('and this') end)
      test('fails', function() error('this') end)
      test('fails after', function() end)`);
    expect(report.tests.map(({ prints }) => prints)).toEqual([['after'], ['after']]);
    expect(report.tests.map(({ failure }) => failure?.text)).toEqual(['this', 'and this']);
  });

  test('leaves out what is skipped, and all but what is only', async () => {
    const skipped = await runLua(`
      test('a', function() end)
      test.skip('b', function() error() end)
      describe.skip('group', function() test('c', function() error() end) end)`);
    expect(statuses(skipped)).toEqual(['a: passed', 'b: skipped', 'group > c: skipped']);
    const only = await runLua(`
      test('a', function() error() end)
      describe.only('group', function()
        test('b', function() end)
        test.skip('c', function() error() end)
      end)
      test.only('d', function() end)`);
    expect(statuses(only)).toEqual([
      'a: skipped',
      'group > b: passed',
      'group > c: skipped',
      'd: passed',
    ]);
  });

  test('is narrowed by a part of the names', async () => {
    const source = `
      describe('group', function() test('a', function() end) end)
      test('b', function() error() end)`;
    const report = await runLua(source, {}, { filter: 'group > a' });
    expect(statuses(report)).toEqual(['group > a: passed', 'b: skipped']);
    expect(statuses(await runLua(source, {}, { filter: 'group a' }))[0]).toBe('group > a: passed');
  });

  test('stops after the first failure if asked to', async () => {
    const source = "test('a', function() error('no') end) test('b', function() end)";
    const root = writeProject({ 'a.test.lua': source, 'b.test.lua': source });
    const reports = await runIn(root, ['a.test.lua', 'b.test.lua'], { bail: true });
    expect(reports.map(statuses)).toEqual([['a: failed', 'b: skipped']]);
  });

  test('prepares nothing for tests that do not run', async () => {
    const report = await runLua(`
      before(function() error('not needed') end)
      test.skip('a', function() end)`);
    expect(statuses(report)).toEqual(['a: skipped']);
  });
});

describe('what cannot be run', () => {
  test('a file that does not compile is one failed file', async () => {
    const root = writeProject({
      'a.test.lua': "test('a', function()\n  local x = = 1\nend)",
      'b.test.lua': "test('b', function() end)",
    });
    const [a, b] = await runIn(root, ['a.test.lua', 'b.test.lua']);
    expect(a?.failure).toMatchObject({
      code: 'LUA_SYNTAX',
      text: "unexpected symbol near '='",
      frames: [{ file: 'a.test.lua', line: 2 }],
    });
    expect(statuses(b as never)).toEqual(['b: passed']);
  });

  test('a file that fails while it is read tells where', async () => {
    const report = await runLua('local function f()\n  error("broken")\nend\nf()');
    expect(report.failure).toMatchObject({
      text: 'broken',
      frames: [
        { file: 'x.test.lua', line: 2, name: 'f' },
        { file: 'x.test.lua', line: 4 },
      ],
    });
  });

  test('a before that fails fails its tests, and no others', async () => {
    const report = await runLua(`
      describe('group', function()
        before(function() error('no ground') end)
        test('a', function() end)
        test.skip('b', function() end)
      end)
      test('c', function() end)`);
    expect(statuses(report)).toEqual(['group > a: failed', 'group > b: skipped', 'c: passed']);
    expect(report.tests[0]?.failure?.text).toBe('no ground');
  });

  test('a failure in a tail call is told at the test', async () => {
    const report = await runLua(
      "local function one(x) return expect(x).to_be(1) end\ntest('a', function()\n  return one(2)\nend)",
    );
    expect(report.tests[0]?.failure?.frames).toEqual([{ file: 'x.test.lua', line: 2 }]);
  });

  test('a loop without an end tells where it is, and the next test runs', async () => {
    const source = `test('loops', function()
  local x = 1
  while x > 0 do
    x = x + 1
    x = x - 1
  end
end)
test('next', function() end)`;
    const report = await runLua(source);
    expect(statuses(report)).toEqual(['loops: failed', 'next: passed']);
    const failure = report.tests[0]?.failure;
    expect(failure).toMatchObject({ code: 'INSTRUCTION_LIMIT' });
    expect([3, 4, 5]).toContain(failure?.frames[0]?.line);
  });

  test('a recursion without an end does too', async () => {
    const report = await runLua(`
      test('falls', function() local function f() return 1 + f() end f() end)
      test('next', function() end)`);
    expect(statuses(report)).toEqual(['falls: failed', 'next: passed']);
    expect(report.tests[0]?.failure?.text).toBe('stack overflow');
  });

  test.each([
    ["test('a')", 'test takes a name and a function'],
    ['before(1)', 'before takes a function'],
    ["describe('g', function() network.wallet('alice') end)", 'in the body of describe("g")'],
  ])('%s is told as it is read', async (source, text) => {
    const report = await runLua(source);
    expect(report.failure).toMatchObject({ code: 'MISUSE', text: expect.stringContaining(text) });
  });

  test.each([
    ["test('inner', function() end)", 'test is called while a test runs'],
    ["network:wallet('alice')", 'network:wallet is called with a colon'],
    [
      'table.sort({ 2, 1 }, function(a, b) network.mine(1) return a < b end)',
      'inside a function that Lua itself calls',
    ],
    [
      'coroutine.wrap(function() network.mine(1) end)()',
      'network.mine is called in a coroutine of its own',
    ],
  ])('%s is told in the test', async (line, text) => {
    const report = await runLua(`test('a', function() ${line} end)`);
    expect(failures(report).a).toContain(text);
  });
});

describe('require', () => {
  test('finds files next to the test and above, and libraries of a process', async () => {
    const root = writeProject({
      'lib/names.lua': "return { 'Ada', ... }",
      'test/near.lua': "return require('lib.names')[1] .. '!'",
      'test/deep/init.lua': "return 'deep'",
      'test/x.test.lua': `
        test('finds', function()
          expect(require('near')).to_be('Ada!')
          expect(require('lib.names')).to_equal { 'Ada', 'lib.names' }
          expect(require('deep')).to_be('deep')
          expect(require('lib.names')).to_be(require('lib.names'))
          expect(require('json').encode({ a = 1 })).to_be('{"a":1}')
          expect(tostring(require('.bint')(256)('12'))).to_be('12')
        end)`,
    });
    const [report] = await runIn(root, ['test/x.test.lua']);
    expect(failures(report as never)).toEqual({});
  });

  test('tells where it looked, circles, and lines of helpers', async () => {
    const root = writeProject({
      'a.lua': "require('b')",
      'b.lua': "require('a')",
      'bad.lua': 'local function fail()\n  error("in the helper")\nend\nreturn { fail = fail }',
      'syntax.lua': 'return = 1',
      'x.test.lua': `
        test('nowhere', function() require('no.where') end)
        test('circle', function() require('a') end)
        test('helper', function() require('bad').fail() end)
        test('syntax', function() require('syntax') end)`,
    });
    const [report] = await runIn(root, ['x.test.lua']);
    const texts = failures(report as never);
    expect(texts.nowhere).toContain('Looked for: no/where.lua, no/where/init.lua.');
    expect(texts.circle).toContain('require each other in a circle: a.lua is still being loaded');
    expect(texts.helper).toMatch(/^in the helper\n\nbad\.lua:2\nfrom x\.test\.lua:4$/m);
    expect(texts.syntax).toContain('syntax.lua:1:');
  });
});
