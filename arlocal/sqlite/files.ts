/**
 * Files beside the database: such as are there whole or not at all, a power cut included, and such as
 * are kept open.
 */
import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { devNull } from 'node:os';
import { dirname } from 'node:path';

/** Writes the file beside its place and then moves it there, durably. */
export function writeWholeFile(path: string, bytes: Uint8Array): void {
  const part = `${path}.part`;
  const file = openSync(part, 'w');
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } catch (error) {
    rmSync(part);
    throw error;
  } finally {
    closeSync(file);
  }
  renameSync(part, path);
  syncFolder(dirname(path));
}

/** Opens a file to read only; one that is missing is as an empty one. */
export const READ = constants.O_RDONLY;
/** Opens a file to write, and makes it if it is missing. */
export const WRITE = constants.O_RDWR | constants.O_CREAT;

export function openFile(path: string, flags: typeof READ | typeof WRITE): number {
  return openSync(flags === WRITE || existsSync(path) ? path : devNull, flags);
}

/** Makes the names in a folder durable. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
