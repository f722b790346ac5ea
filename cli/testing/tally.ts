/** How many tests passed, failed and were skipped, in both languages, as one summary. */
import type { FileReport, TestResult } from '../../index.js';
import { alignColumns } from '../format.js';
import type { Colors } from '../terminal.js';

type Status = TestResult['status'];

export interface Tally {
  readonly files: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Files that could not be run at all. */
  readonly broken: number;
}

export function tallyReports(reports: readonly FileReport[]): Tally {
  const statuses = reports.flatMap(({ tests }) => tests.map(({ status }) => status));
  const count = (wanted: Status) => statuses.filter((status) => status === wanted).length;
  return {
    files: reports.length,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    broken: reports.filter(({ failure }) => failure !== undefined).length,
  };
}

export function isBad({ failed, broken }: Tally): boolean {
  return failed + broken > 0;
}

/** `5 tests`, `5 tests, 1 failed, 2 skipped` */
export function countLabel(statuses: readonly Status[]): string {
  const count = (wanted: Status) => statuses.filter((status) => status === wanted).length;
  const parts = [
    plural(statuses.length, 'test'),
    ...(count('failed') > 0 ? [`${count('failed')} failed`] : []),
    ...(count('skipped') > 0 ? [`${count('skipped')} skipped`] : []),
  ];
  return parts.join(', ');
}

/** One line a language that has tests. */
export function summaryLines(
  tallies: readonly (readonly [language: string, tally: Tally])[],
  passed: boolean,
  durationMs: number,
  colors: Colors,
): string[] {
  const rows = tallies.map(([language, tally]) => [
    language,
    `${tally.passed} passed`,
    tally.failed === 0 ? '' : `${tally.failed} failed`,
    tally.skipped === 0 ? '' : `${tally.skipped} skipped`,
    filesLabel(tally),
  ]);
  const used = rows[0]?.map((_, column) => rows.some((row) => row[column] !== '')) ?? [];
  const lines = alignColumns(rows.map((row) => row.filter((_, column) => used[column])));
  const verdict = passed ? colors.green('Passed') : colors.red('Failed');
  return [`${verdict} ${colors.dim(`in ${formatDuration(durationMs)}`)}`, ...lines.map(indented)];
}

function filesLabel({ files, broken }: Tally): string {
  return `${plural(files, 'file')}${broken === 0 ? '' : `, ${broken} could not be run`}`;
}

function indented(line: string): string {
  return `  ${line}`.trimEnd();
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `7 ms`, `1.4 s` */
export function formatDuration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
