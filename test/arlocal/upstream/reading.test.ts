import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../actors/random.js';
import { encodeBundle } from '../../../arlocal/bundle.js';
import { encodeDataItem, signDataItem } from '../../../arlocal/data-item.js';
import { devWallet } from '../../../arlocal/dev-wallets.js';
import type { ArlocalErrorCode } from '../../../arlocal/errors.js';
import { createGatewayApp } from '../../../arlocal/http/gateway-app.js';
import { connectUpstream } from '../../../arlocal/upstream/upstream.js';
import { walletFromSeed } from '../../../arlocal/wallet.js';
import { postL1 } from '../transactions.js';
import { BEHIND_URL, createFront, createPair } from './gateways.js';

const ed = walletFromSeed(1, 'ed');
const rsa = devWallet('bob').wallet;
const UNKNOWN_ID = 'A'.repeat(43);

const withAnchor = signDataItem(ed, {
  data: 'an item',
  anchor: 'an anchor of thirty-two letters.',
  target: rsa.address,
  tags: [{ name: 'Content-Type', value: 'text/plain' }],
});
const binaryAnchor = signDataItem(rsa, {
  data: new Uint8Array([0, 255, 1]),
  anchor: Buffer.alloc(32, 200).toString('base64url'),
});
const withoutData = signDataItem(ed, { tags: [{ name: 'Action', value: 'Ping' }] });
const withoutDataRsa = signDataItem(rsa, { target: ed.address });

/** The code of a refusal. */
async function codeOf(call: Promise<unknown>): Promise<ArlocalErrorCode | 'none'> {
  try {
    await call;
    return 'none';
  } catch (error) {
    return (error as { code: ArlocalErrorCode }).code;
  }
}

/** Answers JSON with one field changed. */
const change = (from: string, to: string) => async (_: string, response: Response) =>
  new Response((await response.text()).replace(from, to), response);

describe('what is not here is read from the gateway behind', () => {
  test.each([
    ['an Ed25519 item with an anchor', withAnchor],
    ['an RSA item with a binary anchor', binaryAnchor],
    ['an Ed25519 item without data', withoutData],
    ['an RSA item without data', withoutDataRsa],
  ])('%s, exactly as it was signed', async (_, signed) => {
    const { behind, front } = await createPair();
    behind.putItem(signed);
    await front.fetchMissing([signed.item.id]);
    const read = front.item(signed.item.id);
    expect(read && Buffer.compare(encodeDataItem(read), signed.bytes)).toBe(0);
    expect(read?.anchor).toBe(signed.item.anchor);
  });

  test('a transaction with its tags at once, its data when it is wanted', async () => {
    const { behind, front, line } = await createPair();
    const tags = [{ name: 'Content-Type', value: 'text/plain' }];
    const { id } = await postL1(behind, { data: 'weave', tags, mint: 10n ** 12n });
    behind.mine();
    await front.fetchMissing([id]);
    expect(front.locate(id)).toMatchObject({ entry: { kind: 'transaction', dataSize: 5, tags } });
    expect(front.locate(id)?.block?.height).toBe(front.height);
    expect(front.data(id)).toBeUndefined();
    await front.fetchMissing([id], { data: true });
    expect(Buffer.from(front.data(id) ?? []).toString()).toBe('weave');
    const asked = line.paths.length;
    await front.fetchMissing([id], { data: true });
    expect(line.paths.length).toBe(asked);
  });

  test('an item of a bundle, even if the gateway forgets its anchor and its bundle', async () => {
    const { behind, front, line } = await createPair();
    const tags = [
      { name: 'Bundle-Format', value: 'binary' },
      { name: 'Bundle-Version', value: '2.0.0' },
    ];
    const data = encodeBundle([binaryAnchor, withAnchor]);
    const bundle = await postL1(behind, { data, tags, mint: 10n ** 12n });
    behind.mine();
    line.tamper = async (path, response) => {
      if (path === `/tx/${withAnchor.item.id}`) return new Response('Not Found', { status: 404 });
      const text = path === '/graphql' ? await response.text() : undefined;
      if (text === undefined) return response;
      const poor = text.replace(/"anchor":"[^"]+"/, '"anchor":""');
      return new Response(poor.replace(/"bundledIn":\{[^}]+\}/, '"bundledIn":null'), response);
    };
    await front.fetchMissing([withAnchor.item.id]);
    expect(front.item(withAnchor.item.id)).toMatchObject({ anchor: withAnchor.item.anchor });
    expect(front.locate(withAnchor.item.id)?.entry.bundledIn).toBe(bundle.id);
  });

  test('nothing of what nobody has, or of what is no id', async () => {
    const { front, line } = await createPair();
    await front.fetchMissing([UNKNOWN_ID, 'short', '../../etc']);
    expect(front.locate(UNKNOWN_ID)).toBeUndefined();
    expect(line.paths.some((path) => path.includes('etc'))).toBe(false);
  });

  test('two who miss the same ask once', async () => {
    const { behind, front, line } = await createPair();
    behind.putItem(withAnchor);
    const asked = line.paths.length;
    const { id } = withAnchor.item;
    await Promise.all([front.fetchMissing([id]), front.fetchMissing([id, id])]);
    expect(line.paths.slice(asked).filter((path) => path === `/tx/${id}`)).toHaveLength(1);
  });
});

describe('nothing is believed', () => {
  test('an item with other data is refused, and not stored', async () => {
    const { behind, front, line } = await createPair();
    behind.putItem(withAnchor);
    const { id } = withAnchor.item;
    line.tamper = async (path, response) => {
      const isData = path === `/raw/${id}` || path === `/${id}` || path === `/tx/${id}/data`;
      return isData ? new Response('other data') : response;
    };
    expect(await codeOf(front.fetchMissing([id]))).toBe('UPSTREAM_UNTRUE');
    expect(front.item(id)).toBeUndefined();
  });

  test('another item under its id is refused', async () => {
    const { behind, front, line } = await createPair();
    behind.putItem(withAnchor);
    behind.putItem(binaryAnchor);
    const [wanted, other] = [withAnchor.item.id, binaryAnchor.item.id];
    line.tamper = async (path, response) => {
      if (path !== '/graphql') return response;
      const node = { data: { transaction: { ...behind.locate(other)?.entry, id: wanted } } };
      return Response.json(node);
    };
    expect(await codeOf(front.fetchMissing([wanted]))).toBe('UPSTREAM_UNTRUE');
  });

  test.each([
    ['a tag', '"tags":[{"name":"', '"tags":[{"name":"QQ","value":"QQ"},{"name":"'],
    ['its reward', '"reward":"', '"reward":"1'],
    ['its root', '"data_root":"', '"data_root":"AAAA'],
  ])('a transaction with %s changed is refused', async (_, from, to) => {
    const { behind, front, line } = await createPair();
    const tags = [{ name: 'Kind', value: 'true' }];
    const { id } = await postL1(behind, { data: 'weave', tags, mint: 10n ** 12n });
    behind.mine();
    line.tamper = change(from, to);
    expect(await codeOf(front.fetchMissing([id]))).toBe('UPSTREAM_UNTRUE');
    expect(front.locate(id)).toBeUndefined();
  });

  test('other data of a transaction is refused', async () => {
    const { behind, front, line } = await createPair();
    const { id } = await postL1(behind, { data: 'weave', mint: 10n ** 12n });
    behind.mine();
    await front.fetchMissing([id]);
    line.tamper = () => new Response('waves');
    expect(await codeOf(front.fetchMissing([id], { data: true }))).toBe('UPSTREAM_UNTRUE');
    expect(front.data(id)).toBeUndefined();
  });

  test('whatever byte is changed on the way, what is stored is what was signed', async () => {
    const { behind, line, connect } = await createPair();
    behind.putItem(withAnchor);
    const tags = [{ name: 'Kind', value: 'tried' }];
    const l1 = await postL1(behind, { data: 'weave', tags, mint: 10n ** 12n });
    behind.mine();
    const random = createRandom('tamper');
    let accepted = 0;
    for (let round = 0; round < 300; round++) {
      line.tamper = (_, response) => response;
      const { front } = createFront(await connect());
      line.tamper = async (_, response) => {
        const bytes = new Uint8Array(await response.arrayBuffer());
        const [high = 0, low = 0, value = 0] = random.bytes(`${round}:${bytes.length}`);
        if (bytes.length > 0) bytes[(high * 256 + low) % bytes.length] = value;
        return new Response(bytes, response);
      };
      await codeOf(front.fetchMissing([withAnchor.item.id], { data: true }));
      await codeOf(front.fetchMissing([l1.id], { data: true }));
      const item = front.item(withAnchor.item.id);
      if (item) expect(Buffer.compare(encodeDataItem(item), withAnchor.bytes)).toBe(0);
      const data = front.data(l1.id);
      if (data) expect(Buffer.from(data).toString()).toBe('weave');
      const { entry } = front.locate(l1.id) ?? {};
      expect(entry?.tags ?? tags).toEqual(tags);
      accepted += item || entry ? 1 : 0;
    }
    expect(accepted).toBeGreaterThan(0); // what is not signed may change
    expect(accepted).toBeLessThan(300);
  });

  test('nonsense is refused', async () => {
    const { front, line } = await createPair();
    for (const body of ['', '{', 'null', '[]', '{"data":null}', '<html>', '{"id":{}}']) {
      line.tamper = () => new Response(body);
      const code = await codeOf(front.fetchMissing([UNKNOWN_ID], { data: true }));
      expect(['UPSTREAM_REFUSED', 'UPSTREAM_UNTRUE'], body).toContain(code);
    }
  });

  test('an answer without end is cut off', async () => {
    const { front, line } = await createPair();
    let sent = 0;
    const endless = () =>
      new ReadableStream({
        pull(controller) {
          sent += 65_536;
          controller.enqueue(new Uint8Array(65_536));
        },
      });
    line.tamper = () => new Response(endless());
    expect(await codeOf(front.fetchMissing([UNKNOWN_ID]))).toBe('UPSTREAM_TOO_LARGE');
    expect(sent).toBeLessThan(16 * 1024 * 1024);
  });
});

describe('a gateway that does not answer', () => {
  test('is named at the start', async () => {
    const fetchNothing = () => Promise.reject(new TypeError('fetch failed'));
    const deadline = () => new AbortController().signal;
    const connecting = connectUpstream({ url: BEHIND_URL, fetch: fetchNothing, deadline });
    await expect(connecting).rejects.toMatchObject({
      code: 'UPSTREAM_AWAY',
      message: expect.stringContaining(BEHIND_URL),
    });
  });

  test('is no gateway if it says nothing of its network', async () => {
    const fetchPage = async () => new Response('<html>hello</html>');
    const deadline = () => new AbortController().signal;
    const connecting = connectUpstream({ url: BEHIND_URL, fetch: fetchPage, deadline });
    await expect(connecting).rejects.toMatchObject({ code: 'UPSTREAM_REFUSED' });
  });

  test('is given up at its deadline', async () => {
    const fetchForever: typeof fetch = (_, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
      });
    const expired = () => AbortSignal.abort(new Error('30 seconds are over'));
    const slow: typeof fetch = async (input, init) => {
      init?.signal?.throwIfAborted();
      return fetchForever(input, init);
    };
    const connecting = connectUpstream({ url: BEHIND_URL, fetch: slow, deadline: expired });
    await expect(connecting).rejects.toMatchObject({
      code: 'UPSTREAM_AWAY',
      message: expect.stringContaining('30 seconds are over'),
    });
  });
});

describe('over HTTP', () => {
  async function createApps() {
    const pair = await createPair();
    return { ...pair, app: createGatewayApp(pair.front) };
  }

  test('data, its headers and its ranges are read through', async () => {
    const { behind, app } = await createApps();
    behind.putItem(withAnchor);
    const { id } = withAnchor.item;
    const head = await app.request(`/${id}`, { method: 'HEAD' });
    expect([head.status, head.headers.get('Content-Length')]).toEqual([200, '7']);
    const part = await app.request(`/raw/${id}`, { headers: { Range: 'bytes=3-99' } });
    expect([part.status, await part.text()]).toEqual([206, 'item']);
  });

  test('transactions are there with all their routes', async () => {
    const { behind, app } = await createApps();
    const { id } = await postL1(behind, { data: 'weave', mint: 10n ** 12n });
    behind.mine();
    expect((await app.request(`/tx/${id}`)).status).toBe(200);
    expect((await app.request(`/tx/${id}/status`)).status).toBe(200);
    expect(await (await app.request(`/tx/${id}/data_size`)).text()).toBe('5');
    expect(await (await app.request(`/tx/${id}/data`)).text()).toBe('d2VhdmU');
    expect(await (await app.request(`/tx/${id}/offset`)).json()).toMatchObject({ size: '5' });
  });

  test('what is in neither is a 404, whose hint does not leave out the gateway behind', async () => {
    const { app } = await createApps();
    const answer = await app.request(`/${UNKNOWN_ID}`);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ hint: expect.stringContaining('--gateway') });
  });

  test('GraphQL finds it by id', async () => {
    const { behind, app } = await createApps();
    behind.putItem(withAnchor);
    const { id } = withAnchor.item;
    const query = `{ transaction(id: "${id}") { recipient }
      transactions(ids: ["${id}", "${UNKNOWN_ID}"]) { edges { node { id } } } }`;
    const body = JSON.stringify({ query });
    const answer = await app.request('/graphql', { method: 'POST', body });
    expect(await answer.json()).toEqual({
      data: {
        transaction: { recipient: rsa.address },
        transactions: { edges: [{ node: { id } }] },
      },
    });
  });

  test('a gateway that is away is a 502 that names it, and the rest goes on', async () => {
    const { app, front, line } = await createApps();
    front.putItem(withAnchor);
    line.isCut = true;
    const answer = await app.request(`/${UNKNOWN_ID}`);
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({ code: 'UPSTREAM_AWAY' });
    expect((await app.request(`/${withAnchor.item.id}`)).status).toBe(200);
    expect((await app.request('/info')).status).toBe(200);
    expect((await app.request('/tx_anchor')).status).toBe(502);
  });

  test('anchors and prices are such that the gateway behind takes what is signed', async () => {
    const { behind, app } = await createApps();
    expect(await (await app.request('/tx_anchor')).text()).toBe(behind.tip.id);
    await app.request(`/mint/${rsa.address}/500`);
    expect(behind.balance(rsa.address)).toBe(500n);
  });
});
