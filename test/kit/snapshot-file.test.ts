/** Snapshots in files: what is read is what was saved, and nothing that is not whole is believed. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNetwork } from '../../actors/network.js';
import { sha256 } from '../../arlocal/hashing.js';
import type { Snapshot } from '../../kit/snapshot.js';
import { readSnapshot, saveSnapshot } from '../../kit/snapshot-file.js';
import { differencesOf, happen, startWorld, type World } from '../actors/state/world.js';
import { compileTally } from '../actors/wasm/tally.js';

const folder = mkdtempSync(join(tmpdir(), 'corral-snapshot-'));
const file = join(folder, 'world.snapshot');
let world: World;
let snapshot: Snapshot;

beforeAll(async () => {
  world = await startWorld({ wasm: await compileTally() });
  await happen(world, { do: 'rally', who: 0, balls: 5 });
  await happen(world, { do: 'fail', who: 1 });
  await happen(world, { do: 'tally' });
  const state = await world.network.capture();
  const wallets = new Map([[world.network.wallet('owner').address, 'owner']]);
  snapshot = {
    kind: 'corral-snapshot',
    state,
    wallets,
    mining: 'manual',
    time: 'virtual',
    frozen: false,
    adoptions: [],
  };
  await saveSnapshot(file, snapshot);
});

afterAll(async () => {
  await world.network.close();
  rmSync(folder, { recursive: true });
});

describe('a snapshot that was saved', () => {
  test('is the same again, byte by byte', async () => {
    const read = await readSnapshot(file);
    const plain = (value: Snapshot) => structuredClone(value); // where bytes are Uint8Arrays
    expect(isDeepStrictEqual(plain(read), plain(snapshot))).toBe(true);
  });

  test('is a network to go on from', async () => {
    const { state } = await readSnapshot(file);
    const network = await createNetwork({ state });
    await happen(world, { do: 'inc', who: 0 }, network);
    await happen(world, { do: 'tally' }, network);
    const straight = await createNetwork({ state: snapshot.state, shared: world.network.shared });
    await happen(world, { do: 'inc', who: 0 }, straight);
    await happen(world, { do: 'tally' }, straight);
    expect(await differencesOf(network, straight)).toEqual([]);
    await network.close();
    await straight.close();
  });

  test('holds pages that are alike once', () => {
    const raw = [...snapshot.state.checkpoints.values()].flatMap(({ checkpoint }) =>
      'kind' in checkpoint && checkpoint.kind === 'lua'
        ? [4096 * checkpoint.checkpoint.pages.length]
        : [],
    );
    const all = raw.reduce((sum, bytes) => sum + bytes, 0);
    expect(raw.length).toBeGreaterThan(1);
    expect(readFileSync(file).length).toBeLessThan(all / 3);
  });

  test('is not shared with what was read: two networks can go on from one file', async () => {
    const [one, other] = [await readSnapshot(file), await readSnapshot(file)];
    const first = await createNetwork({ state: one.state });
    await happen(world, { do: 'inc', who: 0 }, first);
    expect(isDeepStrictEqual(one, other)).toBe(true);
    await first.close();
  });
});

describe('a file', () => {
  /** A file like the saved one, changed, with or without the SHA-256 that it should have then. */
  const changed = (change: (bytes: Buffer) => Buffer, vouch = false) => {
    const bytes = change(Buffer.from(readFileSync(file)));
    if (vouch) sha256(bytes.subarray(0, -32)).copy(bytes, bytes.length - 32);
    const path = join(folder, 'changed.snapshot');
    writeFileSync(path, bytes);
    return path;
  };
  const flip = (at: number) => (bytes: Buffer) => {
    const place = at < 0 ? bytes.length + at : at;
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    return bytes;
  };
  const shortened = (bytes: Buffer) =>
    Buffer.concat([bytes.subarray(0, -132), bytes.subarray(-32)]);
  const renamed = (from: string, to: string) => (bytes: Buffer) => {
    bytes.write(to, bytes.indexOf(from), 'latin1');
    return bytes;
  };

  test.each<[string, string, () => string]>([
    ['that is not there', 'FILE_NOT_READABLE', () => join(folder, 'nowhere')],
    ['of something else', 'SNAPSHOT_INVALID', () => changed(() => Buffer.from('{ "a": 1 }'))],
    ['that is empty', 'SNAPSHOT_INVALID', () => changed(() => Buffer.alloc(0))],
    ['of another format', 'SNAPSHOT_VERSION', () => changed(flip(8))],
    ['that is cut off', 'SNAPSHOT_DAMAGED', () => changed((bytes) => bytes.subarray(0, -100))],
    ['that is cut off at its start', 'SNAPSHOT_DAMAGED', () => changed((it) => it.subarray(0, 20))],
    ['with another byte in it', 'SNAPSHOT_DAMAGED', () => changed(flip(-1000))],
    ['with another byte in its hash', 'SNAPSHOT_DAMAGED', () => changed(flip(-1))],
    ['that was made whole by hand', 'SNAPSHOT_DAMAGED', () => changed(shortened, true)],
    [
      'of another Lua machine',
      'SNAPSHOT_MACHINE',
      () => changed(renamed('"machine":"', '"machine":"x'), true),
    ],
    [
      'of a younger Node',
      'SNAPSHOT_VERSION',
      () => changed((bytes) => shortened(renamed('"node":"', '"node":"99')(bytes)), true),
    ],
  ])('%s is refused with %s', async (_, code, make) => {
    const nothing = () => 'no error'; // a snapshot is too large to print
    const error = await readSnapshot(make()).then(nothing, (error: unknown) => error);
    expect(error).toMatchObject({ name: 'KitError', code, hint: expect.stringMatching(/\w+\.$/) });
  });

  test('that cannot be written leaves nothing behind', async () => {
    const before = readdirSync(folder);
    const refused = expect.objectContaining({ code: 'FILE_NOT_WRITABLE' });
    await expect(saveSnapshot(join(folder, 'no', 'where'), snapshot)).rejects.toEqual(refused);
    await expect(saveSnapshot(folder, snapshot)).rejects.toEqual(refused);
    expect(readdirSync(folder)).toEqual(before);
  });

  test('is written over as a whole', async () => {
    const path = join(folder, 'twice.snapshot');
    await Promise.all([saveSnapshot(path, snapshot), saveSnapshot(path, snapshot)]);
    const { state } = await readSnapshot(path);
    expect(state.log.size).toBe(snapshot.state.log.size);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});
