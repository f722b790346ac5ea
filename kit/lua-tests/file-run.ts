/** A test file while it runs: its machine, where its calls go, and what it has told so far. */
import { dirname } from 'node:path';
import type { MemoryImage } from '../../actors/lua/image.js';
import type { LineHook } from '../../actors/lua/line-hook.js';
import type { Receipt } from '../network-api.js';
import { type CallContext, doCall, type Networks } from './calls.js';
import type { Failure } from './failure.js';
import type { GoldenPolicy } from './golden-file.js';
import { findModule, shortPath } from './modules.js';
import { lookAt } from './receipts.js';
import { createKept, type Kept, type Stage } from './stage.js';
import { createTestMachine, type TestHost, type TestMachine } from './test-machine.js';

export interface TestResult {
  /** Names of the groups around it, outermost first. */
  readonly path: readonly string[];
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** Line in the file where the test stands. */
  readonly line?: number;
  readonly durationMs: number;
  readonly failure?: Failure;
  /** What it printed, one text a print. */
  readonly prints: readonly string[];
}

export interface FileOptions {
  readonly image: MemoryImage;
  /** The project's folder: paths are told from there. */
  readonly root: string;
  readonly networks: Networks;
  /** Part of the names of the tests to run; '' for all. */
  readonly filter: string;
  readonly golden: GoldenPolicy;
  /** Told of every line that runs in the tests' own machine, in files that they require too. */
  readonly watch?: LineHook | undefined;
  /** Milliseconds of any clock, for durations. */
  readonly uptimeMs: () => number;
  /** Asked before each test. */
  readonly shouldStop: (results: readonly TestResult[]) => boolean;
  readonly onTest?: (result: TestResult) => void;
}

export interface FileRun extends FileOptions {
  /** Path of the test file from the project's folder. */
  readonly file: string;
  readonly machine: TestMachine;
  readonly kept: Kept;
  /** Folders of the files that were spawned, the last first. */
  readonly folders: readonly string[];
  /** Where calls go now. */
  stage: Stage;
  prints: string[];
  readonly results: TestResult[];
}

/** Time of a test before it has a network, ms: that of a network at its start. */
const START_MS = Date.UTC(2025, 0, 1);

/** @param path of the test file, absolute */
export function startRun(path: string, options: FileOptions, stage: Stage): FileRun {
  const { image, root, watch, networks, golden } = options;
  const kept = createKept();
  const folders: string[] = [];
  const context: CallContext = {
    stage: () => run.stage,
    folder: dirname(path),
    networks,
    golden,
    kept,
    folders,
    matching: undefined,
  };
  const host: TestHost = {
    call: (at, name, args) => doCall(context, at, name, args),
    look: (ref, part) => lookAt(kept.get(ref) as Receipt, part, kept, run.stage.network?.names),
    findModule: (name) => findModule(name, path, root),
    print: (text) => void run.prints.push(text),
    now: () => run.stage.network?.clock.now ?? START_MS,
  };
  const machine = createTestMachine(image, host, watch);
  const file = shortPath(path, root);
  const run: FileRun = { ...options, file, machine, kept, folders, stage, prints: [], results: [] };
  return run;
}
