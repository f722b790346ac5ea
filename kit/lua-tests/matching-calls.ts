/** The calls by which tests in Lua use the matchers of the kit. */
import type { LuaValue } from '../../actors/lua/values.js';
import { balancesOf, war } from '../match/balances.js';
import { checkConserved, type Parts, type Quantity } from '../match/conserve.js';
import { checkReplay } from '../match/replaying.js';
import type { Network } from '../network-api.js';
import { readRef } from './arguments.js';
import type { Call, CallContext } from './calls.js';
import { decided, type Matching, receiptCheck, startMatching } from './matching.js';

export type { Matching } from './matching.js';

interface Measured {
  readonly quantity: Quantity;
  readonly before: Parts;
}

export const MATCHING_CALLS: readonly (readonly [name: string, call: Call])[] = [
  ['match', match],
  ['match_answers', matchAnswers],
  ['measure', measure],
  ['conserved', conserved],
  ['replayed', replayed],
];

function match(
  network: Network,
  [name, subject, negated, args]: readonly LuaValue[],
  context: CallContext,
): LuaValue {
  const check = receiptCheck(String(name), heldBy(subject, network, context), network.names);
  const matching: Matching = startMatching(check, negated === true, args);
  context.matching = matching;
  return matching.decide();
}

function matchAnswers(_: Network, [answers]: readonly LuaValue[], { matching }: CallContext) {
  if (matching === undefined || !Array.isArray(answers)) throw new Error('no matcher waits');
  matching.learn(answers);
  return matching.decide();
}

/** The network itself, or what is kept of it. */
function heldBy(subject: LuaValue, network: Network, { kept }: CallContext): unknown {
  const { kind, ref } = subject as { readonly kind: string; readonly ref: number };
  return kind === 'network' ? network : kept.get(ref);
}

/** What is to be conserved, before: wAR, or the balances that a process tells. */
async function measure(network: Network, [process]: readonly LuaValue[], { kept }: CallContext) {
  const quantity =
    process === undefined ? war(network) : balancesOf(network, network.idOf(readRef(process)));
  const measured: Measured = { quantity, before: await quantity.read() };
  return kept.add(measured);
}

async function conserved(
  network: Network,
  [ref, negated]: readonly LuaValue[],
  { kept }: CallContext,
) {
  const { quantity, before } = kept.get(ref) as Measured;
  const after = await quantity.read();
  return decided(checkConserved(quantity.name, before, after, network.names), negated === true);
}

/** Of the network, or of one process. */
async function replayed(network: Network, [process, negated]: readonly LuaValue[]) {
  const ids = process === undefined ? undefined : [network.idOf(readRef(process))];
  return decided(await checkReplay(network, ids, network.names), negated === true);
}
