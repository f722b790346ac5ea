/** Golden traces of tests in Lua: a text in the test, or a file beside it that is written once. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Failure } from './failure.js';

/** What becomes of a golden file that is missing or differs. */
export interface GoldenPolicy {
  /** Writes a file that differs anew. */
  readonly update: boolean;
  /** Writes a file that is missing; not in CI, where nobody would commit it. */
  readonly create: boolean;
}

type Difference = Pick<Failure, 'text' | 'hint' | 'expected' | 'actual'>;

/** @returns how the trace differs from the text in the test, or undefined */
export function compareGolden(trace: string, golden: string): Difference | undefined {
  const wanted = withoutIndent(golden);
  if (wanted === trace) return undefined;
  if (wanted === '')
    return { text: 'there is no golden trace yet', hint: COPY, ...both('', trace) };
  return { text: 'the trace is not the golden one', ...both(wanted, trace) };
}

/** As `compareGolden`, with the text of a file, which is written if the policy says so. */
export function compareGoldenFile(
  trace: string,
  path: string,
  { update, create }: GoldenPolicy,
): Difference | undefined {
  if (!existsSync(path)) {
    if (!update && !create) {
      const text = `there is no golden trace ${path} yet, and this run writes none`;
      return { text, hint: COMMIT, ...both('', trace) };
    }
    write(path, trace);
    return undefined;
  }
  const difference = compareGolden(trace, readFileSync(path, 'utf8'));
  if (difference === undefined) return undefined;
  if (!update) return { ...difference, text: `the trace is not that of ${path}`, hint: UPDATE };
  write(path, trace);
  return undefined;
}

const COPY =
  'Copy the lines with + into the text of the test, or give { file = ... }, which is written for you.';
const COMMIT =
  '`corral test` writes it where CI is not set: run it on your own machine and commit the file.';
const UPDATE = '`corral test --update` writes golden traces anew.';

function both(expected: string, actual: string) {
  return { expected, actual };
}

function write(path: string, trace: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${trace}\n`);
}

/** Without the empty lines around a text, and without the indent that all of its lines have. */
function withoutIndent(text: string): string {
  const lines = text
    .replace(/^\s*\n/, '')
    .trimEnd()
    .split('\n');
  const indents = lines
    .filter((line) => line.trim() !== '')
    .map((line) => line.length - line.trimStart().length);
  const indent = Math.min(...indents);
  return lines.map((line) => line.slice(Number.isFinite(indent) ? indent : 0)).join('\n');
}
