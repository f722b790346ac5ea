/**
 * The bundler over HTTP: takes single signed data items, as Turbo does, and answers their id.
 *
 * There is nothing to pay and nothing is bundled: the item goes straight to the gateway and is in
 * the next block.
 */
import { type Context, Hono } from 'hono';
import { ITEM_BYTES_MAX } from '../data-item.js';
import type { Gateway } from '../gateway.js';
import { allowPages } from './cors.js';
import { answerDurably } from './durable.js';
import { limitBody, respondWithError, respondWithNoRoute } from './respond.js';

export function createBundlerApp(gateway: Gateway): Hono {
  const app = new Hono();
  const accept = async (context: Context) => {
    const bytes = new Uint8Array(await context.req.arrayBuffer());
    const item = gateway.readItem(bytes);
    const { id, address } = item;
    const known = gateway.locate(id);
    gateway.putItem(item);
    const receipt = {
      id,
      owner: address,
      timestamp: gateway.locate(id)?.entry.receivedMs,
      winc: '0',
      deadlineHeight: gateway.height + 1,
      dataCaches: [],
      fastFinalityIndexes: [],
    };
    return context.json(receipt, known ? 202 : 200);
  };
  app.use(allowPages);
  app.use(answerDurably(gateway));
  app.use(limitBody(ITEM_BYTES_MAX));
  app.onError(respondWithError);
  app.notFound(respondWithNoRoute);
  const info = (context: Context) =>
    context.json({ version: '1', freeUploadLimitBytes: ITEM_BYTES_MAX });
  for (const base of ['', '/v1']) {
    app.post(`${base}/tx`, accept);
    app.post(`${base}/tx/:currency`, accept);
    app.get(`${base}/info`, info);
  }
  app.get('/', info);
  return app;
}
