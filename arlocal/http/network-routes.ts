/**
 * What a node says about its network: `/info`, blocks, prices; and ArLocal's `/mine`, which a real
 * network does not have. Nothing that was stored is ever taken back: processes stand on it.
 */
import { type Context, Hono } from 'hono';
import { MINE_COUNT_MAX } from '../blocks.js';
import { ArlocalError } from '../errors.js';
import type { Gateway } from '../gateway.js';
import type { Block } from '../store.js';

export function createNetworkRoutes(gateway: Gateway): Hono {
  const app = new Hono();
  const info = (context: Context) => context.json(describeNetwork(gateway));
  app.get('/', info);
  app.get('/info', info);
  app.get('/peers', (context) => context.json([]));
  app.get('/tx_anchor', async (context) =>
    context.text((await gateway.upstream?.anchor()) ?? gateway.tip.id),
  );
  app.get('/price/:bytes/:target?', async (context) => {
    const bytes = readSize(context.req.param('bytes'));
    const [here, there] = [gateway.price(bytes), await gateway.upstream?.price(bytes)];
    return context.text(String(there !== undefined && there > here ? there : here));
  });

  const mine = async (context: Context) => {
    gateway.mine(readBlockCount(context.req.param('count') ?? '1'));
    return info(context);
  };
  app.get('/mine/:count?', mine);
  app.get('/mineWithFails/:count?', mine); // of ArLocal's percentage of failures, 0 by default
  app.get('/reset', () => {
    throw new ArlocalError('NOT_TAKEN_BACK', { what: 'A reset' });
  });

  app.get('/block/current', (context) => context.json(blockToJson(gateway, gateway.tip)));
  app.get('/block/height/:height', (context) => {
    const height = context.req.param('height');
    const block = /^\d{1,15}$/.test(height) ? gateway.block(Number(height)) : undefined;
    return context.json(blockToJson(gateway, checkBlock(gateway, block, height)));
  });
  app.get('/block/hash/:id', (context) => {
    const id = context.req.param('id');
    return context.json(blockToJson(gateway, checkBlock(gateway, gateway.block(id), id)));
  });
  return app;
}

function describeNetwork(gateway: Gateway) {
  const { height, id } = gateway.tip;
  return {
    network: 'corral.N.1',
    version: 1,
    release: 1,
    height,
    current: id,
    blocks: height + 1,
    peers: 0,
    queue_length: gateway.pendingCount,
    node_state_latency: 0,
  };
}

/** A block as nodes answer it. There is no mining here: no nonce, difficulty or reward. */
export function blockToJson(gateway: Gateway, block: Block) {
  return {
    indep_hash: block.id,
    previous_block: block.previous,
    height: block.height,
    timestamp: Math.floor(block.timestampMs / 1000),
    txs: gateway.transactionsIn(block),
    weave_size: String(block.weaveSize),
    block_size: String(block.weaveSize - (gateway.block(block.height - 1)?.weaveSize ?? 0)),
    tags: [],
  };
}

function checkBlock(gateway: Gateway, block: Block | undefined, key: string): Block {
  if (block) return block;
  throw new ArlocalError('BLOCK_NOT_FOUND', { block: key, height: gateway.height });
}

function readBlockCount(count: string): number {
  if (/^\d{1,9}$/.test(count)) return Number(count);
  throw new ArlocalError('BLOCK_COUNT_INVALID', { count, max: MINE_COUNT_MAX });
}

function readSize(size: string): number {
  if (!/^\d{1,15}$/.test(size)) throw new ArlocalError('SIZE_INVALID', { size });
  return Number(size);
}
