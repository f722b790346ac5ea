/** States of processes and what changed in them, read from a machine of the past. */
import { afterEach, expect, test } from 'vitest';
import type { ActorNetwork } from '../../../actors/network.js';
import { diffStates } from '../../../kit/inspect/diff.js';
import { createPast, type Past } from '../../../kit/inspect/past.js';
import { readProcessState } from '../../../kit/inspect/process-state.js';
import { startNetwork } from '../../actors/kernel-module.js';

const TOKEN = `
  Balances = { alice = 100, bob = 9007199254740993 }
  local total = 7
  local log = {}
  Handlers.add('pay', 'Pay', function(msg)
    Balances.alice = Balances.alice - 10
    Balances.carol = (Balances.carol or 0) + 10
    total = total / 2
    log[#log + 1] = msg.From
  end)
  Handlers.add('fail', 'Fail', function() Balances = nil; error('no') end)
  Loop = { name = 'loop' }
  Loop.self = Loop
`;

let past: Past | undefined;
let open: ActorNetwork | undefined;
afterEach(async () => {
  past?.close();
  await open?.close();
});

async function start(code: string) {
  const { network, alice, spawn } = await startNetwork();
  open = network;
  const process = await spawn(code);
  past = createPast(network);
  const stateAt = (index: number) =>
    (past as Past).at(process.id, index, ({ machine, baseline }) =>
      readProcessState(machine, baseline),
    );
  const send = (action: string) => network.send({ from: alice, to: process.id, action });
  return { network, process, stateAt, send };
}

test("a state is the program's own: globals, variables of files, handlers; exact", async () => {
  const { stateAt } = await start(TOKEN);
  const { globals, locals, handlers } = await stateAt(2);
  expect(globals.Balances).toEqual({ alice: 100, bob: 9007199254740993n });
  expect(globals.Loop).toEqual({ name: 'loop', self: { '<lua>': 'the table at Loop' } });
  expect(Object.keys(globals).sort()).toEqual([
    'Balances',
    'Errors',
    'Inbox',
    'Loop',
    'Name',
    'Owner',
  ]);
  expect(locals).toEqual({ aos: { total: 7, log: [] } });
  expect(handlers).toEqual({
    pay: { '<lua>': 'function (aos:5)' },
    fail: { '<lua>': 'function (aos:11)' },
  });
});

test('what a message changed is told by path, and a failed one changed nothing', async () => {
  const { stateAt, send, network, process } = await start(TOKEN);
  await send('Pay');
  await send('Fail');
  await send('Pay');
  const states = [await stateAt(2), await stateAt(3), await stateAt(4), await stateAt(5)];
  const [before, paid, failed, again] = states as [never, never, never, never];
  expect(diffStates(before, paid)).toEqual([
    { path: 'Balances.alice', from: 100, to: 90 },
    { path: 'Balances.carol', to: 10 },
    { path: 'aos: total', from: 7, to: 3.5 },
    { path: 'aos: log[1]', to: network.wallet('alice').address },
  ]);
  expect(diffStates(paid, failed)).toEqual([]);
  expect(diffStates(failed, again).map(({ path }) => path)).toEqual([
    'Balances.alice',
    'Balances.carol',
    'aos: total',
    'aos: log[2]',
  ]);
  // Back again, and the same.
  expect(await stateAt(3)).toEqual(paid);
  expect(await stateAt(1)).toMatchObject({ handlers: {} });
  expect(await network.stateHash(process.id)).toBe(
    await (past as Past).at(process.id, 5, ({ machine }) => machine.hash()),
  );
});
