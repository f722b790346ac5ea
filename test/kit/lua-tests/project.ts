/** A project in a folder of its own, and what its tests in Lua say. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { renderFailure } from '../../../kit/lua-tests/render-failure.js';
import type { FileReport, TestResult } from '../../../kit/lua-tests/run-file.js';
import { type LuaTestOptions, runLuaTests } from '../../../kit/lua-tests/run-lua-tests.js';

export type Files = Readonly<Record<string, string>>;

/** Writes the files; the folder is gone after the test. */
export function writeProject(files: Files): string {
  const root = mkdtempSync(join(tmpdir(), 'corral-lua-tests-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

/** Runs one test file, `x.test.lua`, among others that it needs. */
export async function runLua(
  source: string,
  files: Files = {},
  options: Partial<LuaTestOptions> = {},
): Promise<FileReport> {
  const root = writeProject({ ...files, 'x.test.lua': source });
  const [report] = await runIn(root, ['x.test.lua'], options);
  if (report === undefined) throw new Error('there is no report');
  return report;
}

export function runIn(
  root: string,
  names: readonly string[],
  options: Partial<LuaTestOptions> = {},
): Promise<FileReport[]> {
  const files = names.map((name) => join(root, name));
  return runLuaTests({ root, files, uptimeMs: () => 0, ...options });
}

/** `group > name: status` */
export function statuses({ tests }: FileReport): string[] {
  return tests.map(({ path, name, status }) => `${[...path, name].join(' > ')}: ${status}`);
}

/** The failures of a file by the names of tests, as a person reads them. */
export function failures({ tests }: FileReport, source = ''): Record<string, string> {
  const failed = tests.filter((test): test is TestResult & { failure: object } =>
    Boolean(test.failure),
  );
  return Object.fromEntries(
    failed.map(({ name, failure }) => [
      name,
      renderFailure(failure, { readSource: () => source || undefined }).join('\n'),
    ]),
  );
}

export function readIn(root: string, name: string): string {
  return readFileSync(join(root, name), 'utf8');
}
