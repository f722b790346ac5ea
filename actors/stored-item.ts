/**
 * What the gateway holds, as the units see it: an Arweave transaction that is assigned to a process
 * is given to it in the shape of a data item.
 */
import type { DataItem } from '../arlocal/data-item.js';
import type { Gateway } from '../arlocal/gateway.js';

/** The item or transaction with this id or alias. */
export function storedItem(gateway: Gateway, id: string): DataItem | undefined {
  const item = gateway.item(id);
  if (item) return item;
  const entry = gateway.locate(id)?.entry;
  if (!entry) return undefined;
  const { owner, address, signature, signatureType, target, anchor, tags, tagBytes } = entry;
  const data = gateway.data(id) ?? new Uint8Array(0);
  return { id, owner, address, signature, signatureType, target, anchor, tags, tagBytes, data };
}
