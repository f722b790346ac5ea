/** A network as one file, and back: nothing is lost, others can read it, and forgeries are refused. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createVirtualClock } from '../../actors/clock.js';
import { createNetwork } from '../../actors/network.js';
import { encodeBundle } from '../../arlocal/bundle.js';
import {
  type DataItem,
  decodeDataItem,
  encodeDataItem,
  signDataItem,
} from '../../arlocal/data-item.js';
import { createGateway } from '../../arlocal/gateway.js';
import { sha256 } from '../../arlocal/hashing.js';
import { createSqliteStore } from '../../arlocal/sqlite/sqlite-store.js';
import { walletFromSeed } from '../../arlocal/wallet.js';
import { exportNetwork, importNetwork } from '../../herd/archive.js';
import { writeCard } from '../../herd/open-store.js';
import { verifyNetwork } from '../../herd/verify.js';
import { kernelModule } from '../actors/kernel-module.js';
import { arbundles } from '../arlocal/arbundles.js';
import { postL1, signL1 } from '../arlocal/transactions.js';

const SEED = 4;
const FLIPS = 60;
const breathe = () => new Promise<void>((resolve) => setImmediate(resolve));

let scratch: string;
let file: string;
const at = (name: string) => join(scratch, name);

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'corral-archive-'));
  file = at('network.bundle');
  await makeNetwork(at('running'), at('original'));
  exportNetwork({ db: at('original'), file });
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function open(folder: string) {
  const clock = createVirtualClock();
  const store = createSqliteStore(folder);
  const gateway = createGateway({ store, now: () => clock.now(), breathe });
  const network = await createNetwork({ seed: SEED, clock, gateway, breathe });
  const close = async () => {
    await network.close();
    gateway.close();
  };
  return { network, gateway, close };
}

/** Leaves a copy of a network that was cut off while it delivered. */
async function makeNetwork(running: string, copy: string): Promise<void> {
  const { network, gateway, close } = await open(running);
  writeCard(gateway.records, { seed: SEED });
  const alice = network.wallet('alice');
  const module = network.publishModule(kernelModule());
  const spawn = (name: string) => network.spawn({ from: alice, module, tags: { Name: name } });
  const [left, right] = [await spawn('left'), await spawn('right')];
  for (const { eval: run } of [left, right])
    await run('Count = 0; Handlers.add("Hit", "Hit", function() Count = Count + 1 end)');
  await left.eval('error("no")');
  await network.send({ from: alice, to: alice.address, data: new Uint8Array(300_000).fill(1) });
  await postL1(gateway, { data: 'layer one', mint: 10n ** 13n });
  const upload = await signL1(gateway, { data: new Uint8Array(600_000).fill(4) });
  gateway.postTransaction({ ...(upload.toJSON() as object), data: '' });
  gateway.putChunk(upload.getChunk(0, upload.data));
  gateway.mine(2);
  const sent = left.eval(
    `for i = 1, 100 do ao.send({ Target = "${right.id}", Action = "Hit" }) end`,
  );
  await gateway.durable();
  cpSync(running, copy, { recursive: true }); // as a kill would leave it
  await sent;
  await close();
}

/** What can be seen of a network, once it has gone on with what it was at. */
async function look(folder: string) {
  const { network, gateway, close } = await open(folder);
  const waiting = gateway.records?.names().cells ?? [];
  await network.resumed;
  const processes = [...network.units.scheduler.processes()];
  const states = await Promise.all(processes.map((id) => network.stateHash(id)));
  const results = processes.map((id) => network.results(id, { limit: 200 }));
  const { edges } = gateway.query({ first: 1000, sort: 'HEIGHT_ASC' });
  const entries = edges.map(({ entry, block, sequence }) => {
    const { quantity = 0n, reward = 0n, ...l1 } = entry.l1 ?? {};
    const data = sha256(gateway.data(entry.id) ?? new Uint8Array(0)).toString('hex');
    const amounts = [quantity, reward, gateway.balance(entry.address)].map(String);
    return { ...entry, l1, amounts, data, block: block?.id, sequence };
  });
  await close();
  return { waiting, states, results, entries, tip: gateway };
}

test('an imported network is the one that was exported, and goes on with what it was at', async () => {
  importNetwork({ db: at('imported'), file });
  expect(await verifyNetwork({ db: at('imported'), devices: [] })).toMatchObject({
    whole: true,
    seed: SEED,
    findings: [],
  });
  cpSync(at('original'), at('original-2'), { recursive: true });
  const { tip: _a, ...original } = await look(at('original-2'));
  const { tip: _b, ...imported } = await look(at('imported'));
  expect(original.waiting).toContain('outbox');
  expect(imported).toEqual(original);
  const hits = original.entries.filter(({ tags }) => tags.some(({ value }) => value === 'Hit'));
  expect(hits).toHaveLength(100);
}, 120_000);

test('the file is the same each time, and from what was imported', () => {
  exportNetwork({ db: at('original'), file: at('again.bundle') });
  expect(readFileSync(at('again.bundle')).equals(readFileSync(file))).toBe(true);
  importNetwork({ db: at('copy'), file });
  exportNetwork({ db: at('copy'), file: at('copy.bundle') });
  expect(readFileSync(at('copy.bundle')).equals(readFileSync(file))).toBe(true);
});

test('arbundles reads the file and verifies every item in it', async () => {
  const bundle = arbundles.unbundleData(readFileSync(file));
  expect(bundle.items.length).toBeGreaterThan(25);
  for (const item of bundle.items) expect(await item.isValid()).toBe(true);
  const ids = new Set(bundle.items.map(({ id }) => id));
  const { gateway, close } = await open(at('original'));
  const items = gateway.query({ kind: 'item', first: 1000 }).edges.map(({ entry }) => entry.id);
  await close();
  expect(items.filter((id) => !ids.has(id))).toEqual([]);
}, 120_000);

describe('refused, and nothing is left behind', () => {
  const refuse = (bytes: Uint8Array, codes: readonly string[]) => {
    const before = readdirSync(scratch).sort();
    writeFileSync(at('forged.bundle'), bytes);
    let code: unknown;
    try {
      importNetwork({ db: at('forged'), file: at('forged.bundle') });
    } catch (error) {
      ({ code } = error as { code?: unknown });
    }
    expect(codes).toContain(code);
    expect(existsSync(at('forged'))).toBe(false);
    rmSync(at('forged.bundle'));
    expect(readdirSync(scratch).sort()).toEqual(before);
  };
  const FORGED = [
    'ARCHIVE_REFUSED',
    'BUNDLE_MALFORMED',
    'ITEM_NOT_SIGNED',
    'ITEM_MALFORMED',
    'ITEM_TRUNCATED',
    'TAGS_MALFORMED',
    'TAGS_TOO_LONG',
    'PUBLIC_KEY_INVALID',
    'SIGNATURE_TYPE_UNSUPPORTED',
  ];

  test('a flipped bit anywhere', () => {
    const bytes = readFileSync(file);
    for (let index = 0; index < FLIPS; index++) {
      const place = sha256(Buffer.from(`flip ${index}`));
      // The first half of the flips hits the table and the small items before the large ones.
      const offset = place.readUInt32LE() % (index < FLIPS / 2 ? 60_000 : bytes.length);
      const damaged = Buffer.from(bytes);
      damaged.writeUInt8(damaged.readUInt8(offset) ^ (1 << (place.readUInt8(5) % 8)), offset);
      refuse(damaged, FORGED);
    }
  }, 240_000);

  test('a file that was cut', () => {
    const bytes = readFileSync(file);
    for (const length of [0, 10, 32, 5000, bytes.length / 2, bytes.length - 1]) {
      refuse(bytes.subarray(0, length), FORGED);
    }
  });

  test('items left out, put in or in another order, and parts signed by somebody else', () => {
    const items = readItems(readFileSync(file));
    const pack = (list: readonly DataItem[]) =>
      encodeBundle(list.map((item) => ({ item, bytes: encodeDataItem(item) })));
    const stranger = walletFromSeed(99, 'stranger');
    const extra = signDataItem(stranger, { data: 'put in' }).item;
    const { tags, data } = items.at(-1) as DataItem;
    const end = signDataItem(stranger, { tags, data }).item;
    refuse(pack(items.toSpliced(12, 1)), FORGED);
    refuse(pack(items.toSpliced(-2, 1)), FORGED);
    refuse(pack(items.slice(0, -1)), FORGED);
    refuse(pack(items.toSpliced(12, 0, extra)), FORGED);
    refuse(pack([...items, extra]), FORGED);
    refuse(pack([...items.slice(0, 10), items[11]!, items[10]!, ...items.slice(12)]), FORGED);
    refuse(pack([...items.slice(0, -1), end]), FORGED);
    refuse(pack([]), FORGED);
    refuse(pack([extra]), FORGED);
    expect(readFileSync(file).equals(pack(items))).toBe(true);
  }, 120_000);
});

function readItems(bytes: Uint8Array): DataItem[] {
  const view = Buffer.from(bytes);
  const count = view.readUInt32LE();
  let start = 32 + 64 * count;
  return Array.from({ length: count }, (_, index) => {
    const size = view.readUInt32LE(32 + 64 * index);
    const item = decodeDataItem(view.subarray(start, start + size), { verify: false });
    start += size;
    return item;
  });
}

test('a folder that is not empty and a file that exists are left alone', () => {
  mkdirSync(at('occupied'));
  writeFileSync(join(at('occupied'), 'mine'), 'mine');
  expect(() => importNetwork({ db: at('occupied'), file })).toThrow(
    expect.objectContaining({ code: 'STORE_NOT_EMPTY' }),
  );
  expect(() => exportNetwork({ db: at('original'), file })).toThrow(
    expect.objectContaining({ code: 'FILE_EXISTS' }),
  );
  expect(() => importNetwork({ db: at('nobody'), file: at('nothing') })).toThrow(
    expect.objectContaining({ code: 'FILE_NOT_FOUND' }),
  );
  expect(readdirSync(at('occupied'))).toEqual(['mine']);
  // Each is told what to do by the command that was called.
  expect(() => importNetwork({ db: '/dev/null/a/b', file })).toThrow(
    expect.objectContaining({ code: 'STORE_UNUSABLE', hint: expect.stringMatching(/^Import/) }),
  );
  expect(() => exportNetwork({ db: at('occupied'), file: at('nothing') })).toThrow(
    expect.objectContaining({ code: 'STORE_UNUSABLE', hint: expect.stringContaining('--db') }),
  );
});
