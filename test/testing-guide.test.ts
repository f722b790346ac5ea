/**
 * Runs the recipes of docs/TESTING.md as the project that they are: every block that begins with the
 * name of a file is that file, in a scratch folder under dist/ in which `corral` is this package, and
 * `corral test --coverage` runs them all at once.
 */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../herd/package-root.js';
import { deskEnvironment } from './desk.js';
import { snippetsOf } from './snippets.js';

const DOCUMENT = 'docs/TESTING.md';
const root = join(packageRoot, 'dist', 'testing-guide');
/** The package is taken as it is, as one that is installed. */
const CONFIG = `export default {
  test: { server: { deps: { external: [/dist\\/(?!testing-guide)/] } }, testTimeout: 60_000 },
};
`;

const snippets = snippetsOf(DOCUMENT);
const files = snippets.flatMap(({ code }) => {
  const [, name] = /^(?:\/\/|--) (\S+\.\w+)\n/.exec(code) ?? [];
  return name === undefined ? [] : [{ name, code }];
});
const recipes = files.map(({ name }) => name).filter((name) => /\.test\.\w+$/.test(name));

interface FileReport {
  readonly file: string;
  readonly tests: readonly { readonly name: string; readonly status: string }[];
}

interface Report {
  readonly lua: readonly FileReport[];
  readonly typescript: readonly FileReport[];
}

/** The failure that the document shows, as a test of it. */
const shownFailure = snippets.find(({ code }) => code.startsWith('Error: no message'))?.code ?? '';
const FAILURE = `
import { expect } from 'vitest';
import { test } from './shop.js';

test('the failure that is shown', async ({ network, pay }) => {
  const receipt = await network.send(pay('alice', 5));
  const fail = () =>
    expect(receipt).toHaveMessage({ to: 'alice', action: 'Llama', tags: { Left: '3' } });
  expect(fail).toThrow(${JSON.stringify(shownFailure.replace('Error: ', '').trimEnd())});
});
`;

function placeProject(): void {
  rmSync(root, { recursive: true, force: true });
  for (const { name, code } of files) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), code);
  }
  writeFileSync(join(root, 'test', 'failure.test.ts'), FAILURE);
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
  copyFileSync(join(packageRoot, 'templates/common/tsconfig.json'), join(root, 'tsconfig.json'));
  writeFileSync(join(root, 'vitest.config.js'), CONFIG);
  mkdirSync(join(root, 'node_modules'));
  symlinkSync(packageRoot, join(root, 'node_modules', 'corral'));
}

/** A program as somebody runs it in the project; how it ends is for the tests to say. */
function run(program: string, ...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const env = deskEnvironment({ NO_COLOR: '1' }); // where golden traces are filled in
  const options = { cwd: root, env, maxBuffer: 1 << 26 };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(packageRoot, program), ...args],
      options,
      (_, stdout, stderr) => resolve({ stdout, stderr }),
    );
  });
}

placeProject();
const { stdout, stderr: told } = await run('dist/cli/main.js', 'test', '--coverage', '--json');
const report = JSON.parse(stdout) as Report;

test.each([...recipes, 'test/failure.test.ts'])('%s', (name) => {
  const found = [...report.lua, ...report.typescript].find(({ file }) => file === name);
  const failed = found?.tests.filter(({ status }) => status !== 'passed');
  expect(failed, told).toEqual([]);
  expect(found?.tests.length).toBeGreaterThan(0);
});

test('they are as the compiler wants them', async () => {
  const compiled = await run('node_modules/typescript/bin/tsc', '--noEmit', '-p', '.');
  expect(compiled.stdout).toBe('');
});

test('the lines that ran are those that the document shows', () => {
  const table = snippets.find(({ shown }) => shown?.includes('Not reached'))?.shown ?? 'no table';
  expect(told).toContain(table.trimEnd());
});

test('there are more than twenty of them, in order', () => {
  const text = readFileSync(join(packageRoot, DOCUMENT), 'utf8');
  const numbers = [...text.matchAll(/^## (\d+)\. /gm)].map(([, number]) => Number(number));
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  expect(numbers.length).toBeGreaterThan(20);
});
