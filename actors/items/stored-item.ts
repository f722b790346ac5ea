/**
 * What the gateway holds, as the units see it: an Arweave transaction that is assigned to a process
 * is given to it in the shape of a data item, and a signed request as the item that it stands for.
 */
import type { DataItem, SignedItem } from '../../arlocal/data-item.js';
import type { Gateway } from '../../arlocal/gateway.js';
import { type CarriedItem, carriedItem } from './signed-request.js';

/** What the units take in: an item that was made or verified, or a verified request. */
export type Incoming = DataItem | SignedItem | CarriedItem;

export function incomingItem(incoming: Incoming): DataItem {
  return 'item' in incoming ? incoming.item : incoming;
}

/**
 * Stores what came in.
 * @param alias pinned id of a process
 * @throws {ALIAS_TAKEN}
 */
export function putIncoming(gateway: Gateway, incoming: Incoming, alias?: string): void {
  if ('carrier' in incoming) gateway.putItem(incoming.carrier, { alias: incoming.item.id });
  else gateway.putItem(incoming, alias === undefined ? {} : { alias });
}

/** The item, transaction or request with this id or alias; a request is verified again. */
export function storedItem(gateway: Gateway, id: string): DataItem | undefined {
  const item = gateway.item(id);
  if (item) return carriedItem(item, id) ?? item;
  const entry = gateway.locate(id)?.entry;
  if (!entry) return undefined;
  const { owner, address, signature, signatureType, target, anchor, tags, tagBytes } = entry;
  const data = gateway.data(id) ?? new Uint8Array(0);
  return { id, owner, address, signature, signatureType, target, anchor, tags, tagBytes, data };
}
