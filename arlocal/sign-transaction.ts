/**
 * Signing L1 transactions of format 2, for what the network itself posts to another gateway.
 */
import { fromBase64Url, toBase64Url } from './encoding.js';
import { sha256 } from './hashing.js';
import { buildTree, type ProvenChunk } from './merkle.js';
import type { Tag } from './tags.js';
import { type SignedPart, signedMessage } from './transaction.js';
import type { Wallet } from './wallet.js';

export interface TransactionFields {
  readonly data: Uint8Array;
  readonly tags: readonly Tag[];
  readonly reward: bigint; // winston
  readonly lastTx: string; // the anchor
}

export interface SignedTransaction {
  readonly id: string;
  /** As `POST /tx` takes it, without the data. */
  readonly json: TransactionJson;
  readonly chunks: readonly ProvenChunk[];
}

/** An L1 transaction as nodes take and answer it; every value that is not text is base64url. */
export interface TransactionJson {
  readonly format: 1 | 2;
  readonly id: string;
  readonly last_tx: string;
  readonly owner: string;
  readonly tags: readonly Tag[];
  readonly target: string;
  readonly quantity: string;
  readonly data: string;
  readonly data_size: string;
  readonly data_root: string;
  readonly reward: string;
  readonly signature: string;
}

/** @param wallet one with an RSA key: Arweave takes no other */
export function signTransaction(wallet: Wallet, fields: TransactionFields): SignedTransaction {
  const { data, tags, reward, lastTx } = fields;
  const { root, chunks } = buildTree(data);
  const part: SignedPart = {
    format: 2,
    target: '',
    quantity: 0n,
    reward,
    lastTx,
    tags,
    dataSize: data.length,
    dataRoot: toBase64Url(root),
    data: undefined,
  };
  const signature = wallet.sign(signedMessage(part, fromBase64Url(wallet.owner)));
  const id = sha256(signature).toString('base64url');
  const signed = { ...part, id, owner: wallet.owner, signature: toBase64Url(signature) };
  return { id, json: transactionToJson(signed), chunks };
}

type SignedFields = SignedPart & {
  readonly id: string;
  readonly owner: string;
  readonly signature: string;
};

/** What nodes write, without the data. */
export function transactionToJson(transaction: SignedFields): TransactionJson {
  const encode = (text: string) => Buffer.from(text).toString('base64url');
  return {
    format: transaction.format,
    id: transaction.id,
    last_tx: transaction.lastTx,
    owner: transaction.owner,
    tags: transaction.tags.map(({ name, value }) => ({ name: encode(name), value: encode(value) })),
    target: transaction.target,
    quantity: String(transaction.quantity),
    data: '',
    data_size: String(transaction.dataSize),
    data_root: transaction.dataRoot,
    reward: String(transaction.reward),
    signature: transaction.signature,
  };
}
