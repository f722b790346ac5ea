import { describe, expect, test } from 'vitest';
import { signDataItem } from '../../../arlocal/data-item.js';
import { createGatewayApp } from '../../../arlocal/http/gateway-app.js';
import { walletFromSeed } from '../../../arlocal/wallet.js';
import { createTestGateway } from '../gateways.js';
import { postL1 } from '../transactions.js';

const alice = walletFromSeed(7, 'alice');
const scheduler = walletFromSeed(7, 'scheduler');

function createClient() {
  const { gateway, clock } = createTestGateway();
  const app = createGatewayApp(gateway);
  const post = (body: string) => app.request('/graphql', { method: 'POST', body });
  const query = async (text: string, variables: object = {}) => {
    const response = await post(JSON.stringify({ query: text, variables }));
    expect(response.status).toBe(200);
    // biome-ignore lint/suspicious/noExplicitAny: each test reads its own shape
    return ((await response.json()) as { data: any }).data;
  };
  return { gateway, clock, app, post, query };
}

const ao = (type: string, tags: Record<string, string> = {}) =>
  Object.entries({ 'Data-Protocol': 'ao', Type: type, ...tags }).map(([name, value]) => ({
    name,
    value,
  }));

describe('the queries that real clients send', () => {
  test('aoconnect finds a module by id, before it is mined', async () => {
    const { gateway, query } = createClient();
    const { item } = signDataItem(alice, { tags: ao('Module', { 'Module-Format': 'x' }) });
    gateway.putItem(item);
    const text = `query GetTransactions ($transactionIds: [ID!]!) {
      transactions(ids: $transactionIds) {
        edges { node { owner { address } tags { name value } block { id height timestamp } } }
      }
    }`;
    const data = await query(text, { transactionIds: [item.id] });
    expect(data.transactions.edges).toEqual([
      { node: { owner: { address: alice.address }, tags: item.tags, block: null } },
    ]);
    const none = await query(text, { transactionIds: ['A'.repeat(43)] });
    expect(none.transactions.edges).toEqual([]);
  });

  test('scheduler-utils finds the newest location of a scheduler', async () => {
    const { gateway, query } = createClient();
    for (const url of ['http://old', 'http://new']) {
      const tags = ao('Scheduler-Location', { Url: url, 'Time-To-Live': '3600000' });
      gateway.putItem(signDataItem(scheduler, { tags }));
      gateway.mine();
    }
    const data = await query(
      `query ($owner: String!) {
        transactions(
          owners: [$owner]
          tags: [{ name: "Data-Protocol", values: ["ao"] }, { name: "Type", values: ["Scheduler-Location"] }]
          sort: HEIGHT_DESC
          first: 1
        ) { edges { node { tags { name value } } } }
      }`,
      { owner: scheduler.address },
    );
    const [{ node }] = data.transactions.edges;
    expect(node.tags).toContainEqual({ name: 'Url', value: 'http://new' });
  });

  test('aos finds a process by name', async () => {
    const { gateway, query } = createClient();
    const { item } = signDataItem(alice, { tags: ao('Process', { Name: 'home' }) });
    gateway.putItem(item);
    const data = await query(
      `query ($owners: [String!]!, $names: [String!]!) {
        transactions(first: 10, owners: $owners, tags: [
          { name: "Data-Protocol", values: ["ao"] }
          { name: "Type", values: ["Process"] }
          { name: "Name", values: $names }
        ]) { edges { node { id } } }
      }`,
      { owners: [alice.address, ''], names: ['home'] },
    );
    expect(data.transactions.edges).toEqual([{ node: { id: item.id } }]);
  });
});

describe('fields', () => {
  const FIELDS = `id anchor signature recipient owner { address key } fee { winston ar }
    quantity { winston ar } data { size type } tags { name value } ingested_at
    block { id timestamp height previous } bundledIn { id } parent { id }`;

  test('of a data item are all there, and its anchor is never null', async () => {
    const { gateway, query } = createClient();
    const tags = [{ name: 'Content-Type', value: 'text/plain' }];
    const { item } = signDataItem(alice, { tags, data: 'hello', target: scheduler.address });
    gateway.putItem(item);
    gateway.mine();
    const data = await query(`query ($id: ID!) { transaction(id: $id) { ${FIELDS} } }`, {
      id: item.id,
    });
    const nothing = { winston: '0', ar: '0.000000000000' };
    expect(data.transaction).toEqual({
      id: item.id,
      anchor: '',
      signature: item.signature,
      recipient: scheduler.address,
      owner: { address: alice.address, key: item.owner },
      fee: nothing,
      quantity: nothing,
      data: { size: '5', type: 'text/plain' },
      tags,
      ingested_at: 1_700_000_000,
      block: {
        id: gateway.tip.id,
        timestamp: 1_700_000_000,
        height: 1,
        previous: gateway.tip.previous,
      },
      bundledIn: null,
      parent: null,
    });
  });

  test('of a transaction tell what was paid', async () => {
    const { gateway, query } = createClient();
    const { id } = await postL1(gateway, { target: alice.address, quantity: 5n, mint: 10n ** 13n });
    const data = await query(
      `{ transactions { count edges { node { id fee { ar } quantity { winston } } } } }`,
    );
    expect(data.transactions).toEqual({
      count: '1',
      edges: [{ node: { id, fee: { ar: '0.000100000000' }, quantity: { winston: '5' } } }],
    });
  });

  test('of an unknown transaction are null', async () => {
    const { query } = createClient();
    expect(await query('{ transaction(id: "nothing") { id } }')).toEqual({ transaction: null });
  });
});

test('operators, ranges, cursors and sort reach the query', async () => {
  const { gateway, clock, query } = createClient();
  for (const name of ['one', 'two', 'three']) {
    gateway.putItem(signDataItem(alice, { tags: [{ name: 'Name', value: name }] }));
    gateway.mine();
    clock.nowMs += 60_000;
  }
  const names = async (args: string) => {
    const data = await query(`{ transactions(${args}) { edges { node { tags { value } } } } }`);
    return data.transactions.edges.map(
      (edge: { node: { tags: { value: string }[] } }) => edge.node.tags[0]?.value,
    );
  };
  expect(await names('first: 2')).toEqual(['three', 'two']);
  expect(await names('sort: HEIGHT_ASC, block: { min: 2 }')).toEqual(['two', 'three']);
  expect(await names('sort: INGESTED_AT_ASC, ingested_at: { max: 1700000060 }')).toEqual([
    'one',
    'two',
  ]);
  expect(await names('tags: [{ name: "Name", values: ["one"], op: NEQ }]')).toEqual([
    'three',
    'two',
  ]);
  expect(await names('tags: [{ name: "Name", values: ["t*"], match: WILDCARD }]')).toEqual([
    'three',
    'two',
  ]);
  const first = await query(
    '{ transactions(first: 1) { pageInfo { hasNextPage } edges { cursor } } }',
  );
  expect(first.transactions.pageInfo.hasNextPage).toBe(true);
  const [{ cursor }] = first.transactions.edges;
  expect(await names(`after: "${cursor}"`)).toEqual(['two', 'one']);
});

test('blocks come by id, by range and in pages', async () => {
  const { gateway, query } = createClient();
  gateway.mine(4);
  const heights = async (args: string) => {
    const { blocks } = await query(
      `{ blocks${args} { pageInfo { hasNextPage } edges { cursor node { height } } } }`,
    );
    return {
      ...blocks,
      heights: blocks.edges.map((edge: { node: { height: number } }) => edge.node.height),
    };
  };
  expect((await heights('')).heights).toEqual([4, 3, 2, 1, 0]);
  expect((await heights('(height: { min: 1, max: 2 }, sort: HEIGHT_ASC)')).heights).toEqual([1, 2]);
  const page = await heights('(first: 2)');
  expect(page.pageInfo.hasNextPage).toBe(true);
  expect((await heights(`(first: 3, after: "${page.edges[1].cursor}")`)).heights).toEqual([
    2, 1, 0,
  ]);
  expect((await heights(`(ids: ["${gateway.block(3)?.id}"])`)).heights).toEqual([3]);
  const { block } = await query(`{ block(id: "${gateway.tip.id}") { height previous } }`);
  expect(block).toEqual({ height: 4, previous: gateway.tip.previous });
});

describe('a malformed request', () => {
  test.each([
    ['broken JSON', '{', 'JSON_INVALID'],
    ['no query', '{}', 'JSON_INVALID'],
    ['a list', '[]', 'JSON_INVALID'],
    ['null', 'null', 'JSON_INVALID'],
    ['variables that are a list', '{"query":"{ block { id } }","variables":[]}', 'JSON_INVALID'],
  ])('with %s is a 400 with a code', async (_, body, code) => {
    const { post } = createClient();
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code });
  });

  test.each([
    ['a syntax error', '{ transactions( }', 'Syntax Error'],
    ['an unknown field', '{ llamas }', 'Cannot query field "llamas"'],
    [
      'an unknown operator',
      '{ transactions(tags: [{ name: "a", values: [], op: LIKE }]) { count } }',
      'LIKE',
    ],
    ['far too much', `{ ${'a { '.repeat(5000)}`, '2000 tokens'],
    ['a missing variable', 'query ($id: ID!) { transaction(id: $id) { id } }', '$id'],
  ])('with %s is a 400 that says so, and the next one is answered', async (_, query, part) => {
    const { post } = createClient();
    const response = await post(JSON.stringify({ query }));
    expect(response.status).toBe(400);
    const { errors } = (await response.json()) as { errors: { message: string }[] };
    expect(errors[0]?.message).toContain(part);
    expect((await post('{"query":"{ block { height } }"}')).status).toBe(200);
  });

  test('cursor keeps its code', async () => {
    const { post } = createClient();
    const response = await post('{"query":"{ transactions(after: \\"x\\") { count } }"}');
    const { errors } = (await response.json()) as { errors: { extensions: object }[] };
    expect(errors[0]?.extensions).toMatchObject({ code: 'CURSOR_INVALID' });
  });
});

test('a query may come in the address', async () => {
  const { app } = createClient();
  const response = await app.request(
    `/graphql?query=${encodeURIComponent('{ block { height } }')}`,
  );
  expect(await response.json()).toEqual({ data: { block: { height: 0 } } });
});
