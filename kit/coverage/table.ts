/**
 * Coverage as a table for the terminal: a row a file, the lines that were not reached, and all.
 *
 * @example
 *   Lines   Reached    File           Not reached
 *  94.1 %   16 of 17   src/shop.lua   41
 * 100.0 %    8 of 8    src/till.lua
 *  96.0 %   24 of 25   2 files
 */
import { type CoverageReport, countLines, type FileCoverage, missedRanges } from './report.js';

export interface TableOptions {
  /** Width. @default 100 */
  readonly columns?: number;
}

const FILE_WIDTH_MAX = 44;
/** Least room for the lines that were not reached. */
const MISSED_WIDTH_MIN = 14;
const GAP = '   ';

export function renderCoverage(
  report: CoverageReport,
  { columns = 100 }: TableOptions = {},
): string {
  const { files } = report;
  const counting = files.filter(({ problem }) => problem === undefined);
  const digits = String(countLines(counting).lines).length;
  const share = (part: readonly FileCoverage[]) => `${percent(part).padStart(5)} %`;
  const counts = (part: readonly FileCoverage[]) => {
    const { lines, reached } = countLines(part);
    return `${String(reached).padStart(digits)} of ${String(lines).padEnd(digits)}`;
  };
  const numbersWidth = share([]).length + counts([]).length + 2 * GAP.length;
  const all = `${counting.length} ${counting.length === 1 ? 'file' : 'files'}`;
  const longest = Math.max(all.length, ...files.map(({ file }) => file.length));
  const most = Math.min(FILE_WIDTH_MAX, columns - numbersWidth - MISSED_WIDTH_MIN - GAP.length);
  const width = Math.min(longest, most);
  const room = columns - numbersWidth - width - GAP.length;
  const row = (cells: readonly string[]) => cells.join(GAP).trimEnd();
  const rows = files.map((file) => {
    const name = shorten(file.file, width).padEnd(width);
    const { problem } = file;
    if (problem !== undefined) return ' '.repeat(numbersWidth) + row([name, cut(problem, room)]);
    return row([share([file]), counts([file]), name, missed(file, room)]);
  });
  const reached = 'Reached'.padEnd(counts([]).length);
  const head = row(['  Lines', reached, 'File'.padEnd(width), 'Not reached']);
  return [head, ...rows, row([share(counting), counts(counting), all]), ''].join('\n');
}

/** Share of lines that were reached, in percent; nothing to reach is all of it. */
export function shareOf(files: readonly FileCoverage[]): number {
  const { lines, reached } = countLines(files);
  return lines === 0 ? 100 : (100 * reached) / lines;
}

/** Rounded down: 100.0 % is all. */
function percent(files: readonly FileCoverage[]): string {
  return (Math.floor(shareOf(files) * 10) / 10).toFixed(1);
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
