/**
 * Large data as files, each named by its SHA-256, so that the database stays small and the same
 * data is on disk once.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../hashing.js';
import { writeWholeFile } from './files.js';

export interface BlobFiles {
  /** Writes the bytes, durably, and answers their name. */
  write(bytes: Uint8Array): string;
  /** Undefined if the file is missing. */
  read(name: string): Uint8Array | undefined;
}

export function createBlobFiles(folder: string): BlobFiles {
  const pathOf = (name: string) => join(folder, name.slice(0, 2), name);
  return {
    write(bytes) {
      const name = sha256(bytes).toString('hex');
      const path = pathOf(name);
      if (existsSync(path)) return name;
      mkdirSync(join(folder, name.slice(0, 2)), { recursive: true });
      writeWholeFile(path, bytes);
      return name;
    },
    read(name) {
      const path = pathOf(name);
      return existsSync(path) ? readFileSync(path) : undefined;
    },
  };
}
