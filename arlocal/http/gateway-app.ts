/**
 * The gateway over HTTP: ArLocal's routes, a gateway's data routes, and GraphQL.
 *
 * Each request stands alone: whatever it throws becomes its own answer, and the server lives on.
 */
import { Hono } from 'hono';
import { ITEM_BYTES_MAX } from '../data-item.js';
import type { Gateway } from '../gateway.js';
import { createGraphqlRoutes } from '../graphql/routes.js';
import { createArqlRoutes } from './arql-routes.js';
import { allowPages } from './cors.js';
import { createDataRoutes } from './data-routes.js';
import { answerDurably } from './durable.js';
import { createNetworkRoutes } from './network-routes.js';
import { limitBody, respondWithError, respondWithNoRoute } from './respond.js';
import { createTransactionRoutes } from './transaction-routes.js';
import { createWalletRoutes } from './wallet-routes.js';

/** Bytes of one request: the largest data, in base64url, with room for the fields around it. */
const BODY_BYTES_MAX = Math.ceil((ITEM_BYTES_MAX * 4) / 3) + 64 * 1024;

export function createGatewayApp(gateway: Gateway): Hono {
  const app = new Hono();
  app.use(allowPages);
  app.use(answerDurably(gateway));
  app.use(limitBody(BODY_BYTES_MAX));
  app.onError(respondWithError);
  app.notFound(respondWithNoRoute);
  app.route('/', createNetworkRoutes(gateway));
  app.route('/', createWalletRoutes(gateway));
  app.route('/', createTransactionRoutes(gateway));
  app.route('/', createArqlRoutes(gateway));
  app.route('/', createGraphqlRoutes(gateway));
  app.route('/', createDataRoutes(gateway)); // last: its /:id takes every other name
  return app;
}
