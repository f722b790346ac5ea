import { expect, test } from 'vitest';
import { signDataItem } from '../../../arlocal/data-item.js';
import { createGatewayApp } from '../../../arlocal/http/gateway-app.js';
import { walletFromSeed } from '../../../arlocal/wallet.js';
import { createTestGateway } from '../gateways.js';

const alice = walletFromSeed(7, 'alice');
const bob = walletFromSeed(7, 'bob');
const equals = (expr1: unknown, expr2: unknown) => ({ op: 'equals', expr1, expr2 });

function createClient() {
  const { gateway } = createTestGateway();
  const put = (wallet: typeof alice, kind: string) => {
    const signed = signDataItem(wallet, { tags: [{ name: 'Kind', value: kind }], data: kind });
    gateway.putItem(signed);
    return signed.item.id;
  };
  const ids = { a: put(alice, 'one'), b: put(bob, 'one'), c: put(alice, 'two') };
  const app = createGatewayApp(gateway);
  const ask = async (query: unknown) => {
    const response = await app.request('/arql', { method: 'POST', body: JSON.stringify(query) });
    return { status: response.status, json: await response.json() };
  };
  return { ids, ask };
}

test('finds by tag, newest first', async () => {
  const { ids, ask } = createClient();
  expect(await ask(equals('Kind', 'one'))).toEqual({ status: 200, json: [ids.b, ids.a] });
});

test('joins with and, or', async () => {
  const { ids, ask } = createClient();
  const ofAlice = equals('from', alice.address);
  const both = { op: 'and', expr1: ofAlice, expr2: equals('Kind', 'one') };
  expect((await ask(both)).json).toEqual([ids.a]);
  const either = { op: 'or', expr1: both, expr2: equals('Kind', 'two') };
  expect((await ask(either)).json).toEqual([ids.c, ids.a]);
  expect((await ask(equals('to', bob.address))).json).toEqual([]);
});

test('refuses what is no query, and what is too deep', async () => {
  const { ask } = createClient();
  let deep: unknown = equals('a', 'b');
  for (let level = 0; level < 40; level++) deep = { op: 'or', expr1: deep, expr2: 0 };
  for (const query of [null, [], {}, { op: 'not' }, equals('a', 5), equals({}, 'b'), deep]) {
    expect(await ask(query)).toMatchObject({ status: 400, json: { code: 'JSON_INVALID' } });
  }
});
