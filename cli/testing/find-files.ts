/** The test files of a project, by their names: not in node_modules, nor in hidden folders. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Paths under a folder whose names match, in alphabetical order; a file stands for itself. */
export function findFiles(start: string, name: RegExp): string[] {
  if (!isFolder(start)) return name.test(start) ? [start] : [];
  return readdirSync(start, { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith('.') && entry.name !== 'node_modules')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(start, entry.name);
      if (entry.isDirectory()) return findFiles(path, name);
      return name.test(entry.name) && isFile(path) ? [path] : [];
    });
}

function isFolder(path: string): boolean {
  return statSync(path).isDirectory();
}

/** Also by a link; one that leads nowhere, or a pipe, holds no tests. */
function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
