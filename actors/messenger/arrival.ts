/**
 * What comes from outside: an item that somebody signed, or an item that is here already and that is
 * to be given to a process. It is scheduled and followed; where it cannot be yet it is announced, and
 * delivered when its turn comes.
 */
import type { DataItem } from '../../arlocal/data-item.js';
import { requireModule } from '../compute/modules.js';
import { ActorError } from '../errors.js';
import { aoType, impersonatedIn, tagValue } from '../items/protocol.js';
import { incomingItem, putIncoming } from '../items/stored-item.js';
import type { Carrier } from './delivery.js';
import type { Arrival, ArrivingAssignment } from './parcel.js';
import type { Cascade, Delivery, DeliveryFields } from './trace.js';

/** What came in, and what it sets off. */
export interface Accepted {
  readonly id: string;
  /** Process that it was assigned to; absent if it is stored for a wallet only. */
  readonly process?: string;
  /** Absent while it waits to be scheduled. */
  readonly nonce?: number;
  readonly cascade: Cascade;
}

type ItemOutside = Omit<Arrival, 'cascade' | 'journey'>;
type AssignmentOutside = Omit<ArrivingAssignment, 'cascade' | 'journey'>;
export type Outside = ItemOutside | AssignmentOutside;

/**
 * Schedules it and has it followed.
 * @param begun what it was announced as
 * @throws {UNKNOWN_PROCESS, MESSAGE_NOT_FOUND, DUPLICATE_MESSAGE, PROCESS_EXISTS, INVALID_CRON,
 *   MODULE_NOT_FOUND, NOT_A_MODULE, UNIT_DOWN}
 */
export function arrive(carrier: Carrier, it: Outside, begun?: Cascade): Accepted {
  if (it.kind === 'arriving-assignment') return arriveAssigned(carrier, it, begun);
  const item = incomingItem(it.signed);
  if (aoType(item) === 'Process') return arriveProcess(carrier, it, item, begun);
  return arriveMessage(carrier, it, item, begun);
}

/**
 * Takes note of what will be delivered later.
 * @throws what makes it undeliverable already
 */
export function announce(carrier: Carrier, it: Outside): Cascade {
  const { gateway, scheduler, road, trace } = carrier;
  const fields = fieldsOf(carrier, it);
  if (it.kind === 'arrival') {
    const item = incomingItem(it.signed);
    const isExpected = road.some(
      ({ kind, cascade: { root } }) => kind === 'arrival' && root.id === fields.id,
    );
    if (isExpected) throw isWaitingAlready(fields.id);
    if (fields.kind === 'spawn') {
      requireModule(gateway, tagValue(item.tags, 'Module') ?? '');
      scheduler.checkStart(it.signed, it.pinned);
    } else if (scheduler.process(item.target)) {
      scheduler.checkSchedule(item);
    } else if (!isExpectedProcess(carrier, item.target)) {
      checkTarget(carrier, item.target);
    }
  }
  return trace.begin(fields);
}

function arriveProcess(
  carrier: Carrier,
  { signed, pinned }: ItemOutside,
  item: DataItem,
  begun?: Cascade,
): Accepted {
  const { gateway, scheduler, trace, follow, boot, wallet } = carrier;
  requireModule(gateway, tagValue(item.tags, 'Module') ?? '');
  const record = scheduler.start(signed, pinned);
  const { id } = record;
  const from = fromOf(item, wallet.address);
  const cascade = begin(carrier, { id, kind: 'spawn', ...from, target: id, nonce: 0 }, begun);
  boot(cascade, cascade.root, record);
  const { target } = item;
  if (target !== '' && target !== id && scheduler.process(target)) {
    const { nonce } = scheduler.assign(target, id);
    const assigned = { id, kind: 'assignment', from: id, target, nonce } as const;
    follow(cascade, trace.add(cascade, cascade.root, assigned), target, nonce);
  }
  return { id, process: id, nonce: 0, cascade };
}

function arriveMessage(
  carrier: Carrier,
  { signed }: ItemOutside,
  item: DataItem,
  begun?: Cascade,
): Accepted {
  const { gateway, scheduler, wallet, emit, follow, keep } = carrier;
  const { id, target } = item;
  const isProcess = scheduler.process(target) !== undefined;
  if (!isProcess) checkTarget(carrier, target);
  const entry = isProcess ? scheduler.schedule(signed) : undefined;
  if (!entry) putIncoming(gateway, signed);
  const action = tagValue(item.tags, 'Action');
  const tagged = action === undefined ? {} : { action };
  const from = fromOf(item, wallet.address);
  const nonce = entry ? { nonce: entry.nonce } : {};
  const fields = { id, kind: 'message', ...from, target, ...tagged, ...nonce } as const;
  const cascade = begin(carrier, fields, begun);
  const sent = { type: 'sent', message: id, from: from.from, target } as const;
  emit({ ...sent, delivered: isProcess, ...tagged });
  if (!entry) {
    keep();
    if (!begun) cascade.finish();
    return { id, cascade };
  }
  follow(cascade, cascade.root, target, entry.nonce);
  return { id, process: target, nonce: entry.nonce, cascade };
}

function arriveAssigned(carrier: Carrier, it: AssignmentOutside, begun?: Cascade): Accepted {
  const { process, message, options } = it;
  const { nonce } = carrier.scheduler.assign(process, message, options);
  const cascade = begin(carrier, { ...fieldsOf(carrier, it), nonce }, begun);
  carrier.follow(cascade, cascade.root, process, nonce);
  return { id: message, process, nonce, cascade };
}

function begin({ trace }: Carrier, fields: DeliveryFields, begun?: Cascade): Cascade {
  if (begun) Object.assign(begun.root, { nonce: fields.nonce });
  return begun ?? trace.begin(fields);
}

/** The delivery as far as it is known before it is scheduled. */
function fieldsOf({ wallet }: Carrier, it: Outside): DeliveryFields {
  const { address } = wallet;
  if (it.kind === 'arriving-assignment') {
    return { id: it.message, kind: 'assignment', from: address, target: it.process };
  }
  const item = incomingItem(it.signed);
  const from = fromOf(item, address);
  if (aoType(item) === 'Process') {
    const id = it.pinned ?? item.id;
    return { id, kind: 'spawn', ...from, target: id };
  }
  const action = tagValue(item.tags, 'Action');
  const tagged = action === undefined ? {} : { action };
  return { id: item.id, kind: 'message', ...from, target: item.target, ...tagged };
}

/** Who an item is from, and whether it is somebody who did not sign. */
function fromOf(item: DataItem, messenger: string): Pick<Delivery, 'from' | 'impersonated'> {
  const impersonated = impersonatedIn(item, messenger);
  return impersonated === undefined
    ? { from: item.address }
    : { from: impersonated, impersonated: true };
}

/** Whether a process will be there before a message that is sent now. */
function isExpectedProcess({ road }: Carrier, id: string): boolean {
  return road.some(({ cascade: { root } }) => root.kind === 'spawn' && root.target === id);
}

/** @throws {UNKNOWN_PROCESS} */
function checkTarget({ isWallet }: Carrier, target: string): void {
  if (isWallet(target)) return;
  if (target === '') {
    throw new ActorError('UNKNOWN_PROCESS', 'the message has no target', {
      hint: 'Set its target to the id of a process.',
    });
  }
  throw new ActorError('UNKNOWN_PROCESS', `there is no process ${target} on this network`, {
    hint: 'Spawn it first, and send to the id that spawn answered.',
    details: { process: target },
  });
}

function isWaitingAlready(message: string): ActorError {
  return new ActorError(
    'DUPLICATE_MESSAGE',
    `${message} was sent before and waits to be delivered`,
    {
      hint: 'Sign a new message with another anchor to send the same thing again.',
      details: { message },
    },
  );
}
