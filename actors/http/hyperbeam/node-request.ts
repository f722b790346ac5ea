/**
 * One request to the node: its path, its parameters and its body, read once.
 */
import type { Context } from 'hono';
import type { DataItem } from '../../../arlocal/data-item.js';
import type { HttpRequest } from '../../../arlocal/http-signature.js';
import type { Incoming } from '../../items/stored-item.js';
import type { ActorNetwork } from '../../network.js';
import { type Path, parsePath } from './path.js';
import { hasLostBody, readSender, requireSender } from './sender.js';

export interface NodeRequest {
  readonly c: Context;
  /** Path and query as they stand in the request line. */
  readonly target: string;
  readonly path: Path;
  /** True if the client signed a body and sent none. */
  readonly hasLostBody: boolean;
  /** From the path, the query or, last, the header of that name. */
  param(name: string): string | undefined;
  /** Who reads; undefined if it is anonymous. Throws for a wrong signature. */
  readSender(): DataItem | undefined;
  /** What is written, to the process of the path. Throws if it is not signed, or not well. */
  requireSender(): Incoming;
  /** True if it asks for something new on a log: it must be signed then. */
  readonly isWrite: boolean;
}

export async function readRequest(network: ActorNetwork, c: Context): Promise<NodeRequest> {
  const { method } = c.req;
  const { url, headers } = c.req.raw;
  const target = url.slice(url.indexOf('/', url.indexOf('://') + 3));
  const path = parsePath(target);
  const body = method === 'POST' ? new Uint8Array(await c.req.arrayBuffer()) : NO_BODY;
  let sender: { message: DataItem | undefined } | undefined;
  const request: HttpRequest = { method, target, headers: new Map(headers), body };
  return {
    c,
    target,
    path,
    hasLostBody: hasLostBody(request),
    param: (name) => path.params.get(name) ?? c.req.header(name),
    isWrite: method === 'POST' && isWrite(path),
    readSender: () => {
      sender ??= { message: readSender(network, request) };
      return sender.message;
    },
    requireSender: () => requireSender(network, request, path.id),
  };
}

const NO_BODY = new Uint8Array(0);

function isWrite({ parts, params }: Path): boolean {
  const operation = parts[0]?.key;
  return operation === 'schedule' || (operation === 'push' && !params.has('slot'));
}
