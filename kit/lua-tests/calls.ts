/**
 * What a test in Lua can ask of the network: one row a call, under the name that it has in Lua. Most
 * pass straight on to the network of the moment; what cannot pass (receipts, snapshots, rules) stays
 * here and goes to Lua as a number.
 */
import { resolve } from 'node:path';
import type { LuaValue } from '../../actors/lua/values.js';
import { KitError } from '../errors.js';
import type { Network, NetworkOptions, Receipt } from '../network-api.js';
import type { Ref, Sender } from '../people/refs.js';
import { isRecord, readFields, readTags } from './arguments.js';
import { receiptToLua, resultToLua } from './receipts.js';
import type { Kept, Stage } from './stage.js';

export interface CallContext {
  /** Where the test is that runs now. */
  readonly stage: () => Stage;
  /** Folder of the test file: paths in it are meant from there. */
  readonly folder: string;
  readonly createNetwork: (options: NetworkOptions) => Promise<Network>;
  readonly receipts: Kept<Receipt>;
}

type Arguments = readonly LuaValue[];
type Call = (
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
  ['wallet', (network, [name]) => walletToLua(network, readText('network.wallet', name))],
  ['impersonate', (network, [ref]) => ({ ...network.impersonate(toRef(ref)) })],
  ['spawn', spawn],
  ['send', send],
  [
    'eval',
    async (network, [process, code, from], { receipts }) =>
      keepReceipt(
        receipts,
        await network.eval(
          toRef(process),
          readText('the code of network.eval', code),
          from === undefined ? undefined : toSender(network, from),
        ),
      ),
  ],
  [
    'assign',
    async (network, [process, message], { receipts }) =>
      keepReceipt(
        receipts,
        await network.assign(toRef(process), readText('the message of network.assign', message)),
      ),
  ],
  ['dry_run', dryRun],
  ['mine', async (network, [blocks]) => ({ height: (await network.mine(count(blocks))).height })],
  ['clock.now', (network) => network.clock.now],
  ['clock.advance', async (network, [by]) => moved(network, network.clock.advance(moment(by)))],
  ['clock.set', async (network, [to]) => moved(network, network.clock.set(moment(to)))],
  ['clock.freeze', (network) => void network.clock.freeze()],
  ['clock.unfreeze', (network) => void network.clock.unfreeze()],
] as const);

/** `network.create { ... }`: in the place of the network that the test would have. */
async function create({ stage, createNetwork }: CallContext, [given]: Arguments) {
  const { start_at, ...options } = readFields('network.create', given, CREATE_FIELDS);
  const startAt = start_at === undefined ? {} : { startAt: start_at };
  await stage().replace(await createNetwork({ ...options, ...startAt } as NetworkOptions));
  return undefined;
}

async function spawn(network: Network, [given]: Arguments, context: CallContext) {
  const { from, file, tags, ...fields } = readFields('network.spawn', given, SPAWN_FIELDS);
  const process = await network.spawn({
    ...fields,
    ...(from === undefined ? {} : { from: toSender(network, from) }),
    ...(file === undefined ? {} : { file: resolve(context.folder, readText('file', file)) }),
    tags: readTags(tags),
  });
  const { id, name, spawned } = process;
  return { process: { id, name }, spawned: keepReceipt(context.receipts, spawned) };
}

async function send(network: Network, [given]: Arguments, { receipts }: CallContext) {
  const { from, to, tags, data, ...fields } = readFields('network.send', given, SEND_FIELDS);
  const receipt = await network.send({
    ...fields,
    from: toSender(network, from),
    to: toRef(to),
    tags: readTags(tags),
    ...(data === undefined ? {} : { data: readData(data) }),
  });
  return keepReceipt(receipts, receipt);
}

async function dryRun(network: Network, [process, given]: Arguments) {
  const message = readFields('network.dry_run', given ?? [], DRY_RUN_FIELDS);
  const { from, tags, data, ...fields } = message;
  const result = await network.dryRun(toRef(process), {
    ...fields,
    ...(from === undefined ? {} : { from: toSender(network, from) }),
    tags: readTags(tags),
    ...(data === undefined ? {} : { data: readData(data) as string }),
  });
  return resultToLua(result);
}

function keepReceipt(receipts: Kept<Receipt>, receipt: Receipt): LuaValue {
  return { ref: receipts.add(receipt), receipt: receiptToLua(receipt) };
}

function walletToLua(network: Network, name: string): LuaValue {
  const { address } = network.wallet(name);
  return { name, address };
}

/** A wallet passes as its name and address: the one that signs is here. */
function toSender(network: Network, value: LuaValue): Sender {
  if (isRecord(value) && typeof value.name === 'string' && typeof value.address === 'string') {
    return network.wallet(value.name);
  }
  return value as unknown as Sender;
}

function toRef(value: LuaValue): Ref {
  return value as unknown as Ref;
}

function moment(value: LuaValue): number | string {
  return value as unknown as number | string;
}

async function moved(network: Network, done: Promise<void>): Promise<LuaValue> {
  await done;
  return network.clock.now;
}

function count(value: LuaValue): number | undefined {
  return value === undefined ? undefined : Number(value);
}

/** Numbers are written as Lua writes them; a table is the test's to encode. */
function readData(value: LuaValue): string | Uint8Array {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'string' || value instanceof Uint8Array) return value;
  throw new KitError('BAD_OPTION', 'data is neither text nor a number', {
    hint: 'Write data = require("json").encode(value).',
  });
}

function readText(what: string, value: LuaValue): string {
  if (typeof value === 'string') return value;
  throw new KitError('BAD_OPTION', `${what} is no text`, { hint: `Give ${what} as a string.` });
}
