/**
 * The gateways that the conformance suite runs against: ours on each store, and the real ArLocal.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createGateway } from '../../../arlocal/gateway.js';
import { createGatewayApp } from '../../../arlocal/http/gateway-app.js';
import { serveApp } from '../../../arlocal/http/serve.js';
import { createMemoryStore } from '../../../arlocal/memory-store.js';
import { createSqliteStore } from '../../../arlocal/sqlite/sqlite-store.js';
import type { Store } from '../../../arlocal/store.js';

export interface Arm {
  readonly url: string; // no slash at the end
  close(): Promise<void>;
}

const NOW_MS = 1_700_000_000_000;

export function startMemory(): Promise<Arm> {
  return serveGateway(createMemoryStore());
}

export async function startSqlite(): Promise<Arm> {
  const folder = mkdtempSync(join(tmpdir(), 'corral-gateway-'));
  const arm = await serveGateway(createSqliteStore(folder));
  return {
    url: arm.url,
    async close() {
      await arm.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** ArLocal on a free port, in a child process with a folder of its own. */
export async function startArlocal(peer: string): Promise<Arm> {
  const folder = mkdtempSync(join(tmpdir(), 'corral-real-arlocal-'));
  const main = fileURLToPath(new URL('./arlocal-main.mjs', import.meta.url));
  const child = fork(main, [peer, folder], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const failed = ended.then(([code]) => {
    throw new Error(`ArLocal ended with ${code} before it listened; its folder is ${peer}`);
  });
  const [{ port }] = (await Promise.race([once(child, 'message'), failed])) as [{ port: number }];
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      child.disconnect();
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

async function serveGateway(store: Store): Promise<Arm> {
  const gateway = createGateway({ store, now: () => NOW_MS });
  const server = await serveApp(createGatewayApp(gateway), { port: 0 });
  return {
    url: server.url,
    async close() {
      await server.close();
      gateway.close();
    },
  };
}
