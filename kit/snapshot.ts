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
  const { kind, state, wallets, adoptions } = (snapshot ?? {}) as Partial<Snapshot>;
  const isWhole = isState(state) && wallets instanceof Map && Array.isArray(adoptions);
  if (kind === 'corral-snapshot' && isWhole) return snapshot;
  throw new KitError('SNAPSHOT_INVALID', `${show(snapshot)} is no snapshot`, {
    hint: 'Give what network.snapshot() resolved to: await it.',
  });
}

const PARTS: Record<keyof NetworkState, true> = {
  log: true,
  results: true,
  checkpoints: true,
  notices: true,
  unsent: true,
  monitors: true,
  timed: true,
  counters: true,
  nowMs: true,
  gateway: true,
  trace: true,
  jobs: true,
  sent: true,
  halted: true,
  faults: true,
  history: true,
  seed: true,
  crank: true,
  limits: true,
  wallets: true,
};

const isState = (state: Partial<NetworkState> | undefined): boolean =>
  Object.keys(PARTS).every((part) => state?.[part as keyof NetworkState] !== undefined);

/** The snapshot of a network of this seed. @throws {SNAPSHOT_INVALID, SNAPSHOT_FOREIGN} */
export function checkSeed(snapshot: Snapshot, seed: number | string): Snapshot {
  const { seed: found } = checkSnapshot(snapshot).state;
  if (found === seed) return snapshot;
  throw new KitError('SNAPSHOT_FOREIGN', `the snapshot is of a network of seed ${show(found)}`, {
    hint: `This one has seed ${show(seed)}, and so other wallets: fork the snapshot's own network.`,
    details: { seed, found },
  });
}

/** What came of a snapshot with parts that are missing or no longer what they were. */
export function brokenSnapshot(cause: unknown): KitError {
  const text = `the snapshot cannot be gone on from: ${(cause as Error).message}`;
  return new KitError('SNAPSHOT_INVALID', text, {
    hint: 'Give it as network.snapshot() answered it; to keep it, use network.save and loadNetwork.',
    cause,
  });
}
