/**
 * What a user installs: packs the package, installs it without development dependencies into an
 * empty folder, and weighs that folder.
 */
import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench, BenchContext, Row } from './row.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

function bytesUnder(path: string): number {
  const stat = lstatSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesUnder(join(path, name)), 0);
}

async function* run({ note }: BenchContext): AsyncIterable<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'corral-package-'));
  try {
    note('packing and installing the package ...');
    const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder];
    const tarball = execFileSync('npm', pack, { cwd: root, encoding: 'utf8' }).trim();
    writeFileSync(join(folder, 'package.json'), '{"private":true}');
    const install = [
      'install',
      '--omit=dev',
      '--no-audit',
      '--no-fund',
      '--silent',
      `./${tarball}`,
    ];
    execFileSync('npm', install, { cwd: folder, stdio: ['ignore', 2, 2] });
    const megabytes = bytesUnder(join(folder, 'node_modules')) / 1e6;
    yield { name: 'package.installed', value: megabytes, unit: 'MB', bar: 'at most 80 MB' };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const direct = Object.keys(manifest.dependencies).length;
  yield { name: 'package.dependencies', value: direct, unit: 'direct', bar: 'at most 12' };
}

export const packageSize: Bench = {
  name: 'package',
  about: 'size of the published package with its runtime dependencies',
  run,
};
