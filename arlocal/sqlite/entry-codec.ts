/**
 * An entry as bytes, for stores that write to disk.
 *
 * A data item is kept as what was signed, its ANS-104 encoding without the data, so that the log
 * holds the truth and not our reading of it; a transaction as JSON.
 */
import { decodeDataItem, encodeDataItem } from '../data-item.js';
import type { Entry } from '../store.js';

const NO_DATA = new Uint8Array(0);

/** What a store keeps beside the bytes, because it looks entries up by it. */
export type EntryColumns = Pick<
  Entry,
  'kind' | 'alias' | 'dataSize' | 'dataKey' | 'bundledIn' | 'receivedMs'
>;

export function encodeEntry(entry: Entry): Uint8Array {
  if (entry.kind === 'item') return encodeDataItem({ ...entry, data: NO_DATA });
  const writable = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}` : value);
  return Buffer.from(JSON.stringify({ ...entry, tagBytes: [] }, writable));
}

export function decodeEntry(bytes: Uint8Array, columns: EntryColumns): Entry {
  if (columns.kind === 'item') {
    const { data: _, ...item } = decodeDataItem(bytes, { verify: false });
    return { ...item, ...columns, l1: null };
  }
  const { l1, ...entry } = JSON.parse(Buffer.from(bytes).toString('utf8'));
  const amounts = { quantity: BigInt(l1.quantity), reward: BigInt(l1.reward) };
  return { ...entry, ...columns, tagBytes: NO_DATA, l1: { ...l1, ...amounts } };
}
