/**
 * A failure as a person reads it: what went wrong, what was expected beside what came, the line of
 * the test with the lines around it, how it was reached, and the stack of the program under test.
 *
 * @example Output
 *   expected 1 to equal 2
 *
 *   test/counter.test.lua:9
 *       8 │ test("counts", function()
 *     > 9 │   expect(counter:read("Count")).to_equal(2)
 *      10 │ end)
 */
import { compareLines } from './compare.js';
import type { Failure, Frame } from './failure.js';

/** What a piece of text is: for its colour. */
export type FailureRole = 'problem' | 'place' | 'line' | 'expected' | 'actual' | 'aside';

export interface FailureOptions {
  /** Text of a file that a frame names; undefined if it cannot be read. */
  readonly readSource: (file: string) => string | undefined;
  readonly paint?: (text: string, role: FailureRole) => string;
}

const LINES_BEFORE = 2;
const LINES_AFTER = 1;

/** @returns lines, without an indent of their own */
export function renderFailure(failure: Failure, options: FailureOptions): string[] {
  const paint = options.paint ?? ((text) => text);
  const { text, hint, report, stack } = failure;
  const parts = [
    text.split('\n').map((line) => paint(line, 'problem')),
    renderDifference(failure, paint),
    report === undefined ? [] : report.split('\n'),
    hint === undefined ? [] : [paint(hint, 'aside')],
    stack === undefined ? [] : renderStack(stack, paint),
    renderPlaces(failure.frames, options.readSource, paint),
  ];
  return parts
    .filter((part) => part.length > 0)
    .flatMap((part, index) => (index === 0 ? part : ['', ...part]));
}

type Paint = NonNullable<FailureOptions['paint']>;

function renderDifference({ expected, actual }: Failure, paint: Paint): string[] {
  if (expected === undefined || actual === undefined) return [];
  const signs = { same: '  ', expected: '- ', actual: '+ ' } as const;
  return [
    `${paint('- expected', 'expected')}   ${paint('+ got', 'actual')}`,
    ...compareLines(expected, actual).map(({ kind, text }) => {
      const line = `${signs[kind]}${text}`;
      return kind === 'same' ? paint(line, 'aside') : paint(line, kind);
    }),
  ];
}

function renderStack(stack: string, paint: Paint): string[] {
  const frames = stack.trim().split('\n');
  return ['In the program:', ...frames.map((frame) => `  ${paint(frame, 'aside')}`)];
}

/** The innermost place with its lines; how it was reached, one line each. */
function renderPlaces(
  frames: readonly Frame[],
  readSource: FailureOptions['readSource'],
  paint: Paint,
): string[] {
  const [first, ...outer] = withoutRepeats(frames);
  if (first === undefined) return [];
  const from = outer.map((frame) => {
    const line = sourceLines(frame, readSource)?.[(frame.line ?? 0) - 1]?.trim();
    return `${paint(`from ${placeOf(frame)}`, 'place')}${line === undefined ? '' : `  ${line}`}`;
  });
  return [paint(placeOf(first), 'place'), ...renderLines(first, readSource, paint), ...from];
}

/** A function that calls itself is one place. */
function withoutRepeats(frames: readonly Frame[]): Frame[] {
  return frames.filter((frame, index) => {
    const before = frames[index - 1];
    return before?.file !== frame.file || before.line !== frame.line;
  });
}

function placeOf({ file, line }: Frame): string {
  return line === undefined ? file : `${file}:${line}`;
}

function renderLines(
  frame: Frame,
  readSource: FailureOptions['readSource'],
  paint: Paint,
): string[] {
  const lines = sourceLines(frame, readSource);
  const { line } = frame;
  if (lines === undefined || line === undefined || line > lines.length) return [];
  const first = Math.max(1, line - LINES_BEFORE);
  const last = Math.min(lines.length, line + LINES_AFTER);
  const width = String(last).length;
  return lines.slice(first - 1, last).map((text, index) => {
    const number = first + index;
    const row = `${number === line ? '>' : ' '} ${String(number).padStart(width)} │ ${text}`;
    return `  ${number === line ? paint(row, 'line') : paint(row, 'aside')}`.trimEnd();
  });
}

function sourceLines(
  { file }: Frame,
  readSource: FailureOptions['readSource'],
): string[] | undefined {
  return readSource(file)?.trimEnd().split('\n');
}
