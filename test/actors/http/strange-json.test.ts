/**
 * JSON that no client sends: objects with a `toString` that is none, and nesting that would end the
 * stack. It is refused as any other mistake, and never a defect of Corral.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ActorNetwork, ProcessHandle } from '../../../actors/network.js';
import { signDataItem } from '../../../arlocal/data-item.js';
import { type Apps, createApps } from '../../../herd/serve.js';
import { startNetwork } from '../kernel-module.js';

let network: ActorNetwork;
let process: ProcessHandle;
let apps: Apps;
beforeAll(async () => {
  const started = await startNetwork();
  network = started.network;
  process = await started.spawn();
  apps = createApps(network, () => ({}));
});
afterAll(() => network.close());

const owner = Buffer.alloc(512, 1).toString('base64url');
const root = 'A'.repeat(43);
const encode = (text: string) => encodeURIComponent(Buffer.from(text).toString('base64'));

/** Statuses and codes with which each value is refused; where one is asked for, JSON stands for @. */
const post = async (part: keyof Apps, path: string, body: string) => {
  const response = await apps[part].request(path, { method: 'POST', body });
  return { status: response.status, body: (await response.json()) as { code?: string } };
};

describe.each([
  ['an object without toString', '{"toString":1,"valueOf":1}'],
  ['200,000 brackets', `${'['.repeat(200_000)}${']'.repeat(200_000)}`],
])('%s', (_, value) => {
  test.each([
    ['/tx', '{"format":@}', 'TRANSACTION_MALFORMED'],
    ['/tx', `{"format":2,"owner":"${owner}","data_size":@}`, 'TRANSACTION_MALFORMED'],
    ['/tx', `{"format":2,"owner":"${owner}","quantity":@}`, 'QUANTITY_INVALID'],
    ['/tx', `{"format":2,"owner":"${owner}","reward":@}`, 'QUANTITY_INVALID'],
    ['/tx', `{"format":2,"owner":"${owner}","tags":[@]}`, 'TRANSACTION_NOT_SIGNED'],
    ['/tx', `{"format":2,"owner":"${owner}","tags":[{"name":@}]}`, 'TRANSACTION_MALFORMED'],
    ['/chunk', '{"data_root":@}', 'CHUNK_INVALID'],
    ['/chunk', `{"data_root":"${root}","data_size":@}`, 'CHUNK_INVALID'],
    ['/chunk', `{"data_root":"${root}","data_size":1,"offset":0,"chunk":@}`, 'CHUNK_INVALID'],
    ['/wallet', '{"address":@,"balance":1}', 'ADDRESS_INVALID'],
    ['/wallet', `{"address":"${root}","balance":@}`, 'QUANTITY_INVALID'],
    ['/arql', '{"op":"equals","expr1":@,"expr2":"x"}', 'JSON_INVALID'],
  ])('is refused at %s as %s', async (path, body, code) => {
    const answer = await post('gateway', path, body.replace('@', value));
    expect(answer).toMatchObject({ status: 400, body: { code } });
  });

  test.each([
    ['timestamp', '{"timestamp":@,"ordinate":"0"}'],
    ['ordinate', '{"timestamp":1,"ordinate":@}'],
  ])('is refused as the %s of a cursor', async (_field, cursor) => {
    const from = encode(cursor.replace('@', value));
    const response = await apps.cu.request(`/results/${process.id}?from=${from}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'BAD_CURSOR' });
  });

  test.each([
    ['path of its index', '{"manifest":"arweave/paths","index":{"path":@},"paths":{}}', ''],
    ['id of a path', '{"manifest":"arweave/paths","paths":{"a":{"id":@}}}', '/a'],
  ])('in a manifest, as the %s, leads nowhere', async (_field, manifest, path) => {
    const tags = [{ name: 'Content-Type', value: 'application/x.arweave-manifest+json' }];
    const data = manifest.replace('@', value);
    const signed = signDataItem(network.wallet('alice'), { tags, data });
    network.gateway.putItem(signed);
    const { status } = await apps.gateway.request(`/${signed.item.id}${path}`);
    expect([400, 404]).toContain(status);
  });
});

test.each(['Data', 'Timestamp', 'Unknown'])('a dry-run nested too deep in %s', async (field) => {
  const deep = `${'['.repeat(501)}${']'.repeat(501)}`;
  const body = `{"Tags":[],"${field}":${deep}}`;
  const answer = await post('cu', `/dry-run?process-id=${process.id}`, body);
  expect(answer).toMatchObject({
    status: 400,
    body: { code: 'BAD_REQUEST', limit: 500, got: 502 },
  });
});

test.each(['Timestamp', 'Block-Height'])('a dry-run whose %s is no number', async (field) => {
  const body = JSON.stringify({ [field]: { toString: 1 } });
  const answer = await post('cu', `/dry-run?process-id=${process.id}`, body);
  const error = expect.stringContaining(`${field} of the message is not a number`);
  expect(answer).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST', error } });
});
