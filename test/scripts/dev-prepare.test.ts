/** The first start of a clone whose dependencies `npm ci` has installed already. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { packageRoot } from '../../herd/package-root.js';

/** A clone with one dependency, and an npm that only says what it is asked for. */
function makeClone(installed: string): string {
  const clone = mkdtempSync(join(tmpdir(), 'corral-prepare-'));
  onTestFinished(() => rmSync(clone, { recursive: true, force: true }));
  for (const folder of ['scripts', 'node_modules', 'dist', 'bin']) mkdirSync(join(clone, folder));
  cpSync(join(packageRoot, 'scripts/dev-prepare.mjs'), join(clone, 'scripts/dev-prepare.mjs'));
  writeFileSync(join(clone, 'scripts/dev-build.mjs'), '');
  const lock = (version: string) =>
    JSON.stringify({ packages: { '': {}, 'node_modules/hay': { version } } });
  writeFileSync(join(clone, 'package-lock.json'), lock('1.0.0'));
  writeFileSync(join(clone, 'node_modules/.package-lock.json'), lock(installed));
  writeFileSync(join(clone, 'bin/npm'), '#!/bin/sh\necho "npm $1"\n', { mode: 0o755 });
  return clone;
}

function prepare(clone: string): string {
  const script = join(clone, 'scripts/dev-prepare.mjs');
  const env = { ...process.env, PATH: `${join(clone, 'bin')}:${process.env.PATH}` };
  return execFileSync('sh', ['-c', '"$0" "$1" 2>&1', process.execPath, script], {
    env,
    encoding: 'utf8',
  });
}

test('installs nothing twice', () => {
  const clone = makeClone('1.0.0');
  expect(prepare(clone)).toBe('corral: building ...\n');
  expect(prepare(clone)).toBe('');
});

test('installs what is of another version', () => {
  expect(prepare(makeClone('0.9.0'))).toContain(
    'installing dependencies (first start only) ...\nnpm ci',
  );
});
