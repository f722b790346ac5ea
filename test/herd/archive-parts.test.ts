/** Archives whose parts are signed as they should be and say what cannot be: the seed may be known. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeBundleFile } from '../../arlocal/archive/bundle-file.js';
import { exportStore } from '../../arlocal/archive/export-store.js';
import { factsFrame, type PartKind, signPart } from '../../arlocal/archive/parts.js';
import { type SignedItem, signDataItem } from '../../arlocal/data-item.js';
import { createGateway } from '../../arlocal/gateway.js';
import { createMemoryStore } from '../../arlocal/memory-store.js';
import { createSqliteStore } from '../../arlocal/sqlite/sqlite-store.js';
import type { Store } from '../../arlocal/store.js';
import { walletFromSeed } from '../../arlocal/wallet.js';
import { importNetwork } from '../../herd/archive.js';
import { postL1 } from '../arlocal/transactions.js';

const SEED = 1;
const archivist = walletFromSeed(SEED, 'archivist');
const alice = walletFromSeed(SEED, 'alice');
const scratch = mkdtempSync(join(tmpdir(), 'corral-parts-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let made = 0;

/** Imports a file with these items, and answers the folder, or the code of the refusal. */
function load(items: Iterable<{ id: string; bytes: Uint8Array }>): {
  folder: string;
  code?: unknown;
} {
  const [file, folder] = [join(scratch, `${++made}.bundle`), join(scratch, `${made}`)];
  const writer = writeBundleFile(file);
  for (const item of items) writer.add(item);
  writer.finish();
  try {
    importNetwork({ db: folder, file });
    return { folder };
  } catch (error) {
    return { folder, code: (error as { code?: unknown }).code };
  }
}

test('whose transaction it is follows from its signature, whatever a part says', async () => {
  const store = createMemoryStore();
  const gateway = createGateway({ store, now: () => 0 });
  const { id, address } = await postL1(gateway, { data: 'layer one', mint: 10n ** 13n });
  const forged: Store = {
    ...store,
    sequenceEnd: store.sequenceEnd,
    weaveEnd: store.weaveEnd,
    tip: store.tip,
    get(key) {
      const stored = store.get(key);
      const changes = { address: alice.address, alias: alice.address, dataKey: 'elsewhere' };
      return stored && { ...stored, entry: { ...stored.entry, ...changes } };
    },
    data: () => store.data(store.get(id)?.entry.dataKey ?? ''),
  };
  const parts = { wallet: archivist, leaveOut: new Set<string>(), card: { seed: SEED } };
  const { folder, code } = load(exportStore({ ...parts, store: forged }));
  expect(code).toBeUndefined();
  const imported = createSqliteStore(folder);
  expect(imported.get(id)?.entry).toMatchObject({ address, alias: '' });
  expect(imported.get(alice.address)).toBeUndefined();
  imported.close();
});

const ENTRY = { kind: 'item', id: 'x', alias: '', bundledIn: '', receivedMs: 0 };
const CRAFTED: readonly [string, string, unknown][] = [
  ['a part of no kind', 'nonsense', {}],
  ['a part that is called as what every object has', '__proto__', {}],
  ['another such part', 'constructor', {}],
  ['facts that are nothing', 'balances', null],
  ['an amount that is no whole number', 'balances', { address: 'x', winston: '1.5' }],
  ['a block whose height is an object', 'blocks', { height: {}, id: {} }],
  ['a block out of order', 'blocks', { ...blockFacts(), height: 7 }],
  ['an entry that is nothing', 'log', null],
  ['an entry of no kind', 'log', { ...ENTRY, kind: 'thing' }],
  ['a transaction without its fields', 'log', { ...ENTRY, kind: 'transaction' }],
  ['an end that says nothing', 'end', null],
  ['a record out of order', 'journal', { name: 'a', key: 'b', position: 5, id: 'x' }],
  ['data without a size', 'data', { key: 'x' }],
  ['a cell without a name', 'cells', { key: 'x' }],
  ['a chunk without a place', 'chunks', { root: 'x' }],
];

function blockFacts() {
  return { height: 0, id: 'x', previous: '', timestampMs: 0, sequenceEnd: 0, weaveSize: 0 };
}

const first = part('network', { version: 1, entries: 0, seed: SEED });

function part(kind: string, facts: unknown): SignedItem {
  return signPart(archivist, kind as PartKind, ++made, [factsFrame(facts)]);
}

const asBundled = (items: readonly SignedItem[]) =>
  items.map(({ item, bytes }) => ({ id: item.id, bytes }));

test.each(CRAFTED)('%s is refused', (_, kind, facts) => {
  const { folder, code } = load(asBundled([first, part(kind, facts)]));
  expect(code).toBe('ARCHIVE_REFUSED');
  expect(existsSync(folder)).toBe(false);
});

test('facts that are no JSON are refused', () => {
  const tags = [
    { name: 'Type', value: 'Corral-Part' },
    { name: 'Part', value: 'cells' },
  ];
  const broken = signDataItem(archivist, {
    tags,
    data: Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, 123]),
  });
  expect(load(asBundled([first, broken])).code).toBe('ARCHIVE_REFUSED');
});

test('an item that comes twice is refused', () => {
  const item = signDataItem(alice, { data: 'once' });
  const entry = part('log', { ...ENTRY, id: item.item.id });
  const again = part('log', { ...ENTRY, id: item.item.id });
  expect(load(asBundled([first, entry, item, again, item])).code).toBe('ARCHIVE_REFUSED');
});
