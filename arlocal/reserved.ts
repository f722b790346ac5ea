/**
 * Addresses that only the network itself signs with. What its units sign is believed: that a message
 * comes from a process, that it was given a place in a log. Their keys follow from the seed, and the
 * seed may be known, so whatever they seem to have signed must have been made in this program.
 */
import type { DataItem } from './data-item.js';
import { ArlocalError } from './errors.js';

export interface Reserved {
  add(address: string): void;
  has(address: string): boolean;
  /** Gives the item back. @throws {SIGNER_RESERVED} */
  check(item: DataItem): DataItem;
}

export function createReserved(): Reserved {
  const addresses = new Set<string>();
  return {
    add(address) {
      addresses.add(address);
    },
    has: (address) => addresses.has(address),
    check(item) {
      const { id, address } = item;
      if (addresses.has(address)) throw new ArlocalError('SIGNER_RESERVED', { id, address });
      return item;
    },
  };
}
