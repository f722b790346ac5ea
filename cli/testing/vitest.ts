/**
 * The project's own vitest, run for its tests in TypeScript: it writes to the terminal as it always
 * does, and a reporter of ours beside its own tells what became of the tests.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FileReport } from '../../index.js';

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
  /** Nothing if it did not come as far as running tests. */
  readonly reports: readonly FileReport[];
}

/** The module that vitest is given as a reporter, and the variable that tells it where to write. */
const REPORTER = fileURLToPath(new URL('./vitest-reporter.js', import.meta.url));
const REPORT_VARIABLE = 'CORRAL_TEST_REPORT';

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
    const code = await runProgram(program, file, run);
    const reports = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
    return { passed: code === 0, reports };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runProgram(program: string, file: string, run: VitestRun): Promise<number | null> {
  const { root, output, env } = run;
  const child = spawn(process.execPath, [program, ...argumentsOf(run)], {
    cwd: root,
    env: { ...env, [REPORT_VARIABLE]: file },
    stdio: ['ignore', output === 'both' ? 'inherit' : 2, 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
}

function argumentsOf({ filters, name, bail, update }: VitestRun): string[] {
  return [
    'run',
    ...filters,
    '--reporter=default',
    `--reporter=${REPORTER}`,
    ...(name === '' ? [] : ['--hideSkippedTests', '--testNamePattern', escapeName(name)]),
    ...(bail ? ['--bail', '1'] : []),
    ...(update ? ['--update'] : []),
  ];
}

function escapeName(name: string): string {
  return name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
