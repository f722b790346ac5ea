/** Verifying a folder: what is whole is said to be, and each thing that is not is named. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createVirtualClock } from '../../actors/clock.js';
import { createNetwork } from '../../actors/network.js';
import { createGateway } from '../../arlocal/gateway.js';
import { sha256 } from '../../arlocal/hashing.js';
import { checksum } from '../../arlocal/sqlite/checksum.js';
import { createSqliteStore } from '../../arlocal/sqlite/sqlite-store.js';
import { writeCard } from '../../herd/open-store.js';
import { type VerifyReport, verifyNetwork } from '../../herd/verify.js';
import { kernelModule } from '../actors/kernel-module.js';

const SEED = 9;
const COUNTER =
  'Count = 0; Handlers.add("Hit", "Hit", function(msg) Count = Count + 1; msg.reply({ Data = "ok" }) end)';
const breathe = () => new Promise<void>((resolve) => setImmediate(resolve));

let scratch: string;
let ids: { counter: string; other: string; beating: string };

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'corral-verify-'));
  const clock = createVirtualClock();
  const store = createSqliteStore(join(scratch, 'whole'));
  const gateway = createGateway({
    store,
    now: () => clock.now(),
    breathe,
    blockIntervalMs: 120_000,
  });
  writeCard(gateway.records, { seed: SEED });
  const network = await createNetwork({ seed: SEED, clock, gateway, breathe });
  const module = network.publishModule(kernelModule());
  const from = network.wallet('alice');
  const spawn = async (Name: string, tags = {}) => {
    const process = await network.spawn({ from, module, tags: { Name, ...tags } });
    await process.eval(COUNTER);
    return process.id;
  };
  const cron = { 'Cron-Interval': '10-seconds', 'Cron-Tag-Action': 'Hit' };
  ids = {
    counter: await spawn('counter'),
    other: await spawn('other'),
    beating: await spawn('beating', cron),
  };
  await network.monitor(ids.beating);
  for (let index = 0; index < 8; index++) {
    for (const to of Object.values(ids)) await network.send({ from, to, action: 'Hit' });
    await network.clock.advance(25_000);
  }
  await network.send({ from, to: ids.counter, action: 'Eval', data: 'error("no")' });
  await network.close();
  gateway.close();
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Verifies a copy after something was done to it. */
async function verifyAfter(damage: (folder: string) => void, mend = false): Promise<VerifyReport> {
  const db = join(scratch, 'copy');
  rmSync(db, { recursive: true, force: true });
  cpSync(join(scratch, 'whole'), db, { recursive: true });
  damage(db);
  return verifyNetwork({ db, mend, devices: [] });
}

/** Does something in the database itself. */
function inDatabase(folder: string, act: (database: Database.Database) => void): void {
  const database = new Database(join(folder, 'gateway.db'));
  act(database);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
}

const changed = (report: VerifyReport) =>
  report.processes.filter(({ differences }) => differences.length > 0);

test('a network that was closed is whole, crons and failures included', async () => {
  const report = await verifyAfter(() => undefined);
  expect(report).toMatchObject({ whole: true, seed: SEED, findings: [], mended: false });
  expect(report.processes.map(({ name }) => name)).toEqual(['counter', 'other', 'beating']);
  expect(report.processes.every(({ evaluations }) => evaluations > 9)).toBe(true);
});

/** Rewrites a record, with a checksum that fits. */
function forgeRecord(
  folder: string,
  name: string,
  key: string,
  position: number,
  edit: (text: string) => string,
) {
  inDatabase(folder, (database) => {
    const { journal } = database
      .prepare('SELECT journal FROM journals WHERE name = ? AND key = ?')
      .get([name, key]) as { journal: number };
    const row = database
      .prepare('SELECT id, bytes FROM records WHERE journal = ? AND position = ?')
      .get([journal, position]) as { id: string; bytes: ArrayBuffer };
    const forged = Buffer.from(edit(Buffer.from(row.bytes).toString('utf8')));
    const sum = checksum([name, key, position, row.id], forged);
    database
      .prepare('UPDATE records SET bytes = ?, sum = ? WHERE journal = ? AND position = ?')
      .run([forged, sum, journal, position]);
  });
}

test('a result that was changed, checksum and all, is named with its nonce', async () => {
  const report = await verifyAfter((folder) =>
    forgeRecord(folder, 'results', ids.counter, 4, (text) => text.replace('"ok"', '"no"')),
  );
  expect(report.whole).toBe(false);
  expect(changed(report)).toEqual([
    expect.objectContaining({
      id: ids.counter,
      name: 'counter',
      differences: [
        { nonce: 4, problem: expect.stringMatching(/^the result differs in result\.messages/) },
        { problem: 'entry 0 of the outbox of nonce 4 was never sent' },
        { problem: expect.stringMatching(/^.{43} was sent for it, and no outbox asks for that$/) },
      ],
    }),
  ]);
});

test('an assignment whose quick copy was changed is named', async () => {
  const report = await verifyAfter((folder) =>
    forgeRecord(folder, 'assignments', ids.other, 3, (text) =>
      text.replace(/"timestampMs":\d/, '"timestampMs":2'),
    ),
  );
  const [process] = changed(report);
  expect(process).toMatchObject({
    name: 'other',
    differences: [{ nonce: 3, problem: 'the quick copy of the log says something else' }, {}],
  });
});

/** Deletes the first entry in whose bytes all these texts are. */
function dropEntry(folder: string, ...texts: string[]): void {
  inDatabase(folder, (database) => {
    const rows = database.prepare('SELECT sequence, entry FROM log ORDER BY sequence').all([]) as {
      sequence: number;
      entry: ArrayBuffer;
    }[];
    const found = rows.find(({ entry }) => {
      const bytes = Buffer.from(entry).toString('latin1');
      return texts.every((text) => bytes.includes(text));
    });
    database.prepare('DELETE FROM log WHERE sequence = ?').run([found?.sequence ?? 0]);
  });
}

test('a missing assignment is named', async () => {
  const report = await verifyAfter((folder) => dropEntry(folder, ids.other, 'Nonce\x025'));
  expect(report.findings).toContainEqual({
    place: 'log 1',
    problem: '1 of the entries from here on are missing',
  });
  expect(changed(report)[0]?.differences[0]).toEqual({
    nonce: 5,
    problem: 'the assignment with nonce 5 is missing',
  });
});

test('a checkpoint of another state is named', async () => {
  const report = await verifyAfter((folder) => {
    const store = createSqliteStore(folder);
    const [states, heads] = ['checkpoints', 'checkpoint-heads'].map((name) =>
      store.records?.cells(name),
    );
    const foreign = states?.get(ids.other) ?? new Uint8Array(0);
    const head = JSON.parse(Buffer.from(heads?.get(ids.counter) ?? []).toString('utf8'));
    states?.put(ids.counter, foreign);
    const forged = { ...head, sha256: sha256(foreign).toString('base64url') };
    heads?.put(ids.counter, Buffer.from(JSON.stringify(forged)));
    store.close();
  });
  expect(changed(report)).toEqual([
    expect.objectContaining({
      name: 'counter',
      differences: [{ problem: 'its checkpoint leads to another state than its log' }],
    }),
  ]);
});

test('a checkpoint that is missing is named', async () => {
  const report = await verifyAfter((folder) => {
    const store = createSqliteStore(folder);
    store.records?.cells('checkpoints').drop(ids.beating);
    store.close();
  });
  expect(changed(report)[0]?.differences).toEqual([
    { problem: expect.stringContaining('is missing') },
  ]);
});

test('what an outbox asked for and nobody sent is named', async () => {
  const report = await verifyAfter((folder) => dropEntry(folder, 'From-Process', ids.counter));
  const problems = changed(report).flatMap(({ differences }) => differences);
  expect(problems).toContainEqual({
    problem: expect.stringMatching(/^entry 0 of the outbox of nonce \d+ was never sent$/),
  });
});

test('files beside the database that are wrong can be written anew, and nothing else', async () => {
  const garbage = (folder: string) => {
    writeFileSync(join(folder, 'head'), 'garbage');
    const path = join(folder, 'gateway.sums');
    const sums = readFileSync(path);
    sums.writeUInt8(sums.readUInt8(9) ^ 1, 9);
    writeFileSync(path, sums);
  };
  const report = await verifyAfter(garbage);
  expect(report).toMatchObject({ whole: false, mended: false });
  expect(report.findings.map(({ place }) => place).sort()).toEqual(['gateway.db page 3', 'head']);
  expect(await verifyAfter(garbage, true)).toMatchObject({ whole: true, mended: true });
  const folder = join(scratch, 'copy');
  createSqliteStore(folder).close();
  expect(await verifyNetwork({ db: folder, devices: [] })).toMatchObject({ whole: true });

  const both = (copy: string) => {
    garbage(copy);
    forgeRecord(copy, 'results', ids.counter, 4, (text) => text.replace('"ok"', '"no"'));
  };
  expect(await verifyAfter(both, true)).toMatchObject({ whole: false, mended: false });
});

test('nothing in the folder is changed, damaged or not', async () => {
  const files = (folder: string) =>
    readdirSync(folder)
      .sort()
      .filter((name) => !/^(lock|.*-shm)$/.test(name))
      .map((name) => [name, sha256(readFileSync(join(folder, name))).toString('hex')]);
  for (const missing of ['gateway.sums', 'head', 'nothing']) {
    let before: unknown;
    const report = await verifyAfter((folder) => {
      rmSync(join(folder, missing), { force: true });
      before = files(folder);
    });
    expect(report.whole).toBe(missing === 'nothing');
    expect(files(join(scratch, 'copy'))).toEqual(before);
  }
});

test('a folder without a network, and one in use', async () => {
  const db = join(scratch, 'nobody');
  await expect(verifyNetwork({ db })).rejects.toMatchObject({
    code: 'STORE_UNUSABLE',
    message: `the folder ${db} cannot be used: there is no such folder`,
    hint: expect.stringContaining('corral up --db'),
  });
  const store = createSqliteStore(join(scratch, 'whole'), {
    holder: { pid: 17, ports: 'from 4000' },
  });
  await expect(verifyNetwork({ db: join(scratch, 'whole') })).rejects.toMatchObject({
    code: 'STORE_IN_USE',
    message: expect.stringContaining('(pid 17, ports from 4000)'),
  });
  store.close();
});

/** Writes a cell, with a checksum that fits. */
function forgeCell(folder: string, name: string, key: string, value: unknown): void {
  const store = createSqliteStore(folder);
  store.records?.cells(name).put(key, Buffer.from(JSON.stringify(value)));
  store.close();
}

/** Deletes the results of a process from a position on, and what was saved of its state. */
function dropResults(folder: string, process: string, from: number): void {
  inDatabase(folder, (database) => {
    const { journal } = database
      .prepare("SELECT journal FROM journals WHERE name = 'results' AND key = ?")
      .get([process]) as { journal: number };
    database
      .prepare('DELETE FROM records WHERE journal = ? AND position >= ?')
      .run([journal, from]);
  });
}

const problemsOf = (report: VerifyReport) =>
  changed(report).flatMap(({ name, differences }) =>
    differences.map(({ problem }) => `${name}: ${problem}`),
  );

test('results that are missing are named by the checkpoint and by what was sent for them', async () => {
  const all = await verifyAfter((folder) => {
    const store = createSqliteStore(folder);
    const heads = store.records?.cells('checkpoint-heads');
    const head = JSON.parse(Buffer.from(heads?.get(ids.counter) ?? []).toString('utf8'));
    heads?.put(ids.counter, Buffer.from(JSON.stringify({ ...head, evaluations: 0 })));
    store.close();
    dropResults(folder, ids.counter, 0);
  });
  expect(all.whole).toBe(false);
  expect(problemsOf(all)).toContain('counter: it has a checkpoint, and no results that lead to it');

  const last = await verifyAfter((folder) => {
    const store = createSqliteStore(folder);
    for (const name of ['checkpoints', 'checkpoint-heads'])
      store.records?.cells(name).drop(ids.counter);
    store.close();
    dropResults(folder, ids.counter, 9);
  });
  expect(problemsOf(last)).toEqual([
    expect.stringMatching(/^counter: .{43} was sent for it, and no outbox asks for that$/),
  ]);
});

test('a note that what was sent was not is named', async () => {
  const notice = [{ kind: 'message', index: 0, code: 'UNSENDABLE_MESSAGE', text: 'no' }];
  const refused = await verifyAfter((folder) =>
    forgeCell(folder, 'notices', `${ids.counter}:4`, notice),
  );
  expect(problemsOf(refused)).toEqual([
    'counter: entry 0 of the outbox of nonce 4 was sent, and a notice says that it was not',
  ]);
  const unsent = await verifyAfter((folder) =>
    forgeCell(folder, 'unsent', `${ids.counter}:4`, true),
  );
  expect(problemsOf(unsent)).toEqual([
    'counter: entry 0 of the outbox of nonce 4 was sent, and the backlog says that it was not',
  ]);
  const monitored = await verifyAfter((folder) => forgeCell(folder, 'monitors', ids.beating, 3));
  expect(problemsOf(monitored)).toContain(
    'beating: entry 0 of the outbox of nonce 2 was sent, and the backlog says that it was not',
  );
});

test('notes that follow from the logs are compared with them', async () => {
  const emptied = await verifyAfter((folder) => {
    inDatabase(folder, (database) => {
      database.exec("DELETE FROM cells WHERE name IN ('timed', 'counters')");
    });
  });
  expect(problemsOf(emptied)).toEqual(
    ['counter', 'other', 'beating'].flatMap((name) => [
      ...(name === 'beating' ? ['beating: it has crons, and is not noted in "timed"'] : []),
      expect.stringContaining(`${name}: the clock in "counters" is at undefined, before`),
    ]),
  );
  const strange = await verifyAfter((folder) => {
    forgeCell(folder, 'timed', ids.counter, true);
    forgeCell(folder, 'monitors', ids.other, 1_000);
  });
  expect(problemsOf(strange)).toEqual([
    'counter: it is noted in "timed", and has no crons',
    expect.stringMatching(/^other: "monitors" says 1000 evaluations of it, there are \d+$/),
  ]);
});

test('the size of the weave at a block is computed again', async () => {
  const report = await verifyAfter((folder) =>
    inDatabase(folder, (database) => {
      const { height, id, previous, timestamp_ms, sequence_end } = database
        .prepare('SELECT * FROM blocks WHERE height = 1')
        .get([]) as Record<string, string | number>;
      const sum = checksum([height, id, previous, timestamp_ms, sequence_end, 12_345] as string[]);
      database.prepare('UPDATE blocks SET weave_size = 12345, sum = ? WHERE height = 1').run([sum]);
    }),
  );
  expect(report.findings).toContainEqual({
    place: 'blocks 1',
    problem: 'its weave has 12345 bytes, not 0',
  });
});

test('an id or alias that an entry only has in its row is named', async () => {
  const report = await verifyAfter((folder) =>
    inDatabase(folder, (database) => {
      database.prepare('UPDATE log SET alias = ? WHERE sequence = 3').run(['E'.repeat(43)]);
      database.prepare('UPDATE log SET id = ? WHERE sequence = 4').run(['F'.repeat(43)]);
    }),
  );
  expect(report.findings).toEqual(
    expect.arrayContaining([
      { place: 'log 3', problem: 'its alias is not that of its entry' },
      { place: 'log 4', problem: 'its id is not that of its entry' },
    ]),
  );
});
