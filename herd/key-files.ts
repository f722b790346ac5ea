/**
 * Key files of the dev wallets, for clients that want an Arweave JWK. Several networks may start at
 * once, so a file is put in its place whole or not at all, and one that is right is left alone.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import nodeProcess from 'node:process';
import { CorralError } from './errors.js';

export const KEYS_FOLDER: string = join(homedir(), '.corral', 'keys');

/**
 * @returns the path of the file
 * @throws {KEYS_NOT_WRITABLE}
 */
export function writeKeyFile(folder: string, name: string, text: string): string {
  const path = join(folder, `${name}.json`);
  try {
    if (existsSync(path) && readFileSync(path, 'utf8') === text) return path;
    mkdirSync(folder, { recursive: true });
    const whole = `${path}.${nodeProcess.pid}`;
    writeFileSync(whole, text);
    renameSync(whole, path);
    return path;
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new CorralError(
      'KEYS_NOT_WRITABLE',
      `the key files of the dev wallets cannot be written to ${folder} (${reason})`,
      {
        hint: 'Set HOME to a folder that can be written; startCorral takes another as `keys`.',
        details: { folder },
        cause,
      },
    );
  }
}
