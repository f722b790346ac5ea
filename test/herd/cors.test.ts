/** Every part can be called by a page of any origin, and a page can read whatever is answered. */
import type { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ActorNetwork } from '../../actors/network.js';
import { createGateway } from '../../arlocal/gateway.js';
import { createGatewayApp } from '../../arlocal/http/gateway-app.js';
import { createMemoryStore } from '../../arlocal/memory-store.js';
import { type Apps, createApps } from '../../herd/serve.js';
import { startNetwork } from '../actors/kernel-module.js';

let network: ActorNetwork;
let apps: Apps;
const parts = ['gateway', 'bundler', 'mu', 'su', 'cu', 'node'] as const;

beforeAll(async () => {
  network = (await startNetwork()).network;
  apps = createApps(network, () => ({}));
});
afterAll(() => network.close());

const OPEN = { 'access-control-allow-origin': '*', 'access-control-expose-headers': '*' };
const headersOf = (response: Response) => Object.fromEntries(response.headers);

describe.each(parts)('the %s', (part) => {
  const app = () => apps[part] as Hono;

  test('allows any method with any headers, from public sites too', async () => {
    for (const path of ['/', '/anything/at/all', '/graphql', '/corral', '/corral/events']) {
      const response = await app().request(path, {
        method: 'OPTIONS',
        headers: {
          Origin: 'https://app.example',
          'Access-Control-Request-Method': 'DELETE',
          'Access-Control-Request-Headers': 'x-own,signature-input',
          'Access-Control-Request-Private-Network': 'true',
        },
      });
      expect(response.status).toBe(204);
      expect(headersOf(response)).toMatchObject({
        ...OPEN,
        'access-control-allow-headers': 'x-own,signature-input',
        'access-control-allow-methods': expect.stringContaining('DELETE'),
        'access-control-allow-private-network': 'true',
      });
    }
  });

  test.each([
    ['an answer', 'GET', '/', {}],
    ['a refusal', 'GET', '/no/such/thing', {}],
    ['a refused body', 'POST', '/', { body: 'nonsense' }],
    ['a body that is too large', 'POST', '/tx', { headers: { 'Content-Length': '999999999' } }],
    ['a method that is not served', 'PATCH', '/', {}],
  ])('lets a page read %s', async (_what, method, path, init) => {
    expect(headersOf(await app().request(path, { method, ...init }))).toMatchObject(OPEN);
  });
});

test('the document and the events of the network are open to pages', async () => {
  expect(headersOf(await apps.gateway.request('/corral'))).toMatchObject(OPEN);
  const events = await apps.gateway.request('/corral/events');
  expect(headersOf(events)).toMatchObject(OPEN);
  await events.body?.cancel();
});

test('an internal error is open to pages', async () => {
  const gateway = createGateway({ store: createMemoryStore(), now: () => 0 });
  const broken = createGatewayApp({
    ...gateway,
    locate() {
      throw new TypeError('planted');
    },
  });
  const response = await broken.request(`/raw/${'A'.repeat(43)}`);
  expect(response.status).toBe(500);
  expect(headersOf(response)).toMatchObject(OPEN);
});
