import { createGateway } from '../../arlocal/gateway.js';
import { createGatewayApp } from '../../arlocal/http/gateway-app.js';
import { serveApp } from '../../arlocal/http/serve.js';
import { createMemoryStore } from '../../arlocal/memory-store.js';
import { describeGateway } from './gateway.js';

describeGateway('memory', () => {
  const gateway = createGateway({ store: createMemoryStore(), now: () => 1_700_000_000_000 });
  return serveApp(createGatewayApp(gateway), { port: 0 });
});
