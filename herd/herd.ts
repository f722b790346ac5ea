/**
 * A herd on a network: wAR, the arbiter, the herder, workers, the package registries and the joker,
 * booted at the ids that real programs have written into them. What the store of an earlier run holds already
 * goes on as it is.
 */
import { join } from 'node:path';
import type { ActorNetwork, ProcessHandle, SendRequest } from '../actors/network.js';
import { DEV_WALLET_NAMES, devWallet } from '../arlocal/dev-wallets.js';
import { PAGE_MAX } from '../arlocal/query.js';
import type { Tag } from '../arlocal/tags.js';
import type { Wallet } from '../arlocal/wallet.js';
import { FEE_BUMP } from '../pricing/quote.js';
import { findRegistration, layoutTags } from './arbiter.js';
import { bundleLua } from './bundle.js';
import { CorralError } from './errors.js';
import type { Modules } from './modules.js';
import { packageRoot, readPackageText } from './package-root.js';
import { DEMO_MODEL, type ModelInfo, storeModel } from './weights.js';

/** Ids that programs on AO have hard-coded: here they are served by Corral's own. */
export const PINNED = {
  war: 'xU9zFkq3X2ZQ6olwNVvr1vUWIjc3kXTWr7xKQD6dh10',
  herder: 'wh5vB2IbqmIBUqgodOaTvByNFDPr73gbUq1bVOUtCrw',
  apm: 'RLvG3tclmALLBCrwc17NqzNFqZCrUf3-RKZ5v8VRHiU',
  apmV2: 'DKF8oXtPvh3q8s0fJFIeHFyHNM6oKrwMCUrPxEMroak',
} as const;

export interface HerdOptions {
  /** Worker processes. @default 2 */
  readonly workers?: number | undefined;
  /** GGUF file. @default the demo model */
  readonly model?: string | undefined;
}

export interface HerdProcesses {
  readonly war: string;
  readonly herder: string;
  /** Judges disputes about the workers' answers. */
  readonly arbiter: string;
  readonly workers: readonly string[];
  readonly joker: string;
  readonly apm: string;
  readonly apmV2: string;
}

/** What an inference costs, as the herder tells it; feeBump is the client package's constant. */
export interface Terms {
  readonly feeBase: string; // winston a request
  readonly feeToken: string; // winston a word or token
  readonly feeBump: string;
  readonly lastMultiplier: string;
}

export interface Herd {
  /** Owns the herd and can set its terms. */
  readonly operator: Wallet;
  readonly model: ModelInfo;
  readonly processes: HerdProcesses;
}

const WINSTON_PER_WAR = 1_000_000_000_000n;
const WALLET_WAR = 1000n * WINSTON_PER_WAR; // wAR of each dev wallet
const OPERATOR_WAR = 10_000n * WINSTON_PER_WAR;
const JOKER_WAR = WINSTON_PER_WAR; // what the joker may spend
const WORKER_WAR = 100n * WINSTON_PER_WAR; // what a worker may lose: bonds of 10,000 open claims
/** How often herder and arbiter look at the time, besides at every message: a cron stays in the log. */
const SWEEP_INTERVAL = '5-minutes';

const INSTALL_CLIENT = 'APM.install("@sam/Llama-Herder")';
/** Name of the wallet that owns the herd, and wAR. */
export const OPERATOR = 'operator';

/** Packages of the registries: name -> file and description. */
const PACKAGES = [
  {
    name: '@apm/apm-client',
    version: '2.1.0',
    file: 'apm-client.lua',
    description: 'The package manager itself',
  },
  {
    name: '@sam/Llama-Herder',
    version: '1.0.0',
    file: 'client/llama-herder.lua',
    description: 'Ask a llama herd and pay it in wAR',
  },
] as const;

/** A process to boot, or to find again. */
interface Member {
  readonly name: string;
  readonly program: string; // file under processes/
  readonly module?: string;
  readonly id?: string; // pinned
  readonly tags?: Readonly<Record<string, string>>;
}

interface Booted {
  readonly id: string;
  /** False if the store had it from an earlier run. */
  readonly fresh: boolean;
}

export async function bootHerd(
  network: ActorNetwork,
  { module, llamaModule }: Modules,
  { workers = 2, model = DEMO_MODEL }: HerdOptions = {},
): Promise<Herd> {
  const operator = network.wallet(OPERATOR);
  const weights = storeModel(network, operator, model);
  const boot = (member: Member) => bootMember(network, operator, module, member);

  await bootWar(network, module);
  const cron = { 'Cron-Interval': SWEEP_INTERVAL, 'Cron-Tag-Action': 'Cron' };
  const { id: arbiter } = await boot({ name: 'arbiter', program: 'arbiter.lua', tags: cron });
  const registration = await findRegistration(network, arbiter, weights);
  if (registration !== undefined) {
    await tell(network, operator, arbiter, 'Register-Model', {
      tags: { 'Model-ID': weights.id },
      data: JSON.stringify(registration),
    });
  }
  await boot({
    name: 'llama-herder',
    program: 'herder.lua',
    id: PINNED.herder,
    tags: { ...cron, Arbiter: arbiter },
  });
  for (const [name, id] of [['apm', PINNED.apm] as const, ['apm-2', PINNED.apmV2] as const]) {
    const { fresh } = await boot({ name, program: 'apm-registry.lua', id });
    if (fresh) await publishPackages(network, operator, id);
  }
  const joker = await bootJoker(network, operator, boot);
  const tags = {
    'Model-ID': weights.id,
    'Router-ID': PINNED.herder,
    'Arbiter-ID': arbiter,
    ...layoutTags(weights),
  };
  const herd = await Promise.all(
    Array.from({ length: workers }, (_, index) =>
      boot({ name: `llama-${index + 1}`, program: 'worker.lua', module: llamaModule, tags }),
    ),
  );
  for (const { id, fresh } of herd) {
    if (fresh) await payWar(network, operator, id, WORKER_WAR); // its deposit with the arbiter
  }
  await admitWorkers(network, operator, weights, herd);
  await network.monitor(PINNED.herder);
  await network.monitor(arbiter);
  const ids = herd.map(({ id }) => id);
  return { operator, model: weights, processes: { ...PINNED, arbiter, workers: ids, joker } };
}

/** wAR at its pinned id: booted by the operator, unless it is there. @returns its id */
export async function bootWar(network: ActorNetwork, module: string): Promise<string> {
  const operator = network.wallet(OPERATOR);
  const { id } = await bootMember(network, operator, module, {
    name: 'wAR',
    program: 'war.lua',
    id: PINNED.war,
    tags: { 'Initial-Balances': JSON.stringify(initialBalances(operator)) },
  });
  return id;
}

/**
 * Makes these workers the herd. Others of an earlier run leave first, and their jobs go back to the
 * queue; one that goes on keeps the job that it held when its network was closed.
 */
async function admitWorkers(
  network: ActorNetwork,
  operator: Wallet,
  model: ModelInfo,
  herd: readonly Booted[],
) {
  const { edges } = network.gateway.query({
    owners: [operator.address],
    tags: [{ name: 'Router-ID', values: [PINNED.herder] }],
    first: PAGE_MAX,
  });
  const members = new Set(herd.map(({ id }) => id));
  const say = (action: string, tags: Record<string, string>) =>
    tell(network, operator, PINNED.herder, action, { tags });
  for (const { entry } of edges) {
    if (!members.has(entry.id)) await say('Unregister-Worker', { Worker: entry.id });
  }
  for (const [index, { id }] of herd.entries()) {
    const tags = { Worker: id, 'Worker-Name': `llama-${index + 1}`, 'Model-ID': model.id };
    await say('Register-Worker', tags);
  }
}

/** Asks the herder for its prices, without a message. */
export async function readTerms(network: ActorNetwork, herder: string): Promise<Terms> {
  const ask = { Tags: [{ name: 'Action', value: 'Info' }] };
  const { messages, error } = await network.dryRun(herder, ask);
  if (error) throw bootFailed('Info of the herder', error.text);
  const tags = (messages[0]?.Tags ?? []) as readonly Tag[];
  const read = (name: string) => tags.find((tag) => tag.name === name)?.value ?? '';
  return {
    feeBase: read('Base-Fee'),
    feeToken: read('Token-Fee'),
    feeBump: String(FEE_BUMP),
    lastMultiplier: read('Last-Multiplier'),
  };
}

async function bootMember(
  network: ActorNetwork,
  from: Wallet,
  module: string,
  member: Member,
): Promise<Booted> {
  const tags = { Name: member.name, 'On-Boot': 'Data', ...member.tags };
  const known = findProcess(network, from, tags);
  if (known) return { id: known, fresh: false };
  const { id, spawned } = await network.spawn({
    from,
    module: member.module ?? module,
    tags,
    data: bundleLua(join(packageRoot, 'processes', member.program)),
    ...(member.id === undefined ? {} : { id: member.id }),
  });
  const [error] = spawned.errors;
  if (error) throw bootFailed(member.name, error.text);
  return { id, fresh: true };
}

/** Id of the newest process that the wallet spawned with exactly these tags. */
function findProcess(
  { gateway }: ActorNetwork,
  owner: Wallet,
  tags: Readonly<Record<string, string>>,
): string | undefined {
  const filters = Object.entries({ ...tags, Type: 'Process' }).map(([name, value]) => ({
    name,
    values: [value],
  }));
  const [edge] = gateway.query({ owners: [owner.address], tags: filters, first: 1 }).edges;
  return edge && (edge.entry.alias || edge.entry.id);
}

/** Sends a message as the operator; what goes wrong on the way fails the boot. */
async function tell(
  network: ActorNetwork,
  from: Wallet,
  to: string,
  action: string,
  rest: Pick<SendRequest, 'tags' | 'data'>,
): Promise<void> {
  const { errors } = await network.send({ from, to, action, ...rest });
  if (errors[0]) throw bootFailed(`${action} to ${to}`, errors[0].text);
}

async function publishPackages(network: ActorNetwork, from: Wallet, registry: string) {
  for (const { name, version, file, description } of PACKAGES) {
    await tell(network, from, registry, 'APM.Publish', {
      tags: { Name: name, Version: version, Description: description },
      data: readPackageText(`processes/${file}`),
    });
  }
}

/** The joker is a user like any other: it installs the client package, and gets wAR to spend. */
async function bootJoker(
  network: ActorNetwork,
  from: Wallet,
  boot: (member: Member) => Promise<Booted>,
): Promise<string> {
  const { id, fresh } = await boot({ name: 'joker', program: 'blueprints/apm.lua' });
  if (!fresh) return id;
  await tell(network, from, id, 'Eval', { data: INSTALL_CLIENT });
  await tell(network, from, id, 'Eval', { data: readPackageText('processes/joker.lua') });
  await payWar(network, from, id, JOKER_WAR);
  return id;
}

function payWar(network: ActorNetwork, from: Wallet, recipient: string, winston: bigint) {
  const tags = { Recipient: recipient, Quantity: `${winston}` };
  return tell(network, from, PINNED.war, 'Transfer', { tags });
}

export interface UserOptions {
  readonly name: string;
  /** Owner. @default the network's wallet of that name */
  readonly from?: Wallet | undefined;
  /** winston of wAR to start with, from the operator. @default none */
  readonly war?: bigint | undefined;
}

/** Spawns a process with the client package installed and, if wanted, wAR to pay the herder. */
export async function spawnUser(
  network: ActorNetwork,
  module: string,
  { name, from = network.wallet(name), war = 0n }: UserOptions,
): Promise<ProcessHandle> {
  const data = readPackageText('processes/blueprints/apm.lua');
  const tags = { Name: name, 'On-Boot': 'Data' };
  const user = await network.spawn({ from, module, tags, data });
  await tell(network, from, user.id, 'Eval', { data: INSTALL_CLIENT });
  if (war > 0n) await payWar(network, network.wallet(OPERATOR), user.id, war);
  return user;
}

function initialBalances(operator: Wallet): Record<string, string> {
  const dev = DEV_WALLET_NAMES.map((name) => devWallet(name).wallet.address);
  return {
    [operator.address]: `${OPERATOR_WAR}`,
    ...Object.fromEntries(dev.map((owner) => [owner, `${WALLET_WAR}`])),
  };
}

function bootFailed(what: string, reason: string): CorralError {
  return new CorralError('BOOT_FAILED', `${what} failed: ${reason}`, {
    hint: 'If a program under processes/ was changed, undo it; with --db, try an empty folder.',
  });
}
