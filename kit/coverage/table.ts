/**
 * Coverage as a table for the terminal: a row a file, the lines that were not reached, and all.
 *
 * @example
 *  Lines        Reached   File             Not reached
 *  94.1 %      16 of 17   src/shop.lua     41
 * 100.0 %       8 of 8    src/till.lua
 *  96.0 %      24 of 25   2 files
 */
import { type CoverageReport, countLines, type FileCoverage, missedRanges } from './report.js';

export interface TableOptions {
  /** Width. @default 100 */
  readonly columns?: number;
}

const FILE_WIDTH_MAX = 44;
/** Of percentage and counts, with what parts them. */
const NUMBERS_WIDTH = 25;

export function renderCoverage(
  report: CoverageReport,
  { columns = 100 }: TableOptions = {},
): string {
  const { files } = report;
  const counting = files.filter(({ problem }) => problem === undefined);
  const all = `${counting.length} ${counting.length === 1 ? 'file' : 'files'}`;
  const longest = Math.max(all.length, 'File'.length, ...files.map(({ file }) => file.length));
  const width = Math.min(longest, FILE_WIDTH_MAX);
  const room = Math.max(columns - NUMBERS_WIDTH - width - 3, 12);
  const row = (file: FileCoverage) => {
    const name = shorten(file.file, width);
    if (file.problem !== undefined) {
      return `${' '.repeat(NUMBERS_WIDTH)}${name.padEnd(width)}   ${cut(file.problem, room)}`;
    }
    return `${numbers([file])}${name.padEnd(width)}   ${missed(file, room)}`.trimEnd();
  };
  const head = `${'Lines'.padStart(7)}${'Reached'.padStart(15)}   ${'File'.padEnd(width)}   Not reached`;
  return [head, ...files.map(row), `${numbers(counting)}${all}`, ''].join('\n');
}

/** Share of lines that were reached, in percent; nothing to reach is all of it. */
export function shareOf(files: readonly FileCoverage[]): number {
  const { lines, reached } = countLines(files);
  return lines === 0 ? 100 : (100 * reached) / lines;
}

/** Rounded down: 100.0 % is all. */
function numbers(files: readonly FileCoverage[]): string {
  const { lines, reached } = countLines(files);
  const share = (Math.floor(shareOf(files) * 10) / 10).toFixed(1);
  const counts = `${String(reached).padStart(6)} of ${String(lines).padEnd(5)}`;
  return `${share.padStart(5)} %${counts.padStart(15)}   `;
}

/** As many ranges as there is room for. */
function missed(file: FileCoverage, room: number): string {
  const ranges = missedRanges(file).map(([first, last]) =>
    first === last ? `${first}` : `${first}-${last}`,
  );
  let text = '';
  for (const [index, range] of ranges.entries()) {
    const next = index === 0 ? range : `${text}, ${range}`;
    const more = ` +${ranges.length - index}`;
    if (next.length > room - (index === ranges.length - 1 ? 0 : more.length)) return text + more;
    text = next;
  }
  return text;
}

/** The end of a path says more than its beginning. */
function shorten(path: string, width: number): string {
  return path.length <= width ? path : `…${path.slice(path.length - width + 1)}`;
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
