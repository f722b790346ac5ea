/**
 * One Lua text out of a file and the local files that it requires, for processes made of several
 * files, `.load` and `corral run`: a process has no file system, so everything travels in one
 * message. `require("a.b")` is a local file if `a/b.lua` lies next to the main file; any other name
 * is left to the process (json, .utils).
 *
 * Each file is compiled under its own name, so that an error says `a/b.lua:3` and not a line of the
 * bundle: its path from the main file's folder, or from that of a project, where two files never
 * have the same.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import nodeProcess from 'node:process';
import { CorralError } from './errors.js';

interface LuaFile {
  readonly module: string;
  readonly path: string;
  /** That it is compiled under. */
  readonly name: string;
  readonly source: string;
}

const REQUIRE = /\brequire\s*\(?\s*(["'])([\w.-]+)\1/g;

/**
 * @param file path of the main file
 * @param root folder that files in it are named from. @default the main file's
 * @returns Lua that registers every required file in `package.loaded`, dependencies first, and then
 *   runs the main file
 * @throws {FILE_NOT_FOUND, FILE_NOT_READABLE, REQUIRE_CYCLE}
 */
export function bundleLua(file: string, root?: string): string {
  const nameOf = createNames(file, root);
  const main: LuaFile = { module: '', path: file, name: nameOf(file), source: readLua(file) };
  const modules = collectRequired(main, nameOf).map(
    ({ module, name, source }) =>
      `package.loaded[${quote(module)}] = ${compile(source, name)}(${quote(module)}) or true`,
  );
  return [...modules, runMain(main)].join('\n');
}

/** Names of files: a bundle from outside of the root names its files from its own folder. */
function createNames(main: string, root: string | undefined): (file: string) => string {
  const own = dirname(resolve(main));
  const isInside = root !== undefined && !relative(root, own).startsWith('..');
  const folder = isInside ? root : own;
  return (file) => relative(folder, resolve(file)).replaceAll(sep, '/');
}

/**
 * What to say about a failure that is a module nobody has: where its file was looked for.
 *
 * @param file the main file
 * @param failure text of the error
 */
export function explainMissingModule(file: string, failure: string): string | undefined {
  const module = /module '([\w.-]+)' not found/.exec(failure)?.[1];
  if (module === undefined) return undefined;
  const path = join(dirname(resolve(file)), modulePath(module));
  return existsSync(path) ? undefined : `there is no local file ${path}`;
}

/** As an Eval does it: the file may be one expression, or a chunk. */
function runMain({ source, name }: LuaFile): string {
  const chunk = quote(`@${name}`);
  return (
    `local source = ${longString(source)}\n` +
    `return (load("return " .. source, ${chunk}) or assert(load(source, ${chunk})))()`
  );
}

/** The local files that the main file needs, each once, dependencies before their users. */
function collectRequired(main: LuaFile, nameOf: (file: string) => string): LuaFile[] {
  const folder = dirname(resolve(main.path));
  const done = new Map<string, LuaFile>();
  const visit = (file: LuaFile, chain: readonly string[]) => {
    for (const module of requiredModules(file.source)) {
      const path = join(folder, modulePath(module));
      if (done.has(module) || !existsSync(path)) continue;
      if (chain.includes(module)) throw cycle([...chain.slice(chain.indexOf(module)), module]);
      const required = { module, path, name: nameOf(path), source: readLua(path) };
      visit(required, [...chain, module]);
      done.set(module, required);
    }
  };
  visit(main, []);
  return [...done.values()];
}

function requiredModules(source: string): string[] {
  return source
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('--'))
    .flatMap((line) => [...line.matchAll(REQUIRE)].map((match) => match[2] ?? ''));
}

function modulePath(module: string): string {
  return `${module.replaceAll('.', '/')}.lua`;
}

function readLua(file: string): string {
  const details = { file };
  if (!existsSync(file)) {
    const hint = `It is looked for from ${nodeProcess.cwd()}.`;
    throw new CorralError('FILE_NOT_FOUND', `there is no file "${file}"`, { hint, details });
  }
  try {
    return readFileSync(file, 'utf8').replace(/^#!.*/, '');
  } catch (cause) {
    const hint = 'Give the path of a Lua file.';
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    const message = `cannot read "${file}" (${reason})`;
    throw new CorralError('FILE_NOT_READABLE', message, { hint, details, cause });
  }
}

/** A Lua expression for the compiled chunk; a syntax error in it has its own file and line. */
function compile(source: string, name: string): string {
  return `assert(load(${longString(source)}, ${quote(`@${name}`)}))`;
}

/** `[==[...]==]` with as many `=` as the text needs. Lua drops its first newline: add one. */
function longString(text: string): string {
  let level = '';
  while (text.includes(`]${level}]`) || text.endsWith(`]${level}`)) level += '=';
  return `[${level}[\n${text}]${level}]`;
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function cycle(chain: readonly string[]): CorralError {
  return new CorralError(
    'REQUIRE_CYCLE',
    `the files require each other in a circle: ${chain.join(' -> ')}`,
    {
      hint: 'Move what both need into a third file, or require inside a function.',
      details: { chain },
    },
  );
}
