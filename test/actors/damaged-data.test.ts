/** A compute thread asks for data that is damaged on disk (the build in dist/). */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signDataItem } from '../../arlocal/data-item.js';
import { kernelModule, printed } from './kernel-module.js';
import { createStores, type Stores } from './stores.js';

let stores: Stores;
beforeAll(() => {
  stores = createStores();
});
afterAll(() => stores.remove());

const SIZE = 400_000;

/** Changes one byte of the data of that size. */
function damage(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).length === SIZE);
  for (const file of files) {
    const bytes = readFileSync(file);
    bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    writeFileSync(file, bytes);
  }
  return files.length;
}

test('a device sees damaged data as missing, which is told, and goes on', async () => {
  const url = new URL('tally-device.mjs', import.meta.url).href;
  const devices = [{ extension: 'Tally', url, options: {} }];
  const first = await stores.open('data', { devices });
  const { network, alice, gateway, errors } = first;
  const module = network.publishModule(kernelModule(), { Extension: 'Tally' });
  const process = await network.spawn({ from: alice, module });
  const large = signDataItem(alice, { data: Buffer.alloc(SIZE, 65) });
  const small = signDataItem(alice, { data: 'small' });
  for (const signed of [large, small]) gateway.putItem(signed);
  gateway.flush();
  expect(damage(join(stores.path('data'), 'data'))).toBe(1);
  const read = (id: string) => process.eval(`return require('tally').read('${id}')`);
  const receipt = await read(large.item.id);
  expect(receipt.errors[0]?.text).toContain(`no data ${large.item.id}`);
  expect(errors()).toContainEqual(expect.objectContaining({ code: 'STORE_DAMAGED' }));
  expect(printed(await read(small.item.id))).toMatch(/^small true/);
  await first.close();
});
