/**
 * Where the package's own files are: Lua programs, models and the manifest are read in place, from
 * the sources and from dist/ alike.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** Folder of package.json: this one's parent, or the parent of dist/. */
export const packageRoot: string = import.meta.url.endsWith('.ts')
  ? dirname(here)
  : dirname(dirname(here));

/** Text of a file of the package, e.g. `processes/war.lua`. */
export function readPackageText(path: string): string {
  return readFileSync(join(packageRoot, path), 'utf8');
}

export const VERSION: string = JSON.parse(readPackageText('package.json')).version;
