/** Ready-made quantities: the balances of a ledger process, of wAR above all. */
import type { ActorNetwork } from '../../actors/network.js';
import { PINNED } from '../../herd/herd.js';
import { KitError, show } from '../errors.js';
import type { Parts, Quantity } from './conserve.js';
import { namesOf } from './subject.js';

/** The wAR that all wallets and processes of a network have. */
export function war(network: ActorNetwork): Quantity {
  return balancesOf(network, PINNED.war, 'wAR');
}

/**
 * What all holders of a ledger have: any process that answers `Balances` with a JSON object.
 *
 * @param process the ledger: a process, or its id
 * @param name for sentences
 */
export function balancesOf(
  network: ActorNetwork,
  process: string | { readonly id: string },
  name = 'the sum of balances',
): Quantity {
  const id = typeof process === 'string' ? process : process.id;
  return {
    name,
    get names() {
      return namesOf(network);
    },
    async read() {
      const { messages, error } = await network.dryRun(id, {
        Tags: [{ name: 'Action', value: 'Balances' }],
      });
      const data = messages[0]?.Data;
      if (error || typeof data !== 'string') throw noBalances(id, error?.text ?? show(data));
      return readBalances(id, data);
    },
  };
}

function readBalances(process: string, data: string): Parts {
  const balances: unknown = JSON.parse(data);
  if (typeof balances !== 'object' || balances === null) throw noBalances(process, data);
  return new Map(
    Object.entries(balances).map(([id, amount]) => {
      if (!/^\d+$/.test(String(amount))) throw noBalances(process, `${id} has ${show(amount)}`);
      return [id, BigInt(amount)];
    }),
  );
}

function noBalances(process: string, got: string): KitError {
  return new KitError('BAD_MATCHER', `the process ${process} tells no balances: ${got}`, {
    hint: 'A quantity of your own is { name, read }: read answers a Map of holder -> bigint.',
    details: { process },
  });
}
