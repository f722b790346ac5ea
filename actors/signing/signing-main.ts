/** The entry of a signing thread: signs with wallets of the network's seed what is posted to it. */
import { parentPort, workerData } from 'node:worker_threads';
import { walletFromSeed } from '../../arlocal/wallet.js';
import { invariant } from '../errors.js';
import { type RingMemory, serveRing } from './ring.js';

export interface SigningData {
  readonly seed: number | string;
  /** Names of the wallets, by their numbers. */
  readonly names: readonly string[];
  readonly memory: RingMemory;
}

invariant(parentPort, 'this module runs in a signing thread');
const { seed, names, memory } = workerData as SigningData;
const wallets = names.map((name) => walletFromSeed(seed, name));
parentPort.postMessage('ready');
serveRing(memory, (key, message) => {
  const wallet = wallets[key];
  invariant(wallet, 'a wallet is posted by its number');
  return wallet.sign(message);
});
