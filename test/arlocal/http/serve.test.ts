/** What a server bears: broken HTTP, endless headers, slow clients, too many requests. */
import { connect } from 'node:net';
import { Hono } from 'hono';
import { afterEach, describe, expect, test } from 'vitest';
import { createRateBound, isLoopback, rateOf } from '../../../arlocal/http/rate.js';
import { type RunningServer, type ServeAppOptions, serveApp } from '../../../arlocal/http/serve.js';

const servers: RunningServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(options: Partial<ServeAppOptions> = {}): Promise<RunningServer> {
  const app = new Hono();
  app.get('/', (c) => c.json({ ok: true }));
  app.post('/', async (c) => c.json({ bytes: (await c.req.arrayBuffer()).byteLength }));
  const server = await serveApp(app, { port: 0, ...options });
  servers.push(server);
  return server;
}

/** Sends bytes as they are; answers all that comes back until the server hangs up. */
function sendRaw({ port }: RunningServer, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (bytes) => {
      answer += bytes.toString('latin1');
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

const parse = (answer: string) => ({
  status: Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]),
  body: JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) as { code: string; error: string },
});

describe('a server', () => {
  test.each([
    ['no HTTP', 'hello\r\n\r\n', 400, 'NOT_HTTP'],
    ['a broken header', 'GET / HTTP/1.1\r\nHost: x\r\nA B: c\r\n\r\n', 400, 'NOT_HTTP'],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx',
      400,
      'NOT_HTTP',
    ],
    [
      'endless headers',
      `GET / HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(70_000)}\r\n\r\n`,
      431,
      'HEADERS_TOO_LARGE',
    ],
    [
      'an endless address',
      `GET /${'x'.repeat(70_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
      431,
      'HEADERS_TOO_LARGE',
    ],
    [
      'a host that is none',
      'GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n',
      400,
      'REQUEST_UNREADABLE',
    ],
    [
      'an address that is none',
      'GET /a\\b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      400,
      'REQUEST_UNREADABLE',
    ],
  ])('answers %s as JSON and hangs up', async (_, text, status, code) => {
    const server = await serve();
    expect(parse(await sendRaw(server, text))).toMatchObject({ status, body: { code } });
    expect(await (await fetch(server.url)).json()).toEqual({ ok: true });
  });

  test('takes all the headers that a signed message can need', async () => {
    const server = await serve();
    const response = await fetch(server.url, { headers: { 'X-Long': 'x'.repeat(60_000) } });
    expect(response.status).toBe(200);
  });

  test.each([
    ['headers', 'GET / HTTP/1.1\r\nHost: x\r\n'],
    ['a body', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345'],
  ])('does not wait for ever for %s', async (_, text) => {
    const server = await serve({ bounds: { headersMs: 20, requestMs: 20, checkMs: 10 } });
    expect(parse(await sendRaw(server, text))).toMatchObject({
      status: 408,
      body: { code: 'REQUEST_TIMEOUT' },
    });
  });

  test('hangs up on a connection on which nothing is asked', async () => {
    const server = await serve({ bounds: { idleMs: 1 } });
    const answer = await sendRaw(server, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(answer).toContain('{"ok":true}');
  });

  test('has only so many connections', async () => {
    const server = await serve({ bounds: { connections: 1 } });
    const held = connect(server.port, '127.0.0.1');
    await new Promise((resolve) => held.on('connect', resolve));
    expect(await sendRaw(server, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n').catch(() => '')).toBe('');
    held.destroy();
  });

  test('asks who asks too often to wait, and says for how long', async () => {
    let nowMs = 0;
    const rate = createRateBound(
      () => ({ perSecond: 0.5, burst: 2 }),
      () => nowMs,
    );
    const server = await serve({ rate });
    const ask = () => fetch(server.url);
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 200]);
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('2');
    expect(refused.headers.get('access-control-allow-origin')).toBe('*');
    expect(await refused.json()).toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    nowMs = 2_000;
    expect((await ask()).status).toBe(200);
  });

  test('listens where it is told, and says how to reach it', async () => {
    const server = await serve({ host: '::1' });
    expect(server.url).toBe(`http://[::1]:${server.port}`);
    expect((await fetch(server.url)).status).toBe(200);
  });
});

describe('a bound on the rate', () => {
  test('counts each address on its own, and lets it rest', () => {
    let nowMs = 0;
    const bound = createRateBound(
      () => ({ perSecond: 10, burst: 3 }),
      () => nowMs,
    );
    const admitted = (address: string) => [1, 2, 3, 4].map(() => bound.admit(address) === 0);
    expect(admitted('a')).toEqual([true, true, true, false]);
    expect(admitted('b')).toEqual([true, true, true, false]);
    nowMs += 100;
    expect(admitted('a')).toEqual([true, false, false, false]);
    nowMs += 60_000;
    expect(admitted('a')).toEqual([true, true, true, false]);
  });

  test('remembers only so many addresses', () => {
    const bound = createRateBound(
      () => ({ perSecond: 1, burst: 1 }),
      () => 0,
    );
    bound.admit('first');
    expect(bound.admit('first')).toBe(1);
    for (let i = 0; i < 10_000; i++) bound.admit(`address ${i}`);
    expect(bound.admit('first')).toBe(0);
  });

  test('is wider for programs on this machine than for those elsewhere', () => {
    for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
      expect(isLoopback(address)).toBe(true);
      expect(rateOf(address).perSecond).toBe(20_000);
    }
    for (const address of ['10.0.0.1', '::ffff:10.127.0.1', '1270::1', '']) {
      expect(isLoopback(address)).toBe(false);
      expect(rateOf(address).perSecond).toBe(200);
    }
  });
});
