/** The calls by which tests in Lua make things go wrong, and turn the crank by hand. */
import type { FaultRule } from '../../actors/faults/faults.js';
import type { Chance } from '../../actors/faults/rule.js';
import type { LuaValue } from '../../actors/lua/values.js';
import type { CrashTarget, KitFaults, KitLink } from '../faults.js';
import type { Network } from '../network-api.js';
import type { Ref } from '../people/refs.js';
import type { Duration } from '../time/durations.js';
import { isRecord, readFields, readRef } from './arguments.js';
import type { Arguments, Call } from './calls.js';
import { deliveryToLua } from './receipts.js';

/** A fault that begins: what it is given, as Lua gives it. */
type Beginning = (faults: KitFaults, args: Arguments) => FaultRule;

const BEGINNINGS: Readonly<Record<string, Beginning>> = {
  hold: (faults, [link]) => faults.hold(readLink(link)),
  drop: (faults, [link, chance]) => faults.drop(readLink(link), readChance(chance)),
  duplicate: (faults, [link, chance]) => faults.duplicate(readLink(link), readChance(chance)),
  delay: (faults, [link, time]) => faults.delay(readLink(link), readTime(time)),
  reorder: (faults, [link, options]) => faults.reorder(readLink(link), readWithin(options)),
  partition: (faults, [a, b]) => faults.partition(readGroup(a), readGroup(b)),
  crash: (faults, [target]) => faults.crash(readRef(target) as CrashTarget),
  busy: (faults, [target, time]) =>
    faults.busy(readRef(target) as CrashTarget, time as unknown as Duration),
};

export const FAULT_CALLS: readonly (readonly [name: string, call: Call])[] = [
  ...Object.entries(BEGINNINGS).map(([name, begin]) => {
    const call: Call = ({ faults }, args) => begin(faults, args).number;
    return [`faults.${name}`, call] as const;
  }),
  ['faults.stop', ({ faults }, [number]) => faults.end(Number(number)).then(nothing)],
  [
    'faults.release',
    ({ faults }, [link]) =>
      faults.release(link === undefined ? link : readLink(link)).then(nothing),
  ],
  ['faults.heal', ({ faults }) => faults.heal().then(nothing)],
  [
    'faults.restart',
    ({ faults }, [target]) =>
      faults
        .restart(target === undefined ? target : (readRef(target) as CrashTarget))
        .then(nothing),
  ],
  ['faults.list', ({ faults }) => faults.list().map((rule) => ({ ...rule }) as LuaValue)],
  ['faults.clear', ({ faults }) => faults.clear().then(nothing)],
  ['step', step],
  ['pending', (network) => network.pendingDeliveries().map(pendingToLua)],
];

async function step(network: Network, _: Arguments, { kept }: Parameters<Call>[2]) {
  const delivery = await network.step();
  return delivery && deliveryToLua(delivery, kept);
}

function pendingToLua(pending: ReturnType<Network['pendingDeliveries']>[number]): LuaValue {
  const { dueMs, faults, ...others } = pending;
  return { ...others, due_ms: dueMs, faults: faults.map(({ text }) => text) };
}

const LINK_FIELDS = ['from', 'to', 'action', 'kind'];

function readLink(value: LuaValue): KitLink {
  return readFields('the link of a fault', value ?? [], LINK_FIELDS) as KitLink;
}

function readChance(value: LuaValue): Chance {
  return readFields('the chance of a fault', value ?? [], ['times', 'probability']);
}

function readWithin(value: LuaValue): { readonly within?: number } {
  return readFields('the second argument of network.faults.reorder', value ?? [], ['within']);
}

/** A duration, or `{ min, max }`; the network checks it. */
function readTime(value: LuaValue): Duration | { readonly min: Duration; readonly max: Duration } {
  return (isRecord(value) ? { ...value } : value) as unknown as Duration;
}

/** One process or wallet, or a list of them. */
function readGroup(value: LuaValue): readonly Ref[] {
  return (Array.isArray(value) ? value : [value]).map(readRef);
}

function nothing(): undefined {
  return undefined;
}
