/**
 * A store that fails in the middle, as on a full disk: what waits ends as an error, and nothing hangs
 * or ends the program (processes with a device need the build in dist/).
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createVirtualClock } from '../../actors/clock.js';
import { ArlocalError } from '../../arlocal/errors.js';
import { createGateway } from '../../arlocal/gateway.js';
import { createSqliteStore } from '../../arlocal/sqlite/sqlite-store.js';
import { kernelModule, startNetwork } from './kernel-module.js';
import { breathe, createStores, type Stores } from './stores.js';

let stores: Stores;
beforeAll(() => {
  stores = createStores();
});
afterAll(() => stores.remove());

const unhandled: unknown[] = [];
beforeEach(() => {
  unhandled.length = 0;
  const note = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', note);
  return () => process.off('unhandledRejection', note);
});

/** A network whose store can be told to take no more records of a journal. */
async function startFailing(name: string, isThreaded: boolean) {
  const clock = createVirtualClock();
  const store = createSqliteStore(stores.path(name));
  let journalThatFails: string | undefined;
  const { records } = store;
  if (!records) throw new Error('the store keeps no records');
  const failing = {
    ...records,
    journal(journal: string) {
      const real = records.journal(journal);
      const append: typeof real.append = (...record) => {
        if (journal === journalThatFails) throw full(name);
        return real.append(...record);
      };
      return { ...real, append };
    },
  };
  const gateway = createGateway({ store: { ...store, records: failing }, now: clock.now, breathe });
  const url = new URL('tally-device.mjs', import.meta.url).href;
  const devices = isThreaded ? [{ extension: 'Tally', url, options: {} }] : [];
  const started = await startNetwork({ clock, gateway, breathe, devices });
  const { network, alice } = started;
  const module = network.publishModule(kernelModule(), isThreaded ? { Extension: 'Tally' } : {});
  const spawn = () => network.spawn({ from: alice, module });
  const fail = (journal: string) => {
    journalThatFails = journal;
  };
  const close = async () => {
    await network.close();
    gateway.close();
  };
  return { ...started, gateway, spawn, fail, close };
}

const full = (folder: string) =>
  new ArlocalError('STORE_FAILED', { folder, reason: 'disk full', holder: '' });
const failed = expect.objectContaining({ code: 'STORE_FAILED' });

describe.each([
  ['in this thread', false],
  ['on a compute thread', true],
])('a process %s', (where, isThreaded) => {
  test('whose results cannot be stored answers with that', async () => {
    const { network, spawn, fail, close } = await startFailing(`results ${where}`, isThreaded);
    const a = await spawn();
    const { id } = await a.eval('X = 1');
    fail('results');
    const receipts = await Promise.all([a.eval('X = 2'), a.eval('X = 3')]);
    for (const { errors } of receipts) expect(errors).toContainEqual(failed);
    await expect(a.dryRun({ Data: 'X' })).rejects.toEqual(failed);
    await expect(network.stateHash(a.id)).rejects.toEqual(failed);
    expect(await network.result(a.id, id)).toMatchObject({ messages: [] });
    const late = receipts[0]?.id ?? '';
    expect((await network.result(a.id, late)).error).toEqual(failed);
    await breathe();
    expect(unhandled).toEqual([]);
    await close();
  });

  test('whose messages cannot be scheduled ends what waits for them', async () => {
    const { network, spawn, fail, close } = await startFailing(`log ${where}`, isThreaded);
    const [a, b] = [await spawn(), await spawn()];
    const answering = a.eval(`for i = 1, 3 do Send({ Target = '${b.id}', Action = 'X' }) end`);
    fail('assignments');
    const { errors } = await answering;
    if (isThreaded) expect(errors).toEqual([failed, failed, failed]);
    await expect(b.eval('1')).rejects.toEqual(failed);
    await breathe();
    expect(unhandled).toEqual([]);
    expect(await network.stateHash(a.id)).toHaveLength(43);
    await close();
  });
});

test('crons that cannot be stored are told, and the clock goes on', async () => {
  const { network, alice, module, fail, close } = await startFailing('crons', false);
  const tags = { 'Cron-Interval': '1-second', 'Cron-Tag-Action': 'C' };
  const a = await network.spawn({ from: alice, module, tags });
  await network.monitor(a.id);
  const told: string[] = [];
  network.events.on('error', ({ error }) => told.push(error.code));
  fail('results');
  await network.clock.advance(2_000);
  expect(new Set(told)).toEqual(new Set(['STORE_FAILED']));
  expect(unhandled).toEqual([]);
  await close();
});
