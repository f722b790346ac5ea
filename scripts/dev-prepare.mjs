/**
 * Makes a fresh clone runnable: installs the dependencies and builds dist/ when either is missing or
 * older than its sources (the lock file by content, the rest by time). Silent and quick when there
 * is nothing to do; what it does, it says on stderr. Plain JavaScript without dependencies, because
 * it runs before any exist.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const SOURCES = [
  ...['index.ts', 'webassembly.d.ts', 'tsconfig.json', 'tsconfig.build.json'],
  ...['arlocal', 'actors', 'pricing', 'llama', 'opml', 'herd', 'kit', 'clients', 'cli', 'scripts'],
];
const INSTALL_STAMP = join(root, 'node_modules', '.corral-installed');
const BUILD_STAMP = join(root, 'dist', '.corral-built');

/** Newest modification time in ms of the given files and folders, 0 when none exists. */
function newest(paths) {
  let latest = 0;
  for (const path of paths) {
    if (!existsSync(path)) continue;
    const stat = statSync(path);
    if (stat.isDirectory()) {
      latest = Math.max(latest, newest(readdirSync(path).map((name) => join(path, name))));
    } else {
      latest = Math.max(latest, stat.mtimeMs);
    }
  }
  return latest;
}

/** Runs a command whose output is progress, not result: all of it goes to stderr. */
function run(why, command, args) {
  console.error(`corral: ${why}`);
  try {
    execFileSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  } catch (error) {
    // The command has said what is wrong; a stack trace of this script would only bury it.
    console.error(`corral: \`${command} ${args.join(' ')}\` failed (exit ${error.status}).`);
    process.exit(1);
  }
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  const found = process.versions.node;
  console.error(`corral: needs Node.js 20.19 or newer, this is ${found}. Install a newer Node.js.`);
  process.exit(1);
}

/** Whether npm says in node_modules that it put there what the lock file asks for, as `npm ci` does. */
function hasInstalled() {
  const file = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(file)) return false;
  const there = JSON.parse(readFileSync(file, 'utf8')).packages;
  const { '': _root, ...packages } = JSON.parse(lock).packages;
  return Object.entries(packages).every(
    ([path, { version, optional, devOptional, peer }]) =>
      optional || devOptional || peer || there[path]?.version === version,
  );
}

requireNode();
const lock = readFileSync(join(root, 'package-lock.json'));
const wanted = createHash('sha256').update(lock).digest('hex');
const installed = existsSync(INSTALL_STAMP) ? readFileSync(INSTALL_STAMP, 'utf8') : '';
if (installed !== wanted && !hasInstalled()) {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  run('installing dependencies (first start only) ...', 'npm', ['ci', ...quiet]);
}
if (installed !== wanted) writeFileSync(INSTALL_STAMP, wanted);
const sources = SOURCES.map((name) => join(root, name));
if (newest([BUILD_STAMP]) < Math.max(newest(sources), newest([INSTALL_STAMP]))) {
  run('building ...', process.execPath, [join(root, 'scripts', 'dev-build.mjs')]);
  writeFileSync(BUILD_STAMP, '');
}
