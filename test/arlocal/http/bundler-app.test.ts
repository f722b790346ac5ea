import { expect, test } from 'vitest';
import { signDataItem } from '../../../arlocal/data-item.js';
import { devWallet } from '../../../arlocal/dev-wallets.js';
import { createBundlerApp } from '../../../arlocal/http/bundler-app.js';
import { walletFromSeed } from '../../../arlocal/wallet.js';
import { arbundles } from '../arbundles.js';
import { createTestGateway } from '../gateways.js';

const alice = walletFromSeed(7, 'alice');

function createBundler() {
  const { gateway } = createTestGateway();
  const app = createBundlerApp(gateway);
  const post = (path: string, bytes: Uint8Array) =>
    app.request(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/octet-stream' },
      body: Buffer.from(bytes),
    });
  return { gateway, post };
}

test.each(['/tx', '/tx/arweave', '/v1/tx', '/v1/tx/arweave'])(
  'takes an item at %s',
  async (path) => {
    const { gateway, post } = createBundler();
    const { item, bytes } = signDataItem(alice, { data: 'hello' });
    const response = await post(path, bytes);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ id: item.id, owner: alice.address, winc: '0' });
    expect(Buffer.from(gateway.data(item.id) ?? []).toString()).toBe('hello');
    expect((await post(path, bytes)).status).toBe(202);
  },
);

test('takes a megabyte, signed by arbundles with an RSA key', async () => {
  const { gateway, post } = createBundler();
  const signer = new arbundles.ArweaveSigner(devWallet('alice').jwk);
  const item = arbundles.createData(new Uint8Array(1_000_000), signer, {});
  await item.sign(signer);
  expect((await post('/tx', item.getRaw())).status).toBe(200);
  expect(gateway.data(item.id)).toHaveLength(1_000_000);
});

test.each([
  ['nothing', () => new Uint8Array(0), 400, 'ITEM_TRUNCATED'],
  ['text', () => Buffer.from('a llama walks into a bar'), 400, 'SIGNATURE_TYPE_UNSUPPORTED'],
  [
    'a changed item',
    () => signDataItem(alice, { data: 'a' }).bytes.map((byte, at) => (at === 9 ? byte ^ 1 : byte)),
    400,
    'ITEM_NOT_SIGNED',
  ],
  ['an item over the limit', () => new Uint8Array(64 * 1024 * 1024 + 1), 413, 'BODY_TOO_LARGE'],
])('refuses %s, and lives on', async (_, create, status, code) => {
  const { gateway, post } = createBundler();
  const response = await post('/tx', create());
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ code, hint: expect.any(String) });
  expect(gateway.count({})).toBe(0);
  expect((await post('/tx', signDataItem(alice, {}).bytes)).status).toBe(200);
});
