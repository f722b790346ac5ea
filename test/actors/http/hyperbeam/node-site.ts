/**
 * A network with one process that has something to show, and the node over it, for the tests of the
 * node. Call `openNode` at the top of a test file; the rest is there once its tests run.
 */
import { afterAll, beforeAll } from 'vitest';
import { createNodeApp } from '../../../../actors/http/hyperbeam/node.js';
import { tagList } from '../../../../actors/items/protocol.js';
import type { ActorNetwork } from '../../../../actors/network.js';
import { signDataItem } from '../../../../arlocal/data-item.js';
import type { HttpRequest } from '../../../../arlocal/http-signature.js';
import type { Wallet } from '../../../../arlocal/wallet.js';
import { type RequestFields, signRequest } from '../../../arlocal/signed-requests.js';
import { startNetwork } from '../../kernel-module.js';

export let network: ActorNetwork;
export let alice: Wallet;
export let pid: string;
export let module: string;
export let app: ReturnType<typeof createNodeApp>;

/** Whatever a test asked for. */
// biome-ignore lint/suspicious/noExplicitAny: the tests say what is in it
export type Answer = any;

export const URL = 'http://node.test';
export const get = (path: string, headers: Record<string, string> = {}) =>
  app.request(`${URL}${path}`, { headers });
export const json = async (path: string, headers?: Record<string, string>) =>
  (await get(path, headers)).json() as Promise<Answer>;
export const text = async (path: string) => (await get(path)).text();
export const post = (
  path: string,
  body: Uint8Array | string = '',
  headers: Record<string, string> = {},
) => app.request(`${URL}${path}`, { method: 'POST', body, headers });

export const message = (fields: Record<string, string>, to = pid, data = '') =>
  signDataItem(alice, {
    target: to,
    tags: tagList({ 'Data-Protocol': 'ao', Type: 'Message', ...fields }),
    data,
  });

/** Sends a signed request as it is. */
export const send = ({ target, method, headers, body }: HttpRequest) =>
  app.request(`${URL}${target}`, {
    method,
    headers: Object.fromEntries(headers),
    ...(method === 'GET' ? {} : { body }),
  });
export const sign = (request: RequestFields) => signRequest(alice, request);
export const pushTarget = () => `/${pid}~process@1.0/push`;
let count = 0;
export const evalFields = (data: string) => ({
  type: 'Message',
  'data-protocol': 'ao',
  action: 'Eval',
  target: pid,
  data,
  'x-count': String(count++),
});

export function openNode(): void {
  beforeAll(async () => {
    const started = await startNetwork();
    network = started.network;
    alice = started.alice;
    module = started.module;
    const process = await started.spawn('X = 1', { Name: 'shown' });
    pid = process.id;
    await process.eval(`Send({ Target = Owner, Action = 'Told', Data = 'hello' }); return 'two'`);
    app = createNodeApp(network, { info: { 'corral-version': '0' } });
  });
  afterAll(() => network.close());
}
