/**
 * Behaviour of the reference module that the recorded sequences do not cover, as scripts: what the
 * owner evaluates and what others send, each with what must come of it. Colours are left out.
 */
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { OutboxEntry } from './compare.js';
import { createTestProcess, type Reply } from './console.js';
import { createKernelMachines } from './subject.js';

type Tags = Readonly<Record<string, string>>;
/** An Eval by the owner, or a message from ALICE; and what it gives: see `summarize`. */
type Step = readonly [input: string | Tags, gives: string];

const create = createKernelMachines();
const FIXED = new Set(['Data-Protocol', 'Variant', 'Type', 'Reference']);
const NAMES =
  "local t = {} for i, h in ipairs(Handlers.list) do t[i] = h.name end return table.concat(t, ',')";

const SCRIPTS: Readonly<Record<string, readonly Step[]>> = {
  'handlers keep their order through every way of adding': [
    [
      `local f = function() end
       Handlers.add('a', 'A', f) Handlers.append('b', 'B', f) Handlers.prepend('c', 'C', f)
       Handlers.before('b').add('d', 'D', f) Handlers.after('c').add('e', 'E', f)
       Handlers.once('o1', 'O', f) Handlers.once('P', f) Handlers.add('a', 'A2', f)
       Handlers.before('zz').add('lost', 'L', f) Handlers.after('zz').add('lost2', 'L', f)
       Handlers.before('b').add('b', 'dup', f) ${NAMES}`,
      '_once_0,o1,c,e,_eval,_default,a,d,b,b',
    ],
    [
      `Handlers.remove('b') Handlers.remove('nope') ${NAMES}`,
      '_once_0,o1,c,e,_eval,_default,a,d,b',
    ],
    [{ Action: 'P' }, ''],
    [NAMES, 'o1,c,e,_eval,_default,a,d,b'],
  ],
  'a handler may run a number of times': [
    ["Handlers.add('m', 'M', function() print('run') end, 2)", '3'],
    ["Handlers.once('B', function() print('once') end)", ''],
    [{ Action: 'M' }, 'run'],
    [{ Action: 'M' }, 'run'],
    [{ Action: 'M' }, 'New Message From ALI...ICE: Action = M'],
    [{ Action: 'B' }, 'once'],
    [{ Action: 'B' }, 'New Message From ALI...ICE: Action = B'],
  ],
  'a handler that continues leaves the message to the Inbox': [
    ["Handlers.add('l', function() return 'continue' end, function(m) print('log') end)", '3'],
    [{ Action: 'Foo' }, 'log\nNew Message From ALI...ICE: Action = Foo'],
  ],
  'the underscore asks for any value, the empty one too': [
    ["Handlers.add('t', { Action = 'W', Recipient = '_' }, function() print('match') end)", '3'],
    [{ Action: 'W', Recipient: '' }, 'match'],
    [{ Action: 'W' }, 'New Message From ALI...ICE: Action = W'],
  ],
  'a number or a boolean in a spec never matches': [
    ["Handlers.add('t', { Action = 'N', Q = true }, function() print('match') end)", '3'],
    ["Handlers.add('u', { 'N' }, function() print('match') end)", '4'],
    [{ Action: 'N', Q: '1' }, 'New Message From ALI...ICE: Action = N'],
  ],
  'built-in handlers come back, whatever was removed': [
    ["Handlers.remove('_eval')", ''],
    ["return 'still'", 'still'],
    ['Handlers.list = {}', ''],
    ['return #Handlers.list', '2'],
  ],
  'two suspended handlers get their own answers': [
    [
      `Handlers.add('ask', 'Ask', function(m)
         local r = ao.send({ Target = 'S', N = m.N }).receive('ALICE')
         m.reply({ Data = m.N .. '->' .. r.Data })
       end)`,
      '3',
    ],
    [{ Action: 'Ask', N: 'a' }, ' | S {N=a} '],
    [{ Action: 'Ask', N: 'b' }, ' | S {N=b} '],
    [{ 'X-Reference': '2' }, ' | ALICE {} b->'],
    [{ 'X-Reference': '1' }, ' | ALICE {} a->'],
  ],
  'an Eval may wait for another Eval': [
    ["return 'r:' .. Receive({ Action = 'Eval' }).Data", ''],
    ['1 + 1', 'r:1 + 1'],
    ['2 + 2', '4'],
  ],
  'tags overwrite the envelope, and the time': [
    ["Handlers.add('t', 'Time', function(m) print(type(os.time()) .. ' ' .. os.time()) end)", '3'],
    [{ Action: 'Time' }, 'number 1700000000002'],
    [{ Action: 'Time', Timestamp: '55' }, 'string 55'],
  ],
  'values of tags are sent as they are': [
    ["Send({ Target = 'S', N = 5 }) return", ' | S {N=5} '],
    ["Send({ Target = 'S', T = { a = 1 } }) return", ' | S {T={"a":1}} '],
    ["Send({ Target = 'S', E = {} }) return", ' | S {E=[]} '],
    ["Send({ Target = 'S', I = 2^53 }) return", ' | S {I=9007199254741000} '],
    ["Send({ Target = 'S', Fn = print }) return", ' | S {Fn=undefined} '],
    ["Send({ Target = 'S', [1] = 'one' }) return", ' | S {1=one} '],
  ],
  'a spawn carries what it was given': [
    [
      "Spawn('MOD', { Data = 'code', Tags = { { name = 'Name', value = 'n' } }, Foo = 'bar' }) return",
      ' | spawn {From-Process=PROCESS,From-Module=MODULE,Module=MOD,Foo=bar,Name=n} code',
    ],
    [
      "Spawn({ Name = 'x' }) return",
      ' | spawn {From-Process=PROCESS,From-Module=MODULE,Module=MODULE,Name=x} NODATA',
    ],
    ["Spawn('MOD')", 'Error: Message must be a table'],
    ['Spawn()', 'Error: Module source id is required!'],
  ],
  'print shows only its first value': [
    ["print('x', 'y')", 'x'],
    ['print(1) print(true) print(nil) print()', '1\ntrue\nnil\nnil'],
    ["print(setmetatable({}, { __tostring = function() return 'T' end }))", '{  }'],
  ],
  'tables are shown with their quirks': [
    ['{ 1, 2, a = 3 }', '{\n   a = 3\n}'],
    ['local t = {} t.self = t return t', '{\n   self = <circular reference>\n}'],
    ['local t = { x = 1 } return { p = t, q = t }', '<circular reference>'],
    ['{ [true] = 1 }', "Error: attempt to concatenate a boolean value (local 'k')"],
  ],
  'an assignment is refused unless a spec lets it in': [
    ['ao.addAssignable(1, function() end)', 'Error: MatchSpec name MUST be a string'],
    ['ao.removeAssignable({})', 'Error: index MUST be a number'],
    [
      "ao.addAssignable('a', { X = '1' }) ao.addAssignable('a', { X = '2' }) return #ao.assignables",
      '1',
    ],
  ],
  'messages sent before ao.clearOutbox are gone': [
    [
      `Handlers.add('e', 'E', function(m)
         Send({ Target = m.From, Data = '1' }) ao.clearOutbox() Send({ Target = m.From, Data = '2' })
       end)`,
      '3',
    ],
    [{ Action: 'E' }, ' | ALICE {} 2'],
  ],
  'random numbers are those of the process': [
    ['local a = math.random(1, 1000000) local b = math.random(1, 1000000) return a ~= b', 'true'],
    [
      'math.randomseed(1) local a = math.random() math.randomseed(1) return a ~= math.random()',
      'true',
    ],
    ['return math.random(5, 1)', 'Error: max must bigger than min'],
  ],
  'dates are made of seconds, times of the message': [
    ["return os.date('!%Y-%m-%dT%H:%M:%SZ', 1700000000)", '2023-11-14T22:13:20Z'],
    ['return os.time({ year = 2020, month = 1, day = 1 })', '1700000000002'],
  ],
  'bad JSON fails, whoever sent it': [
    [{ 'Content-Type': 'application/json' }, "Error: unexpected character '' at line 1 col 1"],
  ],
};

const textOf = (value: unknown): string =>
  typeof value === 'object' ? JSON.stringify(value) : String(value);

function summarizeEntry(kind: string, entry: OutboxEntry): string {
  const tags = (entry.Tags ?? []).filter(({ name }) => !FIXED.has(name));
  const shown = tags.map(({ name, value }) => `${name}=${textOf(value)}`).join(',');
  return ` | ${kind} {${shown}} ${entry.Data ?? ''}`;
}

/** Output, then every message and spawn: ` | target {tags} data`. Errors without their positions. */
function summarize({ response }: Reply): string {
  const failure =
    response.Error ?? response.Thrown ?? (typeof response === 'string' ? response : '');
  if (failure !== '') {
    const text = stripVTControlCharacters(String(failure)).split('error:\n').at(-1) ?? '';
    return `Error: ${text.replace(/\[string "[^"]*"\]:\d+: /g, '')}`;
  }
  const output = stripVTControlCharacters(String(response.Output?.data));
  const messages = (response.Messages ?? []).map((m) => summarizeEntry(String(m.Target), m));
  const spawns = (response.Spawns ?? []).map((s) => summarizeEntry('spawn', s));
  return [output, ...messages, ...spawns].join('');
}

describe('the kernel', () => {
  it.each(Object.entries(SCRIPTS))('%s', (_name, steps) => {
    const process = createTestProcess(create);
    for (const [input, gives] of steps) {
      const reply = typeof input === 'string' ? process.eval(input) : process.send(input);
      expect(summarize(reply), String(input)).toBe(gives);
    }
  });
});
