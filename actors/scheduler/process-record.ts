/**
 * What the units know of a process that never changes: its signed Process item, read once.
 */
import type { DataItem } from '../../arlocal/data-item.js';
import { tagValue, tagValues } from '../items/protocol.js';
import type { Adoption } from './adoption.js';
import { type CronSpec, parseCrons } from './cron.js';

export interface ProcessRecord {
  /** The id it answers at: the item's own, or the pinned one. */
  readonly id: string;
  readonly item: DataItem;
  readonly module: string;
  readonly scheduler: string;
  /** Process that spawned it, or the wallet's address. */
  readonly from: string;
  readonly name: string | undefined;
  /** Addresses that it trusts to sign for processes, from its `Authority` tags. */
  readonly authorities: readonly string[];
  readonly crons: readonly CronSpec[];
  /** Of a process that began on another network. */
  readonly adopted?: Adoption | undefined;
}

/** @throws {INVALID_CRON} */
export function readProcess(item: DataItem, id: string = item.id): ProcessRecord {
  return {
    id,
    item,
    module: tagValue(item.tags, 'Module') ?? '',
    scheduler: tagValue(item.tags, 'Scheduler') ?? '',
    from: tagValue(item.tags, 'From-Process') ?? item.address,
    name: tagValue(item.tags, 'Name'),
    authorities: tagValues(item.tags, 'Authority').flatMap((value) => value.split(',')),
    crons: parseCrons(item.tags),
  };
}
