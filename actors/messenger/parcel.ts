/**
 * What waits to be delivered: entries of outboxes, what the messenger unit itself tells a process, and
 * what came from outside while the road is watched. On an open road the last two never wait.
 */
import type { Tag } from '../../arlocal/tags.js';
import { outboxTag } from '../compute/result.js';
import type { Journey } from '../faults/journey.js';
import type { Way } from '../faults/rule.js';
import { aoType, tagValue } from '../items/protocol.js';
import { type Incoming, incomingItem } from '../items/stored-item.js';
import type { AssignOptions } from '../scheduler/scheduler.js';
import type { Job } from './delivery.js';
import type { OutboxOrigin } from './outbox.js';
import type { Cascade, Delivery } from './trace.js';

/** The notice that tells a process of its new child, which `parent` is the spawn of. */
export interface SpawnedNotice {
  readonly kind: 'spawned';
  readonly cascade: Cascade;
  readonly parent: Delivery;
  readonly origin: OutboxOrigin;
  /** Set on a second copy, which gets an anchor of its own. */
  readonly copy?: string;
  journey?: Journey;
}

/** An item from outside. */
export interface Arrival {
  readonly kind: 'arrival';
  readonly cascade: Cascade;
  readonly signed: Incoming;
  /** Pinned id of a Process item. */
  readonly pinned?: string | undefined;
  journey?: Journey;
}

/** An item that is stored already, and that somebody outside has given to a process. */
export interface ArrivingAssignment {
  readonly kind: 'arriving-assignment';
  readonly cascade: Cascade;
  readonly process: string;
  readonly message: string;
  readonly options?: AssignOptions | undefined;
  journey?: Journey;
}

export type FromOutside = Arrival | ArrivingAssignment;
export type Parcel = Job | SpawnedNotice | FromOutside;

export function isFromOutside(parcel: Parcel): parcel is FromOutside {
  return parcel.kind === 'arrival' || parcel.kind === 'arriving-assignment';
}

/** Where a parcel is on its way; what a program put into its outbox may be anything. */
export function wayOf(parcel: Parcel): Way {
  if (parcel.kind === 'arriving-assignment') {
    const { from } = parcel.cascade.root;
    return { from, to: parcel.process, kind: 'assignment' };
  }
  if (parcel.kind === 'arrival') return wayOfItem(parcel.signed);
  const { id: from } = parcel.origin.process;
  switch (parcel.kind) {
    case 'spawned':
      return { from, to: from, action: 'Spawned', kind: 'message' };
    case 'assignment':
      return { from: parcel.parent.target, to: assigneeOf(parcel), kind: 'assignment' };
    case 'spawn':
      return { from, kind: 'spawn', action: text(outboxTag(parcel.entry?.Tags, 'Action')) };
    case 'message': {
      const { Target: to, Tags: tags } = parcel.entry ?? {};
      return { from, to: text(to), action: text(outboxTag(tags, 'Action')), kind: 'message' };
    }
  }
}

function wayOfItem(signed: Incoming): Way {
  const { address: from, target: to, tags } = incomingItem(signed);
  if (aoType(incomingItem(signed)) === 'Process') return { from, kind: 'spawn' };
  return { from, to, action: actionOf(tags), kind: 'message' };
}

function actionOf(tags: readonly Tag[]): string | undefined {
  return tagValue(tags, 'Action');
}

function assigneeOf({ entry }: Job & { kind: 'assignment' }): string | undefined {
  const { Processes: processes } = entry ?? {};
  return Array.isArray(processes) && processes.length === 1 ? text(processes[0]) : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
