import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { publishModules } from '../../../herd/modules.js';
import { createNetwork } from '../../../kit/network.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'corral-spawn-'));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write('counter.lua', `local rules = require('rules')\nCount = rules.start`);
  write('rules.lua', 'return { start = 41 }');
  write('broken.lua', `Count = 1\nlocal x = nil\nCount = x.y`);
  write('typo.lua', `Count = 1\nCount == 2`);
  write('lonely.lua', `local lost = require('lost')`);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function start() {
  const network = await createNetwork();
  onTestFinished(() => network.close());
  return network;
}

describe('a process', () => {
  test('starts from a file, with what it requires, under the name of the file', async () => {
    const network = await start();
    const counter = await network.spawn({ file: join(folder, 'counter.lua') });
    expect(counter.name).toBe('counter');
    expect(await network.read('counter', 'Count')).toBe(41);
    expect(network.ownerOf(counter)).toBe(network.wallet('owner'));
  });

  test('starts from a text, with tags, at an id and from a wallet of its own', async () => {
    const network = await start();
    const id = 'x'.repeat(42).concat('A');
    const tags = { 'X-Colour': 'green' };
    const process = await network.spawn({
      id,
      from: 'alice',
      name: 'own',
      tags,
      source: 'Colour = ao.env.Process.Tags["X-Colour"]',
    });
    expect(process.id).toBe(id);
    expect(await process.read('Colour')).toBe('green');
    expect(await process.read('Owner')).toBe(network.wallet('alice').address);
  });

  test('starts empty, of a module and with data, as the core spawns it', async () => {
    const network = await start();
    const { module } = publishModules(network);
    const process = await network.spawn({
      from: network.wallet('bob'),
      module,
      tags: { Name: 'bare' },
      data: 'plain',
    });
    expect(process.name).toBe('bare');
    expect(await process.read('Inbox[1].Data')).toBe('plain');
    expect(await (await network.spawn()).read('Name')).toBe('aos');
  });

  test('that is there already is found by its name', async () => {
    const network = await start();
    await network.spawn({ name: 'counter', source: 'Count = 1' });
    const found = network.process('counter');
    await found.eval('Count = Count + 1');
    expect(await found.read('Count')).toBe(2);
    expect(found).not.toHaveProperty('spawned');
    expect(() => network.process('x'.repeat(42).concat('A'))).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_PROCESS' }),
    );
  });
});

describe('a boot that fails throws', () => {
  test('with file, line and the error of Lua', async () => {
    const network = await start();
    const file = join(folder, 'broken.lua');
    await expect(network.spawn({ file })).rejects.toMatchObject({
      code: 'BOOT_FAILED',
      message: "broken.lua does not start: broken.lua:3: attempt to index a nil value (local 'x')",
      details: { file: 'broken.lua', line: 3 },
    });
  });

  test('with the place of a syntax error', async () => {
    const network = await start();
    const file = join(folder, 'typo.lua');
    await expect(network.spawn({ file, name: 'mine' })).rejects.toMatchObject({
      code: 'BOOT_FAILED',
      message: "mine does not start: typo.lua:2: syntax error near '=='",
      details: { file: 'typo.lua', line: 2 },
    });
  });

  test('with the line of a text', async () => {
    const network = await start();
    const source = `Count = 1\nassert(Count == 2, 'two were wanted')\n`;
    await expect(network.spawn({ source })).rejects.toMatchObject({
      code: 'BOOT_FAILED',
      message: 'the process does not start: line 2: two were wanted',
    });
    await expect(network.spawn({ source: `\n\nerror('no')` })).rejects.toMatchObject({
      message: 'the process does not start: line 3: no',
      hint: "Line 3 is: error('no')",
      details: { line: 3 },
    });
  });

  test('with the file that was looked for in vain', async () => {
    const network = await start();
    await expect(network.spawn({ file: join(folder, 'lonely.lua') })).rejects.toMatchObject({
      code: 'BOOT_FAILED',
      hint: `there is no local file ${join(folder, 'lost.lua')}`,
    });
    await expect(network.spawn({ file: join(folder, 'none.lua') })).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
    });
  });

  test('unless the program is only data: then the receipt tells', async () => {
    const network = await start();
    const { module } = publishModules(network);
    const tags = { 'On-Boot': 'Data' };
    const { spawned } = await network.spawn({ module, tags, data: `error('no')` });
    expect(spawned.errors).toHaveLength(1);
  });
});

test('contradictions are refused', async () => {
  const network = await start();
  const refused = (request: object) =>
    expect(network.spawn(request)).rejects.toMatchObject({ code: 'BAD_OPTION' });
  await refused({ source: '', file: 'x.lua' });
  await refused({ source: '', data: '' });
  await refused({ source: 5 });
  await refused({ tags: { Size: 5 } });
});
