/**
 * Transactions that are signed as they should be and written as nobody else would write them: none may
 * take the place of another, or leave a store that is not whole.
 */
import { describe, expect, test, vi } from 'vitest';
import { devWallet } from '../../arlocal/dev-wallets.js';
import { fromBase64Url, toBase64Url } from '../../arlocal/encoding.js';
import type { Gateway } from '../../arlocal/gateway.js';
import { sha256 } from '../../arlocal/hashing.js';
import { buildTree } from '../../arlocal/merkle.js';
import { transactionToJson } from '../../arlocal/sign-transaction.js';
import type { Entry } from '../../arlocal/store.js';
import { signedMessage, verifyTransaction } from '../../arlocal/transaction.js';
import { type Finding, verifyStore } from '../../arlocal/verify-store.js';
import { createTestGateway, STORES } from './gateways.js';
import { postL1, signL1 } from './transactions.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const ALICE = devWallet('alice').wallet.address;
const WINSTON = 10n ** 14n;
const BIG = new Uint8Array(300_000).map((_, index) => (index * 7) % 251);

/** The same 32 bytes: the last of 43 characters has two bits that count for nothing. */
function otherwise(id: string): string {
  const last = ALPHABET.indexOf(id.at(-1) ?? '');
  return id.slice(0, -1) + ALPHABET[last ^ 1];
}

/** A transaction whose signature is right and whose fields need not be. */
function signClaim(gateway: Gateway, claim: { dataSize: number; dataRoot: string }): object {
  const { wallet } = devWallet('carol');
  gateway.mint(wallet.address, WINSTON);
  const reward = gateway.price(claim.dataSize);
  const part = { format: 2, target: '', quantity: 0n, reward, lastTx: '', tags: [] } as const;
  const fields = { ...part, ...claim, data: undefined };
  const signature = wallet.sign(signedMessage(fields, fromBase64Url(wallet.owner)));
  const id = toBase64Url(sha256(signature));
  const { owner } = wallet;
  return transactionToJson({ ...fields, id, owner, signature: toBase64Url(signature) });
}

const rootOf = (data: Uint8Array) => toBase64Url(buildTree(data).root);

describe.each(STORES)('over the %s store', (kind) => {
  const open = () => {
    const { gateway, store } = createTestGateway({ kind });
    const findings = () => {
      const list: Finding[] = [];
      verifyStore(store, { tell: (finding) => list.push(finding) });
      return list;
    };
    return { gateway, store, findings };
  };

  test('fields in another spelling are stored in ours, and the data is found', async () => {
    const { gateway, findings } = open();
    const target = 'Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm8';
    await postL1(gateway, { data: 'mint', mint: WINSTON });
    const transaction = await signL1(gateway, { data: BIG, target, quantity: 1n });
    const json = transaction.toJSON() as { data_root: string; target: string; last_tx: string };
    const data_root = otherwise(json.data_root);
    const spelling = { data_root, target: otherwise(json.target), last_tx: `${json.last_tx}=` };
    gateway.postTransaction({ ...json, ...spelling, data: '' });
    for (const index of [0, 1]) {
      gateway.putChunk({ ...transaction.getChunk(index, transaction.data), data_root });
    }
    expect(gateway.locate(transaction.id)?.entry).toMatchObject({
      target,
      anchor: json.last_tx,
      dataKey: json.data_root,
    });
    expect(gateway.balance(target)).toBe(1n);
    expect(gateway.data(transaction.id)).toEqual(Buffer.from(BIG));
    expect(gateway.postTransaction(json)).toBe(false);
    expect(findings()).toEqual([]);
  });

  test('one that says another size of data to come has none, and does not cut what comes', async () => {
    const { gateway, findings } = open();
    const transaction = await signL1(gateway, { data: BIG });
    const chunks = [0, 1].map((index) => transaction.getChunk(index, transaction.data));
    const first = 300_000 / 2; // the last two chunks are alike
    const claims = [first, 300_001].map((dataSize) =>
      signClaim(gateway, { dataSize, dataRoot: rootOf(BIG) }),
    ) as { id: string }[];
    for (const claim of claims) gateway.postTransaction(claim);
    const cut = { ...chunks[0], data_size: String(first) };
    expect(() => gateway.putChunk(cut)).toThrow(expect.objectContaining({ code: 'CHUNK_INVALID' }));
    gateway.postTransaction({ ...transaction.toJSON(), data: '' });
    for (const chunk of chunks) gateway.putChunk(chunk);
    expect(gateway.data(transaction.id)).toEqual(Buffer.from(BIG));
    for (const { id } of claims) expect(gateway.data(id)).toBeUndefined();
    const late = signClaim(gateway, { dataSize: 5, dataRoot: rootOf(BIG) });
    expect(() => gateway.postTransaction(late)).toThrow(
      expect.objectContaining({ code: 'TRANSACTION_MALFORMED' }),
    );
    expect(findings()).toEqual([]);
  });

  test('one of more data than can be put together is refused', () => {
    const { gateway } = open();
    const limit = 1024 ** 3;
    gateway.postTransaction(signClaim(gateway, { dataSize: limit, dataRoot: rootOf(BIG) }));
    const claim = signClaim(gateway, { dataSize: limit + 1, dataRoot: rootOf(BIG) });
    expect(() => gateway.postTransaction(claim)).toThrow(
      expect.objectContaining({ code: 'DATA_TOO_LARGE', details: { got: limit + 1, limit } }),
    );
  });

  test('a chunk costs a chunk, however many there are', () => {
    const { gateway, store } = open();
    const data = Buffer.alloc(10 * 256 * 1024 + 40_000, 'what is uploaded');
    const { chunks } = buildTree(data);
    const [data_root, data_size] = [rootOf(data), String(data.length)];
    gateway.postTransaction(signClaim(gateway, { dataSize: data.length, dataRoot: data_root }));
    const reads = vi.spyOn(store, 'chunks');
    for (const { start, end, dataPath } of chunks) {
      const data_path = toBase64Url(dataPath);
      const chunk = toBase64Url(data.subarray(start, end));
      gateway.putChunk({ data_root, data_size, offset: String(end - 1), data_path, chunk });
    }
    expect(reads.mock.calls).toHaveLength(1); // all are read once, to put the data together
    expect(data.equals(store.data(data_root) ?? data.subarray(1))).toBe(true);
  });

  test('one without data cannot claim the root of data that is to come', () => {
    const { gateway, findings } = open();
    const claim = signClaim(gateway, { dataSize: 0, dataRoot: rootOf(BIG) });
    expect(() => gateway.postTransaction(claim)).toThrow(
      expect.objectContaining({ code: 'TRANSACTION_MALFORMED' }),
    );
    expect(findings()).toEqual([]);
  });
});

test('verifying compares what follows from the signed fields', async () => {
  const { gateway, store } = createTestGateway();
  const { id } = await postL1(gateway, { data: 'x', mint: WINSTON });
  const entry = store.get(id)?.entry as Entry;
  const data = store.data(entry.dataKey);
  expect(verifyTransaction(entry, data)).toBe(true);
  for (const change of [{ address: ALICE }, { dataKey: id }, { alias: ALICE }]) {
    expect(verifyTransaction({ ...entry, ...change }, data)).toBe(false);
  }
});
