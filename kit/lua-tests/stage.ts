/**
 * The network that a test runs in. It is a fork of what was prepared for the test, made when the
 * test first asks for it: one that needs no network waits for none.
 */
import type { LuaValue } from '../../actors/lua/values.js';
import { KitError } from '../errors.js';
import type { Network } from '../network-api.js';

export interface Stage {
  /** The network, made now if it was not yet. */
  open(): Promise<Network>;
  /** The network, if it was made. */
  readonly network: Network | undefined;
  /** Forks that the test made of it: they are closed with it. */
  readonly forks: Set<Network>;
  /** Puts another in its place. */
  replace(network: Network): Promise<void>;
  close(): Promise<void>;
}

export function createStage(make: () => Promise<Network>): Stage {
  let network: Network | undefined;
  const forks = new Set<Network>();
  return {
    forks,
    get network() {
      return network;
    },
    async open() {
      network ??= await make();
      return network;
    },
    async replace(next) {
      await network?.close();
      network = next;
    },
    async close() {
      for (const fork of forks) await fork.close();
      forks.clear();
      await network?.close();
      network = undefined;
    },
  };
}

/** What the host keeps for Lua, which knows it by number. */
export interface Kept {
  add(value: unknown): number;
  /** @throws {KitError} FOREIGN_VALUE */
  get(ref: LuaValue): unknown;
  readonly count: number;
  /** Forgets what came after the first so many. */
  forget(count: number): void;
}

export function createKept(): Kept {
  const values: unknown[] = [];
  return {
    add: (value) => values.push(value) - 1,
    get(ref) {
      const value = values[Number(ref)];
      if (value !== undefined) return value;
      throw new KitError('FOREIGN_VALUE', 'this was made by another test', {
        hint: 'What one test made is gone in the next; make it in before(...) to share it.',
      });
    },
    get count() {
      return values.length;
    },
    forget: (count) => void values.splice(count),
  };
}
