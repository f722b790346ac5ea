/** Nothing is sent twice, not even if a store says of what was sent that it was not. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyProcesses } from '../../actors/verify/verify-processes.js';
import { createGateway } from '../../arlocal/gateway.js';
import { createSqliteStore } from '../../arlocal/sqlite/sqlite-store.js';
import { createStores, pushedIds, type Stores } from './stores.js';

let stores: Stores;
beforeAll(() => {
  stores = createStores();
});
afterAll(() => stores.remove());

type Opened = Awaited<ReturnType<Stores['open']>>;

/** A process that sends three messages and a child; the same text twice under one anchor of its own. */
const SEND = (to: string, module: string) => `
  Send({ Target = '${to}', Data = 'plain' })
  local same = { Target = '${to}', Data = 'same', Anchor = ('a'):rep(32), Tags = {} }
  table.insert(ao.outbox.Messages, same)
  table.insert(ao.outbox.Messages, same)
  Spawn('${module}', { Tags = { Name = 'child' } })
`;

/** A closed network, what it sent, and where its process has its outbox. */
async function sendOnce(name: string) {
  const opened = await stores.open(name);
  const { network, alice, gateway, module, spawn, close } = opened;
  const a = await spawn();
  const { result } = await a.eval(SEND(alice.address, module));
  expect(result?.error).toBeUndefined();
  expect([result?.messages.length, result?.spawns.length]).toEqual([3, 1]);
  const sent = pushedIds(gateway, network);
  const { length } = network.units.compute.evaluations(a.id);
  const index = [...Array(length).keys()].find(
    (at) => network.units.compute.evaluations(a.id).at(at)?.result.messages.length === 3,
  );
  const nonce = network.units.compute.evaluations(a.id).at(index ?? -1)?.nonce ?? -1;
  await close();
  return { process: a.id, index: index ?? -1, nonce, sent };
}

function forge(name: string, cells: string, key: string, value: unknown): void {
  const store = createSqliteStore(stores.path(name));
  store.records?.cells(cells).put(key, Buffer.from(JSON.stringify(value)));
  store.close();
}

/** What stands on the gateway as sent once a network was opened again, and something done. */
async function sentAfter(name: string, act: (opened: Opened) => unknown): Promise<string[]> {
  const opened = await stores.open(name);
  await opened.network.resumed;
  await act(opened);
  await opened.network.resumed;
  const sent = pushedIds(opened.gateway, opened.network);
  await opened.close();
  return sent;
}

test('a message that a store notes as unsent is looked for before it is sent', async () => {
  const { process, nonce, sent } = await sendOnce('unsent');
  forge('unsent', 'unsent', `${process}:${nonce}`, true);
  const after = await sentAfter('unsent', ({ network }) => {
    const { cascade } = network.units.messenger.push(process, nonce);
    return cascade.idle;
  });
  expect(after).toEqual(sent);
});

test('an outbox that a store notes as half sent is looked for before it is sent', async () => {
  const { process, index, nonce, sent } = await sendOnce('outbox');
  const root = { id: 'r'.repeat(43), kind: 'message', from: 'me', target: process, nonce };
  const rest = { next: 0, end: 4, late: [] };
  const left = { place: 1, process, evaluation: index, ...rest, root, delivery: root };
  forge('outbox', 'outbox', `${process}:${index}`, left);
  expect(await sentAfter('outbox', () => undefined)).toEqual(sent);
  const store = createSqliteStore(stores.path('outbox'));
  expect([...(store.records?.cells('outbox').keys() ?? [])]).toEqual([]);
  store.close();
});

test('a message that a store notes as refused is looked for before it is tried again', async () => {
  const { process, index, nonce, sent } = await sendOnce('notices');
  const notice = { kind: 'message', code: 'UNSENDABLE_MESSAGE', text: 'no' };
  forge(
    'notices',
    'notices',
    `${process}:${index}`,
    [0, 1, 2].map((at) => ({ ...notice, index: at })),
  );
  const after = await sentAfter('notices', async ({ network }) => {
    const id = network.units.log.at(process, nonce)?.messageId ?? '';
    for (const at of [0, 1, 2]) await network.units.messenger.pushAgain(process, id, at);
    expect((await network.result(process, id)).refused).toBeUndefined();
  });
  expect(after).toEqual(sent);
});

test('an outbox beyond its bound leaves one notice, which moves on as its rest is tried again', async () => {
  const limits = { crankDeliveries: 5 };
  const { network, gateway, alice, spawn, close } = await stores.open('beyond', { limits });
  const a = await spawn();
  const code = `for i = 1, 8 do Send({ Target = '${alice.address}', Action = 'N' .. i }) end`;
  const { id } = await a.eval(code);
  const refused = async () => (await network.result(a.id, id)).refused?.map(({ index }) => index);
  expect(await refused()).toEqual([5]);
  const verdicts = () =>
    verifyProcesses({
      gateway,
      schedulerWallet: network.wallet('scheduler-unit'),
      messenger: network.addresses.messenger,
      devices: [],
    });
  await gateway.durable();
  expect((await verdicts()).flatMap(({ differences }) => differences)).toEqual([]);
  await network.units.messenger.pushAgain(a.id, id, 5);
  expect(await refused()).toEqual([6]);
  await gateway.durable();
  expect((await verdicts()).flatMap(({ differences }) => differences)).toEqual([]);
  for (const at of [6, 7]) await network.units.messenger.pushAgain(a.id, id, at);
  expect(await refused()).toBeUndefined();
  expect(pushedIds(gateway, network)).toHaveLength(8);
  await close();
  const again = createGateway({ store: createSqliteStore(stores.path('beyond')), now: () => 0 });
  expect(again.query({ owners: [network.addresses.messenger], first: 100 }).edges).toHaveLength(8);
  again.close();
});
