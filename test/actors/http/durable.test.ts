/** What anybody has seen over HTTP is there after a crash, whichever part showed it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createVirtualClock } from '../../../actors/clock.js';
import { protocolTags } from '../../../actors/items/protocol.js';
import type { ActorNetwork } from '../../../actors/network.js';
import { signDataItem } from '../../../arlocal/data-item.js';
import { ArlocalError } from '../../../arlocal/errors.js';
import { createGateway, type Gateway } from '../../../arlocal/gateway.js';
import { createGatewayApp } from '../../../arlocal/http/gateway-app.js';
import { createSqliteStore } from '../../../arlocal/sqlite/sqlite-store.js';
import { type Apps, createApps, createFetch, urlsOf } from '../../../herd/serve.js';
import { startNetwork } from '../kernel-module.js';
import { breathe, createStores } from '../stores.js';

const stores = createStores();
const clock = createVirtualClock();
let breaths = 0;
let gateway: Gateway;
let network: ActorNetwork;
let apps: Apps;
let process: string;
beforeAll(async () => {
  const store = createSqliteStore(stores.path('live'));
  const countBreath = () => {
    breaths++;
    return breathe();
  };
  gateway = createGateway({ store, now: () => clock.now(), breathe: countBreath });
  const started = await startNetwork({ clock, gateway, breathe });
  network = started.network;
  process = (await started.spawn()).id;
  apps = createApps(network, () => ({ process, length: network.units.log.next(process) }));
});
afterAll(async () => {
  await network.close();
  gateway.close();
  stores.remove();
});

/** Posts a message without waiting for the answer, and says its id. */
const post = () => {
  const tags = [...protocolTags('Message'), { name: 'Action', value: 'Hear' }];
  const anchor = String(network.units.log.next(process)).padStart(32, '0');
  const { item, bytes } = signDataItem(network.wallet('alice'), { target: process, anchor, tags });
  const answered = apps.mu.request('/', { method: 'POST', body: Buffer.from(bytes) });
  return { id: item.id, answered };
};
/** Whether a crash at this moment would leave the item. */
const isLeft = (id: string): boolean => {
  stores.copy('live', id);
  const store = createSqliteStore(stores.path(id));
  const found = store.get(id) !== undefined;
  store.close();
  return found;
};

const READS: readonly (readonly [keyof Apps, (id: string) => string])[] = [
  ['su', () => `/${process}/latest`],
  ['su', (id) => `/${id}?process-id=${process}`],
  ['su', () => `/${process}?limit=1000`],
  ['mu', (id) => `/?debug=1&process=${process}&message=${id}`],
  ['cu', (id) => `/result/${id}?process-id=${process}`],
  ['node', () => `/${process}~process@1.0/slot/current`],
  ['node', (id) => `/~cache@1.0/read=${id}`],
  ['gateway', (id) => `/tx/${id}`],
  ['gateway', (id) => `/raw/${id}`],
  ['gateway', (id) => `/graphql?query={transaction(id:"${id}"){id}}`],
  ['gateway', () => '/corral'],
];

test.each(READS)('the %s answers only what is durable (%#)', async (part, pathOf) => {
  const { id, answered } = post();
  while (!gateway.locate(id)) await Promise.resolve(); // it was taken, and waits for its commit
  const response = await apps[part].request(pathOf(id));
  expect(response.status).toBe(200);
  expect(isLeft(id)).toBe(true);
  expect((await answered).status).toBe(202);
});

test('events tell only what is durable', async () => {
  const read = createFetch(apps, urlsOf(4000));
  const { body } = await read(`${urlsOf(4000).gateway}/corral/events`);
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  const { id, answered } = post();
  const first = Buffer.from((await reader.read()).value ?? []).toString('utf8');
  expect(first).toContain(id);
  expect(isLeft(id)).toBe(true);
  await answered;
  await reader.cancel();
});

test('an answer that cannot be made durable is not given', async () => {
  const failure = new ArlocalError('STORE_FAILED', { folder: 'x', reason: 'the disk is full' });
  const durable = { value: () => Promise.reject(failure) };
  const app = createGatewayApp(Object.create(gateway, { durable }) as Gateway);
  const response = await app.request(`/raw/${process}`);
  expect(response.status).toBe(503);
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  for (const name of ['etag', 'content-length']) expect(response.headers.get(name)).toBeNull();
  expect(await response.json()).toMatchObject({ code: 'STORE_FAILED' });
});

test('an answer waits for nothing if nothing is new', async () => {
  await gateway.durable();
  const before = breaths;
  for (const [part] of READS) expect((await apps[part].request('/')).status).toBeLessThan(500);
  await gateway.durable();
  expect(breaths).toBe(before);
});
