/**
 * The project's own vitest, run for its tests in TypeScript: it writes to the terminal as it always
 * does, and its counts are read from the report that it writes beside that.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Tally } from './tally.js';

export interface VitestRun {
  readonly root: string;
  /** Paths from the project's folder; none for all tests. */
  readonly filters: readonly string[];
  /** Part of the names of the tests to run; '' for all. */
  readonly name: string;
  readonly bail: boolean;
  /** Whether snapshots that differ are written anew. */
  readonly update: boolean;
  /** Where its own words go: both to stderr when stdout is for a document. */
  readonly output: 'both' | 'stderr';
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface VitestOutcome {
  readonly passed: boolean;
  /** Absent if it did not come as far as running tests. */
  readonly tally?: Tally;
  /** Its own report, as its JSON reporter writes it. */
  readonly report?: unknown;
}

/** The program that runs vitest, if the project has it. */
export function findVitest(root: string): string | undefined {
  try {
    const manifest = createRequire(join(root, 'package.json')).resolve('vitest/package.json');
    return join(dirname(manifest), 'vitest.mjs');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

export async function runVitest(program: string, run: VitestRun): Promise<VitestOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'corral-test-'));
  const file = join(folder, 'report.json');
  try {
    const code = await runProgram(program, argumentsOf(run, file), run);
    if (!existsSync(file)) return { passed: code === 0 };
    const report = JSON.parse(readFileSync(file, 'utf8')) as JsonReport;
    return { passed: code === 0, tally: tallyOf(report), report };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function argumentsOf({ filters, name, bail, update }: VitestRun, file: string): string[] {
  return [
    'run',
    ...filters,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
    ...(name === '' ? [] : ['--testNamePattern', name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')]),
    ...(bail ? ['--bail', '1'] : []),
    ...(update ? ['--update'] : []),
  ];
}

function runProgram(
  program: string,
  args: readonly string[],
  { root, output, env }: VitestRun,
): Promise<number | null> {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: root,
    env: { ...env },
    stdio: ['ignore', output === 'both' ? 'inherit' : 2, 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
}

/** The part of vitest's JSON report (as Jest's) that is counted. */
interface JsonReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly unknown[];
  }[];
}

function tallyOf(report: JsonReport): Tally {
  const { testResults } = report;
  return {
    files: testResults.length,
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
    broken: testResults.filter(
      ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
    ).length,
  };
}
