/**
 * Runs the recipes of docs/TESTING.md as the project that they are: every block that begins with the
 * name of a file is that file, in a scratch folder under dist/ in which `corral` is this package, and
 * vitest runs them all at once.
 */
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../herd/package-root.js';
import { runVitest } from './kit/vitest/child.js';
import { snippetsOf } from './snippets.js';

const DOCUMENT = 'docs/TESTING.md';
const root = join(packageRoot, 'dist', 'testing-guide');

const files = snippetsOf(DOCUMENT).flatMap(({ code }) => {
  const [, name] = /^(?:\/\/|--) (\S+\.\w+)\n/.exec(code) ?? [];
  return name === undefined ? [] : [{ name, code }];
});
const recipes = files.filter(({ name }) => name.endsWith('.test.ts'));

rmSync(root, { recursive: true, force: true });
for (const { name, code } of files) {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), code);
}
writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
// The package is taken as it is, as one that is installed.
const external =
  'export default { test: { server: { deps: { external: [/dist\\/(?!testing-guide)/] } } } };';
writeFileSync(join(root, 'vitest.config.js'), external);
mkdirSync(join(root, 'node_modules'));
symlinkSync(packageRoot, join(root, 'node_modules', 'corral'));

const run = await runVitest(root, '--reporter=json', '--outputFile=report.json');

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly failureMessages: readonly string[] }[];
  }[];
}

const report = JSON.parse(readFileSync(join(root, 'report.json'), 'utf8')) as Report;

test.each(recipes.map(({ name }) => name))('%s', (name) => {
  const result = report.testResults.find((one) => one.name.endsWith(name));
  const failures = result?.assertionResults.flatMap(({ failureMessages }) => failureMessages) ?? [];
  expect(failures, run.output).toEqual([]);
  expect(result).toMatchObject({ status: 'passed', message: '' });
  expect(result?.assertionResults.length).toBeGreaterThan(0);
});

test('there are twenty of them, in order', () => {
  const text = readFileSync(join(packageRoot, DOCUMENT), 'utf8');
  const numbers = [...text.matchAll(/^## (\d+)\. /gm)].map(([, number]) => Number(number));
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  expect(numbers.length).toBeGreaterThanOrEqual(20);
});
