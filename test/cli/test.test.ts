/** `corral test` as a program, on projects in folders of their own. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { packageRoot } from '../../herd/package-root.js';
import { runCorral, startCorralProgram, stopProgram } from './program.js';

const COUNTER = `
Count = Count or 0
Handlers.add('count', 'Count', function(msg)
  Count = Count + 1
  msg.reply({ Action = 'Counted', Data = tostring(Count) })
end)
Handlers.add('fail', 'Fail', function() error('no more hay') end)
`;

const PASSING = `
local counter = network.spawn { file = '../counter.lua' }
test('counts', function()
  expect(counter:send { from = 'alice', action = 'Count' }).to_have_message { data = '1' }
end)
describe('twice', function()
  before(function() counter:send { from = 'alice', action = 'Count' } end)
  test('counts on', function()
    expect(counter:send { from = 'bob', action = 'Count' }).to_have_message { data = '2' }
  end)
end)
`;

const FAILING = `
local counter = network.spawn { file = '../counter.lua' }
test('wants hay', function()
  print('asking')
  expect(counter:send { from = 'alice', action = 'Fail' }).to_have_message { data = 'hay' }
end)
test('passes', function() end)
`;

type Files = Readonly<Record<string, string>>;

function makeProject(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), 'corral-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries({ 'package.json': '{}', ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const run = (files: Files, ...args: string[]) =>
  runCorral(['test', ...args], { cwd: makeProject(files) });

/** Durations differ. */
const plain = (text: string) => text.replace(/\d+(\.\d+)? m?s\b/g, 'T');

describe('corral test', () => {
  test('tells every test of one file, and that all passed', async () => {
    const { code, stdout, stderr } = await run({
      'counter.lua': COUNTER,
      'test/a.test.lua': PASSING,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(plain(stdout)).toBe(
      [
        '✓ test/a.test.lua (2 tests) T',
        '  ✓ counts T',
        '  twice',
        '    ✓ counts on T',
        '',
        'Passed in T',
        '  Lua  2 passed  1 file',
        '',
      ].join('\n'),
    );
  });

  test('tells what failed: the test, its line, the tree and the program’s own line', async () => {
    const { code, stdout } = await run({
      'counter.lua': COUNTER,
      'test/a.test.lua': PASSING,
      'test/b.test.lua': FAILING,
    });
    expect(code).toBe(1);
    expect(plain(stdout)).toBe(
      [
        '✓ test/a.test.lua (2 tests) T',
        '✗ test/b.test.lua (2 tests, 1 failed) T',
        '  ✗ wants hay T',
        '    │ asking',
        '',
        '✗ test/b.test.lua > wants hay',
        '',
        '  no message matches { data: "hay" }',
        '',
        '  alice -> counter  Fail',
        '    error in handler "fail": counter.lua:7: no more hay',
        '',
        '  In the program:',
        '    counter.lua:7: in function <counter.lua:7>',
        "        Handlers.add('fail', 'Fail', function() error('no more hay') end)",
        '',
        '  test/b.test.lua:5',
        "      3 │ test('wants hay', function()",
        "      4 │   print('asking')",
        "    > 5 │   expect(counter:send { from = 'alice', action = 'Fail' }).to_have_message { data = 'hay' }",
        '      6 │ end)',
        '',
        'Failed in T',
        '  Lua  3 passed  1 failed  2 files',
        '',
      ].join('\n'),
    );
  });

  test('goes on after a file that does not compile', async () => {
    const { code, stdout } = await run({
      'counter.lua': COUNTER,
      'test/a.test.lua': "test('a', function()\n  = 1\nend)",
      'test/b.test.lua': PASSING,
    });
    expect(code).toBe(1);
    expect(stdout).toContain('✗ test/a.test.lua (could not be run)');
    expect(stdout).toContain("unexpected symbol near '='");
    expect(stdout).toContain('> 2 │   = 1');
    expect(stdout).toContain('Lua  2 passed  2 files, 1 could not be run');
  });

  test('finds tests under the folder, not in node_modules nor hidden folders', async () => {
    const pass = "test('here', function() end)";
    const fail = "test('not here', function() error() end)";
    const { code, stdout } = await run({
      'deep/er/a.test.lua': pass,
      'node_modules/x/b.test.lua': fail,
      '.hidden/c.test.lua': fail,
    });
    expect(code).toBe(0);
    expect(stdout).toContain('1 passed  1 file');
  });

  test('runs what is named, from a folder below as well', async () => {
    const project = makeProject({
      'counter.lua': COUNTER,
      'test/a.test.lua': PASSING,
      'test/b.test.lua': FAILING,
    });
    const named = await runCorral(['test', 'a.test.lua'], { cwd: join(project, 'test') });
    expect(named.code).toBe(0);
    expect(named.stdout).toContain('✓ test/a.test.lua');
    expect((await runCorral(['test', 'test'], { cwd: project })).code).toBe(1);
  });

  test('narrows, stops early and tells less', async () => {
    const files = {
      'counter.lua': COUNTER,
      'a.test.lua': FAILING.replace('../', ''),
      'b.test.lua': FAILING.replace('../', ''),
    };
    const filtered = await run(files, '--filter', 'passes');
    expect(filtered.code).toBe(0);
    expect(filtered.stdout).toContain('2 passed  2 skipped  2 files');
    const none = await run(files, '--filter', 'nobody');
    expect(none.code).toBe(1);
    expect(none.stderr).toBe('no test has "nobody" in its name\n');
    const stopped = await run(files, '--bail', '--reporter', 'dot');
    expect(stopped.code).toBe(1);
    expect(stopped.stdout).toMatch(/^x-\n/);
    expect(stopped.stdout).toContain('0 passed  1 failed  1 skipped  1 file');
  });

  test('writes one JSON document', async () => {
    const { code, stdout, stderr } = await run(
      { 'counter.lua': COUNTER, 'test/b.test.lua': FAILING },
      '--json',
    );
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      passed: false,
      lua: [
        {
          file: 'test/b.test.lua',
          tests: [
            {
              name: 'wants hay',
              status: 'failed',
              line: 3,
              prints: ['asking'],
              failure: { frames: [{ file: 'test/b.test.lua', line: 5 }] },
            },
            { name: 'passes', status: 'passed' },
          ],
        },
      ],
      typescript: [],
    });
  });

  test('says what the tests reached and cost', async () => {
    const project = makeProject({ 'counter.lua': COUNTER, 'test/a.test.lua': PASSING });
    const { code, stdout } = await runCorral(['test', '--coverage', '--gas'], { cwd: project });
    expect(code).toBe(0);
    expect(stdout).toMatch(/Reached +File +Not reached/);
    expect(stdout).toMatch(/5 of 5 +counter\.lua|6 of 6 +counter\.lua/);
    expect(stdout).toMatch(/counter +_boot +1 /);
    expect(readFileSync(join(project, 'coverage/lcov.info'), 'utf8')).toContain('SF:counter.lua');
  });

  test('writes a golden trace once, and anew when it is told to', async () => {
    const trace = (data: string) => `
      local counter = network.spawn { file = 'counter.lua' }
      test('trace', function()
        expect(counter:send { from = '${data}', action = 'Count' })
          .to_match_trace { file = 'golden/count.trace' }
      end)`;
    const project = makeProject({ 'counter.lua': COUNTER, 'a.test.lua': trace('alice') });
    const golden = join(project, 'golden/count.trace');
    const again = (...args: string[]) => runCorral(['test', ...args], { cwd: project });
    const inCi = await runCorral(['test'], { cwd: project, env: { CI: '1' } });
    expect(inCi.stdout).toMatch(
      /no golden trace .*count\.trace yet[\s\S]*\+ alice -> counter {2}Count\n[\s\S]*commit the file/,
    );
    expect(existsSync(golden)).toBe(false);
    expect((await again()).code).toBe(0);
    expect(readFileSync(golden, 'utf8')).toBe(
      'alice -> counter  Count\n└─ counter -> alice  Counted\n',
    );
    writeFileSync(join(project, 'a.test.lua'), trace('bob'));
    const differing = await again();
    expect(differing.code).toBe(1);
    expect(differing.stdout).toContain('- alice -> counter  Count\n');
    expect(differing.stdout).toContain('+ bob -> counter  Count\n');
    expect((await again('--update')).code).toBe(0);
    expect(readFileSync(golden, 'utf8')).toContain('bob -> counter');
  });

  test('leaves TypeScript out, and says so, where there is no vitest', async () => {
    const { code, stderr } = await run({
      'a.test.lua': "test('a', function() end)",
      'b.test.ts': '',
    });
    expect(code).toBe(0);
    expect(stderr).toContain('left out: 1 test file in TypeScript, as this project has no vitest');
    expect((await run({ 'b.test.ts': '' })).code).toBe(1);
  });

  test('is not green in CI where TypeScript was left out', async () => {
    const project = makeProject({ 'a.test.lua': "test('a', function() end)", 'b.test.ts': '' });
    const { code, stdout } = await runCorral(['test'], { cwd: project, env: { CI: '1' } });
    expect(code).toBe(1);
    expect(stdout).toContain('Failed in');
  });

  test('with a filter, tells nothing of tests that it leaves out', async () => {
    const files = {
      'a.test.lua': "test('other', function() end) test('wanted', function() end)",
      'b.test.lua': "test('another', function() end)",
    };
    const { stdout } = await run(files, '--filter', 'wanted', '--reporter', 'tree');
    expect(stdout).toContain('wanted');
    expect(stdout).not.toContain('other T');
    expect(stdout).not.toMatch(/✓ b|other/);
  });

  test('a file that could not be run is not said to have no such test', async () => {
    const { stderr } = await run(
      { 'a.test.lua': "error('no') test('a', function() end)" },
      '-t',
      'a',
    );
    expect(stderr).not.toContain('no test has');
  });

  test('a link that leads nowhere is no test', async () => {
    const project = makeProject({ 'a.test.lua': "test('a', function() end)" });
    symlinkSync(join(project, 'nowhere.lua'), join(project, 'b.test.lua'));
    expect((await runCorral(['test'], { cwd: project })).stdout).toContain('1 passed  1 file');
  });

  test('vitest is in no colour where stdout is not', async () => {
    const project = makeProject({
      'b.test.ts': "import { test } from 'vitest';\ntest('b', () => {});",
    });
    symlinkSync(join(packageRoot, 'node_modules'), join(project, 'node_modules'));
    const { code, stdout } = await runCorral(['test'], { cwd: project });
    expect(code).toBe(0);
    expect(stdout).toBe(stripVTControlCharacters(stdout));
  });

  test.each([
    [[], 'there are no tests under', 'corral init'],
    [['none.test.lua'], 'there is no "none.test.lua"', 'It is looked for from'],
    [['package.json'], 'there are no tests in "package.json"', '*.test.lua'],
  ])('%j without tests is wrong usage', async (args, text, hint) => {
    const { code, stdout, stderr } = await run({}, ...args);
    expect({ stdout, isError: code !== 0 }).toEqual({ stdout: '', isError: true });
    expect(stderr).toContain(text);
    expect(stderr).toContain(hint);
  });

  test('an unknown reporter is wrong usage', async () => {
    const { code, stderr } = await run({ 'a.test.lua': '' }, '--reporter', 'tap');
    expect(code).toBe(2);
    expect(stderr).toContain('There are: files, tree, dot.');
  });

  test('runs again when a file changes, until it is stopped', async () => {
    const project = makeProject({ 'a.test.lua': "test('a', function() error('first') end)" });
    const program = startCorralProgram(['test', '--watch'], { cwd: project });
    await program.said('stderr', /waiting for a change/);
    writeFileSync(join(project, 'a.test.lua'), "test('a', function() end)");
    await program.said('stdout', /Passed in/);
    await program.said('stderr', /a\.test\.lua changed[\s\S]*waiting for a change/);
    const { code, stdout } = await stopProgram(program);
    expect(stdout).toContain('first');
    expect(code).toBe(0);
  });
});
