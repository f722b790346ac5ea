/** Which test files a command line means: those that it names, or are below what it names. */
import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { CliError } from '../errors.js';
import { findFiles } from './find-files.js';

const LUA = /\.test\.lua$/;
const SCRIPT = /\.(test|spec)\.[cm]?[jt]sx?$/;

export interface Selection {
  /** Absolute paths. */
  readonly lua: readonly string[];
  readonly scripts: readonly string[];
  /** What vitest is told to run, from the project's folder; nothing for all that it finds. */
  readonly scriptFilters: readonly string[];
}

/**
 * @param root the project's folder, in which vitest runs
 * @param from the folder that names are meant from, and under which tests are looked for
 * @throws {CliError} FILE_NOT_FOUND, USAGE
 */
export function selectTests(root: string, from: string, named: readonly string[]): Selection {
  const starts = named.length === 0 ? [from] : named.map((name) => requirePath(from, name));
  const find = (pattern: RegExp) => [
    ...new Set(starts.flatMap((start) => findFiles(start, pattern))),
  ];
  return {
    lua: find(LUA),
    scripts: find(SCRIPT),
    scriptFilters: starts
      .filter((start) => findFiles(start, SCRIPT).length > 0)
      .map((start) => relative(root, start))
      .filter((path) => path !== ''),
  };
}

function requirePath(from: string, name: string): string {
  const path = resolve(from, name);
  if (!existsSync(path)) {
    const hint = `It is looked for from ${from}.`;
    throw new CliError('FILE_NOT_FOUND', `there is no "${name}"`, hint, { name });
  }
  const isTests = findFiles(path, LUA).length + findFiles(path, SCRIPT).length > 0;
  if (isTests) return path;
  const hint = 'Tests are files called *.test.lua, and *.test.ts for vitest.';
  throw new CliError('USAGE', `there are no tests in "${name}"`, hint, { name });
}
