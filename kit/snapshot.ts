/**
 * Snapshots: all that a network is, as a plain value that nobody changes any more. Any number of
 * networks can go on from one.
 */
import type { NetworkState } from '../actors/state/network-state.js';
import type { AdoptRequest } from './adopt/request.js';
import { KitError, show } from './errors.js';
import type { Mining } from './time/mining.js';

export interface Snapshot {
  readonly kind: 'corral-snapshot';
  readonly state: NetworkState;
  /** Names of wallets, by address. */
  readonly wallets: ReadonlyMap<string, string>;
  readonly mining: Mining;
  readonly time: 'virtual' | 'real';
  /** True if real time was stopped. */
  readonly frozen: boolean;
  /** Processes of other networks that are fetched when somebody touches them. */
  readonly adoptions: readonly AdoptRequest[];
}

/** @throws {SNAPSHOT_INVALID} */
export function checkSnapshot(snapshot: Snapshot): Snapshot {
  if ((snapshot as Partial<Snapshot> | null)?.kind === 'corral-snapshot') return snapshot;
  throw new KitError('SNAPSHOT_INVALID', `${show(snapshot)} is no snapshot`, {
    hint: 'Give what network.snapshot() resolved to: await it.',
  });
}

/** The snapshot of a network of this seed. @throws {SNAPSHOT_INVALID, SNAPSHOT_FOREIGN} */
export function checkSeed(snapshot: Snapshot, seed: number | string): Snapshot {
  const { seed: found } = checkSnapshot(snapshot).state;
  if (found === seed) return snapshot;
  throw new KitError('SNAPSHOT_FOREIGN', `the snapshot is of a network of seed ${show(found)}`, {
    hint: `This one has seed ${show(seed)}, and so other wallets: fork the snapshot's own network.`,
    details: { seed, found },
  });
}
