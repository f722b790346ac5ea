import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DataItemFields, signDataItem } from '../../../arlocal/data-item.js';
import { parseRange } from '../../../arlocal/http/data-routes.js';
import { createGatewayApp } from '../../../arlocal/http/gateway-app.js';
import { type RunningServer, serveApp } from '../../../arlocal/http/serve.js';
import { walletFromSeed } from '../../../arlocal/wallet.js';
import { createTestGateway } from '../gateways.js';

const alice = walletFromSeed(7, 'alice');
const { gateway } = createTestGateway();
const TEXT = 'The llama chews on the thought.';

function put(fields: DataItemFields): string {
  const signed = signDataItem(alice, fields);
  gateway.putItem(signed);
  return signed.item.id;
}

function typed(type: string, data: string): string {
  return put({ tags: [{ name: 'Content-Type', value: type }], data });
}

function manifest(fields: object): string {
  const json = JSON.stringify({ manifest: 'arweave/paths', version: '0.2.0', ...fields });
  return typed('application/x.arweave-manifest+json', json);
}

const text = typed('text/plain', TEXT);
const page = typed('text/html', '<h1>herd</h1>');
const missing = typed('text/html', 'no such page');

let server: RunningServer;
beforeAll(async () => {
  server = await serveApp(createGatewayApp(gateway), { port: 0 });
});
afterAll(() => server.close());
const request = (path: string, init?: RequestInit) => fetch(`${server.url}${path}`, init);
const ranged = (range: string) => request(`/${text}`, { headers: { Range: range } });

describe('data', () => {
  test.each([`/${text}`, `/raw/${text}`])('is served whole at %s', async (path) => {
    const response = await request(path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain');
    expect(response.headers.get('content-length')).toBe(String(TEXT.length));
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.text()).toBe(TEXT);
  });

  test.each([`/${text}`, `/raw/${text}`])('has its length for HEAD at %s', async (path) => {
    const response = await request(path, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe(String(TEXT.length));
    expect(await response.text()).toBe('');
  });

  test.each([
    ['bytes=4-8', 4, 8],
    ['bytes=4-', 4, TEXT.length - 1],
    ['bytes=-8', TEXT.length - 8, TEXT.length - 1],
    ['bytes=0-100000', 0, TEXT.length - 1],
    ['bytes=-100000', 0, TEXT.length - 1],
  ])('is served in part for %s', async (range, first, last) => {
    const response = await ranged(range);
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes ${first}-${last}/${TEXT.length}`);
    expect(response.headers.get('content-length')).toBe(String(last - first + 1));
    expect(await response.text()).toBe(TEXT.slice(first, last + 1));
  });

  test('answers 416 with its size for a range outside it', async () => {
    const response = await ranged(`bytes=${TEXT.length}-`);
    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe(`bytes */${TEXT.length}`);
    expect(await response.json()).toMatchObject({ code: 'RANGE_UNSATISFIABLE' });
  });

  test.each(['bytes=8-4', 'bytes=a-b', 'lines=1-2', 'bytes=0-1,3-4', 'bytes=-'])(
    'is served whole for the range %s, which nobody need understand',
    async (range) => {
      const response = await ranged(range);
      expect(response.status).toBe(200);
      expect(await response.text()).toBe(TEXT);
    },
  );

  test('of no bytes has no range', () => {
    expect(parseRange('bytes=0-', 0)).toBe('outside');
    expect(parseRange('bytes=-1', 0)).toBe('outside');
  });
});

describe('a path manifest', () => {
  const site = manifest({
    index: { path: 'index.html' },
    paths: { 'index.html': { id: page }, 'a/b c.txt': { id: text } },
    fallback: { id: missing },
  });

  test.each([
    ['', '<h1>herd</h1>'],
    ['/', '<h1>herd</h1>'],
    ['/index.html', '<h1>herd</h1>'],
    ['/a/b%20c.txt', TEXT],
    ['/no/such/path', 'no such page'],
    ['/constructor', 'no such page'],
  ])('leads from "%s" to its item', async (path, expected) => {
    const response = await request(`/${site}${path}`);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(expected);
  });

  test('is itself at /raw', async () => {
    expect(await (await request(`/raw/${site}`)).json()).toMatchObject({
      manifest: 'arweave/paths',
    });
  });

  test('without a fallback answers 404 for an unknown path', async () => {
    const bare = manifest({ paths: { here: { id: page } } });
    expect((await request(`/${bare}/there`)).status).toBe(404);
    expect((await request(`/${bare}`)).status).toBe(404);
    expect((await request(`/${bare}/here`)).status).toBe(200);
  });

  test.each([
    ['is not JSON', typed('application/x.arweave-manifest+json', '{')],
    ['is of another kind', typed('application/x.arweave-manifest+json', '{"manifest":"x"}')],
    ['leads to no id', manifest({ index: { id: 'home' } })],
  ])('that %s is a clear error', async (_, id) => {
    const response = await request(`/${id}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: 'MANIFEST_INVALID',
      hint: expect.any(String),
    });
  });
});

test('an item that is no manifest has no paths', async () => {
  expect((await request(`/${text}/more`)).status).toBe(404);
});

test('a type that cannot stand in a header is served as bytes of no known type', async () => {
  const response = await request(`/${typed('text/plain\r\nSet-Cookie: a=b', 'x')}`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/octet-stream');
  expect(response.headers.get('set-cookie')).toBeNull();
});

describe('a page of a site asks for a path as if it stood at the root', () => {
  const site = manifest({ paths: { 'css/ü.css': { id: text } } });
  const from = (referer: string) => ({
    redirect: 'manual' as const,
    headers: { Referer: referer },
  });

  test('and is led into the site', async () => {
    const response = await request('/css/%C3%BC.css', from(`${server.url}/${site}/index.html`));
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe(`/${site}/css/%C3%BC.css`);
    const followed = await request(response.headers.get('location') ?? '');
    expect(await followed.text()).toBe(TEXT);
  });

  test.each(['http://elsewhere.test/page', `http://elsewhere.test//${site}`, 'no address'])(
    'but not from %s',
    async (referer) => {
      expect((await request('/css/style.css', from(referer))).status).toBe(404);
    },
  );
});
