/** What a program finds in the kernel: `.utils`, `.pretty`, `.bint` and the console's own functions. */
import { describe, expect } from 'vitest';
import { createNetwork } from '../../../index.js';
import type { Receipt } from '../../../kit/network-api.js';
import { corralTest } from '../../../kit/vitest/vitest.js';

const test = corralTest(async () => {
  const network = await createNetwork();
  const process = await network.spawn({
    source: "utils, json, bint = require('.utils'), require('json'), require('.bint')(256)",
  });
  /** Lua that encodes what an expression is worth. */
  const encoded = (expression: string) => `return json.encode({ ${expression} })`;
  return { network, process, encoded };
});

/** What an Eval returned as JSON. */
function worth({ result, errors }: Receipt): unknown {
  expect(errors).toEqual([]);
  return JSON.parse(String((result?.output as { data?: unknown } | undefined)?.data));
}

describe('.utils', () => {
  test.for([
    ['utils.concat({ 1, 2 }, { 3 })', [1, 2, 3]],
    ['utils.concat({ 1 })({ 2 })', [1, 2]],
    ['utils.reduce(function(sum, x) return sum + x end, 0, { 1, 2, 3 })', 6],
    ['utils.reduce(function(sum, x) return sum + x end)(nil)({ 1, 2, 3 })', 6],
    ['utils.map(function(x, i) return x * i end, { 5, 6 })', [5, 12]],
    ['utils.filter(function(x) return x > 1 end, { 1, 2, 3 })', [2, 3]],
    ['utils.find(function(x) return x > 1 end, { 1, 2, 3 })', 2],
    ['utils.find(function(x) return x > 3 end, { 1, 2, 3 }) == nil', true],
    ["utils.includes('b', { 'a', 'b' })", true],
    ["utils.includes('c')({ 'a', 'b' })", false],
    ["utils.propEq('name', 'ada', { name = 'ada' })", true],
    ["utils.prop('name')({ name = 'ada' })", 'ada'],
    ['utils.reverse({ 1, 2, 3 })', [3, 2, 1]],
    ['utils.compose(function(x) return x + 1 end, function(x) return x * 2 end)(5)', 11],
    ['utils.keys({ name = 1 })', ['name']],
    ['utils.values({ name = 1 })', [1]],
    ["utils.capitalize('hELLO')", 'Hello'],
    ['utils.capitalize(5)', 5],
    ["utils.normalize('foo_bar-BAZ')", 'Foo-Bar-Baz'],
    ['utils.normalize(5)', 5],
    ["utils.matchesPattern({ 'x', '_' }, 'y', {})", true],
    ["utils.matchesSpec({ Action = 'A' }, 5)", false],
  ] as const)('%s is %o', async ([expression, value], { process, encoded }) => {
    expect(worth(await process.eval(encoded(expression)))).toEqual([value]);
  });

  test.for([
    ['utils.concat(1, {})', 'first argument should be a table that is an array'],
    ['utils.concat({}, { a = 1 })', 'second argument should be a table'],
    ['utils.reduce(1, 0, {})', 'first argument should be a function'],
    ['utils.map(print, 5)', 'second argument should be an Array'],
    ['utils.filter(5, {})', 'first argument should be a unary function'],
    ["utils.includes('a', { a = 1 })", 'argument should be a table that is an array'],
    ["utils.propEq('a', 5, {})", 'second argument should be a string'],
    ["utils.prop('a', 5)", 'second argument should be a table<object>'],
    ['utils.reverse(5)', 'argument needs to be a table that is an array'],
    ['utils.compose(print)', 'each argument needs to be a function'],
    ['utils.compose(print, 5)', 'each argument needs to be a function'],
    ['utils.keys(5)', 'argument needs to be a table'],
    ['utils.curry(5)', 'function is required as first argument'],
  ])('%s: %s', async ([expression, reason], { process }) => {
    expect(await process.eval(`return ${expression}`)).toFailWith(reason);
  });
});

describe('.bint', () => {
  test.for([
    ['tostring(bint.fromuinteger(-1))', '18446744073709551615'],
    ['tostring(bint.fromuinteger(1.5))', 'nil'],
    ["tostring(bint.fromle('\\1\\1'))", '257'],
    ["tostring(bint.frombe('\\1\\0'))", '256'],
    ['#bint.tole(1)', 32],
    ['#bint.tobe(1, true)', 1],
    ["bint.parse('1.5')", 1.5],
    ['bint.touinteger(bint(7))', 7],
    ['bint.touinteger(7)', 7],
    ["bint.tonumber(bint('1' .. ('0'):rep(30)))", 1e30],
    ["bint.tonumber('7')", 7],
    ['bint.tobase(bint(255), 16)', 'ff'],
    ['bint.tobase(-255, 10)', '-255'],
    ['tostring(bint.tobase(5, 37))', 'nil'],
    ['bint.type(bint(1))', 'bint'],
    ['bint.type(1.5)', 'float'],
    ['bint.isintegral(1.0)', true],
    ["bint.isnumeric('1')", false],
    ['bint.iszero(0)', true],
    ['bint.isone(1)', true],
    ['bint.isminusone(bint(-1))', true],
    ['bint.isneg(-1)', true],
    ['bint.ispos(bint(1))', true],
    ['bint.isodd(3)', true],
    ['bint.iseven(bint(4))', true],
    ["bint.eq('a', 'a')", true],
    ['bint.ult(1, -1)', true],
    ['bint.ule(1, 1)', true],
    ['bint(1) < 1.5', true],
    ['bint(2) <= 1.5', false],
    ['tostring(bint.max(1, 2)) .. tostring(bint.min(1, 2))', '21'],
  ] as const)('%s is %o', async ([expression, value], { process, encoded }) => {
    expect(worth(await process.eval(encoded(expression)))).toEqual([value]);
  });

  test.for([
    ["bint('llama')", 'value cannot be represented by a bint'],
    ["require('.bint')(33)", 'bitsize is not multiple of word bitsize'],
    ['bint(1) // 0', 'attempt to divide by zero'],
  ])('%s: %s', async ([expression, reason], { process }) => {
    expect(await process.eval(`return ${expression}`)).toFailWith(reason);
  });
});

describe('.pretty', () => {
  test('lists a table', async ({ process }) => {
    const { result } = await process.eval(
      "return require('.pretty').tprint({ { yes = true }, 'hay' })",
    );
    expect(result?.output).toMatchObject({ data: '1: \n yes: true\n2: hay\n' });
  });
});

describe('the console', () => {
  test('has a prompt and a version', async ({ process }) => {
    const prompt = await process.eval('return Prompt()');
    expect(JSON.stringify(prompt.result?.output)).toContain('[Inbox:');
    const version = await process.eval('Version()');
    expect(version.result?.prints?.[0]?.text).toMatch(/^version: \d/);
  });

  test('makes a map of a list of tags: the first of a name wins', async ({ process, encoded }) => {
    const tags = ['one', 'two'].map((value) => `{ name = 'a', value = '${value}' }`).join(', ');
    const receipt = await process.eval(encoded(`Tab({ Tags = { ${tags} } })`));
    expect(worth(receipt)).toEqual([{ a: 'one' }]);
  });
});

describe('On-Boot', () => {
  test('of data that is not on the gateway: the process says so', async ({ network }) => {
    const process = await network.spawn({ tags: { 'On-Boot': 'x'.repeat(43) } });
    expect(process.spawned).toFailWith('give the program as Data with On-Boot=Data');
  });
});
