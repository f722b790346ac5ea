/**
 * Entries of outboxes as signed items. The anchor is derived from the place of the entry, so that
 * signing it again gives the same item; a second copy, which a fault asks for, has one of its own.
 */
import {
  type DataItemFields,
  itemSize,
  type SignedItem,
  signDataItem,
} from '../../arlocal/data-item.js';
import type { Gateway } from '../../arlocal/gateway.js';
import type { Wallet } from '../../arlocal/wallet.js';
import { ActorError } from '../errors.js';
import { incomingItem } from '../items/stored-item.js';
import type { Limits } from '../limits.js';
import type { SchedulerUnit } from '../scheduler/scheduler.js';
import { messageTooLarge } from './bounds.js';
import type { Job } from './delivery.js';
import { derivedAnchor, messageFields, spawnedFields, spawnFields } from './outbox.js';
import type { Parcel, SpawnedNotice } from './parcel.js';

export interface Signing {
  readonly gateway: Gateway;
  readonly scheduler: SchedulerUnit;
  /** Signs what processes send. */
  readonly wallet: Wallet;
  readonly limits: Limits;
}

/** What is signed for a process. */
export type Signable = Exclude<Job, { readonly kind: 'assignment' }> | SpawnedNotice;

/**
 * Signs an entry; one whose anchor the program used before gets an anchor of its own.
 * @throws {UNSENDABLE_MESSAGE, TAG_NOT_STRING, MESSAGE_TOO_LARGE}
 */
export function sign(signing: Signing, parcel: Signable): SignedItem {
  const { wallet, gateway, limits } = signing;
  const { origin, copy } = parcel;
  const fields = fieldsOf(signing, parcel);
  const signed = signDataItem(wallet, fields);
  const size = itemSize(signed.item);
  if (size > limits.messageBytes) throw messageTooLarge(size, limits);
  if (copy !== undefined || gateway.item(signed.item.id) === undefined) return signed;
  return signDataItem(wallet, { ...fields, anchor: derivedAnchor(origin) });
}

/** The id that a parcel will have if it is delivered next; undefined if it cannot be sent. */
export function idOf(signing: Signing, parcel: Parcel): string | undefined {
  if (parcel.kind === 'arrival') return incomingItem(parcel.signed).id;
  if (parcel.kind === 'arriving-assignment') return parcel.message;
  if (parcel.kind === 'assignment') return textOf(parcel.entry?.Message);
  try {
    return sign(signing, parcel).item.id;
  } catch (error) {
    if (error instanceof ActorError) return undefined; // told when it is sent
    throw error;
  }
}

function fieldsOf({ scheduler }: Signing, parcel: Signable): DataItemFields {
  const { origin, copy } = parcel;
  const fields = uncopiedFields(scheduler, parcel);
  return copy === undefined
    ? fields
    : { ...fields, anchor: derivedAnchor(origin, `${parcel.kind}${copy}`) };
}

function uncopiedFields(scheduler: SchedulerUnit, parcel: Signable): DataItemFields {
  const { kind, origin } = parcel;
  if (kind === 'message') return messageFields(parcel.entry, origin);
  if (kind === 'spawn') return spawnFields(parcel.entry, origin);
  const { id, item } = scheduler.requireProcess(parcel.parent.target);
  return spawnedFields(item.tags, id, origin);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
