/** A run of tests collects by itself when the environment says where to. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readCollected } from '../../../kit/collect/collector.js';
import { collectorOfRun, saveRun } from '../../../kit/collect/run.js';
import { createNetwork } from '../../../kit/network.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corral-run-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  Reflect.deleteProperty(globalThis, Symbol.for('corral.run'));
  rmSync(folder, { recursive: true });
});

const inFolder = (name: string) => join(folder, name);

async function runSomething(): Promise<void> {
  await using network = await createNetwork();
  await network.spawn({ source: "print('hello')", name: 'greeter' });
}

test('nothing, unless it is told to', async () => {
  vi.stubEnv('CORRAL_COVERAGE', '');
  vi.stubEnv('CORRAL_GAS', undefined);
  await runSomething();
  saveRun();
  expect(collectorOfRun()).toBeUndefined();
  expect(readdirSync(folder)).toEqual([]);
});

test('lines and gas into one folder, over what it wrote before', async () => {
  vi.stubEnv('CORRAL_COVERAGE', folder);
  vi.stubEnv('CORRAL_GAS', folder);
  await runSomething();
  saveRun();
  await runSomething();
  saveRun();
  expect(readdirSync(folder)).toHaveLength(1);
  const { lines, gas } = readCollected(folder);
  const [, counts] = [...lines.hits].find(([source]) => source.startsWith('aos ')) ?? [];
  expect(counts?.[1]).toBe(2);
  expect(gas.records).toMatchObject([{ process: 'greeter', handler: '_boot' }]);
  expect(gas.records[0]?.gas).toHaveLength(2);
});

test('into a folder each, and only what was asked for', async () => {
  vi.stubEnv('CORRAL_COVERAGE', inFolder('lines'));
  vi.stubEnv('CORRAL_GAS', inFolder('gas'));
  await runSomething();
  saveRun();
  expect(readCollected(inFolder('lines')).gas.records).toEqual([]);
  expect(readCollected(inFolder('gas')).lines.hits.size).toBe(0);
  expect(readCollected(inFolder('gas')).gas.records).toHaveLength(1);
});

test('but not what has a collector of its own', async () => {
  vi.stubEnv('CORRAL_GAS', folder);
  await using network = await createNetwork({ collect: {} });
  await network.spawn({ source: '' });
  expect(collectorOfRun()?.gas?.records).toEqual([]);
});
