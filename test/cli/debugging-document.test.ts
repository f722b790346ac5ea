/** docs/DEBUGGING.md: its sessions are what really happens, and its table is of all commands. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countingAnchors } from '../../cli/anchors.js';
import { BENCH_COMMANDS } from '../../cli/debug/commands.js';
import { connect, type JoinedNetwork } from '../../cli/network.js';
import { drawTrace, fetchTrace, namesOf } from '../../cli/trace-client.js';
import { packageRoot } from '../../herd/package-root.js';
import { bundleLua, type Corral, createToolsApp, startCorral } from '../../index.js';
import { deskEnvironment } from '../desk.js';
import { snippetsOf } from '../snippets.js';
import { createScreen, openRepl } from './repl-stage.js';

const document = readFileSync(new URL('../../docs/DEBUGGING.md', import.meta.url), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'corral-debugging-'));
const program = join(folder, 'shop.lua');
let corral: Corral;
let network: JoinedNetwork;
beforeAll(async () => {
  writeFileSync(program, blockOf('lua shop.lua'));
  const keys = join(folder, 'keys');
  corral = await startCorral({ listen: false, workers: 1, keys, tools: createToolsApp });
  network = await connect(corral.fetch, corral.info, { nextAnchor: countingAnchors('document') });
});
afterAll(async () => {
  await network.close();
  await corral.close();
  rmSync(folder, { recursive: true });
});

function blockOf(kind: string): string {
  const start = document.indexOf(`\`\`\`${kind}\n`) + kind.length + 4;
  return document.slice(start, document.indexOf('```', start));
}

/** What was typed, and all other lines. */
function readSession(text: string) {
  const typed = /^(?:(?:shop|debug)>|\$) /;
  const lines = text.trimEnd().split('\n');
  return {
    typed: lines.filter((line) => typed.test(line)).map((line) => line.replace(typed, '')),
    shown: lines.filter((line) => !typed.test(line)).join('\n'),
  };
}

/** Lines without ids, times and gas, in any order: two streams meet on one screen. */
function likeness(text: string): string[] {
  return text
    .replace(/[\w-]{3}\.\.\.[\w-]{3}/g, 'ID')
    .replace(/[\d,]+ gas/g, 'GAS')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .sort();
}

async function play(kind: string) {
  const { typed, shown } = readSession(blockOf(kind));
  const input = `${typed.join('\n')}\n`;
  const code = bundleLua(program);
  const { process, left, said } = await openRepl(network, 'shop', { folder, input, code });
  await left;
  return { process, shown, said: said() };
}

test('the sessions in the REPL are as they are printed', async () => {
  for (const kind of ['console break', 'console check', 'console debug']) {
    const { shown, said } = await play(kind);
    expect(likeness(said), kind).toEqual(likeness(shown));
  }
});

test('the trace is as it is printed', async () => {
  const { process } = await play('console break');
  const { fetch, info } = network.client;
  const sent = corral.network.units.trace.all().findLast(({ target }) => target === process.id);
  const question = { id: sent?.cause ?? '', state: true };
  const trace = await fetchTrace(fetch, info.urls.gateway, question);
  const drawn = drawTrace(trace, namesOf(trace, network.client), createScreen(false).terminal);
  const { shown } = readSession(blockOf('console trace'));
  expect(likeness(drawn)).toEqual(likeness(shown));
});

test('the program prints what is printed below it', async () => {
  const [snippet] = snippetsOf('docs/DEBUGGING.md').filter(({ language }) => language === 'ts');
  const index = pathToFileURL(join(packageRoot, 'index.ts')).href;
  const file = join(folder, 'snippet.ts');
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(file, snippet?.code.replace("'corral'", `'${index}'`) ?? '');
  const tsx = join(packageRoot, 'node_modules', '.bin', 'tsx');
  const env = deskEnvironment({ NO_COLOR: '1' });
  const { stdout } = await promisify(execFile)(tsx, [file], { cwd: folder, env });
  expect(stdout).toBe(snippet?.shown);
});

test('every command is in the table', () => {
  const rows = BENCH_COMMANDS.map(({ names, usage, summary }) => {
    const [, ...others] = names;
    const short = others.map((name) => `\`${name}\``).join(' ');
    return `| \`${usage.replaceAll('|', '\\|')}\` | ${short} | ${summary} |`;
  });
  for (const row of rows) expect(document).toContain(row);
});
