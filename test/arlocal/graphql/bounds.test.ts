import { getIntrospectionQuery } from 'graphql';
import { expect, test } from 'vitest';
import { createGatewayApp } from '../../../arlocal/http/gateway-app.js';
import { createTestGateway } from '../gateways.js';

const ID = 'A'.repeat(43);

async function ask(query: string, variables: object = {}) {
  const app = createGatewayApp(createTestGateway().gateway);
  const body = JSON.stringify({ query, variables });
  const response = await app.request('/graphql', { method: 'POST', body });
  const { code, errors = [] } = (await response.json()) as {
    code?: string;
    errors?: { message: string; extensions?: { code: string } }[];
  };
  return { status: response.status, codes: [code, ...errors.map((it) => it.extensions?.code)] };
}

const repeated = (count: number, field: (index: number) => string) =>
  `{ ${Array.from({ length: count }, (_, index) => field(index)).join(' ')} }`;

test('the introspection that tools send is answered', async () => {
  expect(await ask(getIntrospectionQuery())).toEqual({ status: 200, codes: [undefined] });
});

test('a hundred ids in one request are answered', async () => {
  const query = repeated(100, (index) => `a${index}: transaction(id: "${ID}") { id }`);
  expect(await ask(query)).toEqual({ status: 200, codes: [undefined] });
});

test.each([
  ['too deep', `{ __type(name: "Block") { ${'ofType { '.repeat(20)} name ${'}'.repeat(22)}`],
  [
    'too deep by way of fragments',
    `{ __type(name: "Block") { ...A } } fragment A on __Type { ofType { ofType { ofType { ofType {
      ofType { ofType { ...B } } } } } } } fragment B on __Type { ofType { ofType { ofType { ofType {
      ofType { ofType { ofType { ...C } } } } } } } } fragment C on __Type { ofType { ofType { ofType {
      ofType { ofType { ofType { name } } } } } } }`,
  ],
])('a query that is %s is refused before it runs', async (_, query) => {
  expect(await ask(query)).toEqual({ status: 400, codes: ['QUERY_TOO_DEEP'] });
});

test.each([
  ['large pages', repeated(11, (i) => `a${i}: transactions(first: 1000) { edges { cursor } }`)],
  ['large pages of blocks', repeated(11, (i) => `a${i}: blocks(first: 1000) { edges { cursor } }`)],
  ['counts', repeated(11, (i) => `a${i}: transactions(first: 0) { count }`)],
])('many %s at once are refused', async (_, query) => {
  const { codes } = await ask(query);
  expect(codes).toContain('QUERY_TOO_COSTLY');
});

test.each(['ids', 'owners', 'recipients', 'bundledIn'])(
  'a list of %s has a limit',
  async (name) => {
    const type = name === 'ids' || name === 'bundledIn' ? 'ID' : 'String';
    const query = `query ($list: [${type}!]) { transactions(${name}: $list) { edges { cursor } } }`;
    const { codes } = await ask(query, { list: Array(1001).fill(ID) });
    expect(codes).toContain('LIST_TOO_LONG');
  },
);

test('values of tags have a limit, in all', async () => {
  const query = 'query ($tags: [TagFilter!]) { transactions(tags: $tags) { edges { cursor } } }';
  const tags = Array(11).fill({ name: 'a', values: Array(100).fill('b') });
  expect((await ask(query, { tags })).codes).toContain('LIST_TOO_LONG');
});
