import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGateway } from '../../arlocal/gateway.js';
import { createGatewayApp } from '../../arlocal/http/gateway-app.js';
import { serveApp } from '../../arlocal/http/serve.js';
import { createSqliteStore } from '../../arlocal/sqlite/sqlite-store.js';
import { describeGateway } from './gateway.js';

describeGateway('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'corral-gateway-'));
  const store = createSqliteStore(folder);
  const gateway = createGateway({ store, now: () => 1_700_000_000_000 });
  const server = await serveApp(createGatewayApp(gateway), { port: 0 });
  return {
    url: server.url,
    async close() {
      await server.close();
      gateway.close();
      rmSync(folder, { recursive: true });
    },
  };
});
