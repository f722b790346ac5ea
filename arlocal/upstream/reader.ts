/**
 * Reading from a given gateway: an id leads to a transaction or a data item whose signature is
 * checked here, so that a gateway can hide something but make nothing up.
 *
 * A transaction is its JSON at `/tx/:id`. A data item has no such route on most gateways; it is put
 * together from GraphQL and its data, and if that does not give what was signed (ArLocal forgets
 * anchors) it is looked for in its bundle.
 */
import { readBundleItem } from '../bundle.js';
import { type DataItem, decodeDataItem, encodeDataItem, ITEM_BYTES_MAX } from '../data-item.js';
import { fromBase64Url, toBase64Url } from '../encoding.js';
import { ArlocalError } from '../errors.js';
import { buildTree } from '../merkle.js';
import { encodeTags, type Tag } from '../tags.js';
import { parseTransaction, type Transaction } from '../transaction.js';
import { fieldsOf, parseJson, type Requests, textOf } from './requests.js';

export type Found =
  | { readonly kind: 'item'; readonly item: DataItem; readonly bundledIn: string }
  | { readonly kind: 'transaction'; readonly transaction: Transaction };

export interface Reader {
  /**
   * What the gateway has under an id, verified: an item with its data, a transaction without.
   * Undefined if it has nothing, or the transaction is in no block yet.
   * @throws {UPSTREAM_AWAY, UPSTREAM_REFUSED, UPSTREAM_TOO_LARGE, UPSTREAM_UNTRUE}
   */
  find(id: string): Promise<Found | undefined>;
  /** The data of a transaction; undefined if the gateway does not have all of it. Throws as `find` */
  data(transaction: Wanted): Promise<Uint8Array | undefined>;
}

/** What has to fit for data to be a transaction's. */
interface Wanted {
  readonly id: string;
  readonly dataSize: number;
  readonly dataRoot: string;
}

interface ItemNode {
  readonly anchor: string;
  readonly signature: string;
  readonly target: string;
  readonly owner: string;
  readonly tags: readonly Tag[];
  readonly bundledIn: string;
  readonly height: number | undefined;
}

/** Bytes of a transaction's data: it is held in memory whole. */
const DATA_BYTES_MAX = 1024 * 1024 * 1024;
/** Bundles of a block that are searched where a gateway does not tell which one an item is in. */
const BUNDLES_MAX = 20;

const ITEM_QUERY = `query ($id: ID!) {
  transaction(id: $id) {
    anchor signature recipient owner { key } tags { name value } block { height } bundledIn { id }
  }
}`;

const BUNDLES_QUERY = `query ($height: Int!, $first: Int!) {
  transactions(
    block: { min: $height, max: $height }, first: $first,
    tags: [{ name: "Bundle-Format", values: ["binary"] }]
  ) { edges { node { id } } }
}`;

export function createReader(requests: Requests): Reader {
  const { url } = requests;
  const untrue = (id: string, reason: string) =>
    new ArlocalError('UPSTREAM_UNTRUE', { url, id, reason });

  /** Data as the gateway serves it at any of its routes; some answer what a manifest leads to. */
  async function* candidates(id: string, maxBytes: number) {
    let tooLarge: ArlocalError | undefined;
    for (const path of [`/raw/${id}`, `/${id}`, `/tx/${id}/data`]) {
      const isText = path.endsWith('/data');
      const limit = isText ? Math.ceil((maxBytes * 4) / 3) + 4 : maxBytes;
      try {
        const answer = await requests.get(path, limit);
        if (answer.status === 200) yield isText ? fromBase64Url(textOf(answer)) : answer.bytes;
      } catch (error) {
        if (!(error instanceof ArlocalError) || error.code !== 'UPSTREAM_TOO_LARGE') throw error;
        tooLarge = error;
      }
    }
    if (tooLarge) throw tooLarge;
  }

  async function findItem(id: string): Promise<Found | undefined> {
    const node = readNode(await requests.graphql(ITEM_QUERY, { id }));
    if (!node) return undefined;
    for await (const data of candidates(id, ITEM_BYTES_MAX)) {
      const item = assemble(id, node, data);
      if (item) return { kind: 'item', item, bundledIn: node.bundledIn };
    }
    for (const bundle of await bundlesOf(node)) {
      for await (const data of candidates(bundle, ITEM_BYTES_MAX)) {
        const item = attempt(() => readBundleItem(data, id));
        if (item) return { kind: 'item', item, bundledIn: bundle };
      }
    }
    throw untrue(id, 'its signature does not fit what comes with it');
  }

  async function bundlesOf({ bundledIn, height }: ItemNode): Promise<string[]> {
    if (bundledIn !== '') return [bundledIn];
    if (height === undefined) return [];
    return readIds(await requests.graphql(BUNDLES_QUERY, { height, first: BUNDLES_MAX }));
  }

  /** A transaction of format 1 has its data signed with it, so that comes first. */
  async function findTransaction(id: string, json: object): Promise<Found | undefined> {
    if (Number(fieldsOf(json)?.get('format') ?? 1) !== 1) {
      return { kind: 'transaction', transaction: parseTransaction({ ...json, data: '' }) };
    }
    for await (const data of candidates(id, ITEM_BYTES_MAX)) {
      const transaction = attempt(() => parseTransaction({ ...json, data: toBase64Url(data) }));
      if (transaction) return { kind: 'transaction', transaction };
    }
    return undefined;
  }

  return {
    async find(id) {
      const answer = await requests.get(`/tx/${id}`);
      if (answer.status === 202) return undefined;
      const fields = answer.status === 200 ? parseJson(answer) : undefined;
      if (!fields || isItem(fields)) return findItem(id);
      if (fields.get('id') !== id) throw untrue(id, `it is ${String(fields.get('id'))}`);
      try {
        return await findTransaction(id, Object.fromEntries(fields));
      } catch (cause) {
        if (!(cause instanceof ArlocalError) || cause.code.startsWith('UPSTREAM_')) throw cause;
        const isLikeItem = !fields.get('data_root'); // without data one looks like the other
        const item = isLikeItem ? await findItem(id) : undefined;
        if (item) return item;
        throw untrue(id, cause.message);
      }
    },
    async data({ id, dataSize, dataRoot }) {
      if (dataSize > DATA_BYTES_MAX) {
        const path = `/raw/${id}`;
        throw new ArlocalError('UPSTREAM_TOO_LARGE', { url, path, limit: DATA_BYTES_MAX });
      }
      let seen = 0;
      for await (const data of candidates(id, dataSize)) {
        if (data.length === dataSize && toBase64Url(buildTree(data).root) === dataRoot) return data;
        seen += data.length;
      }
      if (seen > 0) throw untrue(id, 'its data is not what its data_root is about');
      return undefined;
    },
  };
}

/** Corral's gateways answer items at /tx as well; an item has no data_root. */
function isItem(fields: ReadonlyMap<string, unknown>): boolean {
  const isFormat2 = Number(fields.get('format')) === 2;
  return isFormat2 && Number(fields.get('data_size')) > 0 && !fields.get('data_root');
}

/** The item, if its signature fits. */
function assemble(id: string, node: ItemNode, data: Uint8Array): DataItem | undefined {
  const signatureType = node.owner.length > 100 ? 1 : 2; // an RSA key has 512 bytes, Ed25519's 32
  return attempt(() => {
    const fields = { ...node, id, address: '', signatureType, data } as const;
    const bytes = encodeDataItem({ ...fields, tagBytes: encodeTags(node.tags) });
    const item = decodeDataItem(bytes, { verify: true });
    return item.id === id ? item : undefined;
  });
}

/** What is made of an answer, undefined if it cannot be: the next candidate is tried then. */
function attempt<Result>(make: () => Result): Result | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof ArlocalError) return undefined;
    throw error;
  }
}

function readNode(data: unknown): ItemNode | undefined {
  const node = fieldsOf(fieldsOf(data)?.get('transaction'));
  if (!node) return undefined;
  const height = fieldsOf(node.get('block'))?.get('height');
  return {
    anchor: textIn(node, 'anchor'),
    signature: textIn(node, 'signature'),
    target: textIn(node, 'recipient'),
    owner: textIn(fieldsOf(node.get('owner')), 'key'),
    tags: listIn(node, 'tags').map((tag) => ({
      name: textIn(fieldsOf(tag), 'name'),
      value: textIn(fieldsOf(tag), 'value'),
    })),
    bundledIn: textIn(fieldsOf(node.get('bundledIn')), 'id'),
    height: typeof height === 'number' ? height : undefined,
  };
}

function readIds(data: unknown): string[] {
  const edges = listIn(fieldsOf(fieldsOf(data)?.get('transactions')), 'edges');
  return edges.map((edge) => textIn(fieldsOf(fieldsOf(edge)?.get('node')), 'id'));
}

type Fields = ReadonlyMap<string, unknown> | undefined;

function textIn(fields: Fields, name: string): string {
  const value = fields?.get(name);
  return typeof value === 'string' ? value : '';
}

function listIn(fields: Fields, name: string): readonly unknown[] {
  const value = fields?.get(name);
  return Array.isArray(value) ? value : [];
}
