/**
 * What is on each gateway before the deeds: transactions of every kind that ArLocal's users post, all
 * mined in block 1, and one that waits for its block.
 */
import Arweave from 'arweave';

import { encodeBundle } from '../../../arlocal/bundle.js';
import { type SignedItem, signDataItem } from '../../../arlocal/data-item.js';
import { devWallet } from '../../../arlocal/dev-wallets.js';
import { walletFromSeed } from '../../../arlocal/wallet.js';

export type Transaction = Awaited<ReturnType<Arweave['createTransaction']>>;

export interface Answer {
  readonly status: number;
  readonly type: string | undefined; // without parameters
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly header: (name: string) => string | null;
}

export interface World {
  readonly url: string;
  readonly arweave: Arweave;
  readonly transactions: Readonly<Record<Name, Transaction>>;
  readonly items: { readonly byAlice: SignedItem; readonly byEd: SignedItem };
  /** A signed transaction that nobody has posted. */
  sign(fields: Fields): Promise<Transaction>;
  get(path: string, init?: RequestInit): Promise<Answer>;
  /** POST of JSON. */
  post(path: string, body: unknown): Promise<Answer>;
  /** Data of a GraphQL query, and its errors as texts. */
  graphql<Data>(query: string, variables?: object): Promise<GraphqlAnswer<Data>>;
}

interface GraphqlAnswer<Data> {
  readonly status: number;
  readonly data: Data;
  readonly errors: readonly string[];
}

type Name = 'text' | 'page' | 'style' | 'site' | 'large' | 'video' | 'transfer' | 'bundle' | 'late';

interface Fields {
  readonly data?: string | Uint8Array;
  readonly tags?: readonly (readonly [string, string])[];
  readonly target?: string;
  readonly quantity?: string;
}

export const alice = devWallet('alice');
export const bob = devWallet('bob').wallet;
export const FUNDS = 10n ** 15n; // winston
export const UNKNOWN_ID = 'A'.repeat(43);
export const LARGE = createData(1024 * 1024 + 12_345);

/** Data in which every chunk differs. */
function createData(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8)) % 251);
}

export async function createWorld(url: string): Promise<World> {
  const { hostname: host, port, protocol } = new URL(url);
  const arweave = Arweave.init({ host, port, protocol: protocol.replace(':', '') });
  const get = async (path: string, init?: RequestInit) => readAnswer(await fetch(url + path, init));
  const headers = { 'Content-Type': 'application/json' };
  const post = (path: string, body: unknown) =>
    get(path, { method: 'POST', headers, body: JSON.stringify(body) });
  const sign = (fields: Fields) => signTransaction(arweave, fields);
  const send = async (fields: Fields) => {
    const transaction = await sign(fields);
    await arweave.transactions.post(transaction);
    return transaction;
  };

  await get(`/mint/${alice.wallet.address}/${FUNDS}`);
  const items = createItems();
  const html = ['Content-Type', 'text/html'] as const;
  const text = await send({
    data: 'hello, weave',
    tags: [
      ['Content-Type', 'text/plain'],
      ['App-Name', 'conformance'],
      ['Grüße', 'schöne ✓'],
    ],
  });
  const page = await send({ data: '<h1>page</h1>', tags: [html, ['App-Name', 'conformance']] });
  const style = await send({ data: 'h1 {}', tags: [['Content-Type', 'text/css']] });
  const site = await send({
    data: JSON.stringify({
      manifest: 'arweave/paths',
      version: '0.1.0',
      index: { path: 'index.html' },
      paths: { 'index.html': { id: page.id }, 'css/style.css': { id: style.id } },
    }),
    tags: [['Content-Type', 'application/x.arweave-manifest+json']],
  });
  const large = await send({ data: LARGE, tags: [['App-Name', 'conformance']] });
  const video = await send({ data: '0123456789', tags: [['Content-Type', 'video/mp4']] });
  const transfer = await send({ target: bob.address, quantity: '12345' });
  const bundle = await send({
    data: encodeBundle([items.byAlice, items.byEd]),
    tags: [
      ['Bundle-Format', 'binary'],
      ['Bundle-Version', '2.0.0'],
    ],
  });
  await get('/mine');
  const late = await send({ data: 'not mined yet', tags: [['App-Name', 'late']] });
  return {
    url,
    arweave,
    transactions: { text, page, style, site, large, video, transfer, bundle, late },
    items,
    sign,
    get,
    post,
    async graphql(query, variables) {
      const { status, text: body } = await post('/graphql', { query, variables });
      const { data, errors } = JSON.parse(body);
      return { status, data, errors: (errors ?? []).map(({ message }: Error) => message) };
    },
  };
}

function createItems() {
  const tags = (value: string) => [
    { name: 'Content-Type', value: 'text/plain' },
    { name: 'Bundled', value },
  ];
  return {
    byAlice: signDataItem(alice.wallet, { tags: tags('alice'), data: 'item of alice' }),
    byEd: signDataItem(walletFromSeed(1, 'ed'), {
      tags: tags('ed'),
      data: 'item of ed',
      anchor: 'an anchor of thirty-two letters.',
      target: bob.address,
    }),
  };
}

async function signTransaction(arweave: Arweave, { tags = [], ...fields }: Fields) {
  const transaction = await arweave.createTransaction(fields, alice.jwk);
  for (const [name, value] of tags) transaction.addTag(name, value);
  await arweave.transactions.sign(transaction, alice.jwk);
  return transaction;
}

async function readAnswer(response: Response): Promise<Answer> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  return {
    status: response.status,
    type: response.headers.get('Content-Type')?.split(';')[0],
    text: Buffer.from(bytes).toString('utf8'),
    bytes,
    header: (name) => response.headers.get(name),
  };
}
