/** The codec against the JSON module in Lua, which says what is right: values, texts and errors. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { createImage } from '../../../actors/lua/image.js';
import { createMachine } from '../../../actors/lua/machine.js';
import { engine } from './programs.js';

const MODULE = new URL('../../../processes/kernel/json.lua', import.meta.url);

/** Does the same with the module as it is and with one that finds no codec, and compares bytes. */
const ENTRY = `
local codec = require('.codec')
local function get(isHost)
  package.preload['.codec'] = isHost and function() return codec end or nil
  package.loaded.json = nil
  return require('json')
end
local plain, host = get(false), get(true) -- what programs find is the latter

local function write(value)
  if type(value) == 'string' then return ('%q'):format(value) end
  if math.type(value) == 'float' then return ('%a'):format(value) end
  if type(value) ~= 'table' then return tostring(value) end
  local parts = {}
  for key, item in pairs(value) do parts[#parts + 1] = write(key) .. '=' .. write(item) end
  table.sort(parts)
  return '{' .. table.concat(parts, ',') .. '}'
end

local actions = {}
function actions.decode(json, text) return json.decode(text) end
function actions.encode(json, code) return json.encode(load(code)()) end
function actions.again(json, text) return json.encode(plain.decode(text)) end

local function known(action, text)
  if action == 'decode' then return (codec.decode(text)) end
  local value = action == 'again' and plain.decode(text) or load(text)()
  return type(value) == 'table' and codec.encode(value) ~= nil
end

function handle(text, action)
  if action == 'known' or action == 'writes' then
    return tostring(known(action == 'known' and 'decode' or 'encode', text) or false)
  end
  local function attempt(json)
    local ok, value = pcall(actions[action], json, text)
    return tostring(ok) .. ' ' .. write(value)
  end
  local first, second = attempt(host), attempt(plain)
  return first == second and second or first .. ' IS NOT ' .. second
end
`;

const image = createImage(engine, {
  files: [
    { name: 'json', source: readFileSync(MODULE, 'utf8') },
    { name: '.main', source: ENTRY },
  ],
  entry: '.main',
});
const limits = { memoryBytes: 256 * 1024 * 1024, instructions: 1_000_000_000 };
const machine = createMachine(image, { limits });
const ask = (action: string, text: string) => machine.evaluate(text, action);

const anything = fc.json({ maxDepth: 5, stringUnit: 'binary' });
const runs = { numRuns: 1_000, seed: 1 };

describe('reading', () => {
  it('gives the values that the module gives, of any text of JavaScript', () => {
    fc.assert(
      fc.property(anything, fc.constantFrom(0, 1), (json, indent) => {
        const text = JSON.stringify(JSON.parse(json), null, indent);
        expect(ask('decode', text)).not.toContain('IS NOT');
      }),
      runs,
    );
  });

  it('gives the values and the errors that the module gives, of any damaged text', () => {
    const damage = fc.constantFrom(
      '"',
      '\\',
      '{',
      ']',
      ',',
      ':',
      '\n',
      '\0',
      ' ',
      '1',
      'null',
      '\\u',
    );
    fc.assert(
      fc.property(anything, fc.nat(), fc.nat(9), damage, (json, at, length, put) => {
        const start = at % (json.length + 1);
        const text = json.slice(0, start) + put + json.slice(start + length);
        expect(ask('decode', text)).not.toContain('IS NOT');
      }),
      runs,
    );
  });

  test.each([
    '{"a":[1,2,3],"b":{"c":"d"},"e":true,"f":null,"g":-1.5e3,"h":""}',
    '[{"name":"Action","value":"Eval"},{"name":"x","value":"a\\nb\\u0001\\u00e9\\"\\\\\\/"}]',
    ' [ 1 , "zwei" , [ ] , { } ] ',
    '123456789012345',
    `{"Data":"${'x'.repeat(100_000)}"}`,
    '"\u00e4\u{1f999}"',
  ])('is done by the host: %.60s', (text) => {
    expect(ask('known', text)).toBe('true');
    expect(ask('decode', text)).toMatch(/^true /);
  });

  test.each([
    ['a hole', '[1,null]'],
    ['a comma too many', '[1,2,]'],
    ['half of a character', '"\\ud83d"'],
    ['a character in halves', '"\\ud83e\\udd99"'],
    ['digits beyond what is exact', '1234567890123456'],
    ['a number of another language', '0x10'],
    ['a control character', '"a\nb"'],
    ['nothing', ''],
    ['too much', '{} {}'],
    ['a text without an end', '"abc'],
    ['an escape at the end', '"abc\\'],
    ['deep lists', `${'['.repeat(200)}${']'.repeat(200)}`],
  ])('is left to the module: %s', (_, text) => {
    expect(ask('known', text)).toBe('false');
    expect(ask('decode', text)).not.toContain('IS NOT');
  });
});

describe('writing', () => {
  it('gives the text that the module gives, of any value', () => {
    fc.assert(
      fc.property(anything, (json) => {
        expect(ask('again', json)).not.toContain('IS NOT');
      }),
      runs,
    );
  });

  it('gives the text that the module gives, of any number', () => {
    const numbers = fc.oneof(
      fc.double(),
      fc.integer(),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.integer({ min: -1e9, max: 1e9 }).map((it) => it / 1000),
    );
    fc.assert(
      fc.property(numbers, (number) => {
        const text = Number.isNaN(number) ? '0/0' : String(number).replace('Infinity', '1e999');
        expect(ask('encode', `return { ${text} }`)).not.toContain('IS NOT');
      }),
      runs,
    );
  });

  test.each([
    ['a list', 'return { 1, "two", true, false }'],
    ['a list that grew', 'local t = {} for i = 1, 37 do t[#t + 1] = i end return t'],
    [
      'a list that shrank',
      'local t = {1,2,3,4,5,6,7,8,9} for i = 9, 3, -1 do t[i] = nil end return t',
    ],
    ['a list written backwards', 'local t = {} for i = 9, 1, -1 do t[i] = i end return t'],
    [
      'a length that was asked for',
      'local t = {1,2,3,4,5} t[5] = nil; t[4] = nil; local n = #t; t[4] = n return t',
    ],
    ['a record', 'return { a = 1, b = { c = {} }, ["\\n"] = "\\1\\127\\200" }'],
    ['long texts', 'return { ("x"):rep(100), [("k"):rep(100)] = 1 } and { k = ("y"):rep(1e6) }'],
    ['numbers', 'return { 5.0, 0.1, 1e13, 2^40, 99999999999, 0.0001, 123456.789 }'],
    ['what was removed', 'local t = { a = 1, b = 2, c = 3 } t.b = nil return t'],
    ['an empty one', 'return {}'],
    ['one twice', 'local t = { 1 } return { t, t }'],
  ])('is done by the host: %s', (_, code) => {
    expect(ask('writes', code)).toBe('true');
    expect(ask('encode', code)).toMatch(/^true /);
    expect(ask('encode', code)).not.toContain('IS NOT');
  });

  test.each([
    ['a function', 'return { a = print, b = 1 }'],
    ['functions alone', 'return { a = print }'],
    ['a coroutine', 'return { coroutine.create(print) }'],
    ['a metatable', 'return setmetatable({ 1 }, { __len = function() return 3 end })'],
    [
      'pairs of its own',
      'return setmetatable({}, { __pairs = function() return next, { a = 1 } end })',
    ],
    ['holes', 'return { 1, nil, 3 }'],
    ['a list without a first', 'return { nil, 2 }'],
    ['other keys in a list', 'return { 1, 2, x = 3 }'],
    ['keys that are no text', 'return { [true] = 1 }'],
    ['a fraction as a key', 'return { 1, [1.5] = 2 }'],
    ['a far key', 'return { 1, [1 << 40] = 2 }'],
    ['no number', 'return { 0 / 0 }'],
    ['beyond numbers', 'return { 1 / 0 }'],
    ['minus nothing', 'return { -0.0 }'],
    ['small fractions', 'return { 1e-7 }'],
    ['long fractions', 'return { 1 / 3 }'],
    ['large numbers', 'return { math.maxinteger, 1e300, 2^63 }'],
    ['itself', 'local t = {} t[1] = t return t'],
    ['deep lists', 'local t = {} for i = 1, 200 do t = { t } end return t'],
  ])('is left to the module: %s', (_, code) => {
    expect(ask('writes', code)).toBe('false');
    expect(ask('encode', code)).not.toContain('IS NOT');
  });
});

test('a byte costs gas, and a text that doubles at each level ends at the limit', () => {
  const gasOf = (bytes: number) => {
    ask('known', JSON.stringify('x'.repeat(bytes)));
    return machine.instructionsUsed;
  };
  expect(gasOf(50_000) - gasOf(10_000)).toBeGreaterThanOrEqual(40_000);
  const poor = createMachine(image, { limits: { ...limits, instructions: 1_000_000 } });
  const bomb = 'local t = { 1 } for i = 1, 31 do t = { t, t } end return t';
  expect(() => poor.evaluate(bomb, 'encode')).toThrow(
    expect.objectContaining({ code: 'INSTRUCTION_LIMIT' }),
  );
});

test('where the stack is nearly full, nothing is read: first Lua has to find room', () => {
  const deep = `
    local decode, depth = require('.codec').decode, 0
    local function descend(levels)
      depth = depth + 1
      if levels == 0 then
        local isKnown = decode('[[[[1]]]]')
        return isKnown and 'read' or 'left'
      end
      return (descend(levels - 1))
    end
    pcall(descend, -1)
    local most, told = depth, {}
    for room = 0, 60, 4 do
      local ok, said = pcall(descend, most - 2 - room)
      told[ok and said or said:match('stack overflow')] = true
    end
    assert(told.left and told.read and told['stack overflow'])
    return {}`;
  expect(ask('writes', deep)).toBe('true');
});

test('what is looked at is paid for, also when nothing comes of it', () => {
  const gasOf = (code: string) => {
    ask('writes', code);
    return machine.instructionsUsed;
  };
  const fill = 'local big = { x = 1 } for i = 1, 1 << 16 do big[i] = true end';
  const looks = 'for i = 1, 20 do require(".codec").encode(big) end';
  const once = gasOf(`${fill} return {}`);
  expect(gasOf(`${fill} ${looks} return {}`) - once).toBeGreaterThan(20 * 65_536);
  const empty = `${fill} for i = 1, 1 << 16 do big[i] = nil end big.x = nil`;
  const bare = gasOf(`${empty} return {}`);
  expect(gasOf(`${empty} return { big, big, big, big }`) - bare).toBeGreaterThan(4 * 65_536);
});

test('a list within itself is given up before it fills the memory of the host', () => {
  const code = 'local t = {} for i = 1, 1 << 20 do t[i] = true end t[1] = t return t';
  expect(ask('writes', code)).toBe('false');
});

test('a text that is read while another one is read is left to the module', () => {
  const code = `
    local json = require('json')
    local good = '[' .. ('"n1",'):rep(999) .. '"n1"]'
    local other = '[' .. ('"E2",'):rep(999) .. '"E2"]'
    local isReading, wasReading, odd = false, false, 0
    collectgarbage('stop')
    for i = 1, 3 do
      setmetatable({}, { __gc = function()
        wasReading = wasReading or isReading
        json.decode(other)
      end })
    end
    collectgarbage('setpause', 1)
    collectgarbage('setstepmul', 10000)
    collectgarbage('restart')
    isReading = true
    local items = json.decode(good)
    isReading = false
    for _, item in ipairs(items) do odd = odd + (item == 'n1' and 0 or 1) end
    return { odd, wasReading }`;
  expect(ask('encode', code)).toBe('true "[0,true]"');
});

test('a text that the host has no memory to copy fails as it does in Lua: an error to be caught', () => {
  const small = createMachine(image, { limits: { ...limits, memoryBytes: 8 * 1024 * 1024 } });
  const code = `
    local text = '"' .. ('x'):rep(2000000) .. '\\\\n"'
    local ballast = ('y'):rep(1500000)
    pcall(require('json').decode, text)
    return {}`;
  expect(small.evaluate(code, 'writes')).toBe('true');
});

test('a list of millions does not fit, and says so', () => {
  const small = createMachine(image, { limits: { ...limits, memoryBytes: 4 * 1024 * 1024 } });
  const text = `[${'"abcdefgh",'.repeat(300_000)}1]`;
  expect(() => small.evaluate(text, 'known')).toThrow(
    expect.objectContaining({ code: 'MEMORY_LIMIT' }),
  );
});
