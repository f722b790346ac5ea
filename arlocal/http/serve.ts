/**
 * Listening: an app on a port of this machine, with a clear error when that port is not to be had,
 * and with bounds that no client gets past: on what a request may be, how long it may take to arrive,
 * how many connections there are and how often one address asks. Every refusal is JSON as well.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { ArlocalError } from '../errors.js';
import type { RateBound } from './rate.js';

export interface RunningServer {
  readonly url: string; // no slash at the end
  readonly port: number;
  /** Stops listening and ends open connections; resolves when all are gone. */
  close(): Promise<void>;
}

export interface ServeAppOptions {
  /** 0 chooses a free one. */
  readonly port: number;
  /** @default '127.0.0.1': this machine only */
  readonly host?: string | undefined;
  /** How often one address may ask. @default as often as it likes */
  readonly rate?: RateBound | undefined;
  /** Other bounds than SERVER_BOUNDS. */
  readonly bounds?: Partial<ServerBounds> | undefined;
}

type ServerBounds = Readonly<Record<keyof typeof SERVER_BOUNDS, number>>;

/** Bounds of every server. A message may be all headers: tags of 4,096 bytes, written twice. */
export const SERVER_BOUNDS = {
  /** Bytes of the request line and headers. */
  headerBytes: 64 * 1024,
  headers: 512,
  connections: 1024,
  /** Until the headers have arrived, and until the whole request has. */
  headersMs: 20_000,
  requestMs: 120_000,
  /** A connection on which nothing is asked. */
  idleMs: 10_000,
  /** How often the three above are looked at. */
  checkMs: 5_000,
} as const;

/** What Node says of a host that is no address of this machine. */
const NO_ADDRESS: ReadonlySet<string | undefined> = new Set([
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'EINVAL',
  'ENOTFOUND',
]);

/** @throws {ADDRESS_UNUSABLE, PORT_UNUSABLE} */
export async function serveApp(app: Hono, options: ServeAppOptions): Promise<RunningServer> {
  const { port, host = '127.0.0.1', rate } = options;
  const server = createBoundedServer(app, rate, { ...SERVER_BOUNDS, ...options.bounds });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const reason = cause.code === 'EADDRINUSE' ? 'the port is in use' : cause.message;
      const code = NO_ADDRESS.has(cause.code) ? 'ADDRESS_UNUSABLE' : 'PORT_UNUSABLE';
      reject(new ArlocalError(code, { host, port, reason }, { cause }));
    });
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    port: address.port,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

function createBoundedServer(app: Hono, rate: RateBound | undefined, bounds: ServerBounds): Server {
  const listener = getRequestListener(app.fetch, { errorHandler: answerUnreadable });
  const admit = (request: IncomingMessage, response: ServerResponse) => {
    const waitSeconds = rate?.admit(request.socket.remoteAddress ?? '') ?? 0;
    if (waitSeconds > 0) refuseForNow(response, waitSeconds);
    else void listener(request, response);
  };
  const server = createServer(
    {
      maxHeaderSize: bounds.headerBytes,
      headersTimeout: bounds.headersMs,
      requestTimeout: bounds.requestMs,
      keepAliveTimeout: bounds.idleMs,
      connectionsCheckingInterval: bounds.checkMs,
    },
    admit,
  );
  server.maxHeadersCount = bounds.headers;
  server.maxConnections = bounds.connections;
  server.on('clientError', answerBroken);
  return server;
}

const HEADERS = { 'Content-Type': 'application/json', 'Access-Control-Allow-Origin': '*' };

function refuseForNow(response: ServerResponse, waitSeconds: number): void {
  const body = JSON.stringify({
    error: 'Too many requests from this address.',
    code: 'TOO_MANY_REQUESTS',
    hint: `Ask again in ${waitSeconds} s.`,
  });
  response.writeHead(429, { ...HEADERS, 'Retry-After': String(waitSeconds), Connection: 'close' });
  response.end(body);
}

/** A request that is HTTP, but whose address or host makes no sense. */
function answerUnreadable(error: unknown): Response {
  const reason = error instanceof Error ? error.message : String(error);
  const body = { error: `The request cannot be read: ${reason}.`, code: 'REQUEST_UNREADABLE' };
  return Response.json(body, { status: 400, headers: HEADERS });
}

const BROKEN: Readonly<Record<string, readonly [number, string, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'HEADERS_TOO_LARGE'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'REQUEST_TIMEOUT'],
};

/** What is not HTTP at all, or takes too long to arrive. */
function answerBroken(cause: NodeJS.ErrnoException, socket: Socket): void {
  if (cause.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, reason, code] = BROKEN[cause.code ?? ''] ?? [400, 'Bad Request', 'NOT_HTTP'];
  const body = JSON.stringify({ error: `${reason}: ${cause.message}`, code });
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
