/**
 * Listening: an app on a port of this machine, with a clear error when that port is not to be had.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { ArlocalError } from '../errors.js';

export interface RunningServer {
  readonly url: string; // no slash at the end
  readonly port: number;
  /** Stops listening and ends open connections; resolves when all are gone. */
  close(): Promise<void>;
}

/**
 * @param options.port 0 chooses a free one
 * @param options.host loopback unless told otherwise
 * @throws {PORT_UNUSABLE}
 */
export async function serveApp(
  app: Hono,
  { port, host = '127.0.0.1' }: { port: number; host?: string | undefined },
): Promise<RunningServer> {
  const server = createServer(getRequestListener(app.fetch));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const reason = cause.code === 'EADDRINUSE' ? 'the port is in use' : cause.message;
      reject(new ArlocalError('PORT_UNUSABLE', { host, port, reason }, { cause }));
    });
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host}:${address.port}`,
    port: address.port,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}
