/**
 * `corral test --coverage --gas`: what both languages' tests collected, as one. Tests in Lua
 * collect in this program; vitest's workers write files, into a folder that lasts as long as the
 * run.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Collector,
  createCollector,
  listLuaFiles,
  readCollected,
  renderCoverage,
  renderGas,
  renderLcov,
  reportCoverage,
  reportGas,
} from '../../index.js';

export interface CollectPlan {
  readonly coverage: boolean;
  readonly gas: boolean;
}

export interface Collecting {
  /** For tests in Lua; undefined if nothing is collected. */
  readonly collector: Collector | undefined;
  /** For the environment of vitest. */
  readonly env: Readonly<Record<string, string>>;
  /** Tables of all that was collected, so many columns wide; coverage goes to a file as well. */
  report(root: string, columns: number): string[];
  close(): void;
}

/** Where editors and services look for it. */
const LCOV_FILE = 'coverage/lcov.info';

export function startCollecting({ coverage, gas }: CollectPlan): Collecting {
  if (!coverage && !gas) {
    return { collector: undefined, env: {}, report: () => [], close: () => undefined };
  }
  const folder = mkdtempSync(join(tmpdir(), 'corral-collect-'));
  const collector = createCollector({ coverage, gas });
  return {
    collector,
    env: {
      ...(coverage && { CORRAL_COVERAGE: folder }),
      ...(gas && { CORRAL_GAS: folder }),
    },
    report(root, columns) {
      const all = readCollected(folder);
      if (collector.lines) all.lines.add(collector.lines.hits);
      if (collector.gas) all.gas.add(collector.gas.records);
      return [
        ...(coverage ? reportLines(all, root, columns) : []),
        ...(gas
          ? ['', ...renderGas(reportGas(all.gas.records), { columns }).trimEnd().split('\n')]
          : []),
      ];
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function reportLines({ lines }: Required<Collector>, root: string, columns: number): string[] {
  const report = reportCoverage(lines.hits, { root, files: listLuaFiles(root) });
  mkdirSync(join(root, 'coverage'), { recursive: true });
  writeFileSync(join(root, LCOV_FILE), renderLcov(report));
  return ['', ...renderCoverage(report, { columns }).trimEnd().split('\n')];
}
