/**
 * A given gateway behind this one: what is missing here is read from there, what is stored here is
 * posted there.
 */
import { ArlocalError } from '../errors.js';
import type { Cells } from '../records.js';
import type { Store } from '../store.js';
import type { Wallet } from '../wallet.js';
import { createFetcher, type FetchOptions } from './fetcher.js';
import { createPoster, type Poster, type PosterEvent, type PosterState } from './poster.js';
import type { Found } from './reader.js';
import type { Upstream } from './upstream.js';

export interface UpstreamSetup {
  readonly upstream: Upstream;
  /** An RSA wallet that signs and pays for what is posted; without it nothing is. */
  readonly wallet?: Wallet | undefined;
  readonly tell?: ((event: PosterEvent) => void) | undefined;
}

export interface AttachedUpstream
  extends Pick<Upstream, 'url' | 'network' | 'isTest' | 'anchor' | 'price' | 'mint'> {
  readonly post: Poster['post'];
  readonly state: PosterState;
}

export interface Attached {
  readonly upstream: AttachedUpstream;
  readonly fetchMissing: (ids: readonly string[], options?: FetchOptions) => Promise<void>;
}

interface Parts {
  readonly store: Store;
  readonly adopt: (found: Found) => void;
  readonly mine: () => void;
  readonly durable: () => Promise<void>;
}

export function attachUpstream(setup: UpstreamSetup, parts: Parts): Attached {
  const { store, adopt, mine, durable } = parts;
  const { upstream, wallet, tell = () => undefined } = setup;
  const cells = store.records?.cells('upstream') ?? createMemoryCells();
  const poster = wallet && createPoster({ store, upstream, wallet, cells, durable, tell });
  const { url, network, isTest, anchor, price, mint } = upstream;
  const problem = new ArlocalError('UPSTREAM_WALLET_MISSING', { url, network });
  return {
    fetchMissing: createFetcher({
      store,
      reader: upstream,
      mine,
      adopt(found) {
        adopt(found);
        poster?.skip(found.kind === 'item' ? found.item.id : found.transaction.id);
      },
    }),
    upstream: {
      ...{ url, network, isTest, anchor, price, mint },
      post: async (patient) => poster?.post(patient),
      get state() {
        return poster?.state ?? { posted: 0, waiting: store.sequenceEnd, problem };
      },
    },
  };
}

/** For a store in memory. */
function createMemoryCells(): Cells {
  const cells = new Map<string, Uint8Array>();
  return {
    put: (key, bytes) => void cells.set(key, bytes),
    get: (key) => cells.get(key),
    drop: (key) => void cells.delete(key),
    keys: () => [...cells.keys()].sort(),
  };
}
