/**
 * What a network, its forks and its successors make once for all of them: compiled code, booted images,
 * keys. None of it is state: it follows from what it is kept under, and each network finds in it what it
 * would have made itself. It is passed from one to the other, so that strangers share nothing.
 */
import { createStateIndexes, type StateIndexes } from '../../arlocal/memory-store.js';
import type { Wallet } from '../../arlocal/wallet.js';
import type { Program } from '../compute/modules.js';
import { createWorkshop, type Workshop } from '../compute/workshop.js';

export interface Shared {
  readonly workshop: Workshop;
  /** By the id of the module's item and the limits that it was read with. */
  readonly programs: Map<string, Program>;
  /** By seed and name. */
  readonly wallets: Map<string, Wallet>;
  /** Indexes of captured stores: give them to `createMemoryStore` for a gateway of your own. */
  readonly indexes: StateIndexes;
}

export function createShared(): Shared {
  return {
    workshop: createWorkshop(),
    programs: new Map(),
    wallets: new Map(),
    indexes: createStateIndexes(),
  };
}
