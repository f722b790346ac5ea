/**
 * The messenger unit: where items come in from outside. It has them scheduled, evaluated and cranked,
 * and remembers what each of them set off.
 */
import type { DataItem } from '../../arlocal/data-item.js';
import type { Gateway } from '../../arlocal/gateway.js';
import type { ComputeUnit } from '../compute/compute.js';
import { requireModule } from '../compute/modules.js';
import { ActorError, networkClosed, notAo } from '../errors.js';
import type { NetworkEvent } from '../events.js';
import { aoType, impersonatedIn, tagValue } from '../items/protocol.js';
import { type Incoming, incomingItem, putIncoming } from '../items/stored-item.js';
import type { Log, LogEntry } from '../ports.js';
import type { AssignOptions, SchedulerUnit } from '../scheduler/scheduler.js';
import type { Crank } from './crank.js';
import type { Cascade, Delivery, Trace } from './trace.js';

export interface MessengerOptions {
  readonly gateway: Gateway;
  readonly scheduler: SchedulerUnit;
  readonly crank: Crank;
  readonly compute: ComputeUnit;
  readonly log: Log<LogEntry>;
  readonly trace: Trace;
  /** Address of the wallet that signs what processes send: their Authority. */
  readonly address: string;
  readonly emit: (event: NetworkEvent) => void;
  /** True for addresses that are known to be wallets, which get messages but never run. */
  readonly isWallet: (address: string) => boolean;
}

/** What came in, and what it sets off. */
export interface Accepted {
  readonly id: string;
  /** Process that it was assigned to; absent if it is stored for a wallet only. */
  readonly process?: string;
  readonly nonce?: number;
  readonly cascade: Cascade;
}

export interface MessengerUnit {
  readonly address: string;
  /**
   * Takes an item or request whose signature has been checked.
   * @param id pinned id of a Process item
   * @throws {NOT_AO, UNKNOWN_PROCESS, DUPLICATE_MESSAGE, PROCESS_EXISTS, INVALID_CRON,
   *   MODULE_NOT_FOUND, NOT_A_MODULE}
   */
  accept(signed: Incoming, id?: string): Accepted;
  /**
   * Has an item that is stored already given to a process.
   * @throws {UNKNOWN_PROCESS, MESSAGE_NOT_FOUND, DUPLICATE_MESSAGE}
   */
  assign(process: string, message: string, options?: AssignOptions): Accepted;
  /**
   * Has an assigned message evaluated and its outbox sent on, as far as that has not been done.
   * @throws {MESSAGE_NOT_FOUND}
   */
  push(process: string, nonce: number): Accepted;
  /**
   * Sends one message of a result again that was refused before; one that was sent stays sent.
   * @throws {UNKNOWN_PROCESS, MESSAGE_NOT_FOUND, BAD_REQUEST} and why it is refused again
   */
  pushAgain(process: string, message: string, index: number): Promise<void>;
  /** From now on everything is refused with NETWORK_CLOSED. */
  close(): void;
}

export function createMessenger(options: MessengerOptions): MessengerUnit {
  const { gateway, scheduler, crank, log, trace, address, emit, isWallet } = options;
  let closed = false;

  const spawn = (signed: Incoming, item: DataItem, pinned?: string): Accepted => {
    requireModule(gateway, tagValue(item.tags, 'Module') ?? '');
    const record = scheduler.start(signed, pinned);
    const { id } = record;
    const fields = { id, kind: 'spawn', ...fromOf(item, address), target: id, nonce: 0 } as const;
    const cascade = trace.begin(fields);
    crank.boot(cascade, cascade.root, record);
    const { target } = item;
    if (target !== '' && target !== id && scheduler.process(target)) {
      const { nonce } = scheduler.assign(target, id);
      const assigned = { id, kind: 'assignment', from: id, target, nonce } as const;
      crank.follow(cascade, trace.add(cascade, cascade.root, assigned), target, nonce);
    }
    return { id, process: id, nonce: 0, cascade };
  };

  const message = (signed: Incoming, item: DataItem): Accepted => {
    const { id, target } = item;
    const isProcess = scheduler.process(target) !== undefined;
    if (!isProcess && !isWallet(target)) throw unknownTarget(target);
    const entry = isProcess ? scheduler.schedule(signed) : undefined;
    if (!entry) putIncoming(gateway, signed);
    const action = tagValue(item.tags, 'Action');
    const from = fromOf(item, address);
    const cascade = trace.begin({
      id,
      kind: 'message',
      ...from,
      target,
      ...(action === undefined ? {} : { action }),
      ...(entry ? { nonce: entry.nonce } : {}),
    });
    emit({
      type: 'sent',
      message: id,
      from: from.from,
      target,
      delivered: isProcess,
      ...(action === undefined ? {} : { action }),
    });
    if (!entry) {
      crank.keep();
      cascade.finish();
      return { id, cascade };
    }
    crank.follow(cascade, cascade.root, target, entry.nonce);
    return { id, process: target, nonce: entry.nonce, cascade };
  };

  const followUp = (process: string, id: string, nonce: number): Accepted => {
    const fields = { id, kind: 'assignment', from: address, target: process, nonce } as const;
    const cascade = trace.begin(fields);
    crank.follow(cascade, cascade.root, process, nonce);
    return { id, process, nonce, cascade };
  };

  return {
    address,
    accept(signed, id) {
      if (closed) throw networkClosed();
      const item = incomingItem(signed);
      const type = aoType(item);
      if (type === 'Process') return spawn(signed, item, id);
      if (type === 'Message') return message(signed, item);
      throw notAo(item.id, type);
    },
    assign(process, id, assignOptions) {
      if (closed) throw networkClosed();
      return followUp(process, id, scheduler.assign(process, id, assignOptions).nonce);
    },
    push(process, nonce) {
      if (closed) throw networkClosed();
      const id = log.at(process, nonce)?.messageId;
      if (id === undefined) throw noSuchNonce(process, nonce);
      return followUp(process, id, nonce);
    },
    async pushAgain(process, message, index) {
      if (closed) throw networkClosed();
      return pushAgain(options, process, message, index);
    },
    close() {
      closed = true;
    },
  };
}

/** Who an item is from, and whether it is somebody who did not sign. */
function fromOf(item: DataItem, messenger: string): Pick<Delivery, 'from' | 'impersonated'> {
  const impersonated = impersonatedIn(item, messenger);
  return impersonated === undefined
    ? { from: item.address }
    : { from: impersonated, impersonated: true };
}

async function pushAgain(
  { scheduler, compute, trace, crank, address }: MessengerOptions,
  process: string,
  message: string,
  index: number,
): Promise<void> {
  const entry = scheduler.find(process, message);
  if (entry === undefined) throw neverGiven(process, message);
  const { messageId: id, nonce } = entry;
  const evaluation = await compute.result(process, id);
  const { length } = evaluation.result.messages;
  if (index >= length) throw noSuchNumber(message, index, length);
  const fields = { id, kind: 'assignment', from: address, target: process, nonce } as const;
  const cascade = trace.begin(fields);
  crank.retry(cascade, cascade.root, evaluation, index);
}

function unknownTarget(target: string): ActorError {
  if (target === '') {
    return new ActorError('UNKNOWN_PROCESS', 'the message has no target', {
      hint: 'Set its target to the id of a process.',
    });
  }
  return new ActorError('UNKNOWN_PROCESS', `there is no process ${target} on this network`, {
    hint: 'Spawn it first, and send to the id that spawn answered.',
    details: { process: target },
  });
}

function neverGiven(process: string, message: string): ActorError {
  return new ActorError('MESSAGE_NOT_FOUND', `process ${process} was never given ${message}`, {
    hint: 'Ask for the id of a message that was sent or assigned to this process.',
    details: { process, message },
  });
}

function noSuchNumber(message: string, index: number, length: number): ActorError {
  return new ActorError(
    'BAD_REQUEST',
    `the result of ${message} has ${length} messages, and no number ${index}`,
    { hint: 'Messages are numbered from 0.', details: { message, index } },
  );
}

function noSuchNonce(process: string, nonce: number): ActorError {
  return new ActorError('MESSAGE_NOT_FOUND', `process ${process} has no message at ${nonce}`, {
    hint: 'Give the nonce of a message that was assigned to it.',
    details: { process, nonce },
  });
}
