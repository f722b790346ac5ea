/**
 * Coverage in the format of lcov, which editors and services read.
 * Source: geninfo(1), "Tracefile format".
 */
import { type CoverageReport, countLines } from './report.js';

/** Files by their path from the root; those that do not count are left out. */
export function renderLcov({ files }: CoverageReport): string {
  return files
    .filter(({ problem }) => problem === undefined)
    .map((file) => {
      const { lines, reached } = countLines([file]);
      const data = [...file.lines].map(([line, times]) => `DA:${line},${times}`);
      const record = ['TN:', `SF:${file.file}`, ...data, `LF:${lines}`, `LH:${reached}`];
      return `${record.join('\n')}\nend_of_record\n`;
    })
    .join('');
}
