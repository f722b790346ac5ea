/**
 * Between the files of an editor and the chunks of a process: a process knows a file by its path from
 * the main file's folder (`lib/money.lua`), an editor by its whole path.
 */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';

/** A source as the protocol has it. */
export interface DapSource {
  readonly name: string;
  readonly path?: string;
  /** To ask for its text, where there is no such file. */
  readonly sourceReference?: number;
}

export interface SourceMap {
  /** Remembers a path that the editor uses. */
  learn(path: string): void;
  toSource(chunk: string): DapSource;
  /** The chunk that a reference stands for. */
  chunkOf(reference: number): string | undefined;
}

/** @param folders where files may be, such as that of the main file */
export function createSourceMap(folders: readonly string[]): SourceMap {
  const paths = new Set<string>();
  const chunks: string[] = [];
  const findPath = (chunk: string): string | undefined => {
    const known = [...paths].find((path) => path === chunk || path.endsWith(`/${chunk}`));
    return known ?? folders.map((folder) => join(folder, chunk)).find((path) => existsSync(path));
  };
  return {
    learn: (path) => {
      paths.add(path.replaceAll('\\', '/'));
    },
    toSource(chunk) {
      const path = findPath(chunk);
      const name = basename(chunk);
      if (path !== undefined) return { name, path };
      if (!chunks.includes(chunk)) chunks.push(chunk);
      return { name: chunk, sourceReference: chunks.indexOf(chunk) + 1 };
    },
    chunkOf: (reference) => chunks[reference - 1],
  };
}
