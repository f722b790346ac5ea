/** What the kernel tells the host of every message, beside the response: handlers and prints. */
import { beforeEach, describe, expect, it } from 'vitest';
import { readReply, resultToWire } from '../../../actors/compute/result.js';
import { createTestProcess, type Reply, type TestProcess } from './console.js';
import { createKernelMachines } from './subject.js';

const create = createKernelMachines();
let process: TestProcess;

beforeEach(() => {
  process = createTestProcess(create);
});

const read = (reply: Reply) => readReply(JSON.stringify(reply));

describe('the handlers that ran', () => {
  it('are told in their order', () => {
    process.evaluate(
      "Handlers.add('log', function() return 'continue' end, function() end)\n" +
        "Handlers.add('ping', 'Ping', function(m) m.reply({ Data = 'pong' }) end)",
    );
    expect(process.send({ Action: 'Ping' }).handler).toBe('log, ping');
    expect(process.send({ Action: 'Other' }).handler).toBe('log, _default');
    expect(process.eval('return 1').handler).toBe('_eval');
  });

  it('are told of one that failed, too', () => {
    process.evaluate("Handlers.add('pay', 'Pay', function() error('no') end)");
    expect(read(process.send({ Action: 'Pay' }))).toMatchObject({
      handler: 'pay',
      error: { handler: 'pay' },
    });
  });

  it('may have any name, put into the list by hand', () => {
    process.evaluate(
      'table.insert(Handlers.list, 1, { pattern = function() return 1 end, handle = function() end })\n' +
        'table.insert(Handlers.list, 2, { name = {}, pattern = function() return true end, handle = print })',
    );
    expect(process.send({ Action: 'X' }).handler).toMatch(/^nil, table: /);
  });
});

describe('a print', () => {
  it('is told with the file and the line of its call', () => {
    process.evaluate(`assert(load("local function pay()\\n  print('paid')\\n  print(2)\\nend\\npay()",
      '@shop/pay.lua'))
      Handlers.add('P', 'P', load("print('one')\\n\\nprint('three')", '@shop/pay.lua'))`);
    const { prints, response } = process.send({ Action: 'P' });
    expect(prints).toEqual(['one', 'shop/pay.lua:1', 'three', 'shop/pay.lua:3']);
    expect(response.Output?.data).toBe('one\nthree');
  });

  it('of a program that was evaluated names its chunk', () => {
    expect(read(process.eval('\nprint({ 1, 2 }) return')).prints).toEqual([
      { text: '{ \u001b[34m1\u001b[0m, \u001b[34m2\u001b[0m }', source: '[string "aos"]', line: 2 },
    ]);
  });

  it('has no place where Lua has lost it, and not that of another call', () => {
    process.evaluate(
      "Handlers.add('tail', 'Tail', function() local x = (function() return print('t') end)() end)\n" +
        "Handlers.add('c', 'C', function() pcall(print, 'c') end)\n" +
        "Handlers.add('handle', 'Handle', print)",
    );
    expect(process.send({ Action: 'Tail' }).prints).toEqual(['t', '']);
    expect(process.send({ Action: 'C' }).prints).toEqual(['c', '']);
    expect(process.send({ Action: 'Handle' }).prints).toHaveLength(2);
  });

  it("of the kernel has a text alone, and the program's own print is the program's", () => {
    expect(read(process.send({ Action: 'Nobody' })).prints).toEqual([
      { text: expect.stringContaining('New Message From') },
    ]);
    process.evaluate("function print(x) table.insert(HANDLER_PRINT_LOGS, 'mine') end");
    const { prints, response } = process.eval('print(1)');
    expect([prints, response.Output?.data]).toEqual([undefined, 'mine']);
  });

  it('is told although the message failed afterwards', () => {
    process.evaluate("Handlers.add('F', 'F', function()\n  print('before')\n  error('no') end)");
    const { prints = [] } = read(process.send({ Action: 'F' }));
    expect(prints[0]).toEqual({ text: 'before', source: '[string "aos"]', line: 2 });
  });

  it('is forgotten with its message', () => {
    process.evaluate('print(1)');
    expect(process.eval('x = 1').prints).toBeUndefined();
  });

  it('is told of as far as there is room, and all of it is in the output', () => {
    const reply = process.eval("for i = 1, 100 do print(('x'):rep(10000)) end");
    expect(reply.prints).toHaveLength(2 * 26);
    expect(reply.response.Output?.data).toHaveLength(100 * 10_001 - 1);
  });

  it('goes over the wire beside the result', () => {
    expect(resultToWire(read(process.eval("print('a') return"))).Prints).toEqual([
      { Text: 'a', Source: '[string "aos"]', Line: 1 },
    ]);
    expect(resultToWire(read(process.eval('x = 1')))).not.toHaveProperty('Prints');
  });
});
