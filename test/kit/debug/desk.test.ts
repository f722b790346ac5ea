/** The debug desk: sessions by id, watches that have a process wait, and processes with devices. */
import { afterEach, expect, test } from 'vitest';
import type { ModuleSource } from '../../../actors/compute/modules.js';
import type { LocalDevice } from '../../../actors/lua/device.js';
import { type ActorNetwork, createNetwork, type NetworkOptions } from '../../../actors/network.js';
import { createDesk, type Desk, type OpenSession } from '../../../kit/debug/desk.js';
import { createNetwork as createKitNetwork } from '../../../kit/network.js';
import { createToolsApp } from '../../../kit/tools-app.js';
import { kernelModule, startNetwork } from '../../actors/kernel-module.js';

const PROGRAM = `
  Total = 0
  Handlers.add('add', 'Add', function(msg)
    local by = tonumber(msg.Tags.By)
    Total = Total + by
  end)
  Handlers.add('loop', 'Loop', function() while true do Total = Total + 1 end end)
`;

let desk: Desk | undefined;
let open: ActorNetwork | undefined;
afterEach(async () => {
  desk?.close();
  await open?.close();
});

async function start(options: NetworkOptions = {}) {
  const { network, alice, spawn } = await startNetwork(options);
  open = network;
  desk = createDesk(network);
  const process = await spawn(PROGRAM);
  const add = (by: string) =>
    network.send({ from: alice, to: process.id, action: 'Add', tags: { By: by } });
  return { network, alice, process, add, desk };
}

test('a watched process waits at a breakpoint, others go on, and the result is the same', async () => {
  const { network, process, add, alice, desk } = await start();
  const other = await network.spawn({ from: alice, module: network.publishModule(kernelModule()) });
  const stopped: OpenSession[] = [];
  const watch = await desk.watch(process.id, (session) => stopped.push(session));
  watch.setBreakpoints([{ kind: 'handler', handler: 'add', condition: 'msg.Tags.By ~= "1"' }]);
  await add('1'); // no stop
  const waiting = add('2');
  let isOver = false;
  void waiting.then(() => {
    isOver = true;
  });
  expect((await other.eval('1 + 1')).errors).toEqual([]);
  while (stopped.length === 0) await Promise.resolve();
  expect(isOver).toBe(false);
  const [session] = stopped as [OpenSession];
  expect(session.live).toBe(true);
  expect(session.session.stop).toMatchObject({ reason: 'breakpoint', line: 4 });
  expect(session.session.evaluate('Total').values[0]?.text).toBe('1');
  session.resume();
  expect((await waiting).errors).toEqual([]);
  expect(session.live).toBe(false);
  expect(() => desk.session(session.id)).toThrow(expect.objectContaining({ code: 'DEBUG_ENDED' }));
  const last = add('3');
  while (stopped.length < 2) await Promise.resolve();
  watch.close(); // lets go
  await last;
  await add('4'); // nobody watches
  expect(await network.stateHash(process.id)).toBe(await network.replay(process.id));
  const total = await process.dryRun({
    From: alice.address,
    Owner: alice.address,
    Tags: [{ name: 'Action', value: 'Eval' }],
    Data: 'Total',
  });
  expect(total.output).toMatchObject({ data: '10' });
});

test('a watch goes on after the network went back to a snapshot', async () => {
  const network = await createKitNetwork();
  open = network;
  desk = createDesk(network);
  const process = await network.spawn({ source: PROGRAM });
  const stops: number[] = [];
  const watch = await desk.watch(process.id, (session) => {
    stops.push(Number(session.session.evaluate('Total').values[0]?.text));
    session.resume();
  });
  watch.setBreakpoints([{ kind: 'handler', handler: 'add' }]);
  const start = await network.snapshot();
  const add = (by: string) => process.send({ from: 'alice', action: 'Add', tags: { By: by } });
  await add('5');
  await add('1');
  await network.revert(start);
  await add('7');
  expect(stops).toEqual([0, 5, 0]);
  watch.close();
  await add('1'); // nobody watches
  expect(stops).toHaveLength(3);
  await network.revert(start);
  await add('1');
  expect(stops).toHaveLength(3);
});

test('whoever does not know the id of a session cannot use it: over HTTP it is at random', async () => {
  const { network, add } = await start();
  const { id } = await add('1');
  const ask = { method: 'POST', body: JSON.stringify({ message: id }) };
  const idOf = async () => {
    const answer = await createToolsApp(network).request('/corral/debug', ask);
    return ((await answer.json()) as { session: string }).session;
  };
  const ids = [await idOf(), await idOf()];
  for (const one of ids) expect(one).toMatch(/^session-[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  expect(ids[0]).not.toBe(ids[1]);
});

test('a message that never ends is looked at as far as its lines are recorded', async () => {
  const { network, alice, process, desk } = await start({ limits: { instructions: 20_000_000 } });
  const { id } = await network.send({ from: alice, to: process.id, action: 'Loop' });
  const { session } = await desk.open(id);
  expect(session.recording.complete).toBe(false);
  expect(session.result.error?.code).toBe('TOO_MANY_LINES');
  session.goTo(250_000);
  expect(session.stop).toMatchObject({ line: 7, length: 500_000 });
  expect(session.evaluate('Total').values[0]?.text).toMatch(/^2\d{5}$/);
});

test('sessions over the past are few; without an id it is the last evaluation', async () => {
  const { process, add, desk } = await start();
  const { id } = await add('1');
  const first = await desk.open(id);
  expect((await desk.open(undefined, process.id)).session.scene.message).toBe(id);
  for (let i = 0; i < 8; i++) await desk.open(id, process.id);
  expect(() => desk.session(first.id)).toThrow('no debug session');
  await expect(desk.open('nothing')).rejects.toMatchObject({ code: 'MESSAGE_NOT_FOUND' });
});

test('a process with a device is debugged with one of its own', async () => {
  const counter: LocalDevice = {
    extension: 'Counter',
    create: () => {
      let count = 0;
      return {
        name: 'counter',
        isCheap: true,
        functions: { next: () => ++count },
        save: () => Uint8Array.of(count),
        restore: (state) => {
          count = state[0] ?? 0;
        },
      };
    },
  };
  open = await createNetwork({ localDevices: [counter] });
  const module: ModuleSource = kernelModule();
  const id = open.publishModule(module, { Extension: 'Counter' });
  const alice = open.wallet('alice');
  const process = await open.spawn({ from: alice, module: id });
  await process.eval("Seen = require('counter').next()");
  const second = await process.eval("local n = require('counter').next()\nSeen = Seen + n");
  desk = createDesk(open);
  const { session } = await desk.open(second.id);
  session.move('next');
  const text = (code: string) => session.evaluate(code).values[0]?.text;
  expect([text('Seen'), text('n')]).toEqual(['1', '2']);
  session.move('back');
  session.move('next');
  expect(text('n')).toBe('2');
  expect(await open.stateHash(process.id)).toBe(await open.replay(process.id));
});

test('over HTTP what is wrong is refused by name', async () => {
  const { network, process, add } = await start();
  const { id } = await add('1');
  const app = createToolsApp(network);
  const ask = async (path: string, body?: object, method = 'POST') => {
    const init = body === undefined ? {} : { method, body: JSON.stringify(body) };
    const response = await app.request(path, init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  expect(await ask('/corral/trace/nothing')).toMatchObject({
    status: 404,
    body: { code: 'MESSAGE_NOT_FOUND' },
  });
  expect(await ask('/corral/state/nobody')).toMatchObject({ status: 404 });
  expect(await ask(`/corral/state/${process.id}?nonce=x`)).toMatchObject({ status: 400 });
  expect(await ask(`/corral/state/${process.id}?nonce=2`)).toMatchObject({
    status: 200,
    body: { nonce: 2, globals: { Total: 1 } },
  });
  expect(await ask('/corral/debug', {})).toMatchObject({ status: 400 });
  const { body } = await ask('/corral/debug', { message: id });
  const session = `/corral/debug/${String(body.session)}`;
  expect(await ask(session, { ask: 'move', move: 'sideways' })).toMatchObject({ status: 400 });
  expect(await ask(session, { ask: 'anything' })).toMatchObject({ status: 400 });
  const line = { kind: 'line', file: 'aos', line: 'five' };
  expect(await ask(session, { ask: 'breakpoints', breakpoints: [line] })).toMatchObject({
    status: 400,
  });
  expect(await ask(session, { ask: 'move', move: 'next' })).toMatchObject({
    status: 200,
    body: { stop: { source: 'aos', line: 5 }, code: expect.anything() },
  });
  await ask(session, { ask: 'resume' });
  expect(await ask(session, { ask: 'view' })).toMatchObject({ body: { code: 'DEBUG_ENDED' } });
  expect(await ask('/corral/debug/watch/none', { breakpoints: [] }, 'PUT')).toMatchObject({
    status: 400,
    body: { code: 'DEBUG_ENDED' },
  });
  expect(await ask('/corral/nowhere')).toMatchObject({ status: 404 });
});
