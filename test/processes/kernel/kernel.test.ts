/** What the kernel promises beyond the recorded behaviour: clear failures, traces, small and quick. */
import { beforeEach, describe, expect, it } from 'vitest';
import { createTestProcess, type TestProcess } from './console.js';
import { createKernelMachines } from './subject.js';

const create = createKernelMachines();
let process: TestProcess;

beforeEach(() => {
  process = createTestProcess(create);
});

describe('a failing handler', () => {
  it('leaves its name, line, message and stack', () => {
    process.evaluate(
      "Handlers.add('Payout', 'Pay', function(msg)\n  local fee = nil\n  return fee.amount\nend)",
    );
    const { response, trace } = process.send({ Action: 'Pay' });
    expect(response.Error).toContain("attempt to index a nil value (local 'fee')");
    expect(trace).toMatchObject({ handler: 'Payout', line: 3, message: 'MESSAGE-2' });
    expect(trace?.stack).toContain('[string "aos"]:3:');
    expect(trace?.stack).not.toContain('.handlers');
  });

  it('is named also when it fails after a receive', () => {
    process.evaluate("Handlers.add('Ask', 'Ask', function() Receive('Go') error('late') end)");
    process.send({ Action: 'Ask' });
    expect(process.send({ Action: 'Go' }).trace).toMatchObject({ handler: 'Ask', line: 1 });
  });

  it('is named when its pattern fails', () => {
    process.evaluate("Handlers.add('Odd', function() error('pattern') end, print)");
    expect(process.send({ Action: 'X' }).trace).toMatchObject({ handler: 'Odd', line: 1 });
  });

  it('may throw any value', () => {
    process.evaluate("Handlers.add('T', 'T', function() error({ code = 7 }) end)");
    expect(process.send({ Action: 'T' }).response.Error).toContain('{"code":7}');
  });
});

describe('a result that JSON cannot hold', () => {
  it.each(['0/0', 'math.huge', '{1, nil, 3}', '{ print }', '{ a = 1, [1] = 2 }'])('%s', (value) => {
    process.evaluate(
      `Handlers.add('S', 'S', function(m) Send({ Target = m.From, X = ${value} }) end)`,
    );
    const { response } = process.send({ Action: 'S' });
    expect(response.Error).toContain('the result cannot be written as JSON');
    expect(response.Messages).toBeUndefined();
  });
});

describe('the console', () => {
  it('prints functions', () => {
    expect(process.evaluate('print(print)')).toMatch(/^function: /);
  });

  it('shows an array that holds itself', () => {
    expect(process.evaluate('local t = {} t[1] = t return t')).toContain('<circular reference>');
  });

  it('keeps ao.log out of the output and in the trace', () => {
    process.evaluate("Handlers.add('L', 'L', function() ao.log('seen') print('shown') end)");
    const { response, trace } = process.send({ Action: 'L' });
    expect(response.Output?.data).toBe('shown');
    expect(trace).toEqual({ log: ['seen'] });
  });
});

describe('the sandbox', () => {
  it.each([
    'io',
    'dofile',
    'loadfile',
    'os.execute',
    'os.exit',
    'os.remove',
    'string.dump',
    'warn',
  ])('has no %s', (name) => {
    expect(process.evaluate(`return tostring(${name})`)).toBe('nil');
  });

  it('loads no bytecode', () => {
    expect(process.evaluate("return tostring((load('\\27Lua')))")).toBe('nil');
  });
});

describe('the dialect of Lua 5.3', () => {
  it.each([
    ["'10' + 5", '15.0'],
    ["-'2'", '-2.0'],
    ["'7' | 0", '7'],
    ["'6' & '3'", '2'],
    ['math.pow(2, 10)', '1024.0'],
    ['select(1, math.frexp(8))', '0.5'],
    ['bit32.bxor(5, 1)', '4'],
    ['bit32.arshift(0x80000000, 31)', '4294967295'],
    ['bit32.extract(0xABCD, 4, 8)', '188'],
    ['bit32.replace(0, 15, 4, 4)', '240'],
    ['_VERSION', 'Lua 5.3'],
  ])('%s is %s', (expression, value) => {
    expect(process.evaluate(`return tostring((${expression}))`)).toBe(value);
  });

  it('leaves a bint to its own arithmetic with strings', () => {
    expect(process.evaluate("return tostring('5' + require('.bint')(256)(2))")).toBe('7');
  });
});

describe('cost', () => {
  it('boots in less than 600 KB of Lua memory', () => {
    const kilobytes = Number(process.evaluate("collectgarbage() return collectgarbage('count')"));
    expect(kilobytes).toBeLessThan(600);
  });

  it('answers a ping in fewer than 25,000 instructions', () => {
    process.evaluate("Handlers.add('Ping', 'Ping', function(m) m.reply({ Data = 'pong' }) end)");
    process.send({ Action: 'Ping' });
    expect(process.send({ Action: 'Ping' }).response.Messages).toHaveLength(1);
    expect(process.machine.instructionsUsed).toBeLessThan(25_000);
  });
});
