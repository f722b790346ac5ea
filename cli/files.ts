/** Files that a command line names. */
import { readFileSync, writeFileSync } from 'node:fs';
import { CliError, messageOf } from './errors.js';

/** @throws {CliError} FILE_NOT_FOUND */
export function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    const message = `cannot read ${file} (${messageOf(cause)})`;
    throw new CliError('FILE_NOT_FOUND', message, 'Give the path of a file.', { file }, cause);
  }
}

/** @throws {CliError} FILE_NOT_WRITABLE */
export function writeBytes(file: string, bytes: Uint8Array): void {
  try {
    writeFileSync(file, bytes);
  } catch (cause) {
    const message = `cannot write ${file} (${messageOf(cause)})`;
    const hint = 'Give a path in a folder that is there and yours.';
    throw new CliError('FILE_NOT_WRITABLE', message, hint, { file }, cause);
  }
}
