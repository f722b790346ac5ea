/** Verifying a folder that another Corral wrote, whose meter counted otherwise. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createVirtualClock } from '../../actors/clock.js';
import { createNetwork } from '../../actors/network.js';
import { createGateway } from '../../arlocal/gateway.js';
import { checksum } from '../../arlocal/sqlite/checksum.js';
import { createSqliteStore } from '../../arlocal/sqlite/sqlite-store.js';
import { describeReport } from '../../cli/commands/verify.js';
import { nameWriter, openStore, readCard, writeCard } from '../../herd/open-store.js';
import { verifyNetwork } from '../../herd/verify.js';
import { kernelModule } from '../actors/kernel-module.js';

const SEED = 9;
let scratch: string;
let db: string;
let id: string;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'corral-writers-'));
  db = join(scratch, 'db');
  const clock = createVirtualClock();
  const gateway = createGateway({ store: openStore(db, SEED, 'none'), now: () => clock.now() });
  const network = await createNetwork({ seed: SEED, clock, gateway });
  const module = network.publishModule(kernelModule());
  const from = network.wallet('alice');
  const process = await network.spawn({ from, module, tags: { Name: 'counter' } });
  await process.eval('Count = 1');
  await process.eval('Count = 2');
  id = process.id;
  await network.close();
  gateway.close();
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Adds one to the gas of every result, as another meter might, with checksums that fit. */
function countOtherwise(folder: string): void {
  const database = new Database(join(folder, 'gateway.db'));
  const { journal } = database
    .prepare("SELECT journal FROM journals WHERE name = 'results' AND key = ?")
    .get([id]) as { journal: number };
  const rows = database
    .prepare('SELECT position, id, bytes FROM records WHERE journal = ?')
    .all([journal]) as { position: number; id: string; bytes: ArrayBuffer }[];
  for (const row of rows) {
    const text = Buffer.from(row.bytes).toString('utf8');
    const bytes = Buffer.from(text.replace(/"gas":(\d+)/, (_, gas) => `"gas":${Number(gas) + 1}`));
    const sum = checksum(['results', id, row.position, row.id], bytes);
    database
      .prepare('UPDATE records SET bytes = ?, sum = ? WHERE journal = ? AND position = ?')
      .run([bytes, sum, journal, row.position]);
  }
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
}

const colors = { red: String, green: String };

test('a folder knows who wrote it, and each writer once', () => {
  for (let start = 0; start < 2; start++) {
    const store = openStore(db, SEED, 'none');
    expect(readCard(store.records)).toEqual({ seed: SEED, writers: [nameWriter()] });
    store.close();
  }
});

test('gas that another Corral counted otherwise is a remark, and no fault', async () => {
  const store = createSqliteStore(db);
  writeCard(store.records, { seed: SEED, writers: ['0.0.1 other', nameWriter()] });
  store.close();
  expect((await verifyNetwork({ db, devices: [] })).whole).toBe(true);
  countOtherwise(db);
  const report = await verifyNetwork({ db, devices: [], mend: true });
  expect(report).toMatchObject({
    whole: true,
    findings: expect.any(Array),
    others: ['0.0.1 other'],
  });
  const remark = 'gas of 3 results is counted otherwise, the first at nonce 0';
  expect(report.processes).toMatchObject([{ name: 'counter', differences: [], remarks: [remark] }]);
  const lines = describeReport(report, { terminal: { colors } } as never);
  expect(lines.slice(-3)).toEqual([
    expect.stringMatching(/^process counter \(.*\): remark: gas of 3 results is counted otherwise/),
    'written by another Corral (0.0.1 other): gas is counted otherwise',
    `${db} is whole`,
  ]);
});

test('a folder that says nothing of its writers was written by one without a name', () => {
  const folder = join(scratch, 'early');
  const early = createSqliteStore(folder);
  writeCard(early.records, { seed: SEED });
  early.close();
  const store = openStore(folder, SEED, 'none');
  expect(readCard(store.records)?.writers).toEqual(['one without a name', nameWriter()]);
  store.close();
});
