/** A debug session walks through one evaluation, forwards and backwards, and changes nothing. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseBreakpoint } from '../../../kit/debug/breakpoints.js';
import type { DebugSession, Stop } from '../../../kit/debug/session.js';
import { openShop } from './shop.js';

let shop: Awaited<ReturnType<typeof openShop>>;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(() => shop.close());

const at = ({ source, line }: Stop) => (source === undefined ? 'end' : `${source}:${line}`);

function locals(session: DebugSession, frame = 0): Record<string, string> {
  const list = session.variables(session.scopes(frame).locals);
  return Object.fromEntries(list.map(({ name, text }) => [name, text]));
}

test('step goes into calls, next over them, out to the caller, back again', async () => {
  const { id } = await shop.send('Buy', { Fruit: 'apples', Count: '3' });
  const session = await shop.debug(id);
  expect(at(session.stop)).toBe('shop.lua:14');
  expect(at(session.move('next'))).toBe('shop.lua:15');
  expect(at(session.move('next'))).toBe('shop.lua:16');
  expect(locals(session)).toMatchObject({ fruit: '"apples"', count: '3' });
  expect(at(session.move('step'))).toBe('shop.lua:8');
  expect(at(session.move('step'))).toBe('shop.lua:9');
  expect(locals(session)).toEqual({ fruit: '"apples"', count: '3', left: '7' });
  expect(at(session.move('out'))).toBe('shop.lua:17');
  expect(at(session.move('back'))).toBe('shop.lua:16');
  expect(at(session.move('step-back'))).toBe('shop.lua:15');
  expect(at(session.move('next'))).toBe('shop.lua:16');
  expect(at(session.move('next'))).toBe('shop.lua:17');
  expect(session.evaluate('Stock.apples, served').values.map(({ text }) => text)).toEqual([
    '7',
    '0',
  ]);
  expect(at(session.move('continue'))).toBe('end');
  expect(session.frames()).toEqual([]);
  expect(at(session.move('back'))).toBe('shop.lua:20');
  session.close();
});

test('breakpoints stop at lines, at handlers and at errors, forwards and backwards', async () => {
  const { id } = await shop.send('Buy', { Fruit: 'plums', Count: '1' });
  const session = await shop.debug(id);
  session.setBreakpoints(['lib/../shop.lua:9', 'buy', 'shop.lua:8', 'error'].map(parseBreakpoint));
  expect(session.move('continue')).toMatchObject({ reason: 'breakpoint', breakpoint: 3, line: 8 });
  expect(session.move('continue')).toEqual({ reason: 'end', place: 4, length: 4 });
  expect(session.move('reverse')).toMatchObject({ breakpoint: 3, line: 8 });
  expect(session.stop.error).toContain('attempt to perform arithmetic on a nil value');
  expect(session.move('reverse')).toMatchObject({ breakpoint: 2, line: 14 });
  session.setBreakpoints([parseBreakpoint('error')]);
  expect(session.move('continue')).toMatchObject({ reason: 'error', line: 8 });
  expect(session.result.error?.text).toContain('shop.lua:8');
  session.close();
});

test('a breakpoint may have a condition; a loop stops at each turn', async () => {
  const { id } = await shop.send('Share', { Parts: '2' });
  const session = await shop.debug(id);
  session.setBreakpoints([{ kind: 'line', file: '/x/shop.lua', line: 25, condition: 'i == 2' }]);
  expect(session.move('continue')).toMatchObject({ breakpoint: 1, line: 25 });
  expect(locals(session)).toMatchObject({ i: '2', first: '4', each: '4' });
  expect(at(session.move('continue'))).toBe('end');
  session.setBreakpoints([{ kind: 'line', file: 'shop.lua', line: 25 }]);
  session.goTo(0);
  const stops = [1, 2, 3, 4].map(() => at(session.move('continue')));
  expect(stops).toEqual(['shop.lua:25', 'shop.lua:25', 'shop.lua:25', 'end']);
  session.close();
});

test('the stack names handlers and functions, with files and lines', async () => {
  const { id } = await shop.send('Share', { Parts: '2' });
  const session = await shop.debug(id);
  session.setBreakpoints([parseBreakpoint('lib/money.lua:6')]);
  session.move('continue');
  const own = session.frames().filter(({ isKernel }) => !isKernel);
  expect(own.map(({ name, source, line }) => `${name} ${source}:${line}`)).toEqual([
    'split lib/money.lua:6',
    'handler "share" shop.lua:23',
  ]);
  const caller = session.frames().indexOf(own[1] as never);
  expect(session.evaluate('each', caller).values[0]?.text).toBe('nil');
  expect(session.evaluate('money.split(9, 2)', caller).values.map(({ text }) => text)).toEqual([
    '5',
    '4',
  ]);
  session.close();
});

test('coroutines: what waits in receive is debugged where it goes on', async () => {
  const receipt = await shop.send('Ask');
  const answers = receipt.messages.filter(({ target }) => target === shop.shop.id);
  const session = await shop.debug(answers.at(-1)?.id ?? '');
  expect(at(session.stop)).toBe('shop.lua:33'); // the rest of the line that waited
  expect(locals(session)).toMatchObject({ question: '"price?"' });
  expect(session.frames()[0]).toMatchObject({ name: 'handler "ask"', line: 33 });
  expect(at(session.move('next'))).toBe('shop.lua:34');
  expect(at(session.move('next'))).toBe('shop.lua:35');
  expect(locals(session)).toMatchObject({ price: '42' });
  expect(at(session.move('next'))).toBe('end');
  session.close();
});

test('expressions see the frame, fail softly, and change nothing that lasts', async () => {
  const before = await shop.send('Buy', { Fruit: 'pears', Count: '1' });
  const hash = await shop.network.stateHash(shop.shop.id);
  const session = await shop.debug(before.id);
  session.move('next');
  expect(session.evaluate('fruit .. "!"').values[0]).toMatchObject({
    text: '"pears!"',
    type: 'string',
  });
  expect(session.evaluate('nonsense.x').error).toContain('attempt to index a nil value');
  expect(session.evaluate('1 +').error).toContain('unexpected symbol');
  expect(session.evaluate('while true do end')).toMatchObject({ broken: true });
  expect(session.evaluate('fruit').values[0]?.text).toBe('"pears"');
  session.evaluate('Stock = nil');
  expect(session.evaluate('Stock').values[0]?.text).toBe('nil');
  session.move('next');
  expect(session.evaluate('Stock.pears').values[0]?.text).toBe('2');
  const [order] = session.evaluate('Orders').values;
  expect(order).toMatchObject({ text: '{}', type: 'table', reference: 0 });
  const [stock] = session.evaluate('Stock').values;
  expect(session.variables(stock?.reference ?? 0).map(({ name, text }) => [name, text])).toEqual([
    ['apples', '10'],
    ['pears', '2'],
  ]);
  const globals = session.variables(session.scopes(0).globals).map(({ name }) => name);
  expect(globals).toEqual(['Errors', 'Inbox', 'Name', 'Orders', 'Owner', 'Stock']);
  expect(await shop.network.stateHash(shop.shop.id)).toBe(hash);
  session.close();
});

test('conditions are asked in one run, leave no mark, and hide no other breakpoint', async () => {
  const { id } = await shop.send('Share', { Parts: '2' });
  const session = await shop.debug(id);
  const line = (number: number, condition?: string) =>
    ({ kind: 'line', file: 'shop.lua', line: number, condition }) as const;
  session.setBreakpoints([line(25, 'false'), line(25, 'i == 2'), line(27)]);
  expect(session.toFirstStop()).toMatchObject({ breakpoint: 2, line: 25 });
  expect(session.move('continue')).toMatchObject({ breakpoint: 3, line: 27 });
  expect(locals(session)).toMatchObject({ first: '4', each: '9' });
  expect(session.move('reverse')).toMatchObject({ breakpoint: 2, line: 25 });
  expect(session.move('reverse')).toMatchObject({ reason: 'start', place: 0 });
  // What a condition assigns is undone before the next one is asked.
  session.setBreakpoints([line(25, '(function() Seen = (Seen or 0) + i return Seen == 3 end)()')]);
  expect(session.move('continue')).toMatchObject({ breakpoint: 1 });
  expect(locals(session)).toMatchObject({ i: '3', each: '6' });
  session.setBreakpoints([line(25, '(function() while true do end end)()')]);
  session.goTo(0);
  expect(session.move('continue')).toMatchObject({
    breakpoint: 1,
    doubt: expect.stringContaining('too long'),
  });
  expect(locals(session)).toMatchObject({ i: '1' });
  session.setBreakpoints([line(25, 'i ==')]);
  expect(session.move('continue').doubt).toContain('syntax error');
  session.close();
});

test('a condition does not hide the error at its line, nor run for ever in a long loop', async () => {
  const { id } = await shop.send('Buy', { Fruit: 'plums', Count: '1' });
  const failing = await shop.debug(id);
  const never = { kind: 'line', file: 'shop.lua', line: 8, condition: 'false' } as const;
  failing.setBreakpoints([never, { kind: 'error' }]);
  expect(failing.toFirstStop()).toMatchObject({ reason: 'error', line: 8, breakpoint: 2 });
  failing.close();
  const loop = 'for i = 1, 5000 do\nLast = i\nend';
  const long = await shop.network.send({
    from: shop.alice,
    to: shop.shop.id,
    action: 'Eval',
    data: loop,
  });
  const session = await shop.debug(long.id);
  const at = (condition: string) => [{ kind: 'line', file: 'aos', line: 2, condition } as const];
  session.setBreakpoints(at('i == 1000'));
  expect(session.move('continue')).toMatchObject({ breakpoint: 1 });
  expect(locals(session)).toMatchObject({ i: '1000' });
  session.setBreakpoints(at('false'));
  const turns: string[] = [];
  session.goTo(0);
  while (session.move('continue').reason !== 'end') turns.push(locals(session).i ?? '');
  expect(turns.length).toBeGreaterThan(0); // its bound: a stop, and on
  expect(turns.length).toBeLessThan(20);
  expect(session.stop.reason).toBe('end');
  session.close();
});

test('conditions share what one move may cost: few may take long, many may not', async () => {
  const runs = async (turns: number, work: number) => {
    const loop = `for i = 1, ${turns} do\nLast = i\nend`;
    const { network, alice, shop: process } = shop;
    const { id } = await network.send({ from: alice, to: process.id, action: 'Eval', data: loop });
    const session = await shop.debug(id);
    const condition = `(function() for i = 1, ${work} do end end)()`;
    session.setBreakpoints([{ kind: 'line', file: 'aos', line: 2, condition }]);
    const stop = session.toFirstStop();
    session.close();
    return stop;
  };
  const tooLong = { reason: 'breakpoint', doubt: expect.stringContaining('runs too long') };
  expect(await runs(2, 1e6)).toMatchObject({ reason: 'end' });
  expect(await runs(2, 1e8)).toMatchObject({ place: 1, ...tooLong });
  expect(await runs(900, 1e3)).toMatchObject({ reason: 'end' });
  expect(await runs(900, 1e6)).toMatchObject({ place: 1, ...tooLong });
});
