/** When the gateway of a network mines: at every message, as time passes, or only when asked to. */
import { KitError, show } from '../errors.js';
import { type Duration, parseDuration } from './durations.js';

/**
 * - `'instant'`: every message from outside closes a block, over all that it set off at once
 * - `'manual'`: only `network.mine` does
 * - `{ every }`: the network's time does, one block each so often; as on Arweave with `'2m'`
 */
export type Mining = 'instant' | 'manual' | { readonly every: Duration };

/** Mean time between blocks of Arweave. */
export const ARWEAVE_MINING: Mining = { every: '2m' };

/** Milliseconds between blocks; undefined if time makes none. @throws {BAD_OPTION, BAD_DURATION} */
export function blockIntervalOf(mining: Mining): number | undefined {
  if (mining === 'instant' || mining === 'manual') return undefined;
  const ms = typeof mining === 'object' && mining !== null ? parseDuration(mining.every) : 0;
  if (ms > 0) return ms;
  throw new KitError('BAD_OPTION', `mining is ${show(mining)}`, {
    hint: "Give 'instant', 'manual' or { every: '2m' }, more than no time.",
    details: { mining },
  });
}
