/** At the end of the run: prints the coverage of Corral's own Lua, which must not be too low. */
import { rmSync, writeFileSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { readCollected } from '../../kit/collect/collector.js';
import { renderLcov } from '../../kit/coverage/lcov.js';
import { reportCoverage } from '../../kit/coverage/report.js';
import { renderCoverage, shareOf } from '../../kit/coverage/table.js';
import { ownFiles, withoutPrefix } from './own-files.js';

declare module 'vitest' {
  interface ProvidedContext {
    coverageFolder: string;
  }
}

/** Least share of lines, in percent. */
const LEAST = 95;

export default function setup(project: TestProject): () => void {
  const folder = project.getProvidedContext().coverageFolder;
  return () => {
    const { hits } = readCollected(folder).lines;
    const report = reportCoverage(withoutPrefix(hits), ownFiles());
    rmSync(folder, { recursive: true });
    const { CORRAL_LCOV } = process.env;
    if (CORRAL_LCOV) writeFileSync(CORRAL_LCOV, renderLcov(report));
    process.stdout.write(`\n${renderCoverage(report)}\n`);
    const share = shareOf(report.files);
    if (share >= LEAST) return;
    process.stderr.write(`Less than ${LEAST} % of the lines were reached.\n`);
    process.exitCode = 1;
  };
}
