/**
 * What a test in Lua can ask of the network: one row a call, under the name that it has in Lua. Most
 * pass straight on to the network of the moment; what cannot pass (receipts, snapshots, rules) stays
 * here and goes to Lua as a number.
 */
import { resolve } from 'node:path';
import type { LuaValue } from '../../actors/lua/values.js';
import type { Network, NetworkOptions } from '../network-api.js';
import {
  readCount,
  readData,
  readFields,
  readMoment,
  readRef,
  readSender,
  readTags,
  readText,
} from './arguments.js';
import { MATCHING_CALLS, type Matching } from './matching-calls.js';
import { receiptToLua, resultToLua } from './receipts.js';
import type { Kept, Stage } from './stage.js';

export interface CallContext {
  /** Where the test is that runs now. */
  readonly stage: () => Stage;
  /** Folder of the test file: paths in it are meant from there. */
  readonly folder: string;
  readonly createNetwork: (options: NetworkOptions) => Promise<Network>;
  /** What Lua knows by number: receipts, results, deliveries, snapshots, fault rules, quantities. */
  readonly kept: Kept;
  /** The matcher that the test waits for. */
  matching: Matching | undefined;
}

export type Arguments = readonly LuaValue[];
export type Call = (
  network: Network,
  args: Arguments,
  context: CallContext,
) => Promise<LuaValue> | LuaValue;

const SPAWN_FIELDS = ['from', 'name', 'source', 'file', 'module', 'tags', 'data', 'id'];
const SEND_FIELDS = ['from', 'to', 'action', 'tags', 'data', 'anchor'];
const DRY_RUN_FIELDS = ['from', 'action', 'tags', 'data'];
const CREATE_FIELDS = ['seed', 'start_at', 'mining', 'crank', 'time', 'limits'];

/** @throws what the network throws, and KitError for arguments that it could not be given */
export async function doCall(
  context: CallContext,
  name: string,
  args: Arguments,
): Promise<LuaValue> {
  if (name === 'create') return create(context, args);
  const call = CALLS.get(name);
  if (call === undefined) throw new Error(`no call "${name}"`);
  return call(await context.stage().open(), args, context);
}

const CALLS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ['wallet', (network, [name]) => wallet(network, readText('the name of a wallet', name))],
  ['impersonate', (network, [ref]) => ({ ...network.impersonate(readRef(ref)) })],
  ['spawn', spawn],
  ['send', send],
  ['eval', evaluate],
  ['assign', assign],
  ['dry_run', dryRun],
  ['read', (network, [process, path]) => network.read(readRef(process), readText('a path', path))],
  ['mine', async (network, [blocks]) => (await network.mine(readCount(blocks))).height],
  ['clock.now', (network) => network.clock.now],
  ['clock.advance', async (network, [by]) => moved(network, network.clock.advance(readMoment(by)))],
  ['clock.set', async (network, [to]) => moved(network, network.clock.set(readMoment(to)))],
  ['clock.freeze', (network) => void network.clock.freeze()],
  ['clock.unfreeze', (network) => void network.clock.unfreeze()],
  ...MATCHING_CALLS,
]);

/** `network.create { ... }`: in the place of the network that the test would have. */
async function create({ stage, createNetwork }: CallContext, [given]: Arguments) {
  const { start_at, ...options } = readFields('network.create', given, CREATE_FIELDS);
  const startAt = start_at === undefined ? {} : { startAt: start_at };
  await stage().replace(await createNetwork({ ...options, ...startAt } as NetworkOptions));
  return undefined;
}

function wallet(network: Network, name: string): LuaValue {
  const { address } = network.wallet(name);
  return { name, address };
}

async function spawn(network: Network, [given]: Arguments, { folder, kept }: CallContext) {
  const { from, file, tags, ...fields } = readFields('network.spawn', given, SPAWN_FIELDS);
  const process = await network.spawn({
    ...fields,
    ...(from === undefined ? {} : { from: readSender(network, from) }),
    ...(file === undefined ? {} : { file: resolve(folder, readText('file', file)) }),
    tags: readTags(tags),
  });
  const { id, name, spawned } = process;
  return { process: { id, name }, spawned: receiptToLua(spawned, kept) };
}

async function send(network: Network, [given]: Arguments, { kept }: CallContext) {
  const { from, to, tags, data, ...fields } = readFields('network.send', given, SEND_FIELDS);
  const receipt = await network.send({
    ...fields,
    from: readSender(network, from),
    to: readRef(to),
    tags: readTags(tags),
    ...(data === undefined ? {} : { data: readData(data) }),
  });
  return receiptToLua(receipt, kept);
}

async function evaluate(network: Network, [process, code, from]: Arguments, { kept }: CallContext) {
  const lua = readText('the code of network.eval', code);
  const sender = from === undefined ? undefined : readSender(network, from);
  return receiptToLua(await network.eval(readRef(process), lua, sender), kept);
}

async function assign(network: Network, [process, message]: Arguments, { kept }: CallContext) {
  const id = readText('the message of network.assign', message);
  return receiptToLua(await network.assign(readRef(process), id), kept);
}

async function dryRun(network: Network, [process, given]: Arguments, { kept }: CallContext) {
  const message = readFields('network.dry_run', given ?? [], DRY_RUN_FIELDS);
  const { from, tags, data, ...fields } = message;
  const result = await network.dryRun(readRef(process), {
    ...fields,
    ...(from === undefined ? {} : { from: readSender(network, from) }),
    tags: readTags(tags),
    ...(data === undefined ? {} : { data: readData(data) as string }),
  });
  return { ref: kept.add(result), value: resultToLua(result) };
}

async function moved(network: Network, done: Promise<void>): Promise<LuaValue> {
  await done;
  return network.clock.now;
}
