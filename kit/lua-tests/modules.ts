/**
 * The Lua files of a project that its tests may require: next to the test file, and in the folders
 * above it up to the project's own.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { FoundModule } from './test-machine.js';

/** `a.b` -> `a/b.lua` or `a/b/init.lua`; a name that begins with a dot is one of the kernel's. */
export function findModule(name: string, testFile: string, root: string): FoundModule {
  if (!/^[\w-]+(\.[\w-]+)*$/.test(name)) return { tried: [] };
  const base = name.replaceAll('.', '/');
  const paths = foldersUp(dirname(testFile), root).flatMap((folder) => [
    join(folder, `${base}.lua`),
    join(folder, base, 'init.lua'),
  ]);
  const path = paths.find((candidate) => existsSync(candidate));
  if (path === undefined) return { tried: paths.map((tried) => shortPath(tried, root)) };
  return { path: shortPath(path, root), source: readLuaText(path) };
}

/** Without the line by which a shell would run it. */
export function readLuaText(path: string): string {
  return readFileSync(path, 'utf8').replace(/^#!.*/, '');
}

/** As people and chunk names write it: from the project's folder, with `/`. */
export function shortPath(path: string, root: string): string {
  return relative(root, path).split(sep).join('/');
}

function foldersUp(folder: string, root: string): string[] {
  const isInside = folder !== root && !relative(root, folder).startsWith('..');
  const up = isInside ? foldersUp(dirname(folder), root) : [];
  return [folder, ...up];
}
