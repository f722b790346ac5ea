/**
 * Sending as somebody who does not sign. NOT IN AO, where nobody can.
 *
 * The messenger unit signs the item and says in a tag whom it is from, so that the log holds what
 * happened and a replay gives the same. Nothing from outside is taken with its signature, and no
 * program can write that tag on what it sends.
 */

import { IMPERSONATED } from '../../actors/items/protocol.js';
import type { ActorNetwork, SendRequest } from '../../actors/network.js';
import { isId } from '../../arlocal/encoding.js';
import type { Tag } from '../../arlocal/tags.js';
import type { Wallet } from '../../arlocal/wallet.js';
import { KitError, show } from '../errors.js';
import { type Impersonated, isImpersonated } from '../people/refs.js';

/** Who signs for a sender, and what it writes on the item. */
export interface Signing {
  readonly from: SendRequest['from'];
  readonly tags: readonly Tag[];
}

/** @throws {BAD_SENDER} */
export function impersonate(network: ActorNetwork, address: string): Impersonated {
  if (!isId(address)) {
    throw new KitError('BAD_SENDER', `${show(address)} is no address`, {
      hint: 'Give a process, a wallet, a name, or the 43 characters of an id.',
      details: { address },
    });
  }
  // Answers to it are stored as those to a wallet are.
  if (!network.units.scheduler.process(address)) network.addWallet(address);
  return { address, impersonated: true };
}

export function signMessage(network: ActorNetwork, sender: Wallet | Impersonated): Signing {
  if (!isImpersonated(sender)) return { from: sender, tags: [] };
  const process = network.units.scheduler.process(sender.address);
  const own = process ? fromProcess(sender.address, process.module) : [];
  return { from: messenger(network), tags: [...own, mark(sender)] };
}

/** A process that somebody impersonated spawns is as one that a process of that id spawned. */
export function signSpawn(network: ActorNetwork, sender: Wallet | Impersonated): Signing {
  if (!isImpersonated(sender)) return { from: sender, tags: [] };
  const { address } = sender;
  const process = network.units.scheduler.process(address);
  return {
    from: messenger(network),
    tags: [...fromProcess(address, process?.module), mark(sender)],
  };
}

function fromProcess(id: string, module: string | undefined): Tag[] {
  const from = { name: 'From-Process', value: id };
  return module === undefined ? [from] : [from, { name: 'From-Module', value: module }];
}

function mark({ address }: Impersonated): Tag {
  return { name: IMPERSONATED, value: address };
}

function messenger(network: ActorNetwork): Wallet {
  return network.wallet('messenger-unit');
}
