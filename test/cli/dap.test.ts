/** The Debug Adapter Protocol, as an editor speaks it with `corral debug --dap` over stdio. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countingAnchors } from '../../cli/anchors.js';
import { connect, type JoinedNetwork } from '../../cli/network.js';
import { bundleLua, type Corral, createToolsApp, startCorral } from '../../index.js';
import { type Editor, openEditor } from './dap-client.js';

const PORT_BASE = 23_900;
const SHOP = fileURLToPath(new URL('../kit/debug/shop/shop.lua', import.meta.url));
const MONEY = join(SHOP, '..', 'lib', 'money.lua');
const folder = mkdtempSync(join(tmpdir(), 'corral-dap-'));
let corral: Corral;
let network: JoinedNetwork;
beforeAll(async () => {
  const keys = join(folder, 'keys');
  corral = await startCorral({ portBase: PORT_BASE, workers: 1, keys, tools: createToolsApp });
  network = await connect(fetch, corral.info, { nextAnchor: countingAnchors('dap') });
});
afterAll(async () => {
  await network.close();
  await corral.close();
  rmSync(folder, { recursive: true });
});

async function openShop(name: string): Promise<string> {
  const { id } = await network.client.spawn(name);
  await network.client.evaluate(id, bundleLua(SHOP));
  return id;
}

interface StackTrace {
  readonly stackFrames: readonly {
    id: number;
    name: string;
    line: number;
    source?: { path?: string };
    presentationHint?: string;
  }[];
}

/** Where the program's own calls stand, and the variables of the innermost one. */
async function look(editor: Editor) {
  const { stackFrames } = await editor.request<StackTrace>('stackTrace', { threadId: 1 });
  const own = stackFrames.filter(({ presentationHint }) => presentationHint !== 'subtle');
  const { scopes } = await editor.request<{
    scopes: { name: string; variablesReference: number }[];
  }>('scopes', { frameId: own[0]?.id });
  const list = async (reference = 0) => {
    const args = { variablesReference: reference };
    const { variables } = await editor.request<{
      variables: { name: string; value: string; variablesReference: number }[];
    }>('variables', args);
    return variables;
  };
  const locals = await list(scopes[0]?.variablesReference);
  return {
    calls: own.map(({ name, line }) => `${name}:${line}`),
    paths: own.map(({ source }) => source?.path),
    frameId: own[0]?.id,
    locals: Object.fromEntries(locals.map(({ name, value }) => [name, value])),
    scopes: scopes.map(({ name }) => name),
    list,
    globals: () => list(scopes[2]?.variablesReference),
  };
}

test('an editor attaches, stops a message, steps both ways, and lets it go on', async () => {
  const process = await openShop('edited');
  const editor = openEditor(PORT_BASE);
  const able = await editor.request<object>('initialize', { adapterID: 'corral' });
  expect(able).toMatchObject({ supportsStepBack: true, supportsFunctionBreakpoints: true });
  await editor.event('initialized');
  await editor.request('attach', { process: 'edited', cwd: join(SHOP, '..') });
  const set = await editor.request('setBreakpoints', {
    source: { path: MONEY },
    breakpoints: [{ line: 6 }],
  });
  const id = expect.any(Number);
  expect(set).toEqual({ breakpoints: [{ id, verified: true, line: 6 }] });
  const doubtful = { source: { path: SHOP }, breakpoints: [{ line: 11 }, { line: 99 }] };
  expect(await editor.request('setBreakpoints', doubtful)).toEqual({
    breakpoints: [
      { id, verified: true, line: 13, message: 'shop.lua:11 has no code, the next is 13' },
      { id, verified: false, line: 99, message: 'shop.lua has 39 lines' },
    ],
  });
  await editor.request('setBreakpoints', { source: { path: SHOP }, breakpoints: [] });
  await editor.request('setFunctionBreakpoints', { breakpoints: [{ name: 'share' }] });
  await editor.request('setExceptionBreakpoints', { filters: ['error'] });
  await editor.request('configurationDone');
  expect(await editor.request('threads')).toEqual({ threads: [{ id: 1, name: 'edited' }] });
  await expect(editor.request('stackTrace', { threadId: 1 })).rejects.toThrow('nothing stands');

  const share = await network.client.send(process, { Action: 'Share', Parts: '2' });
  expect(await editor.event('stopped')).toMatchObject({ reason: 'breakpoint', threadId: 1 });
  expect(await look(editor)).toMatchObject({ calls: ['handler "share":23'], paths: [SHOP] });

  await editor.request('continue', { threadId: 1 });
  await editor.event('stopped');
  const inside = await look(editor);
  expect(inside.calls).toEqual(['split:6', 'handler "share":23']);
  expect(inside.paths).toEqual([MONEY, SHOP]);
  expect(inside.locals).toEqual({ amount: '7', parts: '2', each: '3' });
  expect(inside.scopes).toEqual(['Locals', 'Upvalues', 'Globals']);
  const stock = (await inside.globals()).find(({ name }) => name === 'Stock');
  expect(await inside.list(stock?.variablesReference)).toMatchObject([
    { name: 'apples', value: '10' },
    { name: 'pears', value: '2' },
  ]);
  const ask = { expression: 'each * parts', frameId: inside.frameId, context: 'watch' };
  expect(await editor.request('evaluate', ask)).toEqual({ result: '6', variablesReference: 0 });
  const wrong = { ...ask, expression: 'each.x.y' };
  await expect(editor.request('evaluate', wrong)).rejects.toThrow(
    'attempt to index a number value',
  );

  await editor.request('stepOut', { threadId: 1 });
  await editor.event('stopped');
  expect((await look(editor)).calls).toEqual(['handler "share":24']);
  await editor.request('stepBack', { threadId: 1 });
  await editor.event('stopped');
  await editor.request('stepIn', { threadId: 1 });
  await editor.event('stopped');
  expect((await look(editor)).calls).toEqual(['split:5', 'handler "share":23']);
  await editor.request('reverseContinue', { threadId: 1 });
  await editor.event('stopped');
  expect((await look(editor)).calls).toEqual(['handler "share":23']);
  await editor.request('setBreakpoints', { source: { path: MONEY }, breakpoints: [] });
  await editor.request('continue', { threadId: 1 });
  await editor.event('continued');
  const { gateway, cu } = network.client.info.urls;
  expect(gateway).toContain(`${PORT_BASE}`);
  const result = await fetch(`${cu}/result/${share}?process-id=${process}`);
  expect(await result.json()).toMatchObject({ Messages: [] });

  await editor.request('disconnect');
  expect(await editor.left).toBe(0);
});

test('an editor that goes away lets what stands still go on', async () => {
  const process = await openShop('left');
  const editor = openEditor(PORT_BASE);
  await editor.request('initialize', { adapterID: 'corral' });
  await editor.request('attach', { process: 'left' });
  await editor.request('setFunctionBreakpoints', { breakpoints: [{ name: 'buy' }] });
  await editor.request('configurationDone');
  const buy = await network.client.send(process, { Action: 'Buy', Fruit: 'pears', Count: '1' });
  await editor.event('stopped');
  editor.child.kill('SIGKILL');
  await editor.left;
  const { cu } = network.client.info.urls;
  const result = await fetch(`${cu}/result/${buy}?process-id=${process}`);
  expect(await result.json()).toMatchObject({ Messages: [{ Tags: expect.anything() }] });
});

test('a message of the past is walked through to where it failed; a program is launched', async () => {
  const process = await openShop('past');
  const buy = await network.client.send(process, { Action: 'Buy', Fruit: 'plums', Count: '1' });
  const editor = openEditor(PORT_BASE);
  await editor.request('initialize', { adapterID: 'corral' });
  await editor.request('attach', { process: 'past', message: buy });
  await editor.request('configurationDone');
  expect(await editor.event('stopped')).toMatchObject({ reason: 'entry' });
  await editor.request('continue', { threadId: 1 });
  expect(await editor.event('stopped')).toMatchObject({
    reason: 'exception',
    text: expect.stringContaining('attempt to perform arithmetic on a nil value'),
  });
  const { calls, paths } = await look(editor);
  expect(calls).toEqual(['take:8', 'handler "buy":16']);
  expect(paths).toEqual([undefined, undefined]); // no folder was given: the text comes from the log
  const { stackFrames } = await editor.request<{ stackFrames: { source?: object }[] }>(
    'stackTrace',
    { threadId: 1 },
  );
  const text = await editor.request<{ content: string }>('source', { ...stackFrames[0]?.source });
  expect(text.content).toContain('local left = Stock[fruit] - count');
  await editor.request('continue', { threadId: 1 });
  await editor.event('terminated');
  await expect(editor.request('nonsense')).rejects.toThrow('no "nonsense"');
  await editor.request('disconnect');

  const launching = openEditor(PORT_BASE);
  await launching.request('initialize', { adapterID: 'corral' });
  await launching.request('launch', { process: 'launched', program: SHOP });
  const args = {
    source: { path: SHOP },
    breakpoints: [{ line: 5, condition: 'Stock.pears == 2' }],
  };
  await launching.request('setBreakpoints', args);
  await launching.request('configurationDone');
  await launching.event('stopped');
  expect((await look(launching)).calls[0]).toBe('main chunk:5');
  await launching.request('continue', { threadId: 1 });
  await launching.event('continued');
  await launching.request('disconnect');
  expect(await launching.left).toBe(0);
});

interface Breakpoints {
  readonly breakpoints: readonly { id: number; verified: boolean; line?: number }[];
}

test('breakpoints are verified once the process, and then their file, is there', async () => {
  const editor = openEditor(PORT_BASE);
  await editor.request('initialize', { adapterID: 'corral' });
  const lines = { source: { path: SHOP }, breakpoints: [{ line: 11 }, { line: 99 }] };
  const early = await editor.request<Breakpoints>('setBreakpoints', lines);
  const [eleven, last] = early.breakpoints.map(({ id }) => id);
  expect(early.breakpoints).toMatchObject([
    { verified: false, line: 11, message: 'not attached to a process yet' },
    { verified: false, line: 99 },
  ]);
  const names = { breakpoints: [{ name: 'share' }] };
  const [share] = (await editor.request<Breakpoints>('setFunctionBreakpoints', names)).breakpoints;
  await editor.request('launch', { process: 'waiting', program: SHOP });
  const news = async (count: number) => {
    const events = [];
    for (let i = 0; i < count; i++) events.push(await editor.event<object>('breakpoint'));
    return events;
  };
  const message = `no file ${SHOP} is loaded yet`;
  const changed = (id: number | undefined, about: object) => ({
    reason: 'changed',
    breakpoint: { id, ...about },
  });
  expect(await news(3)).toEqual([
    changed(eleven, { verified: false, line: 11, message }),
    changed(last, { verified: false, line: 99, message }),
    changed(share?.id, { verified: false, message: 'no handler "share" is there yet' }),
  ]);
  await editor.request('configurationDone');
  await editor.event('stopped'); // in the file while it is loaded, where `take` is made
  expect(await news(2)).toEqual([
    changed(eleven, {
      verified: true,
      line: 13,
      message: 'shop.lua:11 has no code, the next is 13',
    }),
    changed(last, { verified: false, line: 99, message: 'shop.lua has 39 lines' }),
  ]);
  await editor.request('setBreakpoints', { ...lines, breakpoints: [] });
  await editor.request('continue', { threadId: 1 });
  await editor.event('continued');
  expect(await news(1)).toEqual([changed(share?.id, { verified: true })]);

  const process = (await network.client.findProcess('waiting')) ?? '';
  await network.client.send(process, { Action: 'Share', Parts: '2' });
  expect(await editor.event('stopped')).toMatchObject({ reason: 'breakpoint' });
  await editor.request('continue', { threadId: 1 });
  await editor.event('continued');
  await editor.request('disconnect');
  expect(await editor.left).toBe(0);
});

test('messages that cannot be read are told of and left out', async () => {
  const editor = openEditor(PORT_BASE);
  const frame = (text: string) => editor.write(`Content-Length: ${text.length}\r\n\r\n${text}`);
  for (const text of ['{ "seq": ', 'null', '{ "type": "request", "command": "threads" }'])
    frame(text);
  const told = ['what is no JSON: { "seq": ', 'what is no message: null', 'a request without seq'];
  for (const text of told) {
    expect(await editor.event('output')).toEqual({
      category: 'stderr',
      output: expect.stringContaining(`the editor sent ${text}`),
    });
  }
  const odd = { source: { path: SHOP }, breakpoints: [null] };
  await expect(editor.request('setBreakpoints', odd)).rejects.toThrow('has the line undefined');
  expect(await editor.request('threads', undefined)).toMatchObject({ threads: [{ id: 1 }] });
  await editor.request('disconnect');
  expect(await editor.left).toBe(0);
});

test.each([
  ['a header without Content-Length: "Content-Type: json"', 'Content-Type: json\r\n\r\n{}'],
  ['a message of more than 16777216 bytes', `Content-Length: ${'9'.repeat(20)}\r\n\r\n`],
  ['a header of more than 4096 bytes: "xxx', 'x'.repeat(5_000)],
])('where no message begins any more, the editor is left: %s', async (what, bytes) => {
  const process = await openShop(`lost-${bytes.length}`);
  const editor = openEditor(PORT_BASE);
  await editor.request('initialize', { adapterID: 'corral' });
  await editor.request('attach', { process: `lost-${bytes.length}` });
  await editor.request('setFunctionBreakpoints', { breakpoints: [{ name: 'buy' }] });
  await editor.request('configurationDone');
  const buy = await network.client.send(process, { Action: 'Buy', Fruit: 'pears', Count: '1' });
  await editor.event('stopped');
  editor.write(bytes);
  const output = expect.stringContaining(`the editor sent ${what}`);
  expect(await editor.event('output')).toEqual({ category: 'stderr', output });
  await editor.event('terminated');
  expect(await editor.left).toBe(1);
  expect(editor.said()).toMatch(/^corral: the editor sent .*\[EDITOR_UNREADABLE\]/);
  const { cu } = network.client.info.urls;
  const result = await fetch(`${cu}/result/${buy}?process-id=${process}`);
  expect(await result.json()).toMatchObject({ Messages: [{ Tags: expect.anything() }] });
});
