/**
 * A network of one's own: booted here, in this program, and spoken to like any other. The first
 * stop signal closes it cleanly; what the boot takes is measured from the start of the program.
 */
import {
  type BotEvent,
  type CorralInfo,
  createToolsApp,
  type GatewayEvent,
  type NetworkEvent,
  startCorral,
} from '../index.js';
import { countingAnchors, type NextAnchor, randomAnchors } from './anchors.js';
import { type BannerFacts, bannerLines } from './banner.js';
import { type Client, createClient } from './client.js';
import { type Feed, openFeed } from './feed.js';
import type { OptionSpec, ParsedArguments } from './options.js';
import type { ProcessRef } from './process-query.js';
import { bootedProcesses, requireNotBuiltIn } from './repl/processes.js';
import type { Fetch } from './requests.js';
import type { Terminal } from './terminal.js';
import { openWallet } from './wallets.js';

export const DEFAULT_PORT_BASE = 4000;
/** Name of the process that a command talks to unless told otherwise. */
export const USER_PROCESS = 'user';
const PORTS = 6; // gateway, bundler, messenger, scheduler and compute unit, node
const MAX_SEED = Number.MAX_SAFE_INTEGER;
const MAX_WORKERS = 64; // each is a thread with its own copy of the weights

export const PORT_BASE_OPTION: OptionSpec = {
  name: 'port-base',
  value: 'N',
  integer: { min: 1, max: 65_536 - PORTS },
  summary: `first of the ${PORTS} ports, default ${DEFAULT_PORT_BASE}`,
};

/** What every command that boots a network lets one choose. */
export const BOOT_OPTIONS: readonly OptionSpec[] = [
  PORT_BASE_OPTION,
  { name: 'db', value: 'DIR', summary: 'keep everything in this folder; in memory without' },
  {
    name: 'seed',
    value: 'N',
    integer: { min: 0, max: MAX_SEED },
    summary: 'fixes wallets, ids and answers, default 1',
  },
  {
    name: 'workers',
    value: 'N',
    integer: { min: 1, max: MAX_WORKERS },
    summary: 'llama workers in the herd, default 2',
  },
  {
    name: 'model',
    value: 'FILE.gguf',
    summary: 'llama model of the herd, default: the demo model',
  },
  {
    name: 'gateway',
    value: 'URL',
    summary: 'Arweave gateway to read from and post to',
  },
  {
    name: 'gateway-key',
    value: 'FILE',
    summary: 'key file that pays there; tests need none',
  },
];

export interface JoinedNetwork {
  readonly client: Client;
  readonly feed: Feed;
  /** Leaves the network; ends it if it was booted here. */
  close(): Promise<void>;
}

interface BootOptions {
  readonly listen: boolean;
  readonly walletFile?: string | undefined;
  /** Told of what the bots of the network do. */
  readonly onBotEvent?: ((event: BotEvent) => void) | undefined;
  /** Told of what goes to the gateway behind, and what does not. */
  readonly onGatewayEvent?: ((event: GatewayEvent) => void) | undefined;
  /** Told of everything that happens, from the boot on; the feed begins when it is over. */
  readonly onEvent?: ((event: NetworkEvent) => void) | undefined;
}

/** Boots a network with the options of a command line. */
export async function bootNetwork(
  { texts, integers, flags }: ParsedArguments,
  { listen, walletFile, onBotEvent, onGatewayEvent, onEvent }: BootOptions,
): Promise<JoinedNetwork> {
  const db = texts.get('db');
  const corral = await startCorral({
    seed: integers.get('seed'),
    workers: integers.get('workers'),
    portBase: integers.get('port-base') ?? DEFAULT_PORT_BASE,
    host: texts.get('host'),
    listen,
    db,
    model: texts.get('model'),
    clock: 'wall',
    tools: createToolsApp,
    challenger: flags.has('challenger'),
    defender: !flags.has('no-defender'),
    onBotEvent,
    gateway: texts.get('gateway'),
    gatewayKey: texts.get('gateway-key'),
    onGatewayEvent,
    onEvent,
  });
  const { info } = corral;
  // A folder may hold what an earlier session sent, and nothing is taken twice.
  const nextAnchor = db === undefined ? countingAnchors(`cli:${info.seed}`) : randomAnchors();
  try {
    const joined = await connect(corral.fetch, info, { nextAnchor, walletFile });
    const close = async () => {
      await joined.close();
      await corral.close();
    };
    return { ...joined, close };
  } catch (error) {
    await corral.close();
    throw error;
  }
}

/** A client to a network and the stream of its events. */
export async function connect(
  fetch: Fetch,
  info: CorralInfo,
  { nextAnchor, walletFile }: { nextAnchor: NextAnchor; walletFile?: string | undefined },
): Promise<JoinedNetwork> {
  const client = createClient({ info, wallet: openWallet(info, walletFile), fetch, nextAnchor });
  const feed = await openFeed(fetch, info);
  const close = async () => feed.close();
  return { client, feed, close };
}

/**
 * The process of that name that the client's wallet owns; spawned if there is none.
 *
 * @throws {CliError} NAME_TAKEN if the network's own programs have that name
 */
export async function openProcess(client: Client, name: string): Promise<ProcessRef> {
  const id = await client.findProcess(name);
  if (id !== undefined) return { name, id };
  requireNotBuiltIn(client, name);
  return client.spawn(name);
}

/** The banner of a network that answers. */
export async function describeNetwork(
  client: Client,
  readyMs: number,
  { colors }: Terminal,
): Promise<string[]> {
  const balances = await Promise.all(
    client.info.wallets.map(async ({ name, address }) => ({
      name,
      address,
      arWinston: await client.arBalance(address),
      warWinston: await client.warBalance(address),
    })),
  );
  const facts: BannerFacts = { info: client.info, balances, readyMs };
  return bannerLines(facts, bootedProcesses(client), colors);
}
