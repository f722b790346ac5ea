/**
 * Programs for fuzzing the Lua machine: a small grammar that knows every library, and has no manners.
 * Generated with fast-check, so that a program that fails is made smaller.
 */
import fc from 'fast-check';

const FUNCTIONS = [
  ...['assert', 'collectgarbage', 'error', 'getmetatable', 'ipairs', 'load', 'next', 'pairs'],
  ...['pcall', 'print', 'rawequal', 'rawget', 'rawlen', 'rawset', 'require', 'select'],
  ...[
    'setmetatable',
    'tonumber',
    'tostring',
    'type',
    'xpcall',
    'Send',
    'Spawn',
    'Assign',
    'Receive',
  ],
  ...['coroutine.create', 'coroutine.resume', 'coroutine.wrap', 'coroutine.yield'],
  ...['coroutine.status', 'coroutine.running', 'debug.traceback', 'debug.getinfo'],
  ...['math.abs', 'math.floor', 'math.fmod', 'math.random', 'math.randomseed', 'math.ult'],
  ...['math.tointeger', 'os.clock', 'os.date', 'os.time', 'os.getenv', 'os.difftime'],
  ...['string.byte', 'string.char', 'string.find', 'string.format', 'string.gmatch'],
  ...['string.gsub', 'string.len', 'string.match', 'string.pack', 'string.rep', 'string.sub'],
  ...['string.unpack', 'table.concat', 'table.insert', 'table.move', 'table.pack'],
  ...['table.remove', 'table.sort', 'table.unpack', 'utf8.char', 'utf8.codepoint', 'utf8.offset'],
  ...['ao.send', 'ao.spawn', 'ao.assign', 'ao.result', 'ao.isTrusted', 'ao.init', 'ao.log'],
  ...['Handlers.add', 'Handlers.remove', 'Handlers.evaluate', 'Handlers.receive', 'handle'],
  ...["require('json').encode", "require('json').decode", "require('.utils').matchesSpec"],
] as const;

const VALUES = [
  ...['nil', 'true', 'false', '0', '-1', '1', '2', '255', '1e9', '1e308', '0/0', '1/0', '-1/0'],
  ...['math.maxinteger', 'math.mininteger', '2^53', '5e-324', "''", "'x'", "'__index'", "'\\0'"],
  ...["'%s'", "'%99d'", "'(a*)*b'", "('a'):rep(100)", "'\\27Lua'", "'[['", "'%b()'", "'\\255'"],
  ...['{}', '{ 1, 2, 3 }', '{ x = 1 }', '_G', 'ao', 'Handlers', 'msg', 'print', 'error', 'a', 'b'],
  ...['function() end', 'function(...) return ... end', 'function() error(a) end'],
  ...['setmetatable({}, { __index = function(_, k) return k end })'],
  ...['setmetatable({}, { __gc = function() a = 1 end })', 'coroutine.create(print)'],
  ...["setmetatable({}, { __tostring = function() return 5 end, __name = 'n' })", 'ao.id'],
] as const;

const OPERATORS = [
  '+',
  '-',
  '*',
  '/',
  '//',
  '%',
  '^',
  '..',
  '==',
  '<',
  '<=',
  '&',
  '|',
  '~',
  '<<',
  '>>',
];
const NAMES = ['a', 'b', 'c', '_G.d', 'ao.x', 'string.y', "_G['__proto__']"];

const { expression, statement } = fc.letrec<{ expression: string; statement: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(...VALUES),
    fc
      .tuple(fc.constantFrom(...FUNCTIONS), fc.array(tie('expression'), { maxLength: 3 }))
      .map(([name, args]) => `${name}(${args.join(', ')})`),
    fc
      .tuple(tie('expression'), fc.constantFrom(...OPERATORS), tie('expression'))
      .map(([left, operator, right]) => `(${left}) ${operator} (${right})`),
    tie('expression').map((value) => `#(${value})`),
    fc.tuple(tie('expression'), tie('expression')).map(([value, key]) => `(${value})[${key}]`),
  ),
  statement: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc
      .tuple(fc.constantFrom(...NAMES), tie('expression'))
      .map(([name, value]) => `${name} = ${value}`),
    tie('expression').map((value) => `local _ = ${value}`),
    tie('expression').map((value) => `pcall(function() return ${value} end)`),
    fc
      .tuple(tie('expression'), tie('statement'))
      .map(([condition, body]) => `if ${condition} then ${body} end`),
    fc
      .tuple(fc.constantFrom('3', '1e3', '1e12', 'math.huge'), tie('statement'))
      .map(([count, body]) => `for i = 1, ${count} do ${body} end`),
    tie('statement').map((body) => `coroutine.wrap(function() ${body} end)()`),
    tie('statement').map((body) => `local f = function(...) ${body} end; f(1)`),
    tie('statement').map((body) => `while a do ${body} end`),
  ),
}));

/** Most of what such programs do fails: caught, it goes on. */
const caught = statement.map((body) => `pcall(function() ${body} end)`);
const line = fc.oneof({ weight: 4, arbitrary: caught }, { weight: 1, arbitrary: statement });

/** A program of a few statements, whose value is its last. */
export const program: fc.Arbitrary<string> = fc
  .tuple(fc.array(line, { minLength: 1, maxLength: 6 }), expression)
  .map(([lines, value]) => [...lines, `return (pcall(function() return ${value} end))`].join('\n'));
