/** The calls by which tests in Lua use the matchers of the kit. */
import { resolve } from 'node:path';
import type { LuaValue } from '../../actors/lua/values.js';
import { KitError } from '../errors.js';
import { balancesOf, war } from '../match/balances.js';
import { checkConserved, type Parts } from '../match/conserve.js';
import { type GoldenOptions, goldenTrace } from '../match/golden.js';
import { checkReplay } from '../match/replaying.js';
import { subjectOf } from '../match/subject.js';
import type { Network } from '../network-api.js';
import { isRecord, readFields, readRef, readText, showLua } from './arguments.js';
import type { Call, CallContext } from './calls.js';
import { compareGolden, compareGoldenFile } from './golden-file.js';
import { decided, lookInto, type Matching, startMatching } from './matching.js';

export type { Matching } from './matching.js';

interface Measured {
  readonly name: string;
  readonly parts: Parts | bigint;
}

export const MATCHING_CALLS: readonly (readonly [name: string, call: Call])[] = [
  ['match', match],
  ['match_answers', matchAnswers],
  ['measure', measure],
  ['note_measured', noteMeasured],
  ['conserved', conserved],
  ['match_trace', matchTrace],
  ['replayed', replayed],
];

function match(
  network: Network,
  [name, subject, negated, args]: readonly LuaValue[],
  context: CallContext,
): LuaValue {
  const looking = lookInto(String(name), heldBy(subject, network, context), network.names);
  const matching: Matching = startMatching(looking, negated === true, args);
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

/** What the balances of a process add up to, or wAR; before and after are the same call. */
async function measure(network: Network, [process]: readonly LuaValue[], { kept }: CallContext) {
  const quantity =
    process === undefined ? war(network) : balancesOf(network, network.idOf(readRef(process)));
  return kept.add({ name: quantity.name, parts: await quantity.read() } satisfies Measured);
}

/** What a test measured itself: a sum, or `{ [holder] = integer }`. @throws {BAD_MATCHER} */
function noteMeasured(_: Network, [given, amounts]: readonly LuaValue[], { kept }: CallContext) {
  const name = String(given);
  const isNobodys = Array.isArray(amounts) && amounts.length === 0;
  const entries = isRecord(amounts) ? Object.entries(amounts) : isNobodys ? [] : undefined;
  const parts = entries
    ? new Map(entries.map(([who, amount]) => [who, readInteger(`${name} of ${who}`, amount)]))
    : readInteger(name, amounts);
  return kept.add({ name, parts } satisfies Measured);
}

function readInteger(what: string, amount: LuaValue): bigint {
  if (typeof amount === 'bigint' || Number.isSafeInteger(amount)) return BigInt(amount as bigint);
  throw new KitError('BAD_MATCHER', `${what} is ${showLua(amount)}, no integer`, {
    hint: 'read returns an integer, or a table of holder = integer: write math.tointeger(text).',
    details: { quantity: what },
  });
}

function conserved(
  network: Network,
  [before, after, negated]: readonly LuaValue[],
  { kept }: CallContext,
) {
  const was = kept.get(before) as Measured;
  const is = kept.get(after) as Measured;
  return decided(checkConserved(was.name, was.parts, is.parts, network.names), negated === true);
}

/** Of the network, or of one process. */
async function replayed(network: Network, [process, negated]: readonly LuaValue[]) {
  const ids = process === undefined ? undefined : [network.idOf(readRef(process))];
  return decided(await checkReplay(network, ids, network.names), negated === true);
}

const GOLDEN_FIELDS = ['file', 'tags', 'data', 'output', 'gas', 'nonce'];

/** `to_match_trace(text)`, or with `{ file = ... }` and what the trace shall tell. */
function matchTrace(
  network: Network,
  [subject, given, options]: readonly LuaValue[],
  context: CallContext,
): LuaValue {
  const isText = typeof given === 'string';
  const fields = readFields('to_match_trace', (isText ? options : given) ?? [], GOLDEN_FIELDS);
  const { file, ...detail } = fields;
  const trace = goldenTrace(
    subjectOf(heldBy(subject, network, context), network.names),
    detail as GoldenOptions,
  );
  const path = file === undefined ? undefined : resolve(context.folder, readText('file', file));
  const difference =
    path === undefined
      ? compareGolden(trace, isText ? given : '')
      : compareGoldenFile(trace, path, context.golden);
  return difference === undefined ? {} : { failure: { ...difference } };
}
