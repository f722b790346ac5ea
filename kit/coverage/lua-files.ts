/** The Lua files of a project: all but its tests, what it installed, and hidden folders. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const NOT_OURS: ReadonlySet<string> = new Set(['node_modules', 'dist', 'coverage']);

/** @returns paths from the root, with slashes, ascending */
export function listLuaFiles(root: string, folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const { name } = entry;
      const path = folder === '' ? name : `${folder}/${name}`;
      if (name.startsWith('.')) return [];
      if (entry.isDirectory()) return NOT_OURS.has(name) ? [] : listLuaFiles(root, path);
      return name.endsWith('.lua') && !name.endsWith('.test.lua') ? [path] : [];
    })
    .sort();
}
