/**
 * Damage of every kind, at many places: a store either answers as it did before, because the place is
 * not used, or says what is damaged. It never answers anything else.
 */
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ArlocalError } from '../../../arlocal/errors.js';
import { sha256 } from '../../../arlocal/hashing.js';
import { inspectSqliteStore } from '../../../arlocal/sqlite/inspect.js';
import { verifyStore } from '../../../arlocal/verify-store.js';
import { addMore, fillStore, lookAt, openGateway } from './full-store.js';

const FLIPS = 24; // of each file
const CUTS = 6;

let scratch: string;
/** What is seen in a store, how it was closed, and the folder it was left in. */
const seen = new Map<string, string>();
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'corral-damage-'));
  const first = await fillStore(join(scratch, 'closed'));
  first.close();
  const gateway = openGateway(join(scratch, 'closed'));
  addMore(gateway);
  const expected = lookAt(gateway);
  // The files as they are while the network runs are what a kill leaves.
  cpSync(join(scratch, 'closed'), join(scratch, 'killed'), { recursive: true });
  gateway.close();
  for (const kind of ['closed', 'killed']) seen.set(kind, expected);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Damages a copy of a store and looks: the error, or undefined if all is as before. */
function attempt(kind: string, damage: (folder: string) => void): ArlocalError | undefined {
  const folder = join(scratch, 'copy');
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(scratch, kind), folder, { recursive: true });
  damage(folder);
  try {
    const gateway = openGateway(folder);
    try {
      expect(lookAt(gateway)).toBe(seen.get(kind));
      return undefined;
    } finally {
      gateway.close();
    }
  } catch (error) {
    if (!(error instanceof ArlocalError)) throw error;
    expect(['STORE_DAMAGED', 'STORE_UNUSABLE']).toContain(error.code);
    expect(error.message).toContain(folder);
    return error;
  }
}

function files(kind: string): string[] {
  const root = join(scratch, kind);
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((name) => statSync(join(root, name)).size > 0)
    .sort();
}

function random(seed: string, below: number): number {
  return sha256(Buffer.from(seed)).readUInt32LE() % below;
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes.writeUInt8((bytes.readUInt8(at) ^ (1 << random(`${path} ${at}`, 8))) & 0xff, at);
  writeFileSync(path, bytes);
}

describe.each(['closed', 'killed'])('a store that was %s', { timeout: 240_000 }, (kind) => {
  test('is whole without damage', () => {
    expect(attempt(kind, () => undefined)).toBeUndefined();
  });

  test('with a flipped bit anywhere', () => {
    const damaged = new Set<string>();
    for (const name of files(kind)) {
      const { size } = statSync(join(scratch, kind, name));
      for (let index = 0; index < FLIPS; index++) {
        const at = random(`${kind} ${name} ${index}`, size);
        if (attempt(kind, (folder) => flip(join(folder, name), at))) damaged.add(name);
      }
    }
    const noticed = [...damaged].map((name) => name.replace(/^data.*/, 'data'));
    const expected = ['data', 'gateway.db', 'gateway.sums', 'head'];
    if (kind === 'killed') expected.push('gateway.db-wal');
    expect(noticed).toEqual(expect.arrayContaining(expected));
  });

  test('with a file cut off anywhere', () => {
    for (const name of files(kind)) {
      const { size } = statSync(join(scratch, kind, name));
      for (let index = 0; index < CUTS; index++) {
        const length = index === 0 ? 0 : random(`cut ${name} ${index}`, size);
        const error = attempt(kind, (folder) => truncateSync(join(folder, name), length));
        // What the write-ahead log holds as well may be missing in the database.
        if (MATTERS.test(name) && kind === 'closed')
          expect(error?.code, `${name} at ${length}`).toBeDefined();
      }
    }
  });

  test('with a file gone', () => {
    for (const name of files(kind)) {
      const error = attempt(kind, (folder) => rmSync(join(folder, name)));
      if (MATTERS.test(name)) expect(error?.details.place, name).toBeDefined();
      else expect(error, name).toBeUndefined();
    }
  });

  test('with garbage for a file', () => {
    for (const name of [...files(kind), 'holder.json', 'lock', 'head', 'corral.json']) {
      const error = attempt(kind, (folder) =>
        writeFileSync(join(folder, name), 'garbage '.repeat(99)),
      );
      if (MATTERS.test(name) || name === 'lock') expect(error?.details.place, name).toBeDefined();
      else expect(error, name).toBeUndefined();
    }
  });
});

/** Files that a store cannot do without. */
const MATTERS = /^(gateway\.db|gateway\.db-wal|gateway\.sums|head|data.*)$/;

test('something at the end of a file that does not belong there', () => {
  for (const name of files('closed').filter((it) => MATTERS.test(it))) {
    attempt('closed', (folder) => appendFileSync(join(folder, name), 'more'));
  }
});

test('what is damaged in a folder is all told, with its place, by looking through it', () => {
  const folder = join(scratch, 'several');
  cpSync(join(scratch, 'closed'), folder, { recursive: true });
  const [blob = ''] = files('closed').filter((name) => name.startsWith('data'));
  flip(join(folder, blob), 1000);
  flip(join(folder, 'head'), 3);
  const database = readFileSync(join(folder, 'gateway.db'));
  const place = database.indexOf('item 41 item 41');
  database.write('item 14', place);
  writeFileSync(join(folder, 'gateway.db'), database);
  const { store, files: outside } = inspectSqliteStore(folder);
  const inside: { place: string; problem: string }[] = [];
  verifyStore(store, { tell: (finding) => inside.push(finding) });
  store.close();
  expect(outside.map(({ message }) => message)).toEqual([
    expect.stringMatching(/gateway\.db page \d+: it is not what was written/),
    expect.stringContaining('head: it is not what was written'),
  ]);
  expect(inside).toEqual(
    expect.arrayContaining([
      { place: expect.stringMatching(/^log /), problem: 'its data does not match its checksum' },
      { place: expect.stringMatching(/^data /), problem: expect.stringContaining(basename(blob)) },
    ]),
  );
  expect(existsSync(join(folder, 'gateway.db'))).toBe(true);
});
