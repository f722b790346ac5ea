/**
 * Queries for transactions, as users write them: by id, with each filter, in pages.
 */
import { type Deed, nameOf } from './deed.js';
import { alice, bob, UNKNOWN_ID, type World } from './world.js';

interface TransactionNode {
  readonly id: string;
  readonly anchor: string;
  readonly signature: string;
  readonly recipient: string;
  readonly owner: { readonly address: string; readonly key: string };
  readonly fee: { readonly winston: string; readonly ar: string };
  readonly quantity: { readonly winston: string; readonly ar: string };
  readonly data: { readonly size: string; readonly type: string | null };
  readonly tags: readonly { readonly name: string; readonly value: string }[];
  readonly block: { readonly height: number; readonly id: string; readonly timestamp: number };
  readonly bundledIn: { readonly id: string } | null;
  readonly parent: { readonly id: string } | null;
}

interface TransactionPage {
  readonly transactions: {
    readonly pageInfo: { readonly hasNextPage: boolean };
    readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[];
  };
}

const PAGE = 'pageInfo { hasNextPage } edges { cursor node { id } }';

/** Names of the transactions on a page, sorted unless their order matters. */
async function namesOn(world: World, args: string, { inOrder = false } = {}) {
  const { data, errors } = await world.graphql<TransactionPage>(
    `{ transactions(${args}) { ${PAGE} } }`,
  );
  if (errors.length > 0) return { errors };
  const { edges, pageInfo } = data.transactions;
  const names = edges.map(({ node }) => nameOf(world, node.id));
  return { names: inOrder ? names : names.sort(), more: pageInfo.hasNextPage };
}

const readNode = async ({ graphql }: World, id: string, fields: string) => {
  const query = `{ transaction(id: "${id}") { ${fields} } }`;
  const { data } = await graphql<{ transaction: TransactionNode }>(query);
  return data.transaction;
};

const tag = (name: string, values: string, more = '') =>
  `{ name: "${name}", values: [${values}]${more} }`;

export const GRAPHQL_DEEDS: readonly Deed[] = [
  {
    name: 'transaction(id): every field',
    async run(world) {
      const { text } = world.transactions;
      const node = await readNode(
        world,
        text.id,
        `id anchor signature recipient owner { address key } fee { winston ar }
         quantity { winston ar } data { size type } tags { name value }
         block { id height timestamp previous } parent { id } bundledIn { id }`,
      );
      const { current } = await world.arweave.network.getInfo();
      return {
        ...node,
        id: node.id === text.id,
        anchor: node.anchor === text.last_tx,
        signature: node.signature === text.signature,
        owner: node.owner.address === alice.wallet.address && node.owner.key === text.owner,
        fee: node.fee.winston === text.reward,
        feeInAr: node.fee.ar === world.arweave.ar.winstonToAr(text.reward),
        block: { height: node.block.height, id: node.block.id === current },
        timestamp: Number.isInteger(node.block.timestamp),
      };
    },
    answers: {
      id: true,
      anchor: true,
      signature: true,
      recipient: '',
      owner: true,
      fee: true,
      quantity: { winston: '0', ar: '0.000000000000' },
      data: { size: '12', type: 'text/plain' },
      tags: [
        { name: 'Content-Type', value: 'text/plain' },
        { name: 'App-Name', value: 'conformance' },
        { name: 'Grüße', value: 'schöne ✓' },
      ],
      block: { height: 1, id: true },
      parent: null,
      bundledIn: null,
      feeInAr: true,
      timestamp: true,
    },
  },
  {
    name: 'transaction(id) of a transfer',
    async run(world) {
      const fields = 'recipient quantity { winston ar } data { size type }';
      const node = await readNode(world, world.transactions.transfer.id, fields);
      return { ...node, recipient: node.recipient === bob.address };
    },
    answers: {
      recipient: true,
      quantity: { winston: '12345', ar: '0.000000012345' },
      data: { size: '0', type: null },
    },
  },
  {
    name: 'transaction(id) before it is mined',
    run: (world) => readNode(world, world.transactions.late.id, 'block { height }'),
    answers: { block: null },
  },
  {
    name: 'transaction(id) of an unknown id',
    run: ({ graphql }) => graphql(`{ transaction(id: "${UNKNOWN_ID}") { id } }`),
    answers: { status: 200, data: { transaction: null }, errors: [] },
  },
  {
    name: 'transaction(id) of an item in a bundle',
    async run(world) {
      const { item } = world.items.byEd;
      const node = await readNode(
        world,
        item.id,
        `anchor recipient signature owner { address key } tags { name value } data { size type }
         fee { winston } quantity { winston } block { height } bundledIn { id } parent { id }`,
      );
      const { id } = world.transactions.bundle;
      return {
        ...node,
        signature: node.signature === item.signature,
        owner: node.owner.key === item.owner && node.owner.address === item.address,
        recipient: node.recipient === item.target,
        bundledIn: node.bundledIn?.id === id && node.parent?.id === id,
        parent: undefined,
      };
    },
    answers: {
      anchor: 'YW4gYW5jaG9yIG9mIHRoaXJ0eS10d28gbGV0dGVycy4',
      recipient: true,
      signature: true,
      owner: true,
      tags: [
        { name: 'Content-Type', value: 'text/plain' },
        { name: 'Bundled', value: 'ed' },
      ],
      data: { size: '10', type: 'text/plain' },
      fee: { winston: '0' },
      quantity: { winston: '0' },
      block: { height: 1 },
      bundledIn: true,
    },
  },
  {
    name: 'transactions(ids)',
    run: (world) => {
      const { text, page } = world.transactions;
      return namesOn(world, `ids: ["${text.id}", "${page.id}", "${UNKNOWN_ID}"]`);
    },
    answers: { names: ['page', 'text'], more: false },
  },
  {
    name: 'transactions(owners)',
    run: (world) => namesOn(world, `owners: ["${alice.wallet.address}"], first: 100`),
    answers: {
      names: [
        'bundle',
        'byAlice',
        'large',
        'late',
        'page',
        'site',
        'style',
        'text',
        'transfer',
        'video',
      ],
      more: false,
    },
  },
  {
    name: 'transactions(recipients)',
    run: (world) => namesOn(world, `recipients: ["${bob.address}"]`),
    answers: { names: ['byEd', 'transfer'], more: false },
  },
  {
    name: 'transactions(tags)',
    run: (world) => namesOn(world, `tags: [${tag('App-Name', '"conformance"')}]`),
    answers: { names: ['large', 'page', 'text'], more: false },
  },
  {
    name: 'transactions(tags) with any of two values',
    run: (world) => namesOn(world, `tags: [${tag('App-Name', '"conformance", "late"')}]`),
    answers: { names: ['large', 'late', 'page', 'text'], more: false },
  },
  {
    name: 'transactions(tags) with both of two tags',
    run: (world) => {
      const both = [tag('App-Name', '"conformance"'), tag('Content-Type', '"text/html"')];
      return namesOn(world, `tags: [${both}]`);
    },
    answers: { names: ['page'], more: false },
  },
  {
    name: 'transactions(tags) with another value: NEQ',
    run: (world) => namesOn(world, `tags: [${tag('App-Name', '"late"', ', op: NEQ')}]`),
    answers: { names: ['large', 'page', 'text'], more: false },
  },
  {
    name: 'transactions(tags) beyond ASCII',
    run: (world) => namesOn(world, `tags: [${tag('Grüße', '"schöne ✓"')}]`),
    answers: { names: ['text'], more: false },
  },
  {
    name: 'transactions(tags) with a wildcard',
    run: (world) => namesOn(world, `tags: [${tag('App-Name', '"conf*"', ', match: WILDCARD')}]`),
    answers: { names: ['large', 'page', 'text'], more: false },
  },
  {
    name: 'transactions(block: { min })',
    run: (world) => namesOn(world, 'block: { min: 2 }, first: 100'),
    answers: { names: [], more: false },
  },
  {
    name: 'transactions(block: { max })',
    run: (world) =>
      namesOn(world, `block: { max: 1 }, owners: ["${alice.wallet.address}"], first: 100`),
    answers: {
      names: ['bundle', 'byAlice', 'large', 'page', 'site', 'style', 'text', 'transfer', 'video'],
      more: false,
    },
  },
  {
    name: 'transactions(block) of the genesis block',
    run: (world) => namesOn(world, 'block: { min: 0, max: 0 }, first: 100'),
    answers: { names: [], more: false },
  },
  {
    name: 'transactions(bundledIn)',
    run: (world) => namesOn(world, `bundledIn: ["${world.transactions.bundle.id}"], first: 100`),
    answers: { names: ['byAlice', 'byEd'], more: false },
  },
  {
    name: 'transactions(sort: HEIGHT_DESC): what waits comes first',
    run: (world) => {
      const tags = `tags: [${tag('App-Name', '"conformance", "late"')}]`;
      return namesOn(world, `${tags}, sort: HEIGHT_DESC, first: 1`, { inOrder: true });
    },
    answers: { names: ['late'], more: true },
  },
  {
    name: 'transactions(sort: HEIGHT_ASC): what waits comes last',
    run: async (world) => {
      const tags = `tags: [${tag('App-Name', '"conformance", "late"')}]`;
      const page = await namesOn(world, `${tags}, sort: HEIGHT_ASC`, { inOrder: true });
      return page.names?.at(-1);
    },
    answers: 'late',
  },
  {
    name: 'transactions(after): pages',
    async run({ graphql }) {
      const tags = `[${tag('Content-Type', '"text/plain", "text/html", "text/css"')}]`;
      const query = `query ($after: String) {
        transactions(tags: ${tags}, first: 2, after: $after, sort: HEIGHT_ASC) { ${PAGE} }
      }`;
      const sizes: number[] = [];
      const ids = new Set<string>();
      let after: string | undefined;
      for (let more = true; more; ) {
        const { edges, pageInfo } = (await graphql<TransactionPage>(query, { after })).data
          .transactions;
        sizes.push(edges.length);
        for (const { node } of edges) ids.add(node.id);
        after = edges.at(-1)?.cursor;
        more = pageInfo.hasNextPage;
      }
      return { sizes, distinct: ids.size };
    },
    answers: { sizes: [2, 2, 1], distinct: 5 },
  },
  {
    name: 'transactions(first: 0)',
    async run({ graphql }) {
      const { data } = await graphql<TransactionPage>(`{ transactions(first: 0) { ${PAGE} } }`);
      const { edges, pageInfo } = data.transactions;
      return { edges: edges.length, more: pageInfo.hasNextPage };
    },
    answers: { edges: 0, more: true },
  },
  {
    name: 'transactions(first: -1)',
    run: async ({ graphql }) => (await graphql(`{ transactions(first: -1) { ${PAGE} } }`)).errors,
    answers: ['A page of -1 entries cannot be.'],
  },
  {
    name: 'transactions(after) of no cursor',
    run: async ({ graphql }) => (await graphql(`{ transactions(after: "x") { ${PAGE} } }`)).errors,
    answers: ['"x" is not a cursor of this gateway.'],
  },
  {
    name: 'transactions { count }',
    run: ({ graphql }) =>
      graphql(`{ transactions(tags: [${tag('App-Name', '"conformance"')}]) { count } }`),
    answers: { status: 200, data: { transactions: { count: '3' } }, errors: [] },
  },
  {
    name: "aoconnect's look-up of a module",
    async run({ graphql, items }) {
      const query = `query GetTransactions ($transactionIds: [ID!]!) {
        transactions(ids: $transactionIds) { edges { node {
          owner { address } tags { name value } block { id height timestamp } } } }
      }`;
      const transactionIds = [items.byAlice.item.id];
      const { data } = await graphql<{ transactions: { edges: { node: TransactionNode }[] } }>(
        query,
        { transactionIds },
      );
      const node = data.transactions.edges[0]?.node;
      return { tags: node?.tags, height: node?.block.height };
    },
    answers: {
      tags: [
        { name: 'Content-Type', value: 'text/plain' },
        { name: 'Bundled', value: 'alice' },
      ],
      height: 1,
    },
  },
];
