/**
 * How a bot reaches a network: three calls, the same in process and over HTTP. A bot knows
 * nothing of a network but this, so what it does can be done by anyone who can send a message.
 */

import type { OutboxMessage } from '../../actors/compute/result.js';
import type { ActorNetwork } from '../../actors/network.js';
import type { Wallet } from '../../arlocal/wallet.js';
import { CorralError } from '../errors.js';

export type Tags = Readonly<Record<string, string>>;

/** What a process said in answer to a message. */
export interface Reply {
  readonly target: string;
  readonly tags: Tags;
  readonly data: string;
}

export interface BotPort {
  /** Address that the bot signs as. */
  readonly address: string;
  /** Asks without a message: the JSON of the answer. @throws {BOT_REFUSED} with the process's reason */
  read(process: string, tags: Tags): Promise<unknown>;
  /**
   * Signs and sends a message, and waits until the process has evaluated it.
   * @returns what the process said to the bot because of it
   * @throws {BOT_REFUSED} if the evaluation failed
   */
  send(process: string, tags: Tags, data?: string): Promise<readonly Reply[]>;
  /** Data of an item on the gateway. @throws {BOT_DATA_MISSING} */
  data(id: string): Promise<Uint8Array>;
}

/** A bot inside the network's own program. */
export function createNetworkPort(network: ActorNetwork, wallet: Wallet): BotPort {
  const { address } = wallet;
  return {
    address,
    async read(process, tags) {
      const message = { Owner: address, From: address, Tags: tagList(tags) };
      const { messages, error } = await network.dryRun(process, message);
      if (error) throw refusedRead(tags, error.text);
      return readJson(messages[0], tags);
    },
    async send(process, tags, data = '') {
      const { result } = await network.send({ from: wallet, to: process, tags, data });
      if (result?.error) throw refusedRead(tags, result.error.text);
      return repliesTo(address, result?.messages ?? []);
    },
    async data(id) {
      const bytes = network.gateway.data(id);
      if (bytes === undefined) throw missingData(id);
      return bytes;
    },
  };
}

/** The JSON in the first message of a dry run's result. @throws {BOT_REFUSED} */
export function readJson(message: OutboxMessage | undefined, tags: Tags): unknown {
  const reply = message === undefined ? undefined : toReply(message);
  if (reply === undefined) throw refusedRead(tags, 'it gave no answer');
  if (reply.tags.Error !== undefined) throw refusedRead(tags, reply.tags.Error);
  try {
    return JSON.parse(reply.data);
  } catch (cause) {
    throw refusedRead(tags, `its answer is no JSON: ${reply.data.slice(0, 80)}`, cause);
  }
}

/** Those messages of an outbox that go to the address. */
export function repliesTo(address: string, outbox: readonly OutboxMessage[]): Reply[] {
  return outbox.map(toReply).filter(({ target }) => target === address);
}

export function missingData(id: string, cause?: unknown): CorralError {
  return new CorralError('BOT_DATA_MISSING', `the gateway has no data ${id}`, {
    hint: 'What a claim or a move is about has to be on the gateway.',
    details: { id },
    cause,
  });
}

function refusedRead(tags: Tags, reason: string, cause?: unknown): CorralError {
  return new CorralError('BOT_REFUSED', `${tags.Action ?? 'a message'} was refused: ${reason}`, {
    details: { tags },
    cause,
  });
}

function toReply({ Target, Tags, Data }: OutboxMessage): Reply {
  const list = Array.isArray(Tags) ? (Tags as { name: string; value: string }[]) : [];
  return {
    target: String(Target ?? ''),
    tags: Object.fromEntries(list.map(({ name, value }) => [name, value])),
    data: typeof Data === 'string' ? Data : '',
  };
}

function tagList(tags: Tags) {
  return Object.entries(tags).map(([name, value]) => ({ name, value }));
}
