/** Wallets as a network knows them: those of its seed, those it was told of, and who signed here. */
import { type DataItemFields, type SignedItem, signDataItem } from '../arlocal/data-item.js';
import type { Gateway } from '../arlocal/gateway.js';
import { type Wallet, walletFromSeed } from '../arlocal/wallet.js';
import type { Table } from './ports.js';
import { createRandom } from './random.js';

/**
 * The wallets of a seed, and addresses that are known to be wallets.
 * @param made by seed and name, for all who share it: a key takes long to make
 */
export function createWallets(
  seed: number | string,
  made: Map<string, Wallet>,
  known: Iterable<string> = [],
) {
  const addresses = new Set(known);
  return {
    has: (address: string) => addresses.has(address),
    add: (address: string): void => {
      addresses.add(address);
    },
    addresses: (): readonly string[] => [...addresses],
    wallet(name: string): Wallet {
      const key = `${seed}\n${name}`;
      const wallet = made.get(key) ?? walletFromSeed(seed, name);
      made.set(key, wallet);
      addresses.add(wallet.address);
      return wallet;
    },
  };
}

/** True if somebody at this address has signed or owns something here. */
export function isKnownOwner(gateway: Gateway, address: string): boolean {
  if (gateway.balance(address) > 0n) return true;
  return gateway.query({ owners: [address], first: 1 }).edges.length > 0;
}

export type Signer = (wallet: Wallet, fields: DataItemFields) => SignedItem;

/** Signs with anchors from the seed: the n-th item of a wallet has the n-th anchor. */
export function createSigner(
  gateway: Gateway,
  seed: number | string,
  counts: Table<number>,
): Signer {
  const random = createRandom(seed);
  return (wallet, fields) => {
    if (fields.anchor !== undefined) return signDataItem(wallet, fields);
    for (;;) {
      const label = `anchor:${wallet.address}`;
      const count = counts.get(label) ?? 0;
      counts.set(label, count + 1);
      const bytes = random.bytes(`${label}:${count}`);
      const anchor = Buffer.from(bytes).toString('base64url');
      const signed = signDataItem(wallet, { ...fields, anchor });
      // A store from an earlier run may hold the same item: then the next anchor.
      if (!gateway.item(signed.item.id)) return signed;
    }
  };
}
