import { expect, test } from 'vitest';
import { createGatewayApp } from '../../../arlocal/http/gateway-app.js';
import { walletFromSeed } from '../../../arlocal/wallet.js';
import { createTestGateway } from '../gateways.js';

const { address } = walletFromSeed(7, 'alice');

function createApp() {
  const { gateway } = createTestGateway();
  const app = createGatewayApp(gateway);
  const read = async (path: string) => (await app.request(path)).text();
  return { gateway, app, read };
}

test('minting adds up, and a balance is in winston', async () => {
  const { read } = createApp();
  expect(await read(`/wallet/${address}/balance`)).toBe('0');
  expect(await read(`/mint/${address}/1000000000000`)).toBe('1000000000000');
  expect(await read(`/mint/${address}/1`)).toBe('1000000000001');
  expect(await read(`/wallet/${address}/balance`)).toBe('1000000000001');
  expect(await read(`/wallet/${address}/last_tx`)).toBe('');
});

test('mining moves the height, and the anchor with it', async () => {
  const { app, gateway, read } = createApp();
  const anchor = await read('/tx_anchor');
  expect(JSON.parse(await read('/mine'))).toMatchObject({ height: 1, blocks: 2 });
  expect(JSON.parse(await read('/mine/5'))).toMatchObject({ height: 6, current: gateway.tip.id });
  expect(await read('/tx_anchor')).not.toBe(anchor);
  const current = JSON.parse(await read('/block/current'));
  expect(current).toMatchObject({ height: 6, indep_hash: gateway.tip.id, txs: [] });
  expect(current.timestamp).toBe(1_700_000_000);
  expect(await (await app.request(`/block/hash/${current.previous_block}`)).json()).toMatchObject({
    height: 5,
  });
});

test('the price is a base and so much a byte', async () => {
  const { read } = createApp();
  expect(await read('/price/0')).toBe('100000000');
  expect(await read(`/price/1000/${address}`)).toBe('101000000');
});
