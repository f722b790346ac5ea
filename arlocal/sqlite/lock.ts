/**
 * The right to a folder: an SQLite lock on an empty file, which ends with the program that holds it,
 * however that ends. `holder.json` beside it only says who it is.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArlocalError } from '../errors.js';
import { connect, damaged } from './connection.js';

const LOCK = 'lock';
const HOLDER = 'holder.json';

/** What the holder of a folder tells whoever comes second, such as `pid` and `since`. */
export type Holder = Readonly<Record<string, string | number>>;

/** @returns how to give the folder back @throws {STORE_IN_USE, STORE_DAMAGED} */
export function takeLock(folder: string, holder: Holder): () => void {
  const path = join(folder, HOLDER);
  const lock = connect(folder, join(folder, LOCK));
  try {
    lock.exec('BEGIN IMMEDIATE');
  } catch (error) {
    const { code } = error as ArlocalError;
    lock.close();
    if (code === 'STORE_IN_USE')
      throw new ArlocalError(
        'STORE_IN_USE',
        { folder, holder: readHolder(path) },
        { cause: error },
      );
    if (code === 'STORE_DAMAGED')
      throw damaged(folder, LOCK, '', 'it should be empty; delete it', error);
    throw error;
  }
  writeFileSync(path, `${JSON.stringify(holder)}\n`);
  return () => {
    rmSync(path, { force: true });
    lock.exec('ROLLBACK');
    lock.close();
  };
}

/** ` (pid 4711, since 2025-01-01T00:00:00.000Z)`; nothing if it does not say. */
function readHolder(path: string): string {
  if (!existsSync(path)) return '';
  try {
    const holder = JSON.parse(readFileSync(path, 'utf8')) as Holder;
    const words = Object.entries(holder).map(([name, value]) => `${name} ${value}`);
    return words.length === 0 ? '' : ` (${words.join(', ')})`;
  } catch (error) {
    return ` (its ${HOLDER} cannot be read: ${(error as Error).message})`;
  }
}
