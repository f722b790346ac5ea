/** Corral's own Lua: which files count, and to which a chunk belongs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LineHits } from '../../actors/lua/line-hits.js';
import { listLuaFiles } from '../../kit/coverage/lua-files.js';
import { type CoverageFiles, fileOfChunk } from '../../kit/coverage/report.js';

const root = join(import.meta.dirname, '../..');

interface Manifest {
  readonly modules: readonly { readonly name: string; readonly file: string }[];
}

/** Programs are named from processes/, the kernel's files as they are required. */
export function ownFiles(): CoverageFiles {
  const folder = join(root, 'processes');
  const manifest = JSON.parse(
    readFileSync(join(folder, 'kernel/manifest.json'), 'utf8'),
  ) as Manifest;
  const named = new Map([
    ...manifest.modules.map(({ name, file }) => [name, `kernel/${file}`] as const),
    ['llama', 'llama/llama.lua'] as const,
    ['apm', 'apm-client.lua'] as const,
    ['=@sam/Llama-Herder', 'client/llama-herder.lua'] as const,
  ]);
  return {
    root: folder,
    files: listLuaFiles(folder),
    fileOf: (source) => named.get(source) ?? arbiterModule(source) ?? fileUnder(source),
  };
}

/** A program that was spawned from its file is named from the root of the project. */
function fileUnder(source: string): string | undefined {
  return fileOfChunk(source)?.replace(/^processes\//, '');
}

/** The registry puts a statement of its own before the client's first line, which is a comment. */
export function withoutPrefix(hits: LineHits): LineHits {
  return new Map(
    [...hits].map(([source, counts]) => [source, source === 'apm' ? counts.with(1, 0) : counts]),
  );
}

/** Its modules are also tested by themselves, under the names by which they are required. */
function arbiterModule(source: string): string | undefined {
  const name = /^arbiter\.([\w-]+)$/.exec(source)?.[1];
  return name && `arbiter/${name}.lua`;
}
