/**
 * Files that ship with Corral, found from wherever this module runs: the sources and dist/ lie at
 * different depths below the package's folder.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { didYouMean } from '../index.js';
import { CliError } from './errors.js';

/** Names of the blueprints that `.load-blueprint` knows, in alphabetical order. */
export function blueprintNames(): string[] {
  return readdirSync(blueprintFolder())
    .filter((file) => file.endsWith('.lua'))
    .map((file) => file.slice(0, -'.lua'.length))
    .sort();
}

/**
 * The Lua text of a blueprint.
 *
 * @throws {CliError} BLUEPRINT_UNKNOWN
 */
export function readBlueprint(name: string): string {
  const names = blueprintNames();
  if (names.includes(name)) return readFileSync(join(blueprintFolder(), `${name}.lua`), 'utf8');
  const hint = `${didYouMean(name, names)}There are: ${names.join(', ')}.`;
  throw new CliError('BLUEPRINT_UNKNOWN', `no blueprint "${name}"`, hint, { name });
}

function blueprintFolder(): string {
  return join(packageFolder(), 'processes', 'blueprints');
}

function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}
