/** Ready-made quantities: the balances of a ledger process, of wAR above all. */
import type { ActorNetwork } from '../../actors/network.js';
import { PINNED } from '../../herd/herd.js';
import { KitError, show } from '../errors.js';
import type { Parts, Quantity } from './conserve.js';
import { namesOf } from './subject.js';

/** A quantity whose holders are known. */
interface Balances extends Quantity {
  readonly read: () => Promise<Parts>;
}

/** The wAR that all wallets and processes of a network have. */
export function war(network: ActorNetwork): Balances {
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
): Balances {
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
  const balances = parseExactly(data);
  if (typeof balances !== 'object' || balances === null) throw noBalances(process, show(data));
  return new Map(
    Object.entries(balances).map(([id, amount]) => {
      const isRounded = typeof amount === 'number' && !Number.isSafeInteger(amount);
      if (isRounded || !/^\d+$/.test(String(amount)))
        throw noBalances(process, `${id} has ${show(amount)}`);
      return [id, BigInt(amount)];
    }),
  );
}

/** JSON in which long numbers are texts, so that none is rounded; undefined if it is no JSON. */
function parseExactly(data: string): unknown {
  const exact = data.replace(TEXT_OR_NUMBER, (part) =>
    /^\d{16,}$/.test(part) ? `"${part}"` : part,
  );
  try {
    return JSON.parse(exact);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const TEXT_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function noBalances(process: string, got: string): KitError {
  return new KitError('BAD_MATCHER', `the process ${process} tells no balances: ${got}`, {
    hint: 'A quantity of your own is { name, read }: read answers a Map of holder -> bigint.',
    details: { process },
  });
}
