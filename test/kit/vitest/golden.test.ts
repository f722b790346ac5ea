/** Golden traces over vitest's snapshots: filled in, kept in files, found to differ, brought up to date. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { packageRoot } from '../../../herd/package-root.js';
import { runVitest, runVitestWith } from './child.js';

/** Under dist/, where what is made goes. */
const root = join(packageRoot, 'dist', 'kit-golden');

/** The package is taken as it is, as one that is installed. */
const CONFIG = `export default { test: { server: { deps: { external: [/dist\\/(?!kit-golden)/] } } } };`;

/** Tests of a greeter that answers with this action. */
const testsOf = (action: string) => `
import { expect, test } from 'vitest';
import { createNetwork } from 'corral';
import 'corral/vitest';

const network = await createNetwork();
const reply = "msg.reply({ Action = '${action}', Data = msg.Data })";
const source = \`Handlers.add('hi', 'Hi', function(msg) \${reply} end)\`;
await network.spawn({ name: 'greeter', source });
const receipt = await network.send({ from: 'alice', to: 'greeter', action: 'Hi', data: 'one' });
`;

const CALLS = `
test('inline', () => {
  expect(receipt).toMatchTrace('');
});

test('snapshot', () => {
  expect(receipt).toMatchTrace({ data: true });
});

test('file', async () => {
  await expect(receipt).toMatchTrace({ file: 'hi.trace' });
});
`;

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const write = (text: string) => writeFileSync(join(root, 'greeter.test.ts'), text);

// As where these tests themselves run in CI: what they run is on somebody's own machine all the same.
beforeEach(() => {
  vi.stubEnv('CI', 'true');
  vi.stubEnv('GITHUB_ACTIONS', 'true');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

beforeEach(() => {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  onTestFinished(() => rmSync(root, { recursive: true }));
  writeFileSync(join(root, 'vitest.config.js'), CONFIG);
});

test('a golden trace is filled in, compared from then on, and brought up to date with -u', async () => {
  write(testsOf('Hello') + CALLS);

  expect(await runVitest(root)).toMatchObject({ code: 0 });
  const filled = read('greeter.test.ts');
  expect(filled).toContain(`  expect(receipt).toMatchTrace(\`
    alice -> greeter  Hi
    └─ greeter -> alice  Hello
  \`);`);
  expect(read('__snapshots__/greeter.test.ts.snap')).toContain(`exports[\`snapshot 1\`] = \`
alice -> greeter  Hi
│ data "one"
└─ greeter -> alice  Hello
     data "one"
\`;`);
  expect(read('hi.trace')).toBe('alice -> greeter  Hi\n└─ greeter -> alice  Hello\n');

  write(filled.replace(testsOf('Hello'), testsOf('Hallo')));
  const differing = await runVitest(root);
  expect(differing.code).toBe(1);
  for (const name of ['inline', 'snapshot', 'file']) {
    expect(differing.about(name)).toContain('- └─ greeter -> alice  Hello');
    expect(differing.about(name)).toContain('+ └─ greeter -> alice  Hallo');
  }

  expect(await runVitest(root, '-u')).toMatchObject({ code: 0 });
  expect(read('greeter.test.ts')).toBe(filled.replaceAll('Hello', 'Hallo'));
  expect(read('hi.trace')).toContain('Hallo');
});

test.each(['CI', 'GITHUB_ACTIONS'])('one that is missing is said to be, with %s', async (name) => {
  const tests = testsOf('Hello') + CALLS;
  write(tests);
  const run = await runVitestWith({ [name]: 'true' }, root);
  expect(run.code).toBe(1);
  for (const test of ['inline', 'snapshot', 'file']) {
    const told = run.about(test);
    expect(told).toContain('there is no golden trace yet, and this run writes none\n');
    expect(told).toContain('on your own machine and commit what it writes');
    expect(told).toMatch(/^\+ alice -> greeter {2}Hi\n[\s\S]*^\+ └─ greeter -> alice {2}Hello$/m);
  }
  expect(read('greeter.test.ts')).toBe(tests);
});
