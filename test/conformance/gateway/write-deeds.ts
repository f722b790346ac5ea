/**
 * What users post, what is refused, and the ways to move blocks: each of these changes the gateway.
 */

import { devWallet } from '../../../arlocal/dev-wallets.js';
import { brief, type Deed } from './deed.js';
import { alice, LARGE, type Transaction, UNKNOWN_ID, type World } from './world.js';

/** Posts a transaction as it is, without the client's own checks and repetitions. */
async function postFields({ arweave, post }: World, fields: object, jwk = alice.jwk) {
  const transaction = await arweave.createTransaction(fields, jwk);
  await arweave.transactions.sign(transaction, jwk);
  return post('/tx', transaction.toJSON());
}

/** Large data of which no other transaction here has a chunk. */
function largeData(mask: number): Uint8Array {
  return LARGE.map((byte) => byte ^ mask);
}

async function startUpload({ arweave, sign }: World, data: Uint8Array) {
  const transaction = await sign({ data });
  const uploader = await arweave.transactions.getUploader(transaction);
  await uploader.uploadChunk(); // the transaction itself
  return { transaction, uploader };
}

async function readBack({ get }: World, { id }: Transaction, data: Uint8Array) {
  const { status, bytes } = await get(`/${id}`);
  return { status, asSent: Buffer.compare(bytes, data) === 0 };
}

async function heightOf({ arweave }: World): Promise<number> {
  return (await arweave.network.getInfo()).height;
}

export const WRITE_DEEDS: readonly Deed[] = [
  {
    name: 'transactions.post twice',
    run: async ({ arweave, transactions }) =>
      (await arweave.transactions.post(transactions.text)).status,
    answers: 200,
  },
  {
    name: 'POST /tx twice',
    run: async ({ post, transactions }) => brief(await post('/tx', transactions.text)),
    answers: { status: 208, type: 'text/plain', says: 'Transaction already processed.' },
  },
  {
    name: 'transactions.post without funds',
    async run(world) {
      const { jwk } = devWallet('carol');
      const transaction = await world.arweave.createTransaction({ data: 'poor' }, jwk);
      await world.arweave.transactions.sign(transaction, jwk);
      const { status } = await world.arweave.transactions.post(transaction);
      return { status, found: (await world.get(`/${transaction.id}`)).status };
    },
    answers: { status: 410, found: 404 },
  },
  {
    name: 'POST /tx with a tag changed after signing',
    async run({ sign, post }) {
      const json = (await sign({ data: 'signed', tags: [['Number', '1']] })).toJSON();
      return brief(await post('/tx', { ...json, tags: [{ name: 'TnVtYmVy', value: 'Mg' }] }));
    },
    answers: { status: 400, type: 'application/json', says: 'TRANSACTION_NOT_SIGNED' },
  },
  {
    name: 'POST /tx with other data',
    async run({ sign, post }) {
      const json = (await sign({ data: 'signed' })).toJSON();
      return brief(await post('/tx', { ...json, data: 'b3RoZXI' }));
    },
    answers: { status: 400, type: 'application/json', says: 'TRANSACTION_MALFORMED' },
  },
  {
    name: 'POST /tx with an unknown last_tx',
    run: async (world) =>
      (await postFields(world, { data: 'anchored', last_tx: UNKNOWN_ID })).status,
    answers: 200,
  },
  {
    name: 'POST /tx with no reward',
    run: async (world) => (await postFields(world, { data: 'free', reward: '0' })).status,
    answers: 400,
  },
  {
    name: 'POST /tx to oneself',
    run: async (world) =>
      (await postFields(world, { target: alice.wallet.address, quantity: '1' })).status,
    answers: 400,
  },
  {
    name: 'POST /tx with an empty tag value',
    async run({ sign, post }) {
      const transaction = await sign({ data: 'tagged', tags: [['Empty', '']] });
      return (await post('/tx', transaction.toJSON())).status;
    },
    answers: 200,
  },
  {
    name: 'POST /tx of format 1',
    run: async (world) => (await postFields(world, { data: 'old', format: 1 })).status,
    answers: 200,
  },
  {
    name: 'POST /tx of other JSON',
    run: async ({ post }) => [
      brief(await post('/tx', {})),
      brief(await post('/tx', [])),
      brief(await post('/tx', { format: 3 })),
    ],
    answers: [
      { status: 400, type: 'application/json', says: 'TRANSACTION_MALFORMED' },
      { status: 400, type: 'application/json', says: 'TRANSACTION_MALFORMED' },
      { status: 400, type: 'application/json', says: 'TRANSACTION_MALFORMED' },
    ],
  },
  {
    name: 'POST /tx of no JSON',
    async run({ get }) {
      const headers = { 'Content-Type': 'application/json' };
      return brief(await get('/tx', { method: 'POST', headers, body: '{' }));
    },
    answers: { status: 400, type: 'application/json', says: 'JSON_INVALID' },
  },
  {
    name: 'transactions.getUploader, resumed from its saved state',
    async run(world) {
      const data = largeData(1);
      const { transaction, uploader } = await startUpload(world, data);
      await uploader.uploadChunk();
      const saved = JSON.parse(JSON.stringify(uploader));
      const resumed = await world.arweave.transactions.getUploader(saved, data);
      while (!resumed.isComplete) await resumed.uploadChunk();
      return readBack(world, transaction, data);
    },
    answers: { status: 200, asSent: true },
  },
  {
    name: 'transactions.upload, resumed from the id',
    async run(world) {
      const data = largeData(2);
      const { transaction } = await startUpload(world, data);
      await world.get('/mine');
      let steps = 0;
      for await (const _ of world.arweave.transactions.upload(transaction.id, data)) steps++;
      return { steps, ...(await readBack(world, transaction, data)) };
    },
    answers: { steps: 5, status: 200, asSent: true },
  },
  {
    name: 'POST /chunk of data that nobody announced',
    async run({ sign, post }) {
      const transaction = await sign({ data: 'unannounced' });
      await transaction.prepareChunks(transaction.data);
      return brief(await post('/chunk', transaction.getChunk(0, transaction.data)));
    },
    answers: { status: 400, type: 'application/json', says: 'CHUNK_INVALID' },
  },
  {
    name: 'POST /chunk with other bytes',
    async run(world) {
      const data = largeData(4);
      const { transaction } = await startUpload(world, data);
      const chunk = transaction.getChunk(0, data);
      const other = chunk.chunk.replace(/^..../, 'AAAA');
      return brief(await world.post('/chunk', { ...chunk, chunk: other }));
    },
    answers: { status: 400, type: 'application/json', says: 'CHUNK_INVALID' },
  },
  {
    name: 'GET /mine/:count',
    async run(world) {
      const { arweave, get, sign } = world;
      const waiting = await sign({ data: 'waits for a block' });
      await arweave.transactions.post(waiting);
      const before = await heightOf(world);
      const { status, text } = await get('/mine/3');
      const { confirmed } = await arweave.transactions.getStatus(waiting.id);
      return {
        status,
        mined: (await heightOf(world)) - before,
        told: JSON.parse(text).height - before,
        inBlock: (confirmed?.block_height ?? Number.NaN) - before,
        confirmations: confirmed?.number_of_confirmations,
      };
    },
    answers: { status: 200, mined: 3, told: 3, inBlock: 1, confirmations: 3 },
  },
  {
    name: 'GET /mineWithFails/:count',
    async run(world) {
      const before = await heightOf(world);
      const { status } = await world.get('/mineWithFails/2');
      return { status, mined: (await heightOf(world)) - before };
    },
    answers: { status: 200, mined: 2 },
  },
  {
    name: 'GET /mine/:count of no number',
    run: async ({ get }) => (await get('/mine/some')).status,
    answers: 400,
  },
  {
    name: 'DELETE /tx/:id',
    async run({ get, transactions: { style } }) {
      const { status } = await get(`/tx/${style.id}`, { method: 'DELETE' });
      return { status, later: (await get(`/tx/${style.id}`)).status };
    },
    answers: { status: 403, later: 200 },
  },
  {
    name: 'GET /reset',
    async run(world) {
      const { status } = await world.get('/reset');
      return { status, startsAgain: (await heightOf(world)) === 0 };
    },
    answers: { status: 403, startsAgain: false },
  },
];
