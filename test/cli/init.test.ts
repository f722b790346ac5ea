/**
 * `corral init`, and what it makes: each template with its tests in both languages, run in a folder
 * that has this package installed as npm would, and again with a program that was broken.
 */
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { packageRoot, VERSION } from '../../herd/package-root.js';
import { type Outcome, runCorral } from './program.js';

const run = promisify(execFile);

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'corral-init-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('corral init', () => {
  test('says what it made, and what to do next', async () => {
    const folder = makeFolder();
    const { code, stdout, stderr } = await runCorral(['init', 'My Counter'], { cwd: folder });
    expect(code).toBe(0);
    const files = stdout.trimEnd().split('\n');
    expect(files.map((file) => existsSync(join(folder, file)))).not.toContain(false);
    expect(files).toEqual(
      expect.arrayContaining([
        'My Counter/.github/workflows/test.yml',
        'My Counter/.gitignore',
        'My Counter/README.md',
        'My Counter/package.json',
        'My Counter/process/counter.lua',
        'My Counter/test/counter.test.lua',
        'My Counter/test/counter.test.ts',
        'My Counter/tsconfig.json',
      ]),
    );
    expect(stderr).toMatch(/Next\n {2}cd My Counter\n {2}npm install\n {2}npm test /);
    const manifest = JSON.parse(readFileSync(join(folder, 'My Counter/package.json'), 'utf8'));
    expect(manifest).toMatchObject({
      name: 'my-counter',
      scripts: { test: 'corral test' },
      devDependencies: { corral: VERSION },
    });
    for (const file of files) expect(readFileSync(join(folder, file), 'utf8')).not.toContain('{{');
  });

  test('writes over nothing, and names all that is in the way', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'package.json'), '{}');
    mkdirSync(join(folder, 'process'));
    writeFileSync(join(folder, 'process/token.lua'), '-- mine');
    const { code, stdout, stderr } = await runCorral(['init', '--template', 'token'], {
      cwd: folder,
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`in the way in ${folder}: package.json, process/token.lua`);
    expect(readdirSync(folder).sort()).toEqual(['package.json', 'process']);
    expect(readdirSync(join(folder, 'process'))).toEqual(['token.lua']);
  });

  test('leaves what is not in the way', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'notes.md'), 'mine');
    expect((await runCorral(['init'], { cwd: folder })).code).toBe(0);
    expect(readFileSync(join(folder, 'notes.md'), 'utf8')).toBe('mine');
  });

  test('an unknown template is wrong usage', async () => {
    const { code, stderr } = await runCorral(['init', '--template', 'tokens'], {
      cwd: makeFolder(),
    });
    expect(code).toBe(2);
    expect(stderr).toContain('Did you mean token? There are: counter, token.');
  });
});

/** Lines of each template's program without which tests in both languages fail. */
const BREAKING: Readonly<Record<string, readonly [file: string, line: string]>> = {
  counter: ['process/counter.lua', "Action = 'Counted'"],
  token: ['process/ledger.lua', "'the balance is too low'"],
};

describe.each(Object.entries(BREAKING))('the project of %s', (template, [file, line]) => {
  let project: string;

  beforeAll(async () => {
    project = join(mkdtempSync(join(tmpdir(), 'corral-init-')), 'project');
    await runCorral(['init', project, '--template', template]);
    install(project);
  });
  afterAll(() => rmSync(dirname(project), { recursive: true, force: true }));

  test('passes its tests, in Lua and in TypeScript, which reach every line', async () => {
    const { code, stdout } = await npmTest(project, '--coverage');
    expect(stdout).toMatch(/Lua {9}\d+ passed {2}\d files?/);
    expect(stdout).toMatch(/TypeScript {2}2 passed +1 file/);
    expect(stdout).toMatch(/100\.0 % .* 2 files/);
    expect(code).toBe(0);
  });

  test('type-checks', async () => {
    const { stdout } = await run('npm', ['run', 'check'], { cwd: project });
    expect(stdout).not.toContain('error');
  });

  test('fails them, in Lua and in TypeScript, with a program that was broken', async () => {
    const path = join(project, file);
    const whole = readFileSync(path, 'utf8');
    expect(whole).toContain(line);
    writeFileSync(path, whole.replaceAll(line, line.replace(/'.*'/, "'broken'")));
    const { code, stdout } = await npmTest(project);
    writeFileSync(path, whole);
    expect(code).toBe(1);
    expect(stdout).toMatch(/Lua {9}\d+ passed {2}\d+ failed/);
    expect(stdout).toMatch(/TypeScript {2}\d passed +\d failed/);
  });
});

/** This package as npm would install it, and the tools of package.json. */
function install(project: string): void {
  const modules = join(project, 'node_modules');
  const corral = join(modules, 'corral');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  mkdirSync(join(modules, '@types'));
  for (const part of ['dist', 'processes', 'kit/lua-tests/dsl', 'package.json']) {
    cpSync(join(packageRoot, part), join(corral, part), {
      recursive: true,
      filter: (path) => !/\/dist\/(readme|scratch)/.test(path),
    });
  }
  symlinkSync(join(packageRoot, 'node_modules'), join(corral, 'node_modules'));
  for (const tool of ['vitest', 'typescript', '@types/node']) {
    symlinkSync(join(packageRoot, 'node_modules', tool), join(modules, tool));
  }
  symlinkSync(join(corral, 'dist/cli/main.js'), join(modules, '.bin/corral'));
  symlinkSync(join(packageRoot, 'node_modules/.bin/tsc'), join(modules, '.bin/tsc'));
}

async function npmTest(
  project: string,
  ...options: string[]
): Promise<Pick<Outcome, 'code' | 'stdout'>> {
  try {
    const { stdout } = await run('npm', ['test', '--', ...options], { cwd: project });
    return { code: 0, stdout };
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string };
    return { code, stdout };
  }
}
