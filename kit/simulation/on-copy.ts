/** A run on a copy of a network, which itself stays as it is. */
import type { Network } from '../network.js';
import type { Action } from './action.js';
import { hashNetwork } from './final-hash.js';
import { type Run, type RunOptions, runActions } from './run.js';

/** What a run begins with. */
export type Base = Awaited<ReturnType<Network['snapshot']>>;

/** @returns the run and, if nothing failed, the hash of all that it left */
export async function onCopy(
  network: Network,
  base: Base,
  choose: (copy: Network) => Iterable<Action> | AsyncIterable<Action>,
  how: RunOptions,
): Promise<{ run: Run; hash: string }> {
  await using copy = await network.fork(base, { crank: how.crank });
  const run = await runActions(copy, choose(copy), how);
  return { run, hash: run.failure ? '' : await hashNetwork(copy) };
}
