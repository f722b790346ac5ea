/**
 * What any gateway with ArLocal's routes must do, run over HTTP with the unmodified `arweave`
 * client. One suite, several arms: our stores, and a real ArLocal where one is running.
 */
import Arweave from 'arweave';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { devWallet } from '../../arlocal/dev-wallets.js';

export interface Arm {
  readonly url: string;
  close(): Promise<void>;
}

/** Where ArLocal is known to differ from a node; ours answers as the node does. */
export interface Habits {
  /** Status of a transaction that is in no block yet. */
  readonly pendingStatus: number;
  /** Confirmations of a transaction in the newest block. */
  readonly firstConfirmations: number;
  /** Whether `/block` lists ids; ArLocal lists the text "[object Object]". */
  readonly blockListsIds: boolean;
}

const NODE: Habits = { pendingStatus: 202, firstConfirmations: 1, blockListsIds: true };

const { jwk, wallet } = devWallet('alice');
const MEGABYTE = 1024 * 1024;

/** A megabyte in which every chunk differs. */
function createData(): Uint8Array {
  const data = new Uint8Array(MEGABYTE + 12_345);
  for (let index = 0; index < data.length; index++) data[index] = (index * 31 + (index >> 8)) % 251;
  return data;
}

export function describeGateway(
  name: string,
  start: () => Promise<Arm>,
  habits: Habits = NODE,
): void {
  describe(`a gateway: ${name}`, () => {
    let arm: Arm;
    let arweave: Arweave;
    let get: (path: string) => Promise<Response>;

    beforeAll(async () => {
      arm = await start();
      const { hostname, port, protocol } = new URL(arm.url);
      arweave = Arweave.init({ host: hostname, port, protocol: protocol.replace(':', '') });
      get = (path) => fetch(`${arm.url}${path}`);
    });
    afterAll(() => arm.close());

    const query = async (text: string) => {
      const response = await fetch(`${arm.url}/graphql`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ query: text }),
      });
      return (await response.json()) as {
        data: { transactions: { edges: { cursor: string; node: Record<string, unknown> }[] } };
      };
    };

    test('takes a megabyte in chunks from a minted wallet, and gives it back', async () => {
      await get(`/mint/${wallet.address}/${10n ** 15n}`);
      const balance = BigInt(await arweave.wallets.getBalance(wallet.address));
      expect(balance).toBeGreaterThanOrEqual(10n ** 15n);

      const data = createData();
      const transaction = await arweave.createTransaction({ data }, jwk);
      transaction.addTag('Content-Type', 'application/octet-stream');
      transaction.addTag('Conformance', 'chunks');
      await arweave.transactions.sign(transaction, jwk);
      const uploader = await arweave.transactions.getUploader(transaction);
      while (!uploader.isComplete) await uploader.uploadChunk();
      expect(uploader.totalChunks).toBe(5);

      await get('/mine');
      const status = await arweave.transactions.getStatus(transaction.id);
      expect(status.status).toBe(200);
      expect(status.confirmed?.number_of_confirmations).toBe(habits.firstConfirmations);
      const read = await (await get(`/${transaction.id}`)).arrayBuffer();
      expect(Buffer.compare(Buffer.from(read), Buffer.from(data))).toBe(0);
      expect(await arweave.transactions.verify(transaction)).toBe(true);

      const spent = balance - BigInt(await arweave.wallets.getBalance(wallet.address));
      expect(spent).toBe(BigInt(transaction.reward));
      expect(await arweave.wallets.getLastTransactionID(wallet.address)).toBe(transaction.id);

      const found = await query(`{
        transactions(tags: [{ name: "Conformance", values: ["chunks"] }]) {
          edges { cursor node { id anchor recipient owner { address } data { size } block { height id } } }
        }
      }`);
      const [edge] = found.data.transactions.edges;
      expect(edge?.node).toMatchObject({
        id: transaction.id,
        owner: { address: wallet.address },
        data: { size: String(data.length) },
        block: { height: status.confirmed?.block_height },
      });
      expect(edge?.node.anchor).toBe(transaction.last_tx);
    });

    test('moves winston, and mines when asked', async () => {
      const bob = devWallet('bob').wallet.address;
      const before = BigInt(await arweave.wallets.getBalance(bob));
      const { height } = (await arweave.network.getInfo()) as { height: number };
      const transfer = await arweave.createTransaction({ target: bob, quantity: '12345' }, jwk);
      await arweave.transactions.sign(transfer, jwk);
      expect((await arweave.transactions.post(transfer)).status).toBe(200);
      const pending = await arweave.transactions.getStatus(transfer.id);
      expect(pending.status).toBe(habits.pendingStatus);
      await get('/mine/3');
      expect((await arweave.network.getInfo()).height).toBe(height + 3);
      expect(BigInt(await arweave.wallets.getBalance(bob)) - before).toBe(12345n);
      const block = await get(`/block/height/${height + 1}`);
      const { txs, indep_hash } = (await block.json()) as { txs: string[]; indep_hash: string };
      if (habits.blockListsIds) expect(txs).toContain(transfer.id);
      expect((await get(`/block/hash/${indep_hash}`)).status).toBe(200);
    });

    test('answers 404 for what it does not have', async () => {
      const unknown = 'A'.repeat(43);
      expect((await get(`/tx/${unknown}`)).status).toBe(404);
      expect((await get(`/${unknown}`)).status).toBe(404);
      expect((await get('/info')).status).toBe(200);
    });
  });
}
