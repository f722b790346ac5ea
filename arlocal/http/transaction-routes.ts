/**
 * L1 transactions and their chunks, as the `arweave` client posts and reads them.
 *
 * A transaction that waits for a block is 202 "Pending", as on a node; a data item, which no node
 * serves here, is answered at once because programs on AO read `/tx/:id` of items too.
 */
import { type Context, Hono } from 'hono';
import { getMimeType } from 'hono/utils/mime';
import { anchorToBase64Url } from '../data-item.js';
import { toBase64Url } from '../encoding.js';
import { ArlocalError } from '../errors.js';
import type { Gateway } from '../gateway.js';
import type { Located } from '../query.js';
import { type TransactionJson, transactionToJson } from '../sign-transaction.js';
import type { Entry } from '../store.js';
import { notFound, readData } from './data-routes.js';
import { readJson } from './respond.js';

export function createTransactionRoutes(gateway: Gateway): Hono {
  const app = new Hono();
  app.post('/tx', async (context) => {
    const isNew = gateway.postTransaction(await readJson(context));
    return isNew ? context.text('OK') : context.text('Transaction already processed.', 208);
  });
  app.get('/tx/pending', (context) =>
    context.json(
      gateway.pendingIds.filter((id) => gateway.locate(id)?.entry.kind === 'transaction'),
    ),
  );
  app.use('/tx/:id/*', async (context, next) => {
    await gateway.fetchMissing([context.req.param('id')]);
    await next();
  });
  app.get('/tx/:id/status', (context) => {
    const located = locate(gateway, context);
    return located.block ? context.json(describeStatus(gateway, located)) : pending(context);
  });
  app.get('/tx/:id/offset', async (context) => {
    const { entry } = locate(gateway, context);
    const id = context.req.param('id');
    await gateway.fetchMissing([id], { data: true }); // its chunks are asked for by offset
    if (!entry.l1 || entry.dataSize === 0) {
      throw new ArlocalError('NOT_FOUND', { what: 'L1 transaction with data', id });
    }
    return context.json({ size: String(entry.dataSize), offset: String(entry.l1.weaveEnd) });
  });
  app.get('/tx/:id/data', async (context) => {
    const { data } = await readData(gateway, context.req.param('id'));
    return context.text(toBase64Url(data));
  });
  app.get('/tx/:id/:field', async (context) => {
    const { id, field } = context.req.param();
    const located = locate(gateway, context);
    const extension = /^data\.(\w+)$/.exec(field)?.[1];
    if (extension !== undefined) {
      return respondWithFile(context, await readData(gateway, id), extension);
    }
    if (field.includes('.')) return context.redirect(`/${id}/${encodeURIComponent(field)}`);
    const fields = new Map<string, unknown>(Object.entries(entryToJson(located.entry)));
    if (!fields.has(field)) throw new ArlocalError('NOT_FOUND', { what: 'field', id: field });
    if (isPending(located)) return pending(context);
    const value = fields.get(field);
    return typeof value === 'string' ? context.text(value) : context.json(value);
  });
  app.get('/tx/:id', (context) => {
    const located = locate(gateway, context);
    return isPending(located) ? pending(context) : context.json(entryToJson(located.entry));
  });
  app.delete('/tx/:id', (context) => {
    throw new ArlocalError('NOT_TAKEN_BACK', { what: `Deleting ${context.req.param('id')}` });
  });
  addChunkRoutes(app, gateway);
  return app;
}

function addChunkRoutes(app: Hono, gateway: Gateway): void {
  app.post('/chunk', async (context) => {
    try {
      gateway.putChunk(await readJson(context));
    } catch (error) {
      if (!(error instanceof ArlocalError)) throw error;
      // The client gives up at once on this word; on any other it tries again for an hour.
      return context.json({ ...describeError(error), error: 'invalid_proof' }, 400);
    }
    return context.text('OK');
  });
  app.get('/chunk/:offset', (context) => {
    const offset = context.req.param('offset');
    if (!/^\d{1,15}$/.test(offset)) throw new ArlocalError('CHUNK_NOT_FOUND', { offset });
    const { bytes, dataPath } = gateway.chunkAt(Number(offset));
    return context.json({
      chunk: toBase64Url(bytes),
      data_path: toBase64Url(dataPath),
      tx_path: '',
    });
  });
}

function describeError({ message, code, hint, details }: ArlocalError) {
  return { message, code, hint, details };
}

function locate(gateway: Gateway, context: Context): Located {
  const id = context.req.param('id') ?? '';
  const located = gateway.locate(id);
  if (!located) throw notFound(id);
  return located;
}

/** Whether a node would not tell of it yet. */
function isPending({ entry, block }: Located): boolean {
  return entry.l1 !== null && !block;
}

/** Data under a name with an extension, which says its type. */
function respondWithFile(context: Context, { data }: { data: Uint8Array }, extension: string) {
  const type = getMimeType(`data.${extension}`) ?? 'application/octet-stream';
  return context.body(Buffer.from(data), 200, { 'Content-Type': type });
}

function pending(context: Context) {
  return context.text('Pending', 202);
}

function describeStatus(gateway: Gateway, { block }: Located) {
  return {
    block_height: block?.height,
    block_indep_hash: block?.id,
    number_of_confirmations: gateway.height - (block?.height ?? 0) + 1,
  };
}

/** An entry as nodes answer a transaction; an item has what it lacks of one empty. */
export function entryToJson(entry: Entry): TransactionJson {
  return transactionToJson({
    ...entry,
    id: entry.alias || entry.id,
    format: entry.l1?.format ?? 2,
    lastTx: entry.l1 ? entry.anchor : anchorToBase64Url(entry.anchor),
    quantity: entry.l1?.quantity ?? 0n,
    reward: entry.l1?.reward ?? 0n,
    dataRoot: entry.l1?.dataRoot ?? '',
    data: undefined,
  });
}
