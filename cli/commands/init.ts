/**
 * `corral init [DIR]`: a project that works: a process in Lua, tests in both languages, and what
 * runs them here and in CI. Nothing that is there is written over.
 */
import { lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import nodeProcess from 'node:process';
import type { Command } from '../command.js';
import { CliError, EXIT } from '../errors.js';
import {
  corralSource,
  findTemplate,
  type ProjectFile,
  projectFiles,
  TEMPLATES,
} from '../init/templates.js';
import type { Terminal } from '../terminal.js';

export const init: Command = {
  name: 'init',
  summary: 'make a project: a process in Lua, with tests in Lua and TypeScript',
  details: [
    'Makes a project in DIR, or in this folder: a process of two Lua files, its tests in both ' +
      'languages, package.json, tsconfig.json, a workflow for GitHub, and a README.',
    ...TEMPLATES.map(({ name, about }) => `--template ${name}: ${about}`),
    'A file that is there already is never written over: then nothing is made.',
  ],
  positionals: [{ name: 'DIR', required: false }],
  options: [
    {
      name: 'template',
      value: 'NAME',
      summary: `${TEMPLATES.map(({ name }) => name).join(' or ')}, default: ${TEMPLATES[0]?.name}`,
    },
  ],
  run: async (args, { terminal }) => {
    const template = findTemplate(args.texts.get('template') ?? TEMPLATES[0]?.name ?? '');
    const folder = resolve(args.positionals[0] ?? '.');
    const files = projectFiles(template, folder);
    refuseOverwriting(folder, files);
    for (const { path, text } of files) writeFile(join(folder, path), text);
    tellNext(terminal, folder, files);
    return EXIT.ok;
  },
};

/** @throws {CliError} FILE_EXISTS with every file in the way */
function refuseOverwriting(folder: string, files: readonly ProjectFile[]): void {
  const taken = files.map(({ path }) => path).filter((path) => isThere(join(folder, path)));
  if (taken.length === 0) return;
  const message = `in the way in ${folder}: ${taken.join(', ')}`;
  throw new CliError('FILE_EXISTS', message, 'Move them, or name another folder.', { taken });
}

/** A link that leads nowhere is in the way as well. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function writeFile(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { flag: 'wx' });
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    const hint = 'Give a folder that is yours to write to.';
    throw new CliError('FILE_NOT_WRITABLE', `cannot write ${path} (${reason})`, hint, {}, cause);
  }
}

/** What was made is the result; what to do next is for a person. */
function tellNext(terminal: Terminal, folder: string, files: readonly ProjectFile[]): void {
  const { bold, cyan, dim } = terminal.colors;
  const here = relative(nodeProcess.cwd(), folder);
  for (const { path } of files) terminal.print(join(here, path));
  terminal.note(`\n${bold('Next')}`);
  if (here !== '') terminal.note(`  ${cyan(`cd ${here}`)}`);
  terminal.note(`  ${cyan('npm install')}`);
  terminal.note(`  ${cyan('npm test')}        ${dim('the tests, in Lua and TypeScript')}`);
  terminal.note(`  ${cyan('npx corral up')}   ${dim('a network to try the process on by hand')}`);
  const source = corralSource();
  if (!source.startsWith('file:')) return;
  terminal.note(`\nnpm takes Corral from ${source}, the copy that runs now; README.md tells more.`);
}
