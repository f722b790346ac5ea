/**
 * What a test in Lua can ask of the network: one row a call, under the name that it has in Lua.
 * Most pass straight on to the network of the moment; what cannot pass (receipts, snapshots, rules)
 * stays here and goes to Lua as a number.
 */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { LuaValue } from '../../actors/lua/values.js';
import { CorralError } from '../../herd/errors.js';
import type { AdoptRequest } from '../adopt/request.js';
import type { SettableValue } from '../cheats/lua-literal.js';
import { KitError } from '../errors.js';
import type {
  ForkOptions,
  FoundProcess,
  LoadOptions,
  Network,
  NetworkOptions,
} from '../network-api.js';
import type { Snapshot } from '../snapshot.js';
import {
  readCount,
  readData,
  readFields,
  readMoment,
  readRef,
  readSender,
  readTags,
  readText,
  readWar,
} from './arguments.js';
import { FAULT_CALLS } from './fault-calls.js';
import type { GoldenPolicy } from './golden-file.js';
import { MATCHING_CALLS, type Matching } from './matching-calls.js';
import { receiptToLua, resultToLua } from './receipts.js';
import type { Kept, Stage } from './stage.js';

/** Where networks come from. */
export interface Networks {
  create(options: NetworkOptions): Promise<Network>;
  /** One that a file holds. */
  load(file: string, options: LoadOptions): Promise<Network>;
}

export interface CallContext {
  /** Where the test is that runs now. */
  readonly stage: () => Stage;
  /** Folder of the test file: paths in it are meant from there. */
  readonly folder: string;
  readonly networks: Networks;
  /** What Lua knows by number: receipts, results, deliveries, snapshots, quantities. */
  readonly kept: Kept;
  readonly golden: GoldenPolicy;
  /** Folders of the files that were spawned, the last first. */
  readonly folders: string[];
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
const ADOPT_FIELDS = ['process', 'su', 'cu', 'node', 'gateway', 'state', 'scheduler', 'messenger'];
const CREATE_FIELDS = ['seed', 'start_at', 'mining', 'crank', 'time', 'limits'];
const LOAD_FIELDS = ['mining', 'crank', 'limits'];
const FORK_FIELDS = LOAD_FIELDS;

/** @throws what the network throws, and KitError for arguments that it could not be given */
export async function doCall(
  context: CallContext,
  at: number,
  name: string,
  args: Arguments,
): Promise<LuaValue> {
  const begin = BEGINNINGS.get(name);
  if (begin !== undefined && at === 0) {
    await context.stage().replace(await begin(context, args));
    return undefined;
  }
  const call = CALLS.get(name);
  if (call === undefined) throw new Error(`no call "${name}"`);
  return call(await networkAt(context, at), args, context);
}

/** The network of the test, or a fork that it made. @throws {FOREIGN_VALUE} */
async function networkAt({ stage, kept }: CallContext, at: number): Promise<Network> {
  if (at === 0) return stage().open();
  const fork = kept.get(at - 1) as Network;
  if (stage().forks.has(fork)) return fork;
  throw new KitError('FOREIGN_VALUE', 'this fork is closed, or was made outside of the test', {
    hint: 'Fork in the test itself: what before(...) did is in its network already.',
  });
}

/** Calls that put another network in the place of the one that the test would have. */
const BEGINNINGS = new Map([
  ['create', create],
  ['load', load],
]);

const CALLS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ['wallet', (network, [name]) => wallet(network, readText('the name of a wallet', name))],
  ['impersonate', (network, [ref]) => ({ ...network.impersonate(readRef(ref)) })],
  ['spawn', spawn],
  ['adopt', adopt],
  ['load_process', loadProcess],
  ['process', (network, [ref]) => ({ process: identity(network.process(readRef(ref))) })],
  ['send', send],
  ['eval', evaluate],
  ['assign', assign],
  ['dry_run', dryRun],
  ['read', (network, [process, path]) => network.read(readRef(process), readText('a path', path))],
  ['set_state', setState],
  ['mint_war', mintWar],
  ['monitor', (network, [process]) => network.monitor(readRef(process)).then(nothing)],
  ['unmonitor', (network, [process]) => network.unmonitor(readRef(process)).then(nothing)],
  ['snapshot', async (network, _, { kept }) => kept.add(await network.snapshot())],
  ['revert', (network, [ref], { kept }) => network.revert(kept.get(ref) as Snapshot).then(nothing)],
  ['fork', fork],
  ['close', close],
  ['save', save],
  ['mine', async (network, [blocks]) => (await network.mine(readCount(blocks))).height],
  ['clock.now', (network) => network.clock.now],
  ['clock.advance', async (network, [by]) => moved(network, network.clock.advance(readMoment(by)))],
  ['clock.set', async (network, [to]) => moved(network, network.clock.set(readMoment(to)))],
  ['clock.freeze', (network) => void network.clock.freeze()],
  ['clock.unfreeze', (network) => void network.clock.unfreeze()],
  ...FAULT_CALLS,
  ...MATCHING_CALLS,
]);

function create({ networks }: CallContext, [given]: Arguments): Promise<Network> {
  const { start_at, ...options } = readFields('network.create', given ?? [], CREATE_FIELDS);
  const startAt = start_at === undefined ? {} : { startAt: start_at };
  return networks.create({ ...options, ...startAt } as NetworkOptions);
}

function load({ networks, folder }: CallContext, [file, given]: Arguments): Promise<Network> {
  const options = readFields('network.load', given ?? [], LOAD_FIELDS);
  return networks.load(resolve(folder, readText('the file of network.load', file)), options);
}

/** @returns the number of the fork */
async function fork(network: Network, [from, given]: Arguments, { stage, kept }: CallContext) {
  const changes = readFields('the second argument of network.fork', given ?? [], FORK_FIELDS);
  const snapshot = from === undefined ? undefined : (kept.get(from) as Snapshot);
  const made = await network.fork(snapshot, changes as ForkOptions);
  stage().forks.add(made);
  return kept.add(made) + 1;
}

/** Of a fork: that of the test is closed for it. */
async function close(network: Network, _: Arguments, { stage }: CallContext) {
  stage().forks.delete(network);
  return network.close().then(nothing);
}

function save(network: Network, [file]: Arguments, { folder }: CallContext) {
  return network.save(resolve(folder, readText('the file of network.save', file))).then(nothing);
}

function wallet(network: Network, name: string): LuaValue {
  const { address } = network.wallet(name);
  return { name, address };
}

async function spawn(network: Network, [given]: Arguments, context: CallContext) {
  const { from, file, tags, ...fields } = readFields('network.spawn', given, SPAWN_FIELDS);
  const path = file === undefined ? undefined : findFile(context, readText('file', file));
  if (path !== undefined) context.folders.unshift(dirname(path));
  const process = await network.spawn({
    ...fields,
    ...(from === undefined ? {} : { from: readSender(network, from) }),
    ...(path === undefined ? {} : { file: path }),
    tags: readTags(tags),
  });
  return { process: identity(process), spawned: receiptToLua(process.spawned, context.kept) };
}

/** @throws {FILE_NOT_FOUND} with where it was looked for */
function findFile({ folder }: CallContext, file: string): string {
  const path = resolve(folder, file);
  if (existsSync(path)) return path;
  throw new CorralError('FILE_NOT_FOUND', `there is no file "${file}"`, {
    hint: `Paths are meant from the folder of the test file: ${folder}`,
    details: { file },
  });
}

/** The process is fetched when a test touches it. */
async function adopt(network: Network, [given]: Arguments) {
  const request = readFields('network.adopt', given, ADOPT_FIELDS);
  return { process: identity(await network.adopt(request as unknown as AdoptRequest)) };
}

/** @returns how many messages came */
async function loadProcess(network: Network, [ref]: Arguments) {
  const found = network.process(readRef(ref));
  if ('load' in found) return found.load();
  throw new KitError('BAD_OPTION', `the process ${found.name ?? found.id} was not adopted`, {
    hint: 'Only what network.adopt brings is loaded; others are here.',
  });
}

function identity({ id, name }: Pick<FoundProcess, 'id' | 'name'>): LuaValue {
  return { id, name };
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

async function setState(
  network: Network,
  [process, path, value]: Arguments,
  { kept }: CallContext,
) {
  const receipt = await network.setState(
    readRef(process),
    readText('a path', path),
    value as SettableValue,
  );
  return receiptToLua(receipt, kept);
}

async function mintWar(network: Network, [to, amount]: Arguments, { kept }: CallContext) {
  return receiptToLua(await network.mintWar(readRef(to), readWar(amount)), kept);
}

function nothing(): undefined {
  return undefined;
}

async function moved(network: Network, done: Promise<void>): Promise<LuaValue> {
  await done;
  return network.clock.now;
}
