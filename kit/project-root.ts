/**
 * The folder that the files of a project are named from, in errors, traces and coverage: the nearest
 * one at or above the working directory with a package.json, else the working directory itself. So
 * `corral test` and the project's own test runner say the same, wherever in it they are started.
 */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import nodeProcess from 'node:process';

export function projectRoot(from: string = nodeProcess.cwd()): string {
  const start = resolve(from);
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) return start;
  }
}
