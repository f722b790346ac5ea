/**
 * Seeded randomness: every "random" value of a network is a hash of the seed and of what the value is
 * for, so that no value depends on the order in which others were drawn.
 */
import { sha256 } from '../arlocal/hashing.js';

export interface Random {
  /** 32 bytes that depend on the seed and on `label` only. */
  bytes(label: string): Uint8Array;
}

/** Randomness of the network with this seed. */
export function createRandom(seed: number | string): Random {
  return {
    bytes: (label) => sha256(Buffer.from(`corral:${seed}:${label}`)),
  };
}
