/**
 * The messenger unit: where items come in from outside. It has them scheduled, evaluated and cranked,
 * and remembers what each of them set off.
 */
import type { ComputeUnit } from '../compute/compute.js';
import { ActorError, networkClosed, notAo } from '../errors.js';
import type { Outages } from '../faults/outages.js';
import { aoType } from '../items/protocol.js';
import { type Incoming, incomingItem } from '../items/stored-item.js';
import type { Log, LogEntry } from '../ports.js';
import type { AssignOptions, SchedulerUnit } from '../scheduler/scheduler.js';
import type { Accepted } from './arrival.js';
import type { Crank } from './crank.js';
import type { Trace } from './trace.js';

export type { Accepted } from './arrival.js';

export interface MessengerOptions {
  readonly scheduler: SchedulerUnit;
  readonly crank: Crank;
  readonly compute: ComputeUnit;
  readonly log: Log<LogEntry>;
  readonly trace: Trace;
  /** Address of the wallet that signs what processes send: their Authority. */
  readonly address: string;
  readonly outages: Outages;
}

export interface MessengerUnit {
  readonly address: string;
  /**
   * Takes an item or request whose signature has been checked.
   * @param id pinned id of a Process item
   * @throws {NOT_AO, UNKNOWN_PROCESS, DUPLICATE_MESSAGE, PROCESS_EXISTS, INVALID_CRON,
   *   MODULE_NOT_FOUND, NOT_A_MODULE, UNIT_DOWN}
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
  const { crank, log, trace, address, outages } = options;
  let closed = false;

  const requireUp = () => {
    if (closed) throw networkClosed();
    outages.requireUnit('mu');
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
      requireUp();
      const item = incomingItem(signed);
      const type = aoType(item);
      if (type !== 'Process' && type !== 'Message') throw notAo(item.id, type);
      return crank.arrive({ kind: 'arrival', signed, pinned: id });
    },
    assign(process, id, assignOptions) {
      requireUp();
      const it = { kind: 'arriving-assignment', process, message: id } as const;
      return crank.arrive({ ...it, options: assignOptions });
    },
    push(process, nonce) {
      requireUp();
      const id = log.at(process, nonce)?.messageId;
      if (id === undefined) throw noSuchNonce(process, nonce);
      return followUp(process, id, nonce);
    },
    async pushAgain(process, message, index) {
      requireUp();
      return pushAgain(options, process, message, index);
    },
    close() {
      closed = true;
    },
  };
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
