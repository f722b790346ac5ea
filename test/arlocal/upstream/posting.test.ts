import Arweave from 'arweave';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type SignedItem, signDataItem } from '../../../arlocal/data-item.js';
import { devWallet } from '../../../arlocal/dev-wallets.js';
import type { Gateway } from '../../../arlocal/gateway.js';
import { createGateway } from '../../../arlocal/gateway.js';
import { createMemoryStore } from '../../../arlocal/memory-store.js';
import { createSqliteStore } from '../../../arlocal/sqlite/sqlite-store.js';
import { walletFromSeed } from '../../../arlocal/wallet.js';
import { temporaryFolder } from '../gateways.js';
import { postL1, signL1 } from '../transactions.js';
import { createBehind, createFront, createPair } from './gateways.js';

const ed = walletFromSeed(1, 'ed');
const poster = devWallet('carol').wallet.address;

function signItems(count: number, bytes = 10): SignedItem[] {
  return Array.from({ length: count }, (_, index) =>
    signDataItem(ed, {
      data: new Uint8Array(bytes).fill(index),
      tags: [{ name: 'Index', value: String(index) }],
    }),
  );
}

function missingOn(gateway: Gateway, items: readonly SignedItem[]): string[] {
  return items.filter(({ item }) => !gateway.item(item.id)).map(({ item }) => item.id);
}

/** Ids of the items that are on a gateway, in the order of its log. */
function orderOn(gateway: Gateway): string[] {
  const page = gateway.query({ owners: [ed.address], first: 1000, sort: 'HEIGHT_ASC' });
  return page.edges.map(({ entry }) => entry.id);
}

describe('what is stored is posted to the gateway behind', () => {
  test('items in bundles, in their order, paid by a wallet of the network', async () => {
    const { behind, front, events } = await createPair();
    const items = signItems(700);
    for (const item of items) front.putItem(item);
    await front.upstream?.post();
    expect(orderOn(behind)).toEqual(items.map(({ item }) => item.id));
    expect(events.map(({ kind }) => kind)).toEqual(Array(7).fill('posted'));
    expect(front.upstream?.state).toEqual({ posted: 700, waiting: 0, problem: undefined });
    expect(behind.query({ owners: [poster] }).edges).toHaveLength(7);
    expect(behind.balance(poster)).toBeGreaterThan(0n);
  });

  test('once, however often it is asked to', async () => {
    const { behind, front } = await createPair();
    for (const item of signItems(3)) front.putItem(item);
    await Promise.all([front.upstream?.post(), front.upstream?.post(), front.upstream?.post()]);
    await front.upstream?.post();
    expect(behind.query({ owners: [poster] }).edges).toHaveLength(1);
  });

  test('not what was read from it', async () => {
    const { behind, front, line } = await createPair();
    const [item] = signItems(1) as [SignedItem];
    behind.putItem(item);
    await front.fetchMissing([item.item.id]);
    const asked = line.paths.length;
    await front.upstream?.post();
    expect(line.paths.slice(asked)).toEqual([]);
  });

  test('not what it has already', async () => {
    const { behind, front, line } = await createPair();
    const items = signItems(4);
    for (const item of items.slice(0, 3)) behind.putItem(item);
    for (const item of items) front.putItem(item);
    await front.upstream?.post();
    expect(missingOn(behind, items)).toEqual([]);
    expect(front.upstream?.state.posted).toBe(1);
    expect(line.paths.filter((path) => path === '/tx')).toHaveLength(1);
  });

  test('an item that is too large for one request in chunks', async () => {
    const { behind, front, line } = await createPair();
    const [large] = signItems(1, 9 * 1024 * 1024) as [SignedItem];
    front.putItem(large);
    await front.upstream?.post();
    expect(missingOn(behind, [large])).toEqual([]);
    expect(line.paths.filter((path) => path === '/chunk').length).toBeGreaterThan(30);
  });

  test("users' transactions as they are, with their bundles", async () => {
    const { behind, front } = await createPair();
    const transaction = await postL1(front, { data: 'weave', mint: 10n ** 12n });
    behind.mint(transaction.address, 10n ** 12n);
    await front.upstream?.post();
    expect(Buffer.from(behind.data(transaction.id) ?? []).toString()).toBe('weave');
  });

  test("a user's transaction whose data comes later, when it has come", async () => {
    const { behind, front } = await createPair();
    front.mint(poster, 10n ** 13n);
    behind.mint(poster, 10n ** 13n);
    const data = new Uint8Array(300_000).fill(7);
    const transaction = await signL1(front, { data });
    const { data: _, ...header } = transaction.toJSON();
    front.postTransaction({ ...header, data: '' });
    await front.upstream?.post();
    expect(behind.locate(transaction.id)?.entry.dataSize).toBe(300_000);
    expect(behind.data(transaction.id)).toBeUndefined();
    await transaction.prepareChunks(data);
    for (let index = 0; index < (transaction.chunks?.chunks.length ?? 0); index++) {
      front.putChunk(transaction.getChunk(index, data));
    }
    await front.upstream?.post();
    expect(Buffer.compare(behind.data(transaction.id) ?? new Uint8Array(0), data)).toBe(0);
  });
});

describe('a gateway that fails', () => {
  test('gets everything when it is back, in order, and is told of once', async () => {
    const { behind, front, line, events } = await createPair();
    const items = signItems(5);
    line.isCut = true;
    for (const item of items) {
      front.putItem(item);
      await front.upstream?.post();
    }
    expect(events).toMatchObject([{ kind: 'stuck', error: { code: 'UPSTREAM_AWAY' } }]);
    expect(front.upstream?.state).toMatchObject({ waiting: 5, problem: { code: 'UPSTREAM_AWAY' } });
    line.isCut = false;
    await front.upstream?.post();
    expect(orderOn(behind)).toEqual(items.map(({ item }) => item.id));
    expect(events.map(({ kind }) => kind)).toEqual(['stuck', 'posted', 'going']);
  });

  test('in the middle of a batch gets nothing twice and misses nothing', async () => {
    const { behind, front, line } = await createPair();
    const items = signItems(250);
    for (const item of items) front.putItem(item);
    for (let answers = 1; missingOn(behind, items).length > 0; answers++) {
      let left = answers;
      // The request arrives, its answer does not: the worst that can happen.
      line.tamper = (_, response) => {
        if (left-- === 0) throw new TypeError('terminated');
        return response;
      };
      await front.upstream?.post();
    }
    line.tamper = (_, response) => response;
    await front.upstream?.post();
    expect(front.upstream?.state).toMatchObject({ waiting: 0, problem: undefined });
    expect(orderOn(behind)).toEqual(items.map(({ item }) => item.id));
  });

  test('is left alone for a while by a patient poster', async () => {
    const { front, line } = await createPair();
    front.putItem(signItems(1)[0] as SignedItem);
    line.isCut = true;
    const asked = line.paths.length;
    for (let tick = 0; tick < 20; tick++) await front.upstream?.post(true);
    expect(line.paths.length - asked).toBeLessThan(5);
  });

  test('that refuses is named, with what it says, and what waits is kept', async () => {
    const { behind, front, line, events } = await createPair();
    const items = signItems(2);
    for (const item of items) front.putItem(item);
    line.tamper = (path, response) =>
      path === '/tx' ? new Response('no room', { status: 400 }) : response;
    // Refused before it gets there.
    const { postTransaction } = behind;
    Object.assign(behind, { postTransaction: () => true });
    await front.upstream?.post();
    Object.assign(behind, { postTransaction });
    expect(events).toMatchObject([{ kind: 'stuck', error: { code: 'UPSTREAM_REFUSED' } }]);
    expect(front.upstream?.state.problem?.message).toContain('no room');
    line.tamper = (_, response) => response;
    await front.upstream?.post();
    expect(missingOn(behind, items)).toEqual([]);
  });

  test("that refuses a user's transaction is named; the rest is posted", async () => {
    const { behind, front, events } = await createPair();
    const poor = await postL1(front, { data: 'poor', mint: 10n ** 12n }); // has nothing there
    const items = signItems(1);
    front.putItem(items[0] as SignedItem);
    await front.upstream?.post();
    expect(events).toMatchObject([
      { kind: 'refused', transaction: poor.id, error: { code: 'UPSTREAM_REFUSED' } },
      { kind: 'posted', items: 1 },
    ]);
    expect(missingOn(behind, items)).toEqual([]);
  });

  test('that is no test gateway wants AR of the wallet', async () => {
    const { connect } = createBehind();
    const { front, events } = createFront({ ...(await connect()), isTest: false });
    front.putItem(signItems(1)[0] as SignedItem);
    await front.upstream?.post();
    expect(events).toMatchObject([
      { kind: 'stuck', error: { code: 'UPSTREAM_BALANCE_TOO_LOW', details: { address: poster } } },
    ]);
  });

  test('that asks a fortune gets nothing', async () => {
    const { behind, front, line, events } = await createPair();
    const items = signItems(1);
    front.putItem(items[0] as SignedItem);
    line.tamper = (path, response) =>
      path.startsWith('/price/') ? new Response(String(10n ** 13n)) : response;
    await front.upstream?.post();
    expect(events).toMatchObject([{ kind: 'stuck', error: { code: 'UPSTREAM_DEAR' } }]);
    expect(missingOn(behind, items)).toHaveLength(1);
  });

  test('without a wallet nothing is posted, and the state says why', async () => {
    const { connect } = createBehind();
    const upstream = await connect();
    const front = createGateway({
      store: createMemoryStore(),
      now: () => 0,
      upstream: { upstream },
    });
    front.putItem(signItems(1)[0] as SignedItem);
    await front.upstream?.post();
    expect(front.upstream?.state).toMatchObject({
      waiting: 1,
      problem: { code: 'UPSTREAM_WALLET_MISSING' },
    });
  });
});

describe('a gateway that has lost what was posted', () => {
  const url = 'http://behind.test';

  /** A pair to which some was posted, and another gateway at the address of the first. */
  async function createEmptied(isTest: boolean) {
    const { behind, connect, line } = createBehind();
    const emptied = createBehind();
    let now = await connect();
    const before = now;
    const front = createFront({
      ...now,
      isTest,
      known: (ids) => now.known(ids),
      hasTransaction: (id) => now.hasTransaction(id),
      postTransaction: (json) => now.postTransaction(json),
      balance: (address) => now.balance(address),
      mint: (address, winston) => now.mint(address, winston),
      anchor: () => now.anchor(),
    });
    const [read, ...items] = signItems(4) as [SignedItem, ...SignedItem[]];
    behind.putItem(read);
    behind.mint(poster, 10n ** 15n);
    await front.front.fetchMissing([read.item.id]);
    for (const item of items.slice(0, 2)) front.front.putItem(item);
    await front.front.upstream?.post();
    const later = await emptied.connect();
    const swap = (isBack = false) => {
      now = isBack ? before : later;
    };
    return { ...front, line, emptied: emptied.behind, behind, items, read, swap };
  }

  test('gets everything anew if it is for tests, what came from it too, and is named', async () => {
    const { front, events, emptied, items, read, swap } = await createEmptied(true);
    swap();
    front.putItem(items[2] as SignedItem);
    await front.upstream?.post();
    expect(missingOn(emptied, [read, ...items])).toEqual([]);
    expect(events.map(({ kind }) => kind)).toEqual(['posted', 'lost', 'posted', 'going']);
    expect(events[1]).toMatchObject({ error: { code: 'UPSTREAM_LOST', details: { url } } });
    expect(front.upstream?.state).toMatchObject({ waiting: 0, problem: undefined });
  });

  test('gets nothing twice if it is not for tests; what waits goes on when it has it', async () => {
    const { front, events, behind, emptied, items, swap } = await createEmptied(false);
    swap();
    front.putItem(items[2] as SignedItem);
    await front.upstream?.post();
    expect(missingOn(emptied, items)).toHaveLength(3);
    expect(front.upstream?.state).toMatchObject({ waiting: 1, problem: { code: 'UPSTREAM_LOST' } });
    swap(true);
    await front.upstream?.post();
    expect(missingOn(behind, items)).toEqual([]);
    expect(events.map(({ kind }) => kind)).toEqual(['posted', 'stuck', 'posted', 'going']);
  });

  test('is not one that fails when it is asked', async () => {
    const { front, events, line, items } = await createEmptied(true);
    line.tamper = (path, response) =>
      path.endsWith('/status') ? new Response('no', { status: 503 }) : response;
    front.putItem(items[2] as SignedItem);
    await front.upstream?.post();
    expect(events.at(-1)).toMatchObject({ kind: 'stuck', error: { code: 'UPSTREAM_AWAY' } });
  });
});

describe('over a store in a folder', () => {
  test('a gateway emptied while the network was closed gets everything after the start', async () => {
    const [one, emptied] = [createBehind(), createBehind()];
    const folder = temporaryFolder();
    const items = signItems(2);
    const first = createFront(await one.connect(), createSqliteStore(folder)).front;
    for (const item of items) first.putItem(item);
    await first.upstream?.post();
    first.close();
    const second = createFront(await emptied.connect(), createSqliteStore(folder)).front;
    onTestFinished(() => second.close());
    await second.upstream?.post();
    expect(missingOn(emptied.behind, items)).toEqual([]);
  });

  test('what was not posted before a restart is posted after it, and only that', async () => {
    const { behind, line, connect } = createBehind();
    const folder = temporaryFolder();
    const items = signItems(4);
    const first = createFront(await connect(), createSqliteStore(folder)).front;
    for (const item of items.slice(0, 2)) first.putItem(item);
    await first.upstream?.post();
    line.isCut = true;
    for (const item of items.slice(2)) first.putItem(item);
    await first.upstream?.post();
    first.close();
    line.isCut = false;
    const second = createFront(await connect(), createSqliteStore(folder)).front;
    onTestFinished(() => second.close());
    expect(second.upstream?.state.waiting).toBe(2);
    await second.upstream?.post();
    expect(second.upstream?.state).toMatchObject({ posted: 2, waiting: 0 });
    expect(orderOn(behind)).toEqual(items.map(({ item }) => item.id));
  });

  test('another gateway gets everything, what was read from the first one too', async () => {
    const [one, other] = [createBehind(), createBehind()];
    const folder = temporaryFolder();
    const items = signItems(3);
    const [read] = items as [SignedItem];
    one.behind.putItem(read);
    const first = createFront(await one.connect(), createSqliteStore(folder)).front;
    await first.fetchMissing([read.item.id]);
    for (const item of items.slice(1)) first.putItem(item);
    await first.upstream?.post();
    first.close();
    const upstream = { ...(await other.connect()), url: 'http://other.test' };
    const second = createFront(upstream, createSqliteStore(folder)).front;
    onTestFinished(() => second.close());
    await second.upstream?.post();
    expect(missingOn(other.behind, items)).toEqual([]);
  });

  test('the arweave client verifies the transactions that carry bundles', async () => {
    const { behind, front } = await createPair();
    for (const item of signItems(2)) front.putItem(item);
    await front.upstream?.post();
    const [edge] = behind.query({ owners: [poster] }).edges;
    const { entry } = edge ?? {};
    const encode = (text: string) => Buffer.from(text).toString('base64url');
    const transaction = Arweave.init({}).transactions.fromRaw({
      ...{ id: entry?.id, owner: entry?.owner, last_tx: entry?.anchor, format: 2 },
      ...{ target: '', quantity: '0', reward: String(entry?.l1?.reward) },
      tags: entry?.tags.map(({ name, value }) => ({ name: encode(name), value: encode(value) })),
      ...{ data_size: String(entry?.dataSize), data_root: entry?.l1?.dataRoot },
      signature: entry?.signature,
    });
    transaction.data = new Uint8Array(behind.data(entry?.id ?? '') ?? []);
    expect(await Arweave.init({}).transactions.verify(transaction)).toBe(true);
  });
});
