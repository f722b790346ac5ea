/**
 * What a run of tests collects: lines that ran and what messages cost, over all networks that it
 * makes. Several runs (workers of a test runner) write a file each, which are read as one.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLineCounter, type LineCounter } from '../../actors/lua/line-hits.js';
import { KitError } from '../errors.js';
import { createGasRecorder, type GasRecord, type GasRecorder } from '../gas/gas-recorder.js';

/** Give it to `createNetwork({ collect })`; a network without it collects nothing. */
export interface Collector {
  /** Absent if lines are not counted: watching them takes about twice the time. */
  readonly lines?: LineCounter;
  readonly gas?: GasRecorder;
}

export interface CollectOptions {
  readonly coverage?: boolean;
  readonly gas?: boolean;
}

export function createCollector({ coverage = false, gas = false }: CollectOptions): Collector {
  return {
    ...(coverage && { lines: createLineCounter() }),
    ...(gas && { gas: createGasRecorder() }),
  };
}

interface Saved {
  readonly version: typeof VERSION;
  readonly lines?: readonly (readonly [source: string, counts: readonly number[]])[];
  readonly gas?: readonly GasRecord[];
}

const VERSION = 1;
const ENDING = '.corral-run.json';

/**
 * Writes what was collected into a folder, beside what others wrote.
 *
 * @returns the file; give it again to write over it
 */
export function saveCollected(
  collector: Collector,
  folder: string,
  file = join(folder, `${randomUUID()}${ENDING}`),
): string {
  const saved: Saved = {
    version: VERSION,
    ...(collector.lines && { lines: [...collector.lines.hits] }),
    ...(collector.gas && { gas: collector.gas.records }),
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, JSON.stringify(saved));
  return file;
}

/** All that runs wrote into a folder, as one. @throws {RUN_FILE_INVALID} */
export function readCollected(folder: string): Required<Collector> {
  const all = { lines: createLineCounter(), gas: createGasRecorder() };
  for (const name of readdirSync(folder).sort()) {
    if (!name.endsWith(ENDING)) continue;
    const saved = readSaved(join(folder, name));
    all.lines.add(new Map(saved.lines));
    all.gas.add(saved.gas ?? []);
  }
  return all;
}

function readSaved(file: string): Saved {
  const hint = 'Remove it, and run the tests again.';
  try {
    const saved = JSON.parse(readFileSync(file, 'utf8')) as Saved;
    if (saved.version === VERSION) return saved;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new KitError('RUN_FILE_INVALID', `${file} is no record of a run`, { hint, cause });
  }
  throw new KitError('RUN_FILE_INVALID', `${file} is of another version of Corral`, { hint });
}
