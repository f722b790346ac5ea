/**
 * Coverage: of the lines of a project's Lua files that can run, those that did. Which can is known
 * from the compiled files, so that a function that nobody called and a file that nobody loaded count
 * as well. A chunk belongs to a file by its name. Text that was evaluated has none: each of its
 * functions belongs to the file that has the same one at the same lines, if there is one.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CodeLines, createCodeLines } from '../../actors/lua/code-lines.js';
import { compileLua } from '../../actors/lua/engine.js';
import { MachineError } from '../../actors/lua/errors.js';
import type { LineHits } from '../../actors/lua/line-hits.js';

export interface FileCoverage {
  /** Path from the root, with slashes. */
  readonly file: string;
  /** For each line that can run, ascending: how often it was entered. */
  readonly lines: ReadonlyMap<number, number>;
  /** Why the file does not count, if it does not. */
  readonly problem?: string;
}

export interface CoverageReport {
  /** By path. */
  readonly files: readonly FileCoverage[];
}

export interface CoverageFiles {
  readonly root: string;
  /** Paths from the root of the files that count, with slashes. */
  readonly files: readonly string[];
  /** The path of a chunk's file. @default that of `@path` */
  readonly fileOf?: (source: string) => string | undefined;
}

export interface LineTotals {
  readonly lines: number;
  readonly reached: number;
}

export function reportCoverage(hits: LineHits, where: CoverageFiles): CoverageReport {
  const { root, files, fileOf = fileOfChunk } = where;
  const runs = new Map<string, Run[]>();
  for (const [source, counts] of hits) {
    const shape = source.startsWith(EVALUATED) ? source.slice(EVALUATED.length) : undefined;
    const owner = shape === undefined ? fileOf(source) : shape;
    if (owner !== undefined) runs.set(owner, [...(runs.get(owner) ?? []), counts]);
  }
  const codeLines = createCodeLines(compileLua());
  const sorted = [...new Set(files)].sort();
  return { files: sorted.map((file) => coverFile(codeLines, root, file, runs)) };
}

/** Times that each line of a chunk, or of a function, was entered. */
type Run = readonly number[];

/** Begins the name of hits of a function that came without a file. */
const EVALUATED = 'aos ';

export function fileOfChunk(source: string): string | undefined {
  return source.startsWith('@') ? source.slice(1) : undefined;
}

function coverFile(
  codeLines: CodeLines,
  root: string,
  file: string,
  runs: ReadonlyMap<string, readonly Run[]>,
): FileCoverage {
  const without = (problem: string) => ({ file, lines: new Map<number, number>(), problem });
  let code: ReturnType<CodeLines>;
  try {
    code = codeLines(readFileSync(join(root, file), 'utf8').replace(/^#!.*/, ''), file);
  } catch (error) {
    if (error instanceof MachineError && error.code === 'LUA_SYNTAX') return without(error.message);
    throw error;
  }
  const known = new Set([...code.lines, ...code.closing]);
  const named = runs.get(file) ?? [];
  const fitting = named.filter((counts) =>
    counts.every((times, at) => times === 0 || known.has(at)),
  );
  if (fitting.length < named.length && fitting.length === 0) {
    return without('what ran under this name was another version of it');
  }
  const own = [...fitting, ...[...new Set(code.shapes)].flatMap((shape) => runs.get(shape) ?? [])];
  const timesAt = (line: number) => own.reduce((sum, counts) => sum + (counts[line] ?? 0), 0);
  return { file, lines: new Map(code.lines.map((line) => [line, timesAt(line)])) };
}

export function countLines(files: readonly FileCoverage[]): LineTotals {
  let lines = 0;
  let reached = 0;
  for (const file of files) {
    lines += file.lines.size;
    for (const times of file.lines.values()) if (times > 0) reached += 1;
  }
  return { lines, reached };
}

/** Lines that were not reached, as ranges: lines between them that cannot run do not part them. */
export function missedRanges({ lines }: FileCoverage): [first: number, last: number][] {
  const ranges: [number, number][] = [];
  let open: [number, number] | undefined;
  for (const [line, times] of lines) {
    if (times > 0) open = undefined;
    else if (open) open[1] = line;
    else {
      open = [line, line];
      ranges.push(open);
    }
  }
  return ranges;
}
