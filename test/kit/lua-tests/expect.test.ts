import { describe, expect, test } from 'vitest';
import { failures, runLua, statuses } from './project.js';

/** Each line is a test of its own, named by itself. */
function asTests(lines: readonly string[]): string {
  return lines.map((line) => `test([==[${line}]==], function() ${line} end)`).join('\n');
}

test('what holds passes', async () => {
  const report = await runLua(
    asTests([
      'expect(1).to_equal(1)',
      'expect(1).to_equal(1.0)',
      'expect({ a = { 1, 2 } }).to_equal { a = { 1, 2 } }',
      'expect({ a = 1 }).not_to_equal { a = 1, b = 2 }',
      'expect({ a = 1, b = 2 }).not_to_equal { a = 1 }',
      'expect(0 / 0).to_equal(0 / 0)',
      'local a, b = {}, {}; a.a, b.a = a, b; expect(a).to_equal(b)',
      'expect({ 1 }).not_to_be { 1 }',
      'local t = {}; expect(t).to_be(t)',
      'expect(nil).to_be_nil()',
      'expect(false).to_be_falsy()',
      'expect(0).to_be_truthy()',
      'expect("x").to_be_type_of("string")',
      'expect("Hello, Ada!").to_match("^Hello, %a+!$")',
      'expect("a.b").to_contain(".")',
      'expect({ 1, { 2 } }).to_contain { 2 }',
      'expect("abc").to_have_length(3)',
      'expect(2).to_be_greater_than(1)',
      'expect(2).to_be_greater_than_or_equal(2)',
      'expect(1).to_be_less_than(2)',
      'expect(1).to_be_less_than_or_equal(1)',
      'expect(0.1 + 0.2).to_be_close_to(0.3)',
      'expect(function() error("no hay") end).to_throw("no hay")',
      'expect(function() error("no hay [1]") end).to_throw("[1]")',
      'expect(function() error({}) end).to_throw()',
      'expect(function() end).not_to_throw()',
      'expect({ 1, "x" }).to_equal { expect.any("number"), expect.string_matching("^x$") }',
      'expect({ a = "some hay" }).to_equal { a = expect.string_containing("hay") }',
      'expect({ a = 1 }).to_equal { a = expect.anything(), b = expect.absent() }',
      'expect(math.maxinteger).to_be(9223372036854775807)',
    ]),
  );
  expect(failures(report)).toEqual({});
  expect(report.tests).toHaveLength(30);
});

describe('what does not hold fails and says why', () => {
  test.each([
    ['expect(1).to_equal(2)', 'expected 1 to equal 2'],
    ['expect(1).not_to_equal(1)', 'expected 1 not to equal 1'],
    ['expect("2").to_equal(2)', 'expected "2" to equal 2'],
    [
      'expect({ 1 }).to_be { 1 }',
      'the same one (they are equal: to_equal compares what is in them)',
    ],
    ['expect({ a = "x", [3] = 1 }).to_be_nil()', 'expected { [3] = 1, a = "x" } to be nil'],
    ['expect("x").to_be_type_of("number")', 'to be a number, it is a string'],
    ['expect("abc").to_match("^b")', 'expected "abc" to match "^b"'],
    ['expect({ 1, 2 }).to_have_length(3)', 'to have length 3, it is 2'],
    ['expect(1).to_be_greater_than(1)', 'expected 1 to be greater than 1'],
    ['expect("1").to_be_less_than(2)', 'what is compared needs a number, got "1"'],
    ['expect(1).to_be_close_to(2)', 'expected 1 to be within 0.005 of 2'],
    ['expect(function() end).to_throw()', 'to throw, but it returned'],
    ['expect(function() error("a") end).to_throw("b")', 'to throw "b", but it threw "a"'],
    ['expect(1).to_be_odd()', 'expect has no to_be_odd'],
    ['expect(1):to_equal(1)', 'expect(...):to_equal is called with a colon'],
    ['local t = {}; t.t = t; expect(t).to_be(1)', 'expected { t = <itself> } to be 1'],
    ['expect("a\\n\\0b").to_be("")', 'expected "a\\n\\000b" to be ""'],
    ['error({ code = 7 })', 'error value: { code = 7 }'],
    ['local x; x.y = 1', "attempt to index a nil value (local 'x')"],
    ['expect(Handlers.add)', 'network.spawn { file = "..." }'],
  ])('%s', async (line, text) => {
    const report = await runLua(asTests([line]));
    expect(statuses(report)).toEqual([`${line}: failed`]);
    expect(failures(report)[line]).toContain(text);
  });

  test('two long values line by line', async () => {
    const report = await runLua(
      asTests([
        'expect({ a = 1, b = ("x"):rep(50), c = 3 }).to_equal({ a = 1, b = ("x"):rep(50), c = 4 })',
      ]),
    );
    expect(Object.values(failures(report))[0]).toContain(
      [
        '- expected   + got',
        '  {',
        '    a = 1,',
        `    b = "${'x'.repeat(50)}",`,
        '-   c = 4,',
        '+   c = 3,',
        '  }',
      ].join('\n'),
    );
  });
});

test('a trace that is not there yet is shown, with what to do with it', async () => {
  const report = await runLua(`test('a', function()
    local quiet = network.spawn { source = '' }
    expect(network.send { from = 'alice', to = quiet, action = 'X' }).to_match_trace('')
  end)`);
  expect(failures(report).a).toMatch(
    /no golden trace yet[\s\S]*\+ alice ->[\s\S]*Copy the lines with \+/,
  );
});
