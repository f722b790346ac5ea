/**
 * What users ask about a transaction, and the ways to its data that the `arweave` client takes.
 */
import { brief, type Deed, failureOf, nameOf } from './deed.js';
import { alice, bob, LARGE, UNKNOWN_ID } from './world.js';

const TEXT_FIELDS = [
  'id',
  'last_tx',
  'owner',
  'target',
  'quantity',
  'data_root',
  'data_size',
  'reward',
  'signature',
] as const;

export const TRANSACTION_DEEDS: readonly Deed[] = [
  {
    name: 'transactions.get, whose data comes in chunks',
    async run({ arweave, transactions: { text } }) {
      const read = await arweave.transactions.get(text.id);
      const decode = { decode: true, string: true } as const;
      return {
        isVerified: await arweave.transactions.verify(read),
        data: read.get('data', decode),
        tags: read.tags.map((tag) => [tag.get('name', decode), tag.get('value', decode)]),
        otherThanSent: TEXT_FIELDS.filter((field) => read[field] !== text[field]),
      };
    },
    answers: {
      isVerified: true,
      data: 'hello, weave',
      tags: [
        ['Content-Type', 'text/plain'],
        ['App-Name', 'conformance'],
        ['Grüße', 'schöne ✓'],
      ],
      otherThanSent: [],
    },
  },
  {
    name: 'transactions.get of a transfer',
    async run({ arweave, transactions: { transfer } }) {
      const { target, quantity, format } = await arweave.transactions.get(transfer.id);
      return { format, quantity, toBob: target === bob.address };
    },
    answers: { format: 2, quantity: '12345', toBob: true },
  },
  {
    name: 'transactions.get before it is mined',
    run: ({ arweave, transactions }) => failureOf(arweave.transactions.get(transactions.late.id)),
    answers: 'TX_INVALID',
  },
  {
    name: 'transactions.get of an unknown id',
    run: ({ arweave }) => failureOf(arweave.transactions.get(UNKNOWN_ID)),
    answers: 'TX_NOT_FOUND',
  },
  {
    name: 'GET /tx/:id of an unknown id',
    run: async ({ get }) => brief(await get(`/tx/${UNKNOWN_ID}`)),
    answers: { status: 404, type: 'application/json', says: 'NOT_FOUND' },
  },
  {
    name: 'GET /tx/:id of no id',
    run: async ({ get }) => brief(await get('/tx/short')),
    answers: { status: 404, type: 'application/json', says: 'NOT_FOUND' },
  },
  {
    name: 'GET /tx/:id of an item in a bundle',
    run: async ({ get, items }) => (await get(`/tx/${items.byAlice.item.id}`)).status,
    answers: 200,
  },
  {
    name: 'GET /tx/:id has each field that was sent',
    async run({ get, transactions: { text: sent } }) {
      const { text } = await get(`/tx/${sent.id}`);
      const answered = new Set(Object.keys(JSON.parse(text)));
      const { data_tree: _, ...fields } = sent.toJSON(); // which only the client knows
      return { missing: Object.keys(fields).filter((field) => !answered.has(field)) };
    },
    answers: { missing: [] },
  },
  {
    name: 'transactions.getStatus',
    async run({ arweave, transactions: { text } }) {
      const { status, confirmed } = await arweave.transactions.getStatus(text.id);
      const { current } = await arweave.network.getInfo();
      return { status, ...confirmed, block_indep_hash: confirmed?.block_indep_hash === current };
    },
    answers: { status: 200, block_height: 1, block_indep_hash: true, number_of_confirmations: 1 },
  },
  {
    name: 'transactions.getStatus before it is mined',
    run: ({ arweave, transactions }) => arweave.transactions.getStatus(transactions.late.id),
    answers: { status: 202, confirmed: null },
  },
  {
    name: 'transactions.getStatus of an unknown id',
    run: async ({ arweave }) => (await arweave.transactions.getStatus(UNKNOWN_ID)).status,
    answers: 404,
  },
  {
    name: 'GET /tx/pending',
    async run(world) {
      const { type, text } = await world.get('/tx/pending');
      return { type, names: (JSON.parse(text) as string[]).map((id) => nameOf(world, id)) };
    },
    answers: { type: 'application/json', names: ['late'] },
  },
  {
    name: 'GET /tx/:id/:field',
    async run({ get, transactions: { text } }) {
      const answers = await Promise.all(
        TEXT_FIELDS.map(async (field) => ({ field, ...(await get(`/tx/${text.id}/${field}`)) })),
      );
      const others = answers.filter((answer) => answer.text !== text[answer.field]);
      return { otherThanSent: others.map(({ field }) => field) };
    },
    answers: { otherThanSent: [] },
  },
  {
    name: 'GET /tx/:id/tags',
    async run({ get, transactions: { text: sent } }) {
      const { type, text } = await get(`/tx/${sent.id}/tags`);
      return { type, asSent: JSON.stringify(JSON.parse(text)) === JSON.stringify(sent.tags) };
    },
    answers: { type: 'application/json', asSent: true },
  },
  {
    name: 'GET /tx/:id/:field that does not exist',
    run: async ({ get, transactions }) => brief(await get(`/tx/${transactions.text.id}/colour`)),
    answers: { status: 404, type: 'application/json', says: 'NOT_FOUND' },
  },
  {
    name: 'GET /tx/:id/:field before it is mined',
    run: async ({ get, transactions }) => brief(await get(`/tx/${transactions.late.id}/reward`)),
    answers: { status: 202, type: 'text/plain', says: 'Pending' },
  },
  {
    name: 'GET /tx/:id/data',
    async run({ get, transactions }) {
      const { status, type, text } = await get(`/tx/${transactions.text.id}/data`);
      return { status, type, data: Buffer.from(text, 'base64url').toString('utf8') };
    },
    answers: { status: 200, type: 'text/plain', data: 'hello, weave' },
  },
  {
    name: 'GET /tx/:id/data of five chunks',
    async run({ get, transactions }) {
      const { status, text } = await get(`/tx/${transactions.large.id}/data`);
      return { status, bytes: Buffer.from(text, 'base64url').length };
    },
    answers: { status: 200, bytes: 1060921 },
  },
  {
    name: 'GET /tx/:id/data.html',
    async run({ get, transactions }) {
      const { status, type, text } = await get(`/tx/${transactions.page.id}/data.html`);
      return { status, type, text };
    },
    answers: { status: 200, type: 'text/html', text: '<h1>page</h1>' },
  },
  {
    name: 'GET /tx/:id/FILE of a manifest',
    async run({ get, transactions: { site } }) {
      const { status, header } = await get(`/tx/${site.id}/index.html`, { redirect: 'manual' });
      const location = header('Location')?.replace(/^http:\/\/[^/]+/, '');
      return { status, location: location?.replace(site.id, 'ID') };
    },
    answers: { status: 302, location: '/ID/index.html' },
  },
  {
    name: 'chunks.getTransactionOffset',
    async run({ arweave, transactions }) {
      const { size } = await arweave.chunks.getTransactionOffset(transactions.large.id);
      return { size };
    },
    answers: { size: '1060921' },
  },
  {
    name: 'GET /tx/:id/offset of a transfer',
    run: async ({ get, transactions }) =>
      brief(await get(`/tx/${transactions.transfer.id}/offset`)),
    answers: { status: 404, type: 'application/json', says: 'NOT_FOUND' },
  },
  {
    name: 'chunks.getChunk',
    async run({ arweave, transactions }) {
      const place = await arweave.chunks.getTransactionOffset(transactions.large.id);
      const first = arweave.chunks.firstChunkOffset(place);
      const chunk = await arweave.chunks.getChunk(first);
      const bytes = Buffer.from(chunk.chunk, 'base64url').length;
      return { fields: Object.keys(chunk).sort(), bytes };
    },
    answers: { fields: ['chunk', 'data_path', 'tx_path'], bytes: 262144 },
  },
  {
    name: 'chunks.downloadChunkedData of one chunk',
    async run({ arweave, transactions }) {
      const data = await arweave.chunks.downloadChunkedData(transactions.page.id);
      return Buffer.from(data).toString('utf8');
    },
    answers: '<h1>page</h1>',
  },
  {
    name: 'chunks.downloadChunkedData of five chunks',
    async run({ arweave, transactions }) {
      const data = await arweave.chunks.downloadChunkedData(transactions.large.id);
      return { asSent: Buffer.compare(data, LARGE) === 0 };
    },
    answers: { asSent: true },
  },
  {
    name: 'GET /chunk/:offset where none is',
    run: async ({ get }) => brief(await get('/chunk/999999999')),
    answers: { status: 404, type: 'application/json', says: 'CHUNK_NOT_FOUND' },
  },
  {
    name: 'GET /chunk/:offset of no number',
    run: async ({ get }) => brief(await get('/chunk/first')),
    answers: { status: 404, type: 'application/json', says: 'CHUNK_NOT_FOUND' },
  },
  {
    name: 'transactions.getData',
    run: ({ arweave, transactions }) =>
      arweave.transactions.getData(transactions.text.id, { decode: true, string: true }),
    answers: 'hello, weave',
  },
  {
    name: 'transactions.search, which is ArQL',
    async run(world) {
      const found = await world.arweave.transactions.search('App-Name', 'conformance');
      return Array.isArray(found) ? found.map((id) => nameOf(world, id)) : found;
    },
    answers: ['large', 'page', 'text'],
  },
  {
    name: 'POST /arql with and, or, from and to',
    async run(world) {
      const equals = (expr1: string, expr2: string) => ({ op: 'equals', expr1, expr2 });
      const tagged = equals('App-Name', 'conformance');
      const byAlice = equals('from', alice.wallet.address);
      const both = { op: 'and', expr1: byAlice, expr2: tagged };
      const query = { op: 'or', expr1: both, expr2: equals('to', bob.address) };
      const { status, text } = await world.post('/arql', query);
      if (status !== 200) return { status };
      return { status, names: (JSON.parse(text) as string[]).map((id) => nameOf(world, id)) };
    },
    answers: { status: 200, names: ['byEd', 'transfer', 'large', 'page', 'text'] },
  },
];
