/** `corral up -v` at a terminal: each message as a block above the prompt, and nothing told twice. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countingAnchors } from '../../cli/anchors.js';
import { connect, type JoinedNetwork } from '../../cli/network.js';
import { type Corral, createToolsApp, startCorral } from '../../index.js';
import { openRepl } from './repl-stage.js';

const folder = mkdtempSync(join(tmpdir(), 'corral-verbose-'));
let corral: Corral;
let network: JoinedNetwork;
beforeAll(async () => {
  const keys = join(folder, 'keys');
  corral = await startCorral({ listen: false, workers: 0, keys, tools: createToolsApp });
  network = await connect(corral.fetch, corral.info, { nextAnchor: countingAnchors('verbose') });
});
afterAll(async () => {
  await network.close();
  await corral.close();
  rmSync(folder, { recursive: true });
});

const TOKEN = `
local bint, json = require('.bint')(256), require('json')
Balances = Balances or { [ao.id] = '5' }
Handlers.add('mint', 'Mint', function(msg)
  print('to ' .. msg.Recipient)
  assert(msg.From == Owner, 'only the owner mints')
end)
Handlers.add('echo', 'Echo', function(msg) print('heard ' .. (json and msg.Data)) end)
`;

const times = (text: string, part: string) => text.split(part).length - 1;

async function openToken(name: string) {
  const file = join(folder, 'token.lua');
  writeFileSync(file, TOKEN);
  const repl = await openRepl(network, name, { folder, verbose: true });
  repl.press(`.load ${file}\r`);
  return { ...repl, loaded: await repl.shows(/Handlers\.mint: nil -> function/) };
}

test('what is typed is answered once, and its block tells what it changed', async () => {
  const { left, shows, press, loaded } = await openToken('once');
  expect(loaded).toContain('  Balances: nil -> { once = "5" }');
  expect(loaded).not.toMatch(/require\(|json/);
  press('print("a line") Balances["x"] = "2"\r');
  const changed = await shows(/Balances\.x: nil -> "2"/);
  expect(times(changed, '\na line\n')).toBe(1);
  expect(changed).not.toContain('> a line');
  press('error("boom")\r');
  const failed = await shows(/\(\.eval:\d+\)/);
  expect(times(failed, 'error in line 1: boom')).toBe(1);
  press('.exit\r');
  expect(await left).toBe(0);
});

test('a message of its own process is told once, with what it printed and where', async () => {
  const { left, shows, press } = await openToken('token');
  press('Send({ Target = ao.id, Action = "Echo", Data = "it" }).output\r');
  const echoed = await shows(/token -> token {2}Echo[\s\S]*heard/);
  expect(times(echoed, 'heard it')).toBe(1);
  expect(echoed).toContain('  > heard it  (token.lua:8)');
  press('Send({ Target = ao.id, Action = "Mint", Recipient = ao.id }).output\r');
  const failed = await shows(/> 6 \| .*only the owner mints/);
  expect(failed).toContain('  tags Recipient=token');
  expect(failed).toContain('  > to token  (token.lua:5)');
  expect(times(failed, 'error in handler "mint": token.lua:6: only the owner mints')).toBe(1);
  press('.exit\r');
  expect(await left).toBe(0);
});

test('processes have their names wherever their ids stand', async () => {
  const elsewhere = await network.client.spawn('elsewhere');
  const { left, shows, press } = await openToken('here');
  press(`Send({ Target = ao.id, Action = "Echo", Data = "${elsewhere.id}" }).output\r`);
  expect(await shows(/> heard/)).toContain('> heard elsewhere');
  press(`Balances["${elsewhere.id}"] = "7"\r`);
  expect(await shows(/nil -> "7"/)).toContain('  Balances.elsewhere: nil -> "7"');
  press('.exit\r');
  expect(await left).toBe(0);
});
