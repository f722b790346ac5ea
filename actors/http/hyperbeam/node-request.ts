/**
 * One request to the node: its path, its parameters and its body, read once.
 */
import type { Context } from 'hono';
import type { DataItem } from '../../../arlocal/data-item.js';
import type { ActorNetwork } from '../../network.js';
import { type Path, parsePath } from './path.js';
import { readSender, requireSender } from './sender.js';

export interface NodeRequest {
  readonly c: Context;
  /** Path and query as they stand in the request line. */
  readonly target: string;
  readonly path: Path;
  /** From the path, the query or, last, the header of that name. */
  param(name: string): string | undefined;
  /** Who reads; undefined if it is anonymous. @throws {ITEM_NOT_SIGNED} */
  readSender(): DataItem | undefined;
  /** Who writes. @throws {BAD_REQUEST} and what `decodeDataItem` throws */
  requireSender(): DataItem;
  /** Resolves when all that the network has taken so far is kept: nothing is answered before. */
  durable(): Promise<void>;
}

export async function readRequest(network: ActorNetwork, c: Context): Promise<NodeRequest> {
  const { url } = c.req.raw;
  const target = url.slice(url.indexOf('/', url.indexOf('://') + 3));
  const path = parsePath(target);
  const { messageBytes } = network.limits;
  const body = c.req.method === 'POST' ? new Uint8Array(await c.req.arrayBuffer()) : NO_BODY;
  const { gateway } = network as { gateway: { flush(): void; durable?: () => Promise<void> } };
  return {
    c,
    target,
    path,
    param: (name) => path.params.get(name) ?? c.req.header(name),
    readSender: () => readSender(body, messageBytes),
    requireSender: () => requireSender(body, messageBytes),
    durable: async () => (gateway.durable ? gateway.durable() : gateway.flush()),
  };
}

const NO_BODY = new Uint8Array(0);
