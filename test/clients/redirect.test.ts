/** What goes through the two redirections arrives as it was sent, and nothing else is touched. */
import { once } from 'node:events';
import http, { type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRedirect, type Redirect } from '../../clients/network-address.js';
import { redirectFetch } from '../../clients/redirect-fetch.js';
import { redirectHttp } from '../../clients/redirect-http.js';

interface Echo {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** Tells what it was asked; `/moved` leads to `/here`, and `/slow` never ends. */
const server = http.createServer(async (request, response) => {
  const { method, url, headers } = request;
  if (url === '/moved') return response.writeHead(307, { Location: '/here' }).end();
  if (url === '/slow') return response.write('begun');
  return response.end(JSON.stringify({ method, url, headers, body: await text(request) }));
});
let redirect: Redirect;
let origin: string;
/** Where nobody listens any more. */
let deserted: string;

beforeAll(async () => {
  const gone = http.createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  deserted = `http://127.0.0.1:${(gone.address() as AddressInfo).port}`;
  gone.close();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  redirect = createRedirect({ CORRAL_URL: origin });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('fetch', () => {
  const send: typeof fetch = (input, init) => redirectFetch(fetch, redirect)(input, init);
  const echo = async (...args: Parameters<typeof fetch>) =>
    (await (await send(...args)).json()) as Echo;

  test('by text, URL and Request', async () => {
    const url = 'https://arweave.net/tx?a=1';
    for (const input of [url, new URL(url), new Request(url)]) {
      expect(await echo(input)).toMatchObject({ method: 'GET', url: '/tx?a=1' });
    }
  });

  test('keeps method, headers and body', async () => {
    const init = { method: 'POST', headers: { 'X-Own': 'yes' }, body: 'text' };
    const wanted = { method: 'POST', body: 'text', headers: { 'x-own': 'yes' } };
    expect(await echo('https://arweave.net/', init)).toMatchObject(wanted);
    expect(await echo(new Request('https://arweave.net/', init))).toMatchObject(wanted);
    const over = await echo(new Request('https://arweave.net/', init), { method: 'PUT' });
    expect(over).toMatchObject({ ...wanted, method: 'PUT' });
  });

  test('keeps streamed bodies', async () => {
    const body = () => Readable.toWeb(Readable.from(['one ', 'two'])) as ReadableStream;
    const init = () => ({ method: 'POST', body: body(), duplex: 'half' }) as RequestInit;
    expect(await echo('https://arweave.net/', init())).toMatchObject({ body: 'one two' });
    const request = new Request('https://arweave.net/', init());
    expect(await echo(request)).toMatchObject({ body: 'one two' });
    expect(request.bodyUsed).toBe(true);
  });

  test('follows redirects, or leaves them to the caller', async () => {
    const init = { method: 'POST', body: 'again' };
    const followed = await echo('https://arweave.net/moved', init);
    expect(followed).toMatchObject({ method: 'POST', url: '/here', body: 'again' });
    const manual = await send('https://arweave.net/moved', { redirect: 'manual' });
    expect([manual.status, manual.headers.get('location')]).toEqual([307, '/here']);
  });

  test('is aborted by its signal, before and while it reads', async () => {
    const aborted = { signal: AbortSignal.abort() };
    await expect(send('https://arweave.net/', aborted)).rejects.toThrow(/abort/);
    const controller = new AbortController();
    const response = await send(
      new Request('https://arweave.net/slow', { signal: controller.signal }),
    );
    controller.abort();
    await expect(response.text()).rejects.toThrow(/abort/);
  });

  test('leaves everything else to the original', async () => {
    const calls: unknown[] = [];
    const original = ((...args: unknown[]) => Promise.resolve(calls.push(args))) as never;
    const wrapped = redirectFetch(original, redirect);
    const request = new Request('https://example.com/');
    await wrapped(request, { method: 'PUT' });
    await wrapped('not a url');
    await wrapped('data:text/plain,hi');
    expect(calls).toEqual([
      [request, { method: 'PUT' }],
      ['not a url', undefined],
      ['data:text/plain,hi', undefined],
    ]);
  });

  test('says that the network is not running', async () => {
    const nowhere = redirectFetch(fetch, createRedirect({ CORRAL_URL: deserted }));
    await expect(nowhere('https://arweave.net/info')).rejects.toMatchObject({
      code: 'NETWORK_NOT_RUNNING',
      message: expect.stringMatching(/arweave\.net .* http:\/\/127\.0\.0\.1:\d+, .*corral up/),
      cause: expect.any(TypeError),
    });
  });
});

describe('node:http and node:https', () => {
  const modules = () => {
    const [plain, secure] = [{ ...http }, { ...https }];
    redirectHttp(plain as never, secure as never, redirect);
    return { plain, secure };
  };
  const read = async (request: http.ClientRequest) => {
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return JSON.parse(await text(response)) as Echo;
  };

  test('take every form of arguments', async () => {
    const { plain, secure } = modules();
    const url = 'https://arweave.net/tx?a=1';
    const options: RequestOptions = {
      hostname: 'arweave.net',
      path: '/tx?a=1',
      agent: https.globalAgent,
    };
    const wanted = { method: 'GET', url: '/tx?a=1' };
    expect(await read(secure.get(url))).toMatchObject(wanted);
    expect(await read(secure.get(new URL(url)))).toMatchObject(wanted);
    expect(await read(secure.get(options))).toMatchObject(wanted);
    expect(await read(secure.get(url, { agent: https.globalAgent }))).toMatchObject(wanted);
    expect(
      await read(plain.get({ host: 'arweave.net', port: 1984, path: '/tx?a=1' })),
    ).toMatchObject(wanted);
    const response = await new Promise<IncomingMessage>((resolve) => secure.get(options, resolve));
    expect(response.statusCode).toBe(200);
    response.resume();
  });

  test('keep method, headers and streamed bodies', async () => {
    const { secure } = modules();
    const request = secure.request('https://arweave.net/', {
      method: 'POST',
      headers: { 'X-Own': 'yes' },
    });
    Readable.from(['one ', 'two']).pipe(request);
    const wanted = { method: 'POST', body: 'one two', headers: { 'x-own': 'yes' } };
    expect(await read(request)).toMatchObject(wanted);
  });

  test('are aborted by their signal', async () => {
    const { secure } = modules();
    const controller = new AbortController();
    const request = secure.get('https://arweave.net/slow', { signal: controller.signal });
    await once(request, 'response');
    controller.abort();
    const [error] = (await once(request, 'error').catch((reason) => [reason])) as [Error];
    expect(error.name).toBe('AbortError');
  });

  test('say that the network is not running', async () => {
    const plain = { ...http };
    const secure = { ...https };
    redirectHttp(plain as never, secure as never, createRedirect({ CORRAL_URL: deserted }));
    const request = secure.get('https://arweave.net/info');
    await expect(once(request, 'response')).rejects.toMatchObject({
      code: 'NETWORK_NOT_RUNNING',
      message: expect.stringContaining('corral up'),
    });
  });

  test('leave other hosts and sockets alone', async () => {
    const { plain } = modules();
    expect(await read(plain.get(`${origin}/own`))).toMatchObject({ url: '/own' });
    expect(() => plain.get('no url')).toThrow(expect.objectContaining({ code: 'ERR_INVALID_URL' }));
    const socket = plain.get({ socketPath: '/nowhere', host: 'arweave.net' });
    await expect(once(socket, 'response')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
