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
import { dirname, join, sep } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { corralSource } from '../../cli/init/templates.js';
import { packageRoot, VERSION } from '../../herd/package-root.js';
import { createNetwork } from '../../kit/network.js';
import { deskEnvironment } from '../desk.js';
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
      devDependencies: { corral: `file:${packageRoot.replace(/\/$/, '')}` },
    });
    for (const file of files) expect(readFileSync(join(folder, file), 'utf8')).not.toContain('{{');
  });

  test('from a copy of its own: package.json, README and workflow say where Corral is', async () => {
    const folder = makeFolder();
    const { stderr } = await runCorral(['init', 'x'], { cwd: folder });
    const source = `file:${packageRoot.replace(/\/$/, '')}`;
    expect(stderr).toContain(`npm takes Corral from ${source}`);
    const readme = readFileSync(join(folder, 'x/README.md'), 'utf8');
    expect(readme).toContain(`takes Corral from \`${source}\``);
    const workflow = readFileSync(join(folder, 'x/.github/workflows/test.yml'), 'utf8');
    expect(workflow).toContain('- run: npm install --save-dev ../corral');
  });

  test('from node_modules: the version that npm has', () => {
    const root = ['', 'project', 'node_modules', 'corral'].join(sep);
    expect(corralSource(root)).toBe(VERSION);
    expect(corralSource(['', 'clones', 'corral'].join(sep))).toBe('file:/clones/corral');
  });

  test.each([
    ['node_modules', 'my-process'],
    ['ünïcode', 'unicode'],
  ])('a folder %s has a package name that npm takes', async (folder, name) => {
    const at = makeFolder();
    await runCorral(['init', folder], { cwd: at });
    expect(JSON.parse(readFileSync(join(at, folder, 'package.json'), 'utf8')).name).toBe(name);
  });

  test('a link that leads nowhere is in the way, and nothing is made', async () => {
    const folder = makeFolder();
    symlinkSync(join(folder, 'nowhere', 'file'), join(folder, 'README.md'));
    const { code, stderr } = await runCorral(['init'], { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toContain(`in the way in ${folder}: README.md`);
    expect(readdirSync(folder)).toEqual(['README.md']);
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

  test('does by hand what its README says', async () => {
    const readme = readFileSync(join(project, 'README.md'), 'utf8');
    const steps = /```\n\.load (\S+)\n([\s\S]*?)```/.exec(readme);
    const network = await createNetwork();
    onTestFinished(() => network.close());
    const there = await network.spawn({ file: join(project, steps?.[1] ?? '') });
    const receipts = [];
    for (const line of (steps?.[2] ?? '').trim().split('\n')) receipts.push(await there.eval(line));
    expect(receipts.map(({ errors }) => errors)).toEqual([[], []]);
    const told = template === 'token' ? /[\w-]{43}.*= .*1000/ : /\D5\D/;
    expect(stripVTControlCharacters(JSON.stringify(receipts.at(-1)?.result?.output))).toMatch(told);
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
    const desk = { cwd: project, env: deskEnvironment() };
    const { stdout } = await run('npm', ['test', '--', ...options], desk);
    return { code: 0, stdout };
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string };
    return { code, stdout };
  }
}
