/**
 * What Tab offers: dot-commands, names after the commands that take one, and Lua names that exist
 * in the process right now (`Ll` -> `Llama`, `Llama.f` -> `Llama.feeBase`), asked for with a
 * dry-run, so that completing changes nothing.
 */
import { existsSync, readdirSync } from 'node:fs';
import type { Client } from '../client.js';
import { blueprintNames } from '../package-files.js';
import type { Console } from './console.js';
import { DOT_COMMANDS } from './dot-commands.js';
import { knownProcesses } from './processes.js';

/** Candidates and the part of the line that they would replace, as node:readline wants them. */
export type Completion = [candidates: string[], replaced: string];

const TAKES_PROCESS = new Set(['.use', '.balance', '.fund']);

export async function completeLine(console: Console, line: string): Promise<Completion> {
  if (console.debugging.isStopped) {
    // The process waits, and would not answer what there is in it.
    return [startingWith(console.debugging.commands, line), line];
  }
  const argument = /^(\.[\w-]+)\s+(\S*)$/.exec(line);
  if (argument !== null) {
    const [, command = '', word = ''] = argument;
    return [startingWith(await argumentsOf(console.client, command, word), word), word];
  }
  if (/^\.[\w-]*$/.test(line)) {
    // A space follows where an argument does.
    const names = DOT_COMMANDS.map(({ name, usage }) => (usage === name ? name : `${name} `));
    return [startingWith(names, line), line];
  }
  return completeLua(console, line);
}

async function argumentsOf(client: Client, command: string, word: string): Promise<string[]> {
  if (command === '.load') return filesLike(word);
  if (command === '.load-blueprint') return blueprintNames();
  if (!TAKES_PROCESS.has(command)) return [];
  return (await knownProcesses(client)).map((process) => process.name);
}

/** Lua files and folders next to what is typed, hidden ones only if asked for. */
function filesLike(word: string): string[] {
  const folder = word.slice(0, word.lastIndexOf('/') + 1);
  if (!existsSync(folder || '.')) return [];
  return readdirSync(folder || '.', { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith('.') || word.startsWith(`${folder}.`))
    .filter((entry) => entry.isDirectory() || entry.name.endsWith('.lua'))
    .map((entry) => `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`);
}

async function completeLua({ client, process }: Console, line: string): Promise<Completion> {
  const expression = /((?:[A-Za-z_]\w*[.:])*)([A-Za-z_]\w*)?$/.exec(line);
  const [typed = '', path = '', start = ''] = expression ?? [];
  if (typed === '') return [[], ''];
  const table = path === '' ? '_G' : path.slice(0, -1).replaceAll(':', '.');
  const { output } = await client.dryRun(process.id, { Action: 'Eval' }, keysOf(table));
  const names = output.split('\n').filter((name) => /^[A-Za-z_]\w*$/.test(name));
  return [startingWith(names, start).map((name) => path + name), typed];
}

/** Lua that yields the string keys of a table, one a line; nothing if it is no table. */
function keysOf(table: string): string {
  return `(function()
    local found, names = ${nilSafe(table)}, {}
    if type(found) ~= "table" then return "" end
    for name in pairs(found) do
      if type(name) == "string" then names[#names + 1] = name end
    end
    return table.concat(names, "\\n")
  end)()`;
}

/** `a.b.c` -> `((_G["a"] or {})["b"] or {})["c"]`: a missing step completes to nothing. */
function nilSafe(table: string): string {
  const steps = table.split('.');
  return steps.reduce((parent, step) => `(${parent}["${step}"] or {})`, '_G');
}

function startingWith(names: readonly string[], start: string): string[] {
  return [...new Set(names)].filter((name) => name.startsWith(start)).sort();
}
