/**
 * What users ask about the network: its state, prices, wallets and blocks.
 */
import { brief, type Deed, failureOf } from './deed.js';
import { alice, bob, FUNDS, UNKNOWN_ID } from './world.js';

interface BlockJson {
  readonly indep_hash: string;
  readonly previous_block: string;
  readonly height: number;
  readonly timestamp: number;
  readonly txs: readonly string[];
}

const JSON_HEADERS = { 'Content-Type': 'application/json' };
const MADE = `made${UNKNOWN_ID.slice(4)}`; // addresses of wallets that nobody has the key of
const MINTED = `mint${UNKNOWN_ID.slice(4)}`;

export const NETWORK_DEEDS: readonly Deed[] = [
  {
    name: 'GET /',
    async run({ get }) {
      const { status, text } = await get('/');
      return { status, fields: Object.keys(JSON.parse(text)).sort() };
    },
    answers: {
      status: 200,
      fields: [
        'blocks',
        'current',
        'height',
        'network',
        'node_state_latency',
        'peers',
        'queue_length',
        'release',
        'version',
      ],
    },
  },
  {
    name: 'network.getInfo',
    async run({ arweave }) {
      const { height, blocks, current } = await arweave.network.getInfo();
      return { height, blocks, current: typeof current };
    },
    answers: { height: 1, blocks: 2, current: 'string' },
  },
  {
    name: 'network.getPeers',
    async run({ arweave, url }) {
      const peers = (await arweave.network.getPeers()) as unknown as string[];
      return peers.map((peer) => (peer === new URL(url).host ? 'itself' : peer));
    },
    answers: [],
  },
  {
    name: 'transactions.getTransactionAnchor',
    async run({ arweave }) {
      const anchor = await arweave.transactions.getTransactionAnchor();
      return { type: typeof anchor, isLong: anchor.length >= 43 };
    },
    answers: { type: 'string', isLong: true },
  },
  {
    name: 'transactions.getPrice',
    run: async ({ arweave }) => ({
      ofNothing: await arweave.transactions.getPrice(0),
      ofMegabyte: await arweave.transactions.getPrice(1_000_000),
      toBob: await arweave.transactions.getPrice(1_000_000, bob.address),
    }),
    answers: { ofNothing: '100000000', ofMegabyte: '1100000000', toBob: '1100000000' },
  },
  {
    name: 'GET /price of no number',
    run: async ({ get }) => brief(await get('/price/many')),
    answers: { status: 400, type: 'application/json', says: 'SIZE_INVALID' },
  },
  {
    name: 'wallets.getBalance',
    run: async ({ arweave }) => ({
      ofBob: await arweave.wallets.getBalance(bob.address),
      ofNobody: await arweave.wallets.getBalance(UNKNOWN_ID),
    }),
    answers: { ofBob: '12345', ofNobody: '0' },
  },
  {
    name: 'rewards and quantities are taken from the balance',
    async run({ arweave, transactions }) {
      const costs = Object.values(transactions).map(
        ({ reward, quantity }) => BigInt(reward) + BigInt(quantity),
      );
      const spent = costs.reduce((sum, cost) => sum + cost, 0n);
      const balance = BigInt(await arweave.wallets.getBalance(alice.wallet.address));
      return { missing: String(FUNDS - balance - spent) };
    },
    answers: { missing: '0' },
  },
  {
    name: 'wallets.getLastTransactionID',
    run: async ({ arweave, transactions }) => ({
      isLate:
        (await arweave.wallets.getLastTransactionID(alice.wallet.address)) === transactions.late.id,
      ofNobody: await arweave.wallets.getLastTransactionID(UNKNOWN_ID),
    }),
    answers: { isLate: true, ofNobody: '' },
  },
  {
    name: 'GET /wallet/:address/balance of no address',
    run: async ({ get }) => brief(await get('/wallet/short/balance')),
    answers: { status: 400, type: 'application/json', says: 'ADDRESS_INVALID' },
  },
  {
    name: 'GET /mint adds to a balance',
    run: async ({ get }) => [
      (await get(`/mint/${MINTED}/1000`)).text,
      (await get(`/mint/${MINTED}/234`)).text,
      (await get(`/wallet/${MINTED}/balance`)).text,
    ],
    answers: ['1000', '1234', '1234'],
  },
  {
    name: 'GET /mint of no number',
    run: async ({ get }) => brief(await get(`/mint/${UNKNOWN_ID}/much`)),
    answers: { status: 400, type: 'application/json', says: 'QUANTITY_INVALID' },
  },
  {
    name: 'POST /wallet makes a wallet with a balance',
    async run({ post, get }) {
      const { status, text } = await post('/wallet', { address: MADE, balance: 77 });
      const balance = await get(`/wallet/${MADE}/balance`);
      return { status, made: JSON.parse(text), balance: balance.text };
    },
    answers: {
      status: 200,
      made: { address: 'madeAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', balance: 77 },
      balance: '77',
    },
  },
  {
    name: 'POST /wallet without an address',
    async run({ post }) {
      const { status, text } = await post('/wallet', { balance: 5 });
      return { status, address: typeof JSON.parse(text).address };
    },
    answers: { status: 400, address: 'undefined' },
  },
  {
    name: 'PATCH /wallet/:address/balance sets it',
    async run({ get }) {
      const patch = { method: 'PATCH', headers: JSON_HEADERS, body: '{"balance":12}' };
      const { status, text } = await get(`/wallet/${MADE}/balance`, patch);
      const balance = await get(`/wallet/${MADE}/balance`);
      return { status, answer: JSON.parse(text), balance: balance.text };
    },
    answers: { status: 200, answer: { balance: 12 }, balance: '12' },
  },
  {
    name: 'PATCH /wallet/:address/balance without a balance',
    async run({ get }) {
      const patch = { method: 'PATCH', headers: JSON_HEADERS, body: '{}' };
      return brief(await get(`/wallet/${MADE}/balance`, patch));
    },
    answers: { status: 400, type: 'application/json', says: 'QUANTITY_INVALID' },
  },
  {
    name: 'blocks.getByHeight',
    async run({ arweave, transactions }) {
      const block = (await arweave.blocks.getByHeight(1)) as unknown as BlockJson;
      const { indep_hash } = await arweave.blocks.getByHeight(0);
      return {
        height: block.height,
        follows: block.previous_block === indep_hash,
        timestamp: typeof block.timestamp,
        hasText: block.txs.includes(transactions.text.id),
        transactions: block.txs.length,
      };
    },
    answers: { height: 1, follows: true, timestamp: 'number', hasText: true, transactions: 8 },
  },
  {
    name: 'GET /block/height/0, the genesis block',
    async run({ get }) {
      const { status, text } = await get('/block/height/0');
      const { previous_block, txs, height } = JSON.parse(text) as BlockJson;
      return { status, previous_block, txs, height };
    },
    answers: { status: 200, previous_block: '', txs: [], height: 0 },
  },
  {
    name: 'blocks.get',
    async run({ arweave }) {
      const { indep_hash } = await arweave.blocks.getByHeight(1);
      const { height } = await arweave.blocks.get(indep_hash);
      return height;
    },
    answers: 1,
  },
  {
    name: 'blocks.getCurrent',
    run: async ({ arweave }) => (await arweave.blocks.getCurrent()).height,
    answers: 1,
  },
  {
    name: 'GET /block/current',
    run: async ({ get }) => (await get('/block/current')).status,
    answers: 200,
  },
  {
    name: 'blocks.get of an unknown block',
    run: ({ arweave }) => failureOf(arweave.blocks.get(UNKNOWN_ID)),
    answers: 'BLOCK_NOT_FOUND',
  },
  {
    name: 'blocks.getByHeight of the future',
    run: ({ arweave }) => failureOf(arweave.blocks.getByHeight(10_000)),
    answers: 'BLOCK_NOT_FOUND',
  },
  {
    name: 'GET /logs',
    run: async ({ get }) => (await get('/logs')).status,
    answers: 404,
  },
  {
    name: 'GET a word that is no route',
    run: async ({ get }) => brief(await get('/nonsense')),
    answers: { status: 404, type: 'application/json', says: 'NOT_FOUND' },
  },
  {
    name: 'GET a path that is no route',
    run: async ({ get }) => (await get('/a/b/c')).status,
    answers: 404,
  },
  {
    name: 'a page of another origin reads',
    async run({ get }) {
      const { header } = await get('/info', { headers: { Origin: 'http://app.test' } });
      return header('Access-Control-Allow-Origin');
    },
    answers: '*',
  },
  {
    name: 'a page of another origin posts JSON',
    async run({ get }) {
      const headers = {
        Origin: 'http://app.test',
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'content-type',
      };
      const { status, header } = await get('/tx', { method: 'OPTIONS', headers });
      return {
        ok: status < 300,
        origin: header('Access-Control-Allow-Origin'),
        headers: header('Access-Control-Allow-Headers'),
        post: header('Access-Control-Allow-Methods')?.includes('POST'),
      };
    },
    answers: { ok: true, origin: '*', headers: 'content-type', post: true },
  },
];
