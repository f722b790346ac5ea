/** Does again what a failed simulation wrote down. */
import type { Network } from '../network.js';
import { checkCheckers } from './check-options.js';
import type { Checker } from './checker.js';
import { onCopy } from './on-copy.js';
import { readReplay } from './replay-file.js';
import type { Failure } from './run.js';

export interface ReplayReport {
  /** What broke this time, if anything did. */
  readonly failure?: Failure;
  /** True if the same rule broke in the same way. */
  readonly reproduced: boolean;
}

/**
 * Does what a failed simulation wrote down, on a copy of the network, which must be as it was then.
 * @throws {BAD_OPTION, FILE_NOT_READABLE, REPLAY_INVALID}
 */
export async function replaySimulation(
  file: string,
  network: Network,
  { checkers }: { readonly checkers: readonly Checker[] },
): Promise<ReplayReport> {
  checkCheckers(checkers);
  const { seed, failure: first, actions, crank, settleMs } = readReplay(file);
  const base = await network.snapshot();
  const { run } = await onCopy(network, base, () => actions, {
    seed,
    checkers,
    crank,
    settleMs,
  });
  const { failure } = run;
  if (!failure) return { reproduced: false };
  return { failure, reproduced: failure.checker === first.checker && failure.code === first.code };
}
