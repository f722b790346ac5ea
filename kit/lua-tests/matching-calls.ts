/** The calls by which tests in Lua use the matchers of the kit. */
import { resolve } from 'node:path';
import type { LuaValue } from '../../actors/lua/values.js';
import { balancesOf, war } from '../match/balances.js';
import { checkConserved, type Parts } from '../match/conserve.js';
import { type GoldenOptions, goldenTrace } from '../match/golden.js';
import { checkReplay } from '../match/replaying.js';
import { subjectOf } from '../match/subject.js';
import type { Network } from '../network-api.js';
import { isRecord, readFields, readRef, readText } from './arguments.js';
import type { Call, CallContext } from './calls.js';
import { compareGolden, compareGoldenFile } from './golden-file.js';
import { decided, lookInto, type Matching, startMatching } from './matching.js';

export type { Matching } from './matching.js';

interface Measured {
  readonly name: string;
  readonly parts: Parts;
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

/** What a test measured itself: `{ [holder] = integer }`. */
function noteMeasured(_: Network, [name, parts]: readonly LuaValue[], { kept }: CallContext) {
  const entries = isRecord(parts) ? Object.entries(parts) : [];
  const counted = entries.map(([holder, amount]) => [holder, BigInt(amount as bigint)] as const);
  return kept.add({ name: String(name), parts: new Map(counted) } satisfies Measured);
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
