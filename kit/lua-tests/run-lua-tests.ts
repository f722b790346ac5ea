/**
 * `*.test.lua` files, one after the other: tests of processes for people who write no TypeScript.
 * What each test did is told as it ends; what became of all of them is the answer.
 */
import { compileLua } from '../../actors/lua/engine.js';
import type { Collector } from '../collect/collector.js';
import { createNetwork, loadNetwork } from '../network.js';
import type { Networks } from './calls.js';
import type { GoldenPolicy } from './golden-file.js';
import { type FileReport, runTestFile, type TestResult } from './run-file.js';
import { createTestImage } from './test-machine.js';

export interface LuaTestOptions {
  /** Paths of the test files, absolute. */
  readonly files: readonly string[];
  /** The project's folder: paths are told from there, and `require` looks no further up. */
  readonly root: string;
  /** Runs only tests whose names contain this. */
  readonly filter?: string;
  /** Runs no more once a test has failed. @default false */
  readonly bail?: boolean;
  /** Golden traces: whether those that differ, and those that are missing, are written. */
  readonly golden?: GoldenPolicy;
  /** What collects the lines that run, in processes and in tests, and the gas of messages. */
  readonly collect?: Collector | undefined;
  /** Milliseconds of any clock, for durations. */
  readonly uptimeMs: () => number;
  /** Stops before the next test. */
  readonly signal?: AbortSignal;
  readonly onTest?: (result: TestResult, file: string) => void;
  readonly onFile?: (report: FileReport) => void;
}

/** @returns a report for each file, in the order given; with `bail`, without those never begun */
export async function runLuaTests(options: LuaTestOptions): Promise<FileReport[]> {
  const image = createTestImage(compileLua());
  const reports: FileReport[] = [];
  const hasFailed = (results: readonly TestResult[]) =>
    results.some(({ status }) => status === 'failed');
  const { collect } = options;
  const collecting = collect ? { collect } : {};
  const networks: Networks = {
    create: (given) => createNetwork({ ...collecting, ...given }),
    load: (file, given) => loadNetwork(file, { ...collecting, ...given }),
  };
  const isOver = () => options.signal?.aborted === true;
  for (const file of options.files) {
    const report = await runTestFile(file, {
      image,
      root: options.root,
      networks,
      filter: options.filter ?? '',
      golden: options.golden ?? { update: false, create: false },
      watch: collect?.lines?.hook,
      uptimeMs: options.uptimeMs,
      shouldStop: (results) => isOver() || (options.bail === true && hasFailed(results)),
      ...(options.onTest && { onTest: (result) => options.onTest?.(result, file) }),
    });
    reports.push(report);
    options.onFile?.(report);
    const isBad = report.failure !== undefined || hasFailed(report.tests);
    if (isOver() || (options.bail && isBad)) break;
  }
  return reports;
}
