/**
 * What Lua tests did, as lines for a person: a line a file, or one a test, and at the end every
 * failure with the test's own line and what went wrong.
 */
import { type FailureRole, type FileReport, renderFailure, type TestResult } from '../../index.js';
import type { Colors } from '../terminal.js';
import { countLabel, formatDuration } from './tally.js';

/** How much is told of tests that passed. */
export type Reporter = 'files' | 'tree' | 'dot';

export const REPORTERS: readonly Reporter[] = ['files', 'tree', 'dot'];

export interface FileLinesOptions {
  readonly reporter: Reporter;
  /** What names contain of the tests that are run; '' for all. */
  readonly filter: string;
  readonly colors: Colors;
}

/** A file and its tests: all of them in a tree, else those that have something to say. */
export function fileLines(
  report: FileReport,
  { reporter, filter, colors }: FileLinesOptions,
): string[] {
  if (reporter === 'dot') return [];
  const { file, tests, prints, durationMs, failure } = report;
  const hasFailed = failure !== undefined || tests.some(({ status }) => status === 'failed');
  const counts = failure ? 'could not be run' : countLabel(tests.map(({ status }) => status));
  const head = `${statusMark(hasFailed ? 'failed' : 'passed', colors)} ${colors.bold(file)}`;
  const isLeftOut = ({ status }: TestResult) => filter !== '' && status === 'skipped';
  if (filter !== '' && failure === undefined && tests.every(isLeftOut)) return [];
  const isTold = (test: TestResult) =>
    (reporter === 'tree' && !isLeftOut(test)) || test.status === 'failed' || test.prints.length > 0;
  return [
    `${head} ${colors.dim(`(${counts}) ${formatDuration(durationMs)}`)}`,
    ...printLines(prints, '  ', colors),
    ...treeLines(tests.filter(isTold), colors),
  ];
}

/** Tests under the names of their groups. */
function treeLines(tests: readonly TestResult[], colors: Colors): string[] {
  let open: readonly string[] = [];
  return tests.flatMap((test) => {
    const { path } = test;
    const common = path.findIndex((name, depth) => name !== open[depth]);
    const from = common < 0 ? path.length : common;
    open = path;
    const groups = path.slice(from).map((name, index) => `${indent(from + index + 1)}${name}`);
    return [...groups, ...testLines(test, indent(path.length + 1), colors)];
  });
}

function testLines({ name, status, durationMs, prints }: TestResult, at: string, colors: Colors) {
  const took = status === 'skipped' ? 'skipped' : formatDuration(durationMs);
  return [
    `${at}${statusMark(status, colors)} ${name} ${colors.dim(took)}`,
    ...printLines(prints, `${at}  `, colors),
  ];
}

function printLines(prints: readonly string[], at: string, { dim }: Colors): string[] {
  return prints.flatMap((text) => text.split('\n').map((line) => `${at}${dim('│')} ${line}`));
}

/** One character a test, for `dot`. */
export function testDot({ status }: TestResult, { green, red, dim }: Colors): string {
  return { passed: green('.'), failed: red('x'), skipped: dim('-') }[status];
}

/** Every failure; one that several tests have in common, because it came before them, once. */
export function failureLines(
  reports: readonly FileReport[],
  readSource: (file: string) => string | undefined,
  colors: Colors,
): string[] {
  return reports.flatMap(({ file, tests, failure }) => [
    ...(failure ? entry(file, [failure]) : []),
    ...tests.flatMap((test, index) => {
      if (!test.failure || test.failure === tests[index - 1]?.failure) return [];
      const sharing = tests.filter((other) => other.failure === test.failure);
      const names = [file, ...test.path, ...(sharing.length > 1 ? [] : [test.name])];
      const more = sharing.length > 1 ? ` (before its ${sharing.length} tests)` : '';
      return entry(`${names.join(' > ')}${more}`, [test.failure]);
    }),
  ]);

  function entry(title: string, failures: readonly NonNullable<FileReport['failure']>[]) {
    const paint = (text: string, role: FailureRole) => paintFailure(text, role, colors);
    const lines = failures.flatMap((failure) => renderFailure(failure, { readSource, paint }));
    return [
      '',
      `${colors.red('✗')} ${colors.bold(title)}`,
      '',
      ...lines.map((line) => `  ${line}`.trimEnd()),
    ];
  }
}

function paintFailure(text: string, role: FailureRole, colors: Colors): string {
  const { red, cyan, bold, green, dim } = colors;
  const paints = {
    problem: red,
    place: cyan,
    line: bold,
    expected: green,
    actual: red,
    aside: dim,
  };
  return paints[role](text);
}

function statusMark(status: TestResult['status'], { green, red, yellow }: Colors): string {
  return { passed: green('✓'), failed: red('✗'), skipped: yellow('-') }[status];
}

function indent(depth: number): string {
  return '  '.repeat(depth);
}
