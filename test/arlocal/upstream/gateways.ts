/**
 * A gateway on top of another one, which is a Corral gateway too and is reached without ports; the test
 * can cut the line between them, or tamper with what goes over it.
 */
import { devWallet } from '../../../arlocal/dev-wallets.js';
import { createGateway, type Gateway } from '../../../arlocal/gateway.js';
import { createGatewayApp } from '../../../arlocal/http/gateway-app.js';
import { createMemoryStore } from '../../../arlocal/memory-store.js';
import type { Store } from '../../../arlocal/store.js';
import type { PosterEvent } from '../../../arlocal/upstream/poster.js';
import { connectUpstream, type Upstream } from '../../../arlocal/upstream/upstream.js';

export const BEHIND_URL = 'http://behind.test';

const now = () => 1_700_000_000_000;

export interface Line {
  /** True while nobody answers. */
  isCut: boolean;
  /** Changes answers on their way. */
  tamper: (path: string, response: Response) => Promise<Response> | Response;
  /** Paths that were asked for, in order, queries left out. */
  readonly paths: string[];
}

export function createBehind() {
  const behind = createGateway({ store: createMemoryStore(), now });
  const app = createGatewayApp(behind);
  const line: Line = { isCut: false, tamper: (_, response) => response, paths: [] };
  const fetchBehind: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const path = request.url.slice(BEHIND_URL.length);
    line.paths.push(path);
    if (line.isCut) throw new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') });
    return line.tamper(path, await app.fetch(request));
  };
  const deadline = () => new AbortController().signal;
  const connect = () => connectUpstream({ url: BEHIND_URL, fetch: fetchBehind, deadline });
  return { behind, line, connect };
}

interface Front {
  readonly front: Gateway;
  readonly events: readonly PosterEvent[];
}

export function createFront(upstream: Upstream, store: Store = createMemoryStore()): Front {
  const events: PosterEvent[] = [];
  const tell = (event: PosterEvent) => void events.push(event);
  const { wallet } = devWallet('carol');
  return { front: createGateway({ store, now, upstream: { upstream, wallet, tell } }), events };
}

/** A gateway on top of another one. */
export async function createPair() {
  const { behind, line, connect } = createBehind();
  return { behind, line, connect, ...createFront(await connect()) };
}
