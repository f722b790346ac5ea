/**
 * wAR from nowhere. NOT IN AO, where it is bridged from AR: here the owner of the token process mints
 * it, whom the kit impersonates. wAR is booted at its own id, if it is not there yet.
 */

import { outboxTag } from '../../actors/compute/result.js';
import type { ActorNetwork } from '../../actors/network.js';
import { bootWar, PINNED } from '../../herd/herd.js';
import { KitError, show } from '../errors.js';
import type { Network, Receipt } from '../network-api.js';
import { impersonate } from './impersonate.js';
import { currentOwner } from './owner.js';

/** wAR in decimals such as `'1.5'`, or winston of it (10^12 a wAR). */
export type WarAmount = string | bigint;

const DECIMALS = 12;

/** @throws {BAD_AMOUNT, NO_OWNER, WAR_REFUSED} */
export async function mintWar(
  network: ActorNetwork,
  send: Network['send'],
  module: () => string,
  recipient: string,
  amount: WarAmount,
): Promise<Receipt> {
  const quantity = parseWar(amount);
  const { war } = PINNED;
  const isThere = () => network.units.scheduler.process(war) !== undefined;
  if (!isThere()) await bootWar(network, module());
  if (!isThere()) {
    throw new KitError('WAR_REFUSED', 'wAR waits to be booted: its Process item is on the way', {
      hint: 'Deliver it (network.step(), or the end of a fault), and mint again.',
    });
  }
  const from = impersonate(network, await currentOwner(network, war));
  const tags = { Recipient: recipient, Quantity: `${quantity}` };
  const receipt = await send({ from, to: war, action: 'Mint', tags });
  const refusal =
    receipt.result?.error?.text ??
    receipt.result?.messages
      .filter(({ Tags: tags }) => outboxTag(tags, 'Action') === 'Mint-Error')
      .map(({ Tags: tags }) => outboxTag(tags, 'Error'))[0];
  if (refusal === undefined) return receipt;
  throw new KitError('WAR_REFUSED', `wAR was not minted: ${String(refusal)}`, {
    hint: 'The process at the id of wAR must take Mint from its owner, as processes/war.lua does.',
    details: { recipient, quantity },
  });
}

/** @returns winston @throws {BAD_AMOUNT} */
export function parseWar(amount: WarAmount): bigint {
  const winston = typeof amount === 'bigint' ? amount : readDecimals(amount);
  if (winston !== undefined && winston > 0n) return winston;
  throw new KitError('BAD_AMOUNT', `${show(amount)} is no amount of wAR`, {
    hint:
      typeof amount === 'number'
        ? `A number cannot hold every amount: write '${amount}' for wAR, or ${Math.trunc(amount) || 1}n for winston.`
        : `Give more than nothing: wAR as text with up to ${DECIMALS} decimals ('1.5'), or winston as bigint (15n).`,
    details: { amount },
  });
}

function readDecimals(text: unknown): bigint | undefined {
  const match = typeof text === 'string' ? /^(\d+)(?:\.(\d{1,12}))?$/.exec(text) : null;
  if (!match) return undefined;
  return BigInt(`${match[1]}${(match[2] ?? '').padEnd(DECIMALS, '0')}`);
}
