/**
 * One file of tests in Lua, from reading it to the last of its tests. What stands at the top of the
 * file, and in `before`, is done once; every test then starts from a fork of the network and a copy
 * of the Lua memory as that left them, so that no test sees what another did.
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Checkpoint } from '../../actors/lua/checkpoint.js';
import type { MemoryImage } from '../../actors/lua/image.js';
import type { Network, NetworkOptions, Receipt } from '../network-api.js';
import { type CallContext, doCall } from './calls.js';
import { type Failure, failureOf } from './failure.js';
import type { GoldenPolicy } from './golden-file.js';
import { findModule, shortPath } from './modules.js';
import { showStack } from './program-stack.js';
import { lookAt } from './receipts.js';
import { createKept, createStage, type Kept, type Stage } from './stage.js';
import { type Branch, growSuite, type Leaf, leavesOf } from './suite.js';
import { createTestMachine, type Job, type Outcome, type TestMachine } from './test-machine.js';

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

export interface FileReport {
  /** Path from the project's folder. */
  readonly file: string;
  readonly tests: readonly TestResult[];
  /** Why the file as a whole could not be run. */
  readonly failure?: Failure;
  /** What it printed while it was read or prepared. */
  readonly prints: readonly string[];
  readonly durationMs: number;
}

export interface FileOptions {
  readonly image: MemoryImage;
  /** The project's folder: paths are told from there. */
  readonly root: string;
  readonly createNetwork: (options: NetworkOptions) => Promise<Network>;
  /** Part of the names of the tests to run; '' for all. */
  readonly filter: string;
  readonly golden: GoldenPolicy;
  /** Milliseconds of any clock, for durations. */
  readonly uptimeMs: () => number;
  /** Asked before each test. */
  readonly shouldStop: (results: readonly TestResult[]) => boolean;
  readonly onTest?: (result: TestResult) => void;
}

/** What tests start from: a network, and the memory of the test machine. */
interface Ground {
  readonly stage: Stage;
  readonly kept: Checkpoint;
}

/** A file while it runs. */
interface Run extends FileOptions {
  readonly machine: TestMachine;
  readonly kept: Kept;
  readonly folders: string[];
  /** Where calls go now. */
  stage: Stage;
  prints: string[];
  readonly results: TestResult[];
}

/** Time of a test before it has a network, ms: that of a network at its start. */
const START_MS = Date.UTC(2025, 0, 1);

export async function runTestFile(path: string, options: FileOptions): Promise<FileReport> {
  const startMs = options.uptimeMs();
  const file = shortPath(path, options.root);
  const stage = createStage(() => options.createNetwork({}));
  const run: Run = {
    ...options,
    machine: createTestMachine(options.image, {
      call: (name, args) => doCall(context, name, args),
      look: (ref, part) =>
        lookAt(run.kept.get(ref) as Receipt, part, run.kept, run.stage.network?.names),
      findModule: (name) => findModule(name, path, options.root),
      print: (text) => run.prints.push(text),
      now: () => run.stage.network?.clock.now ?? START_MS,
    }),
    kept: createKept(),
    folders: [],
    stage,
    prints: [],
    results: [],
  };
  const context: CallContext = {
    ...run,
    stage: () => run.stage,
    folder: dirname(path),
    matching: undefined,
  };
  const report = (failure?: Failure): FileReport => ({
    file,
    tests: run.results,
    prints: run.prints,
    durationMs: options.uptimeMs() - startMs,
    ...(failure && { failure }),
  });
  try {
    const outcome = await read(run, path, file);
    if (outcome.failure) return report(outcome.failure);
    const suite = growSuite(outcome.value, options.filter);
    await runBranch(run, suite, { stage, kept: run.machine.keep() });
    return report();
  } catch (error) {
    return report(failureOf(error));
  } finally {
    await stage.close();
    run.machine.dispose();
  }
}

async function read(run: Run, path: string, file: string): Promise<Outcome> {
  const source = readFileSync(path, 'utf8').replace(/^#!.*/, '');
  return run.machine.run({ kind: 'read', path: file, source });
}

async function runBranch(run: Run, branch: Branch, ground: Ground): Promise<void> {
  const { group, children } = branch;
  const isNeeded = leavesOf(branch).some(({ isChosen }) => isChosen);
  if (!group.prepares || !isNeeded) return runChildren(run, children, ground);
  const stage = createStage(async () => (await ground.stage.open()).fork());
  try {
    const { failure } = await runOn(run, stage, { kind: 'prepare', id: group.id }, ground.kept);
    if (failure) return failAll(run, branch, failure);
    await runChildren(run, children, { stage, kept: run.machine.keep() });
  } finally {
    await stage.close();
  }
}

async function runChildren(run: Run, children: Branch['children'], ground: Ground): Promise<void> {
  for (const child of children) {
    if ('test' in child) await runLeaf(run, child, ground);
    else await runBranch(run, child, ground);
  }
}

async function runLeaf(run: Run, leaf: Leaf, ground: Ground): Promise<void> {
  if (!leaf.isChosen || run.shouldStop(run.results)) return settle(run, leaf, 'skipped', 0);
  const startMs = run.uptimeMs();
  const known = run.kept.count;
  const stage = createStage(async () => (await ground.stage.open()).fork());
  const job: Job = { kind: 'run', id: leaf.test.id };
  const { failure } = await runOn(run, stage, job, ground.kept);
  await stage.close();
  run.kept.forget(known);
  const durationMs = run.uptimeMs() - startMs;
  settle(run, leaf, failure ? 'failed' : 'passed', durationMs, failure);
}

/** Does a job with the calls of the network going to this stage. */
async function runOn(run: Run, stage: Stage, job: Job, kept: Checkpoint): Promise<Outcome> {
  const outer = run.stage;
  run.stage = stage;
  try {
    const outcome = await run.machine.run(job, kept);
    const { failure } = outcome;
    if (failure?.stack === undefined) return outcome;
    return { failure: { ...failure, stack: showStack(failure.stack, run.folders) } };
  } finally {
    run.stage = outer;
  }
}

/** What is to be prepared failed, and with it every test that needs it. */
function failAll(run: Run, branch: Branch, failure: Failure): void {
  for (const leaf of leavesOf(branch)) {
    settle(run, leaf, leaf.isChosen ? 'failed' : 'skipped', 0, leaf.isChosen ? failure : undefined);
  }
}

function settle(
  run: Run,
  { test, path }: Leaf,
  status: TestResult['status'],
  durationMs: number,
  failure?: Failure,
): void {
  const result: TestResult = {
    path,
    name: test.name,
    status,
    durationMs,
    prints: run.prints,
    ...(test.line !== undefined && { line: test.line }),
    ...(failure && { failure }),
  };
  run.prints = [];
  run.results.push(result);
  run.onTest?.(result);
}
