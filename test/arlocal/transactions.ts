/**
 * L1 transactions for tests, signed by the dev wallet carol with the `arweave` client's own code.
 */
import Arweave from 'arweave';
import { devWallet } from '../../arlocal/dev-wallets.js';
import type { Gateway } from '../../arlocal/gateway.js';
import type { Tag } from '../../arlocal/tags.js';

const { jwk, wallet } = devWallet('carol');

interface L1Options {
  readonly data?: string | Uint8Array;
  readonly tags?: readonly Tag[];
  readonly target?: string;
  readonly quantity?: bigint;
  readonly reward?: bigint;
  readonly mint?: bigint; // winston that carol is given before
  readonly change?: (json: object) => object; // after signing
}

export async function signL1(gateway: Gateway, options: L1Options) {
  const { data, target, quantity } = options;
  const reward = options.reward ?? gateway.price(data === undefined ? 0 : Buffer.from(data).length);
  const fields = {
    ...(data === undefined ? {} : { data }),
    ...(target === undefined ? {} : { target, quantity: String(quantity ?? 0n) }),
    reward: String(reward),
    last_tx: gateway.tip.id,
  };
  const transaction = await Arweave.init({}).createTransaction(fields, jwk);
  for (const { name, value } of options.tags ?? []) transaction.addTag(name, value);
  await Arweave.init({}).transactions.sign(transaction, jwk);
  return transaction;
}

export async function postL1(gateway: Gateway, options: L1Options) {
  if (options.mint) gateway.mint(wallet.address, options.mint);
  const transaction = await signL1(gateway, options);
  const json = transaction.toJSON();
  gateway.postTransaction(options.change?.(json) ?? json);
  return { id: transaction.id, address: wallet.address };
}
