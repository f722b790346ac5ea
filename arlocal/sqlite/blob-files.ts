/**
 * Large data as files, each named by its SHA-256, so that the database stays small and the same
 * data is on disk once.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../hashing.js';

export interface BlobFiles {
  /** Writes the bytes, durably, and answers their name. */
  write(bytes: Uint8Array): string;
  read(name: string): Uint8Array;
}

export function createBlobFiles(folder: string): BlobFiles {
  const pathOf = (name: string) => join(folder, name.slice(0, 2), name);
  return {
    write(bytes) {
      const name = sha256(bytes).toString('hex');
      const path = pathOf(name);
      if (existsSync(path)) return name;
      mkdirSync(join(folder, name.slice(0, 2)), { recursive: true });
      // Renamed when complete: a file of that name always has all of its bytes.
      const file = openSync(`${path}.part`, 'w');
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      fsyncSync(file);
      closeSync(file);
      renameSync(`${path}.part`, path);
      return name;
    },
    read: (name) => readFileSync(pathOf(name)),
  };
}
