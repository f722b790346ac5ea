import type { ActorNetwork } from '../../actors/network.js';
import type { Gateway } from '../../arlocal/gateway.js';
import type { Wallet } from '../../arlocal/wallet.js';

export const SUPPLY: bigint;

export interface World {
  readonly network: ActorNetwork;
  readonly gateway: Gateway;
  readonly ids: Readonly<Record<'war' | 'left' | 'right' | 'middle' | 'beater', string>>;
  readonly users: readonly [Wallet, Wallet, Wallet];
  /** Moves its clock on. */
  pass(ms: number): void;
  close(): Promise<void>;
}

export function openWorld(folder: string, run: number): Promise<World>;
