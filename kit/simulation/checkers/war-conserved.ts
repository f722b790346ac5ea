/** Nobody makes or loses money: the balances of a token add up to the same sum all the time. */
import { as } from '../../read/decoders.js';
import { type Checker, Violation } from '../checker.js';

/**
 * @param token name or id of the token's process. @default 'wAR'
 * @param path where it keeps its balances, texts of whole numbers by owner. @default 'Balances'
 */
export function warConserved(token = 'wAR', path = 'Balances'): Checker {
  return {
    name: `${token} is conserved`,
    async watch(network) {
      const sum = async () => {
        const balances = await network.read(token, path, as.record(as.string));
        return Object.values(balances).reduce((total, balance) => total + BigInt(balance), 0n);
      };
      const before = await sum();
      return {
        async rested() {
          const now = await sum();
          if (now === before) return;
          throw new Violation(`there were ${before} winston, and now there are ${now}`);
        },
      };
    },
  };
}
