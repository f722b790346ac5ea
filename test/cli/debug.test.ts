/**
 * The debugger at a terminal: the real REPL on a real network, with a keyboard and a screen that are
 * streams. A breakpoint stops a message before it is evaluated, and the network waits.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countingAnchors } from '../../cli/anchors.js';
import { createDebugClient } from '../../cli/debug/client.js';
import { shortId } from '../../cli/format.js';
import { connect, type JoinedNetwork } from '../../cli/network.js';
import { drawTrace, fetchTrace, namesOf } from '../../cli/trace-client.js';
import { bundleLua, type Corral, createToolsApp, startCorral } from '../../index.js';
import { createScreen, openRepl } from './repl-stage.js';

const SHOP = fileURLToPath(new URL('../kit/debug/shop/shop.lua', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'corral-debug-'));
let corral: Corral;
let network: JoinedNetwork;
beforeAll(async () => {
  const keys = join(folder, 'keys');
  corral = await startCorral({ listen: false, workers: 1, keys, tools: createToolsApp });
  network = await connect(corral.fetch, corral.info, { nextAnchor: countingAnchors('debug') });
});
afterAll(async () => {
  await network.close();
  await corral.close();
  rmSync(folder, { recursive: true });
});

/** A REPL on a new shop; with a keyboard, or with all its lines at once as from a pipe. */
const openShop = (name: string, input?: string) =>
  openRepl(network, name, {
    folder,
    code: bundleLua(SHOP),
    ...(input === undefined ? {} : { input }),
  });

const BUY = 'Send({ Target = ao.id, Action = "Buy", Fruit = "apples", Count = "3" })';

test('a breakpoint stops the next message, and the network waits until it may go on', async () => {
  const { process, client, left, shows, press } = await openShop('waiting');
  press('.break shop.lua:9\r');
  await shows(/1 {2}shop\.lua:9/);
  press(`${BUY}\r`);
  const stopped = await shows(/debug> $/);
  expect(stopped).toContain('shop.lua:9  in take');
  expect(stopped).toMatch(/> +9 \| {3}Stock\[fruit\] = left/);
  expect(stopped).toContain('fruit = "apples"  count = 3  left = 7');
  const { gateway } = client.info.urls;
  const waits = createDebugClient(client.fetch, gateway).open(undefined, process.id);
  expect((await waits).view.action).toBe('Eval'); // the Buy itself is not evaluated yet
  press('Stock.apples\r');
  await shows(/\b10\n/);
  press('out\r');
  await shows(/shop\.lua:17 {2}in handler "buy"/);
  press('back\r');
  await shows(/shop\.lua:16 {2}in handler "buy"/);
  press('continue\r');
  await shows(/shop\.lua:9 {2}in take/);
  press('c\r');
  await shows(/goes on/);
  press('Stock.apples\r');
  await shows(/\b7\n/);
  press('.exit\r');
  expect(await left).toBe(0);
});

test('lines of a pipe go to the debugger while it stands still, and its end lets go', async () => {
  const lines = ['.break buy if true', BUY, 'locals', 'nonsense.x', '.break'];
  const { left, said } = await openShop('piped', `${lines.join('\n')}\n`);
  expect(await left).toBe(0);
  const text = said();
  expect(text).toContain('shop.lua:14  in handler "buy"  line 1 of 10, breakpoint 1');
  expect(text).toContain("error: attempt to index a nil value (global 'nonsense')");
  expect(text).toContain('1  handler "buy" if true');
  expect(
    await network.client.dryRun(
      (await network.client.findProcess('piped')) ?? '',
      {
        Action: 'Eval',
      },
      'Stock.apples',
    ),
  ).toMatchObject({ output: '7' });
});

test('.debug walks through the last message, to where it failed and back', async () => {
  const plums = 'Send({ Target = ao.id, Action = "Buy", Fruit = "plums" })';
  const lines = [plums, '.debug', 'c', 'stack', 'b', 'q', '1 + 1'];
  const { process, client, left, said } = await openShop('last', `${lines.join('\n')}\n`);
  expect(await left).toBe(1); // the Buy failed
  const text = said();
  expect(text).toContain('fails here: shop.lua:8: attempt to perform arithmetic on a nil value');
  expect(text).toMatch(/#0 {2}take +shop\.lua:8\n +#\d+ {2}handler "buy" +shop\.lua:16/);
  expect(text).toContain('> 16 |   take(fruit, count)');
  expect(text.trimEnd().endsWith('2')).toBe(true);
  const { gateway } = client.info.urls;
  const { messages } = await client.dryRun(process.id, { Action: 'Price' });
  expect(messages).toHaveLength(1);
  const document = await fetchTrace(client.fetch, gateway, { id: process.id, state: true });
  expect(document.tree.kind).toBe('spawn');
});

test('corral trace draws the tree with stacks, source lines and what changed', async () => {
  const { process, client } = await openShop('traced', '');
  const { gateway } = client.info.urls;
  const buy = await client.send(process.id, { Action: 'Buy', Fruit: 'pears', Count: '1' });
  const failing = await client.send(process.id, { Action: 'Buy', Fruit: 'plums', Count: '1' });
  await client.evaluate(process.id, '1');
  const draw = async (id: string) => {
    const document = await fetchTrace(client.fetch, gateway, { id, state: true });
    const { terminal } = createScreen(false);
    return drawTrace(document, namesOf(document, client), terminal);
  };
  const tree = await draw(buy.slice(0, 12));
  expect(tree).toContain('alice -> traced  Buy  #2');
  expect(tree).toContain('tags Count=1, Fruit=pears');
  expect(tree).toContain('Orders[1]: nil -> { count = 1, fruit = "pears" }');
  expect(tree).toContain('Stock.pears: 2 -> 1');
  expect(tree).toContain('shop.lua: served: 0 -> 1');
  expect(tree).toContain('traced -> alice  Bought');
  const failed = await draw(failing);
  expect(failed).toContain('error in handler "buy": shop.lua:8: attempt to perform arithmetic');
  expect(failed).toMatch(/> +8 \| {3}local left = Stock\[fruit\] - count/);
  expect(failed).toContain('in function (shop.lua:16)');
  await expect(draw('nothing')).rejects.toMatchObject({ code: 'NETWORK_REFUSED' });
});

test('with -v every message is a block of its own above the prompt', async () => {
  const code = bundleLua(SHOP);
  const { left, shows, press } = await openRepl(network, 'told', { folder, code, verbose: true });
  press('Send({ Target = ao.id, Action = "Buy", Fruit = "apples", Count = "1" }).output\r');
  const text = await shows(/told -> told {2}Bought[\s\S]*Inbox\[2\]/);
  expect(text).toMatch(/alice -> told {2}Eval {2}#2 {2}[\d,]+ gas {2}\d{4}-/);
  expect(text).toContain('  tags Count=1, Fruit=apples');
  expect(text).toContain('  Stock.apples: 10 -> 9');
  expect(text).toContain('  shop.lua: served: 0 -> 1');
  press('Send({ Target = ao.id, Action = "Buy", Fruit = "plums", Count = "1" }).output\r');
  const failed = await shows(/> +8 \| {3}local left = Stock\[fruit\] - count/);
  expect(failed).toContain('error in handler "buy": shop.lua:8: attempt to perform arithmetic');
  press('.exit\r');
  expect(await left).toBe(0);
});

test('ids are taken as they are shown; what is unknown or not clear is told once', async () => {
  const { process, client } = await openShop('by-id', '');
  const { gateway } = client.info.urls;
  const id = await client.send(process.id, { Action: 'Buy', Fruit: 'pears', Count: '1' });
  const debug = createDebugClient(client.fetch, gateway);
  for (const short of [shortId(id), `${id.slice(0, 5)}…${id.slice(-2)}`]) {
    const { tree } = await fetchTrace(client.fetch, gateway, { id: short, state: false });
    expect(tree.id).toBe(id);
    const session = await debug.open(short);
    expect(session.view.message).toBe(id);
    await session.resume();
  }
  const unknown = {
    message: 'this network remembers no message mgd...H08!',
    hint: expect.stringMatching(/^Give /),
  };
  await expect(debug.open('mgd...H08!')).rejects.toMatchObject(unknown);
  const ask = { id: 'mgd...H08!', state: false };
  await expect(fetchTrace(client.fetch, gateway, ask)).rejects.toMatchObject(unknown);
});

test('without an id .debug takes the last message that nobody typed; back has a first line', async () => {
  const share = 'Send({ Target = ao.id, Action = "Share", Parts = "2" })';
  const walk = ['.debug', 'back', 'break shop.lua:25', 'q'];
  const lines = [share, 'Stock.apples', ...walk, '.break', share];
  const { left, said } = await openShop('walked', `${lines.join('\n')}\n`);
  expect(await left).toBe(0); // the second Share was stopped by nothing
  const text = said();
  expect(text).toMatch(/Share \(.*\) at walked/);
  expect(text).toContain('this is the first line');
  expect(text).toMatch(/2 {2}shop\.lua:25[\s\S]*no breakpoints/);
  expect(text).not.toContain('breakpoint 1');
});

test('.break says what will come of it', async () => {
  const lines = [
    'nofile.lua:3',
    'shop.lua:99',
    'shop.lua:11',
    'tik',
    'buy if x ==',
    'buy',
    'error',
  ];
  const input = lines.map((place) => `.break ${place}\n`).join('');
  const { process, client, left, said } = await openShop('checked', input);
  expect(await left).toBe(1); // two of them are no breakpoints
  const text = said();
  expect(text).toContain('pending: no file nofile.lua is loaded yet');
  expect(text).toContain('no handler "tik" is there yet: there are');
  expect(text).toContain('shop.lua:11 has no code');
  const debug = createDebugClient(client.fetch, client.info.urls.gateway);
  const check = (line: number) => ({ kind: 'line', file: 'shop.lua', line }) as const;
  const buy = { kind: 'handler', handler: 'buy', condition: 'x ==' } as const;
  expect(await debug.check(process.id, [check(9), check(99), check(11), buy])).toEqual([
    { state: 'set' },
    { state: 'wrong', message: 'shop.lua has 39 lines' },
    { state: 'set', line: 13, message: 'shop.lua:11 has no code, the next is 13' },
    { state: 'wrong', message: expect.stringContaining('its condition is no Lua') },
  ]);
});

test('so does break in the debugger, of the files and handlers that there were then', async () => {
  const share = 'Send({ Target = ao.id, Action = "Share", Parts = "2" })';
  const shorter = join(folder, 'shop.lua');
  writeFileSync(shorter, "Handlers.remove('share')\nprint('shorter')\n");
  const breaks = ['nofile.lua:3', 'shop.lua:99', 'shop.lua:11', 'tik', 'buy if x ==', 'share'];
  const typed = breaks.map((place) => `break ${place}`);
  const lines = [share, `.load ${shorter}`, '.debug', ...typed, 'q'];
  const { left, said } = await openShop('checked-within', `${lines.join('\n')}\n`);
  expect(await left).toBe(1); // two of them are no breakpoints
  const text = said();
  expect(text).toContain('shorter');
  expect(text).toContain('pending: no file nofile.lua is loaded yet');
  expect(text).toContain('no breakpoint: shop.lua has 39 lines');
  expect(text).toContain('shop.lua:11 has no code, the next is 13');
  expect(text).toContain('no handler "tik" is there yet: there are buy, share');
  expect(text).toContain('no breakpoint: its condition is no Lua');
  expect(text).toMatch(/ {2}5 {2}handler "share"\n(?! *pending)/);
});
