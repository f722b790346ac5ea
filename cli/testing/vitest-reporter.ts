/**
 * A reporter that vitest runs beside its own: it writes what became of every test to the file that
 * `corral test` named, in the form in which tests in Lua are reported.
 */
import { writeFileSync } from 'node:fs';
import nodeProcess from 'node:process';
import type { Reporter, TestCase, TestModule } from 'vitest/node';
import type { FileReport, TestResult } from '../../index.js';

/** The variable with the file's path; set by vitest.ts, which runs in another program. */
const REPORT_VARIABLE = 'CORRAL_TEST_REPORT';

type Errors = readonly { readonly message: string }[];

// biome-ignore lint/style/noDefaultExport: that is how vitest finds a reporter
export default class implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const file = nodeProcess.env[REPORT_VARIABLE];
    if (file !== undefined) writeFileSync(file, JSON.stringify(modules.map(reportModule)));
  }
}

function reportModule(module: TestModule): FileReport {
  const errors = module.errors();
  return {
    file: module.relativeModuleId,
    tests: [...module.children.allTests()].map(reportTest),
    prints: [],
    durationMs: module.diagnostic().duration,
    ...(errors.length > 0 && { failure: failureOf(errors) }),
  };
}

function reportTest(test: TestCase): TestResult {
  const { state, errors = [] } = test.result();
  const { line } = test.location ?? {};
  return {
    path: groupsOf(test),
    name: test.name,
    status: state === 'pending' ? 'skipped' : state,
    durationMs: test.diagnostic()?.duration ?? 0,
    prints: [],
    ...(line !== undefined && { line }),
    ...(errors.length > 0 && { failure: failureOf(errors) }),
  };
}

function groupsOf({ parent }: Pick<TestCase, 'parent'>): string[] {
  return parent.type === 'suite' ? [...groupsOf(parent), parent.name] : [];
}

function failureOf(errors: Errors) {
  return { text: errors.map(({ message }) => message).join('\n\n'), frames: [] };
}
