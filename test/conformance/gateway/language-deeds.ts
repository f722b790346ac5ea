/**
 * Blocks in GraphQL, and the query language itself: what clients of any kind rely on.
 */
import type { Deed } from './deed.js';
import { UNKNOWN_ID, type World } from './world.js';

interface BlockPage {
  readonly blocks: {
    readonly pageInfo: { readonly hasNextPage: boolean };
    readonly edges: readonly {
      readonly cursor: string;
      readonly node: { readonly height: number };
    }[];
  };
}

async function heightsOn({ graphql }: World, args: string) {
  const fields = 'pageInfo { hasNextPage } edges { cursor node { height } }';
  const { data } = await graphql<BlockPage>(`{ blocks${args} { ${fields} } }`);
  const { edges, pageInfo } = data.blocks;
  const heights = edges.map(({ node }) => node.height);
  return { heights, more: pageInfo.hasNextPage, cursor: edges.at(-1)?.cursor };
}

export const LANGUAGE_DEEDS: readonly Deed[] = [
  {
    name: 'block(id)',
    async run({ graphql, arweave }) {
      const { indep_hash } = await arweave.blocks.getByHeight(1);
      const { indep_hash: parent } = await arweave.blocks.getByHeight(0);
      interface Data {
        readonly block: { readonly id: string; readonly previous: string; readonly height: number };
      }
      const query = `{ block(id: "${indep_hash}") { id height previous timestamp } }`;
      const { block } = (await graphql<Data>(query)).data;
      const { height, id, previous } = block;
      return { height, id: id === indep_hash, previous: previous === parent };
    },
    answers: { height: 1, id: true, previous: true },
  },
  {
    name: 'block(id) of an unknown block',
    run: ({ graphql }) => graphql(`{ block(id: "${UNKNOWN_ID}") { height } }`),
    answers: { status: 200, data: { block: null }, errors: [] },
  },
  {
    name: 'block without an id',
    run: async ({ graphql }) => (await graphql('{ block { height } }')).data,
    answers: { block: { height: 1 } },
  },
  {
    name: 'blocks',
    async run(world) {
      const { heights, more } = await heightsOn(world, '');
      return { heights, more };
    },
    answers: { heights: [1, 0], more: false },
  },
  {
    name: 'blocks(height)',
    run: async (world) => (await heightsOn(world, '(height: { min: 1, max: 1 })')).heights,
    answers: [1],
  },
  {
    name: 'blocks(after): pages',
    async run(world) {
      const first = await heightsOn(world, '(first: 1, sort: HEIGHT_ASC)');
      const next = await heightsOn(world, `(first: 1, sort: HEIGHT_ASC, after: "${first.cursor}")`);
      return { first: first.heights, more: first.more, next: next.heights };
    },
    answers: { first: [0], more: true, next: [1] },
  },
  {
    name: 'variables, an operation name and an alias',
    async run({ post, transactions }) {
      const query = `
        query Unused { block { height } }
        query Used($ids: [ID!]!) { mine: transactions(ids: $ids) { edges { node { id } } } }`;
      const variables = { ids: [transactions.text.id] };
      const { status, text } = await post('/graphql', { query, operationName: 'Used', variables });
      return { status, edges: JSON.parse(text).data.mine.edges.length };
    },
    answers: { status: 200, edges: 1 },
  },
  {
    name: 'fragments, nested and inline',
    async run({ graphql, transactions }) {
      const { data } = await graphql(`
        query { transaction(id: "${transactions.text.id}") { ...A ... on Transaction { recipient } } }
        fragment A on Transaction { data { ...B } }
        fragment B on MetaData { size }`);
      return data;
    },
    answers: { transaction: { data: { size: '12' }, recipient: '' } },
  },
  {
    name: 'directives and __typename',
    async run({ graphql, transactions: { text } }) {
      const fields = 'recipient @include(if: $yes) id @skip(if: $yes) __typename';
      const query = `query ($yes: Boolean!) { transaction(id: "${text.id}") { ${fields} } }`;
      return (await graphql(query, { yes: true })).data;
    },
    answers: { transaction: { recipient: '', __typename: 'Transaction' } },
  },
  {
    name: 'GET /graphql?query=',
    async run({ get }) {
      const query = encodeURIComponent('{ transactions(first: 1) { pageInfo { hasNextPage } } }');
      const { status, text } = await get(`/graphql?query=${query}`);
      return { status, json: JSON.parse(text) };
    },
    answers: { status: 200, json: { data: { transactions: { pageInfo: { hasNextPage: true } } } } },
  },
  {
    name: 'introspection',
    async run({ graphql }) {
      interface Names {
        readonly name: string;
      }
      interface Data {
        readonly __schema: { readonly queryType: { readonly fields: readonly Names[] } };
        readonly __type: { readonly enumValues: readonly Names[] };
      }
      const { data } = await graphql<Data>(`{
        __schema { queryType { fields { name } } }
        __type(name: "SortOrder") { enumValues { name } }
      }`);
      return {
        fields: data.__schema.queryType.fields.map(({ name }) => name),
        orders: data.__type.enumValues.map(({ name }) => name),
      };
    },
    answers: {
      fields: ['transaction', 'transactions', 'block', 'blocks'],
      orders: ['HEIGHT_ASC', 'HEIGHT_DESC', 'INGESTED_AT_ASC', 'INGESTED_AT_DESC'],
    },
  },
  {
    name: 'an unknown field',
    run: ({ graphql }) => graphql('{ transactions { edges { node { colour } } } }'),
    answers: { status: 400, errors: ['Cannot query field "colour" on type "Transaction".'] },
  },
  {
    name: 'a query that does not parse',
    run: ({ graphql }) => graphql('{ transactions {'),
    answers: { status: 400, errors: ['Syntax Error: Expected Name, found <EOF>.'] },
  },
  {
    name: 'a variable that is missing',
    run: ({ graphql }) => graphql('query ($id: ID!) { transaction(id: $id) { id } }'),
    answers: { status: 400, errors: ['Variable "$id" of required type "ID!" was not provided.'] },
  },
  {
    name: 'no query at all',
    run: async ({ post }) => (await post('/graphql', {})).status,
    answers: 400,
  },
  {
    name: 'a mutation',
    run: ({ graphql }) => graphql('mutation { x }'),
    answers: {
      status: 200,
      data: null,
      errors: ['Schema is not configured to execute mutation operation.'],
    },
  },
];
