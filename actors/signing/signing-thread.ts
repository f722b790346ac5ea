/**
 * A thread that signs for the units of a network while it evaluates. An Ed25519 signature takes longer
 * than anything else that a message takes outside of Lua, and follows from what is signed alone: it is
 * begun as soon as that is known, and asked for when somebody looks. Nothing that can be seen differs.
 */
import { Worker } from 'node:worker_threads';
import type { Wallet } from '../../arlocal/wallet.js';
import { compiledUrl } from '../compiled.js';
import { UNIT_WALLETS } from '../network-wallets.js';
import { createRingMemory, createRingPoster, type RingPoster } from './ring.js';
import type { SigningData } from './signing-main.js';

export interface SigningThread {
  /** The wallet of a unit, with signatures that may be begun beforehand. */
  assist(wallet: Wallet): Wallet;
  close(): Promise<void>;
}

/** @param seed of the network; a thread is of one network */
export async function startSigningThread(seed: number | string): Promise<SigningThread> {
  const memory = createRingMemory();
  const workerData: SigningData = { seed, names: UNIT_WALLETS, memory };
  const worker = new Worker(compiledUrl('actors/signing/signing-main.js'), { workerData });
  await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  worker.unref();
  const ring = createRingPoster(memory);
  return {
    assist(wallet) {
      const key = UNIT_WALLETS.indexOf(wallet.name);
      return key < 0 ? wallet : assistWallet(wallet, key, ring);
    },
    async close() {
      await worker.terminate();
    },
  };
}

function assistWallet(wallet: Wallet, key: number, ring: RingPoster): Wallet {
  const slots = new Map<string, number>(); // of what is posted, by what is signed
  const posted = new Map<number, string>(); // the same the other way round
  const nameOf = (message: Uint8Array) => Buffer.from(message).toString('latin1');
  return {
    ...wallet,
    ahead(message) {
      const slot = ring.post(key, message);
      if (slot === undefined) return;
      const name = nameOf(message);
      slots.delete(posted.get(slot) ?? ''); // nobody asked for it
      slots.set(name, slot);
      posted.set(slot, name);
    },
    sign(message) {
      const name = nameOf(message);
      const slot = slots.get(name);
      if (slot === undefined) return wallet.sign(message);
      slots.delete(name);
      posted.delete(slot);
      return ring.take(slot, message) ?? wallet.sign(message);
    },
  };
}
