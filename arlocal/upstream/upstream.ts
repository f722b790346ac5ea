/**
 * A gateway given by its URL, as this one uses it: what it has is read and verified, what this one
 * stores is posted there.
 */
import { toBase64Url } from '../encoding.js';
import { ArlocalError } from '../errors.js';
import type { ProvenChunk } from '../merkle.js';
import type { TransactionJson } from '../sign-transaction.js';
import { createReader, type Reader } from './reader.js';
import {
  type Answer,
  createRequests,
  fieldsOf,
  parseJson,
  type Requests,
  refused,
  type UpstreamOptions,
} from './requests.js';

export interface Upstream extends Reader {
  readonly url: string;
  /** What it calls its network: `arlocal.N.1`, `arweave.N.1`. */
  readonly network: string;
  /** True for a gateway for tests, which gives winston to whoever asks: ArLocal or Corral. */
  readonly isTest: boolean;
  // All of these throw UPSTREAM_AWAY, UPSTREAM_REFUSED.
  anchor(): Promise<string>;
  /** Winston for storing that many bytes. */
  price(bytes: number): Promise<bigint>;
  balance(address: string): Promise<bigint>;
  /** Only for tests. */
  mint(address: string, winston: bigint): Promise<void>;
  /** Those of the ids that it has. */
  known(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Whether it has the transaction, mined or waiting; a gateway that fails has not said no. */
  hasTransaction(id: string): Promise<boolean>;
  /** Posts a transaction, with its data in it or none. */
  postTransaction(json: TransactionJson): Promise<void>;
  /** Posts the data of a transaction that was posted without. */
  postChunks(
    json: TransactionJson,
    data: Uint8Array,
    chunks: readonly ProvenChunk[],
  ): Promise<void>;
}

const IDS_QUERY = `query ($ids: [ID!]!, $first: Int!) {
  transactions(ids: $ids, first: $first) { edges { node { id } } }
}`;

/** Ids of one query: gateways answer no more on a page. */
const IDS_MAX = 100;

/**
 * Says hello to a gateway.
 * @throws {UPSTREAM_AWAY} if nobody answers there, {UPSTREAM_REFUSED} if it is no gateway
 */
export async function connectUpstream(options: UpstreamOptions): Promise<Upstream> {
  const requests = createRequests(options);
  const answer = await requests.get('/info');
  const network = parseJson(answer)?.get('network');
  if (answer.status !== 200 || typeof network !== 'string') {
    throw refused(options.url, 'GET /info', answer);
  }
  return {
    url: options.url,
    network,
    isTest: /^(arlocal|corral)\./.test(network),
    ...createReader(requests),
    ...createLedger(requests),
    ...createWriter(requests),
  };
}

type Ledger = Pick<Upstream, 'anchor' | 'price' | 'balance' | 'mint'>;

function createLedger({ url, getText }: Requests): Ledger {
  const readWinston = async (path: string) => {
    const text = await getText(path);
    if (/^\d{1,30}$/.test(text)) return BigInt(text);
    throw new ArlocalError('UPSTREAM_REFUSED', {
      url,
      what: `GET ${path}`,
      status: 200,
      reason: text,
    });
  };
  return {
    anchor: () => getText('/tx_anchor'),
    price: (bytes) => readWinston(`/price/${bytes}`),
    balance: (address) => readWinston(`/wallet/${address}/balance`),
    async mint(address, winston) {
      await getText(`/mint/${address}/${winston}`);
    },
  };
}

type Writer = Pick<Upstream, 'known' | 'hasTransaction' | 'postTransaction' | 'postChunks'>;

function createWriter({ url, get, post, graphql }: Requests): Writer {
  const check = (what: string, answer: Answer) => {
    const isTaken = answer.status < 300;
    if (!isTaken && answer.status < 500 && answer.status !== 429) throw refused(url, what, answer);
    const reason = `${what} is answered with ${answer.status}`;
    if (!isTaken) throw new ArlocalError('UPSTREAM_AWAY', { url, reason });
  };
  const knownOf = async (ids: readonly string[]) => {
    const data = await graphql(IDS_QUERY, { ids, first: IDS_MAX });
    const edges = fieldsOf(fieldsOf(data)?.get('transactions'))?.get('edges');
    const nodes = Array.isArray(edges)
      ? edges.map((edge) => fieldsOf(fieldsOf(edge)?.get('node')))
      : [];
    return nodes.map((node) => String(node?.get('id')));
  };
  return {
    async known(ids) {
      const found = new Set<string>();
      for (let at = 0; at < ids.length; at += IDS_MAX) {
        for (const id of await knownOf(ids.slice(at, at + IDS_MAX))) found.add(id);
      }
      return found;
    },
    async hasTransaction(id) {
      const answer = await get(`/tx/${id}/status`);
      if (answer.status >= 500 || answer.status === 429) check(`the status of ${id}`, answer);
      return answer.status < 300;
    },
    async postTransaction(json) {
      check(`the transaction ${json.id}`, await post('/tx', json));
    },
    async postChunks({ id, data_root, data_size }, data, chunks) {
      for (const { start, end, dataPath } of chunks) {
        const chunk = {
          data_root,
          data_size,
          data_path: toBase64Url(dataPath),
          offset: String(end - 1),
          chunk: toBase64Url(data.subarray(start, end)),
        };
        check(`a chunk of ${id}`, await post('/chunk', chunk));
      }
    },
  };
}
