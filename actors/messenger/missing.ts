/**
 * What is not on this network's gateway but may be on the one behind it: ids that something is about
 * to stand on are looked for there first, so that everything after that finds them here at once.
 */
import type { DataItem } from '../../arlocal/data-item.js';
import type { Gateway } from '../../arlocal/gateway.js';
import { type OutboxMessage, outboxTag } from '../compute/result.js';
import { reportError } from '../errors.js';
import type { NetworkEvent } from '../events.js';
import { aoType } from '../items/protocol.js';
import type { Parcel } from './parcel.js';

/** Processes that belong here and may not be here yet. */
export interface Absent {
  /** How many there are. */
  readonly size: number;
  has(process: string): boolean;
  /** Has it brought here. */
  bring(process: string): Promise<unknown>;
}

/** Tags of a Process item whose values are programs. On-Boot may also be "Data", which is no id. */
const PROGRAM_TAGS = ['Module', 'On-Boot'];

/**
 * Has the programs of a Process item read from there.
 * @throws {UPSTREAM_AWAY} and others of the gateway
 */
export async function fetchForItem(gateway: Gateway, item: DataItem): Promise<void> {
  if (!gateway.upstream || aoType(item) !== 'Process') return;
  await gateway.fetchMissing(programsOf(item.tags), { data: true });
}

/** Processes that an outbox entry is for and that have to be brought first. */
export function absentFor(
  absent: Absent | undefined,
  isHere: (process: string) => boolean,
  parcel: Parcel,
): string[] {
  if (!absent?.size || (parcel.kind !== 'message' && parcel.kind !== 'assignment')) return [];
  const { entry } = parcel;
  const targets = parcel.kind === 'message' ? [parcel.entry.Target] : parcel.entry.Processes;
  const also = outboxTag((entry as OutboxMessage).Tags, 'Assignments');
  return [targets, also]
    .flat()
    .filter((id): id is string => typeof id === 'string' && absent.has(id) && !isHere(id));
}

/** Ids that an outbox entry stands on and that are not here; none without a gateway behind. */
export function missingFor(gateway: Gateway, parcel: Parcel): string[] {
  if (!gateway.upstream || (parcel.kind !== 'spawn' && parcel.kind !== 'assignment')) return [];
  const ids = parcel.kind === 'spawn' ? programsOf(parcel.entry.Tags) : [parcel.entry.Message];
  return ids.filter((id): id is string => typeof id === 'string' && !gateway.locate(id));
}

/** Data by id, for what waits for it; what goes wrong is told, and then there is none. */
export function createDataReader(gateway: Gateway, emit: (event: NetworkEvent) => void) {
  const fetchData = async (id: string) => {
    try {
      await gateway.fetchMissing([id], { data: true });
    } catch (error) {
      emit({ type: 'error', error: reportError(error, 'MESSAGE_NOT_FOUND') });
    }
    return gateway.data(id);
  };
  return (id: string): Uint8Array | undefined | Promise<Uint8Array | undefined> => {
    const data = gateway.data(id);
    return data || !gateway.upstream ? data : fetchData(id);
  };
}

/** Of tags that a program wrote: they may be anything. */
function programsOf(tags: unknown): string[] {
  const list = Array.isArray(tags) ? (tags as ({ name?: unknown; value?: unknown } | null)[]) : [];
  const named = list.filter((tag) => PROGRAM_TAGS.includes(String(tag?.name)));
  return named.map((tag) => String(tag?.value));
}
