import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Arweave from 'arweave';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signDataItem } from '../../../arlocal/data-item.js';
import { createGatewayApp } from '../../../arlocal/http/gateway-app.js';
import { type RunningServer, serveApp } from '../../../arlocal/http/serve.js';
import { walletFromSeed } from '../../../arlocal/wallet.js';
import { createTestGateway } from '../gateways.js';
import { postL1, signL1 } from '../transactions.js';

const { gateway } = createTestGateway();
const app = createGatewayApp(gateway);
let server: RunningServer;
let arweave: Arweave;
beforeAll(async () => {
  server = await serveApp(app, { port: 0 });
  arweave = Arweave.init({ host: '127.0.0.1', port: server.port, protocol: 'http' });
});
afterAll(() => server.close());

const get = (path: string) => app.request(path);
const post = (path: string, body: string) => app.request(path, { method: 'POST', body });
const BIG = new Uint8Array(300_000).map((_, index) => (index * 7) % 251);

describe('a transaction', () => {
  test('is read by the client, data and all, once it is in a block', async () => {
    const tags = [{ name: 'Topic', value: 'cats' }];
    const { id } = await postL1(gateway, { data: BIG, tags, mint: 10n ** 13n });
    expect((await get(`/tx/${id}`)).status).toBe(202);
    expect(await (await get('/tx/pending')).json()).toContain(id);
    gateway.mine();
    const read = await arweave.transactions.get(id);
    expect(read.tags.map((tag) => tag.get('value', { decode: true, string: true }))).toEqual([
      'cats',
    ]);
    expect(await arweave.transactions.verify(read)).toBe(true);
    const data = await arweave.chunks.downloadChunkedData(id);
    expect(Buffer.compare(data, BIG)).toBe(0);
    expect(await (await get(`/tx/${id}/data_size`)).text()).toBe('300000');
    expect(await (await get(`/tx/${id}/tags`)).json()).toHaveLength(1);
    const text = await (await get(`/tx/${id}/data`)).text();
    expect(text).toBe(Buffer.from(BIG).toString('base64url'));
    expect((await get(`/tx/${id}/data.bin`)).headers.get('content-length')).toBeDefined();
    expect((await get(`/tx/${id}/nonsense`)).status).toBe(404);
  });

  test('posted twice is accepted once', async () => {
    const transaction = await signL1(gateway, { data: 'again' });
    const body = JSON.stringify(transaction);
    expect((await post('/tx', body)).status).toBe(200);
    const balance = gateway.balance(await arweave.wallets.ownerToAddress(transaction.owner));
    expect((await post('/tx', body)).status).toBe(208);
    expect(gateway.balance(await arweave.wallets.ownerToAddress(transaction.owner))).toBe(balance);
  });

  test('waits for its data, and has it when the last chunk came, in any order', async () => {
    const transaction = await signL1(gateway, { data: BIG.map((byte) => byte ^ 1) });
    const header = { ...transaction.toJSON(), data: '' };
    expect((await post('/tx', JSON.stringify(header))).status).toBe(200);
    const chunks = [0, 1].map((index) =>
      JSON.stringify(transaction.getChunk(index, transaction.data)),
    );
    expect((await get(`/${transaction.id}`)).status).toBe(404);
    expect((await post('/chunk', chunks[1] ?? '')).status).toBe(200);
    expect((await get(`/${transaction.id}`)).status).toBe(404);
    expect((await post('/chunk', chunks[1] ?? '')).status).toBe(200);
    expect((await post('/chunk', chunks[0] ?? '')).status).toBe(200);
    const data = await (await get(`/${transaction.id}`)).arrayBuffer();
    expect(Buffer.compare(Buffer.from(data), transaction.data)).toBe(0);
  });

  test('that is a data item is answered without a block, in the form of a transaction', async () => {
    const { item } = signDataItem(walletFromSeed(7, 'alice'), {
      data: 'x',
      anchor: '1'.repeat(32),
    });
    gateway.putItem(item);
    expect(await (await get(`/tx/${item.id}`)).json()).toMatchObject({
      id: item.id,
      owner: item.owner,
      last_tx: Buffer.from('1'.repeat(32)).toString('base64url'),
      quantity: '0',
    });
    expect((await get(`/tx/${item.id}/offset`)).status).toBe(404);
  });
});

describe('a chunk', () => {
  test('that does not prove its place is refused with the word the client stops at', async () => {
    const transaction = await signL1(gateway, { data: BIG.map((byte) => byte ^ 2) });
    const good = transaction.getChunk(0, transaction.data);
    const refused = async (chunk: object) => {
      const response = await post('/chunk', JSON.stringify(chunk));
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        error: 'invalid_proof',
        code: 'CHUNK_INVALID',
      });
    };
    await refused(good); // its transaction has not come
    gateway.postTransaction({ ...transaction.toJSON(), data: '' });
    await refused({ ...good, chunk: Buffer.from('other').toString('base64url') });
    await refused({ ...good, offset: '299999' });
    await refused({ ...good, data_size: '300001' });
    await refused({ ...good, data_path: good.data_path.slice(4) });
    await refused({ ...good, data_root: 'x' });
    await refused({ ...good, offset: '-1' });
    expect((await post('/chunk', JSON.stringify(good))).status).toBe(200);
  });

  test('that nobody has is a 404', async () => {
    expect((await get('/chunk/999999999')).status).toBe(404);
    expect((await get('/chunk/nonsense')).status).toBe(404);
  });
});

describe('bad requests', () => {
  const cases: [string, string, string, number, string][] = [
    ['broken JSON', '/tx', '{', 400, 'JSON_INVALID'],
    ['JSON that is no object', '/tx', '42', 400, 'TRANSACTION_MALFORMED'],
    ['an empty object', '/tx', '{}', 400, 'TRANSACTION_MALFORMED'],
    ['a format of the future', '/tx', '{"format":3}', 400, 'TRANSACTION_MALFORMED'],
    ['fields that are no text', '/tx', '{"format":2,"owner":{}}', 400, 'TRANSACTION_MALFORMED'],
    ['broken JSON in a chunk', '/chunk', '{', 400, 'JSON_INVALID'],
    ['an unknown route', '/nowhere/at/all', '', 404, 'NOT_FOUND'],
  ];
  test.each(cases)(
    '%s: a coded error, and the gateway lives on',
    async (_, path, body, status, code) => {
      const response = await post(path, body);
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ code });
      expect((await get('/info')).status).toBe(200);
    },
  );

  test.each([
    ['/wallet/nobody/balance', 400, 'ADDRESS_INVALID'],
    [`/mint/${'A'.repeat(43)}/-5`, 400, 'QUANTITY_INVALID'],
    [`/mint/${'A'.repeat(43)}/1e9`, 400, 'QUANTITY_INVALID'],
    ['/mine/none', 400, 'BLOCK_COUNT_INVALID'],
    ['/mine/1000000', 400, 'BLOCK_COUNT_INVALID'],
    ['/price/much', 400, 'SIZE_INVALID'],
    ['/block/height/12345678', 404, 'BLOCK_NOT_FOUND'],
    ['/block/hash/nothing', 404, 'BLOCK_NOT_FOUND'],
    ['/tx/nothing', 404, 'NOT_FOUND'],
    ['/raw/nothing', 404, 'NOT_FOUND'],
    ['/favicon.ico', 404, 'NOT_FOUND'],
  ])('GET %s is %i %s', async (path, status, code) => {
    const response = await get(path);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code, hint: expect.any(String) });
  });
});

describe('serving', () => {
  test('on a port in use is refused with the port', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    await expect(serveApp(app, { port })).rejects.toMatchObject({
      code: 'PORT_UNUSABLE',
      message: `Cannot listen on 127.0.0.1:${port}: the port is in use.`,
    });
    await new Promise((resolve) => taken.close(resolve));
  });

  test('on an address of another machine is refused with what to give', async () => {
    const away = serveApp(app, { port: 0, host: '192.0.2.1' }); // for documentation: nobody's
    await expect(away).rejects.toMatchObject({
      code: 'ADDRESS_UNUSABLE',
      hint: expect.stringContaining('--host'),
    });
  });
});
