/**
 * What users have on a gateway before Corral is put on top of it, posted there with the unmodified
 * `arweave` client: a module, text and weights, as items in bundles and as transactions.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Arweave from 'arweave';
import { encodeBundle } from '../../../arlocal/bundle.js';
import { type SignedItem, signDataItem } from '../../../arlocal/data-item.js';
import { devWallet } from '../../../arlocal/dev-wallets.js';
import { walletFromSeed } from '../../../arlocal/wallet.js';
import { packageRoot } from '../../../herd/package-root.js';
import { kernelModule } from '../../actors/kernel-module.js';

export interface Behind {
  readonly module: string;
  readonly text: string; // L1 transaction
  readonly note: string; // item with an anchor
  readonly weights: string; // L1 transaction in chunks
  /** GET at the gateway behind. */
  get(path: string): Promise<Response>;
  mine(): Promise<void>;
}

const alice = devWallet('alice');
const ed = walletFromSeed(7, 'somebody else');
const MODEL = join(packageRoot, 'models', 'corral-llama.gguf');
const BUNDLE = { 'Bundle-Format': 'binary', 'Bundle-Version': '2.0.0' };

export async function fillBehind(url: string): Promise<Behind> {
  const { hostname: host, port, protocol } = new URL(url);
  const arweave = Arweave.init({ host, port, protocol: protocol.replace(':', '') });
  const get = (path: string) => fetch(url + path);
  const mine = async () => {
    await get('/mine');
  };
  const post = async (data: Uint8Array | string, tags: Readonly<Record<string, string>>) => {
    const transaction = await arweave.createTransaction({ data }, alice.jwk);
    for (const [name, value] of Object.entries(tags)) transaction.addTag(name, value);
    await arweave.transactions.sign(transaction, alice.jwk);
    const { status } = await arweave.transactions.post(transaction);
    if (status !== 200) throw new Error(`the gateway behind answers ${status}`);
    return transaction.id;
  };
  await get(`/mint/${alice.wallet.address}/${10n ** 15n}`);
  const [module, note] = signItems();
  const text = await post('text of a transaction', { 'Content-Type': 'text/plain', Kind: 'text' });
  const weights = await post(readFileSync(MODEL), { Kind: 'weights' });
  await mine();
  await post(encodeBundle([module, note]), BUNDLE);
  await mine();
  return { module: module.item.id, text, note: note.item.id, weights, get, mine };
}

function signItems(): [SignedItem, SignedItem] {
  const tags = Object.entries({
    'Data-Protocol': 'ao',
    Variant: 'ao.TN.1',
    Type: 'Module',
    'Module-Format': 'lua54-corral',
    'Input-Encoding': 'JSON-V1',
    'Output-Encoding': 'JSON-V1',
  }).map(([name, value]) => ({ name, value }));
  return [
    signDataItem(alice.wallet, { tags, data: JSON.stringify(kernelModule()) }),
    signDataItem(ed, {
      data: 'note with an anchor',
      anchor: 'an anchor of thirty-two letters.',
      tags: [{ name: 'Content-Type', value: 'text/plain' }],
    }),
  ];
}
