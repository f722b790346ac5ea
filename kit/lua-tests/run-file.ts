/**
 * One file of tests in Lua, from reading it to the last of its tests. What stands at the top of the
 * file, and in `before`, is done once; every test then starts from a fork of the network and a copy
 * of the Lua memory as that left them, so that no test sees what another did.
 */
import { readFileSync } from 'node:fs';
import type { Checkpoint } from '../../actors/lua/checkpoint.js';
import { type Failure, failureOf } from './failure.js';
import { type FileOptions, type FileRun, startRun, type TestResult } from './file-run.js';
import { showStack } from './program-stack.js';
import { createStage, type Stage } from './stage.js';
import { type Branch, growSuite, type Leaf, leavesOf } from './suite.js';
import type { Job, Outcome } from './test-machine.js';

export type { FileOptions, TestResult } from './file-run.js';

export interface FileReport {
  /** Path from the project's folder. */
  readonly file: string;
  readonly tests: readonly TestResult[];
  /** Why the file as a whole could not be run. */
  readonly failure?: Failure;
  /** What it printed and no test did. */
  readonly prints: readonly string[];
  readonly durationMs: number;
}

/** What tests start from: a network, and the memory of the test machine. */
interface Ground {
  readonly stage: Stage;
  readonly kept: Checkpoint;
}

export async function runTestFile(path: string, options: FileOptions): Promise<FileReport> {
  const startMs = options.uptimeMs();
  const stage = createStage(() => options.networks.create({}));
  const run = startRun(path, options, stage);
  const report = (failure?: Failure): FileReport => ({
    file: run.file,
    tests: run.results,
    prints: run.prints,
    durationMs: options.uptimeMs() - startMs,
    ...(failure && { failure }),
  });
  try {
    const outcome = await read(run, path);
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

async function read(run: FileRun, path: string): Promise<Outcome> {
  const source = readFileSync(path, 'utf8').replace(/^#!.*/, '');
  return runOn(run, run.stage, { kind: 'read', path: run.file, source });
}

async function runBranch(run: FileRun, branch: Branch, ground: Ground): Promise<void> {
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

async function runChildren(
  run: FileRun,
  children: Branch['children'],
  ground: Ground,
): Promise<void> {
  for (const child of children) {
    if ('test' in child) await runLeaf(run, child, ground);
    else await runBranch(run, child, ground);
  }
}

async function runLeaf(run: FileRun, leaf: Leaf, ground: Ground): Promise<void> {
  if (!leaf.isChosen || run.shouldStop(run.results)) return settle(run, leaf, 'skipped', 0);
  const startMs = run.uptimeMs();
  const known = run.kept.count;
  const stage = createStage(async () => (await ground.stage.open()).fork());
  const job: Job = { kind: 'run', id: leaf.test.id };
  try {
    const { failure } = await runOn(run, stage, job, ground.kept);
    const status = failure ? 'failed' : 'passed';
    settle(run, leaf, status, run.uptimeMs() - startMs, failure && placed(failure, run, leaf));
  } finally {
    await stage.close();
    run.kept.forget(known);
  }
}

/** A failure whose own place is lost, as in a tail call, is told at the test. */
function placed(failure: Failure, { file }: FileRun, { test }: Leaf): Failure {
  if (failure.frames.length > 0 || test.line === undefined) return failure;
  return { ...failure, frames: [{ file, line: test.line }] };
}

/** Does a job with the calls of the network going to this stage. */
async function runOn(run: FileRun, stage: Stage, job: Job, kept?: Checkpoint): Promise<Outcome> {
  const outer = run.stage;
  run.stage = stage;
  try {
    const outcome = await run.machine.run(job, kept);
    const { failure } = outcome;
    if (failure?.stack === undefined) return outcome;
    const { stack, ...rest } = failure;
    const shown = showStack(stack, [run.root, ...run.folders], failure.text);
    return { failure: { ...rest, ...(shown !== undefined && { stack: shown }) } };
  } finally {
    run.stage = outer;
  }
}

/** What is to be prepared failed, and with it every test that needs it. */
function failAll(run: FileRun, branch: Branch, failure: Failure): void {
  for (const leaf of leavesOf(branch)) {
    settle(run, leaf, leaf.isChosen ? 'failed' : 'skipped', 0, leaf.isChosen ? failure : undefined);
  }
}

function settle(
  run: FileRun,
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
