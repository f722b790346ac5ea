/**
 * An entry as bytes, for stores that write to disk: one line of JSON, and for a data item what was
 * signed, its ANS-104 encoding without the data, so that the log holds the truth and not our reading
 * of it.
 */
import { decodeDataItem, encodeDataItem } from '../data-item.js';
import type { Entry } from '../store.js';

const NO_DATA = new Uint8Array(0);
const LINE_END = 0x0a;

export function encodeEntry(entry: Entry): Uint8Array {
  if (entry.kind === 'transaction') {
    const writable = (_: string, value: unknown) =>
      typeof value === 'bigint' ? `${value}` : value;
    return Buffer.from(`${JSON.stringify({ ...entry, tagBytes: [] }, writable)}\n`);
  }
  const { kind, alias, dataSize, dataKey, bundledIn, receivedMs } = entry;
  const facts = { kind, alias, dataSize, dataKey, bundledIn, receivedMs };
  const signed = encodeDataItem({ ...entry, data: NO_DATA });
  return Buffer.concat([Buffer.from(`${JSON.stringify(facts)}\n`), signed]);
}

export function decodeEntry(bytes: Uint8Array): Entry {
  const end = bytes.indexOf(LINE_END);
  const facts = JSON.parse(Buffer.from(bytes.subarray(0, end)).toString('utf8'));
  if (facts.kind === 'item') {
    const { data: _, ...item } = decodeDataItem(bytes.subarray(end + 1), { verify: false });
    return { ...item, ...facts, l1: null };
  }
  const { l1, ...entry } = facts;
  const amounts = { quantity: BigInt(l1.quantity), reward: BigInt(l1.reward) };
  return { ...entry, tagBytes: NO_DATA, l1: { ...l1, ...amounts } };
}
