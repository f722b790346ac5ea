/**
 * All of it in one call: a gateway, a network, a herd, and, if wanted, ports to reach them by. This is
 * what `corral up` runs, and what a test of an AI application starts from.
 */
import { createVirtualClock, createWallClock } from '../actors/clock.js';
import { reportError } from '../actors/errors.js';
import type { NetworkEvent } from '../actors/events.js';
import { type ActorNetwork, createNetwork, type ProcessHandle } from '../actors/network.js';
import { DEV_WALLET_NAMES, devWallet } from '../arlocal/dev-wallets.js';
import { createGateway, type Gateway } from '../arlocal/gateway.js';
import type { FaultSpec } from '../opml/faults.js';
import type { Bot, BotEvent } from './bots/bot.js';
import { startHerdBots } from './bots/herd-bots.js';
import { CorralError } from './errors.js';
import {
  bootHerd,
  type HerdProcesses,
  readTerms,
  spawnUser,
  type Terms,
  type UserOptions,
} from './herd.js';
import { KEYS_FOLDER, writeKeyFile } from './key-files.js';
import { faultyLlamaDevice, llamaDevice, publishModules } from './modules.js';
import { openStore } from './open-store.js';
import { VERSION } from './package-root.js';
import {
  createApps,
  createFetch,
  DEFAULT_PORT_BASE,
  listen,
  MAX_PORT_BASE,
  type Tools,
  type Urls,
  urlsOf,
} from './serve.js';
import {
  describeUpstream,
  leaveUpstream,
  openUpstream,
  type UpstreamInfo,
  type UpstreamOptions,
} from './upstream.js';
import type { ModelInfo } from './weights.js';

export interface CorralOptions extends UpstreamOptions {
  /** Fixes every wallet and id that does not depend on time. @default 1 */
  readonly seed?: number | undefined;
  /** Worker processes, each with a compute thread of its own. @default 2 */
  readonly workers?: number | undefined;
  /** First of six ports. @default 4000 */
  readonly portBase?: number | undefined;
  /**
   * Address to listen on. Nothing asks who calls: whoever reaches it can use all of the network.
   * @default '127.0.0.1', which only programs on this machine reach
   */
  readonly host?: string | undefined;
  /** False for a network without ports, reached through `Corral.fetch`. @default true */
  readonly listen?: boolean | undefined;
  /** Folder of a SQLite store. @default in memory */
  readonly db?: string | undefined;
  /** GGUF file. @default the demo model */
  readonly model?: string | undefined;
  /** Virtual time stands still until it is moved. @default 'wall' */
  readonly clock?: 'wall' | 'virtual' | undefined;
  /** Folder that the dev wallets' key files are written to. @default ~/.corral/keys */
  readonly keys?: string | undefined;
  readonly onEvent?: ((event: NetworkEvent) => void) | undefined;
  /** A bot that stands up for the claims of the herd's workers. @default true */
  readonly defender?: boolean | undefined;
  /** A bot that checks all claims and challenges the false ones. @default false */
  readonly challenger?: boolean | undefined;
  /** Told of everything that the bots do. */
  readonly onBotEvent?: ((event: BotEvent) => void) | undefined;
  /** Further routes below `/corral/` at the gateway. */
  readonly tools?: Tools | undefined;
  /** Makes every worker a liar, to show and to test disputes: nothing else may use it. */
  readonly plantedFault?: FaultSpec | undefined;
}

export interface DevWallet {
  readonly name: string;
  readonly address: string;
  /** Path of a key file that Arweave clients can sign with. Publicly known. */
  readonly jwk: string;
}

/** What a running network tells about itself: `GET {gateway}/corral`, `corral up --json`. */
export interface CorralInfo {
  readonly version: string;
  readonly seed: number;
  readonly urls: Urls;
  /** Default module of processes. */
  readonly module: string;
  readonly llamaModule: string;
  /** Address of the scheduler unit. */
  readonly scheduler: string;
  /** Address of the messenger unit, which processes must have as Authority. */
  readonly authority: string;
  readonly model: ModelInfo;
  /** Prices at the start. */
  readonly terms: Terms;
  readonly wallets: readonly DevWallet[];
  readonly processes: HerdProcesses;
  /** The gateway behind this network, as it was at the start; GET /corral answers how it is now. */
  readonly upstream?: UpstreamInfo;
}

export interface Corral {
  readonly info: CorralInfo;
  readonly network: ActorNetwork;
  /** A process with the client package, ready to ask the herd. */
  spawnUser(options: UserOptions): Promise<ProcessHandle>;
  /**
   * The bots of this program. In wall-clock time they act by themselves; in virtual time, in which
   * nothing happens by itself, they act when `act` is called.
   */
  readonly bots: readonly Bot[];
  /** Reaches `info.urls` in process, with or without ports. */
  readonly fetch: typeof fetch;
  /** Stops everything, an answer under way too. Calling it again changes nothing. */
  close(): Promise<void>;
}

const MAX_WORKERS = 64;
const WALLET_AR = 1000n * 1_000_000_000_000n; // winston of AR of each dev wallet
const BLOCK_INTERVAL_MS = 120_000; // as on Arweave
const TICK_INTERVAL_MS = 1_000;

/**
 * @throws {BAD_OPTION, STORE_OF_OTHER_SEED, KEYS_NOT_WRITABLE, MODEL_NOT_FOUND, MODEL_INVALID,
 *   PORT_IN_USE, BOOT_FAILED, UPSTREAM_AWAY, UPSTREAM_REFUSED} and what the store of `db` throws
 */
export async function startCorral(options: CorralOptions = {}): Promise<Corral> {
  const { seed = 1, workers = 2, portBase = DEFAULT_PORT_BASE } = options;
  checkOptions(seed, workers, portBase);
  const clock = options.clock === 'virtual' ? createVirtualClock() : createWallClock(Date.now);
  const breathe = () => new Promise<void>((resolve) => setImmediate(resolve));
  const upstream = await openUpstream(options);
  const ports = (options.listen ?? true) ? `from ${portBase}` : 'none';
  const store = openStore(options.db, seed, ports);
  const gateway = createGateway({
    store,
    now: () => clock.now(),
    blockIntervalMs: BLOCK_INTERVAL_MS,
    breathe,
    upstream,
  });
  const undo: (() => Promise<void> | void)[] = [() => gateway.close()];
  undo.push(() => leaveUpstream(gateway.upstream, options));
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= runBackwards(undo);
    return closing;
  };
  try {
    const network = await createNetwork({
      seed,
      clock,
      gateway,
      threads: Math.max(1, workers),
      devices: [options.plantedFault ? faultyLlamaDevice(options.plantedFault) : llamaDevice],
      breathe,
    });
    undo.push(() => network.close());
    if (options.onEvent) network.events.on('*', options.onEvent);
    const wallets = provideDevWallets(network, options.keys ?? KEYS_FOLDER);
    const modules = publishModules(network);
    const { model, processes, operator } = await bootHerd(network, modules, options);
    const { bots, close: closeBots } = startHerdBots(network, {
      arbiter: processes.arbiter,
      herder: processes.herder,
      war: processes.war,
      operator,
      defender: options.defender ?? true,
      challenger: options.challenger ?? false,
      virtual: options.clock === 'virtual',
      tell: options.onBotEvent,
    });
    undo.push(closeBots);
    const urls = urlsOf(portBase, options.host);
    const info: CorralInfo = {
      version: VERSION,
      seed,
      urls,
      ...modules,
      scheduler: network.addresses.scheduler,
      authority: network.addresses.messenger,
      model,
      terms: await readTerms(network, processes.herder),
      wallets,
      processes,
      ...upstreamOf(gateway),
    };
    const apps = createApps(network, () => ({ ...info, ...upstreamOf(gateway) }), options.tools);
    if (options.listen ?? true) undo.push(await listen(apps, portBase, options.host));
    if (options.clock !== 'virtual') undo.push(keepTime(network, options.onEvent));
    gateway.flush();
    const newUser = (user: UserOptions) => spawnUser(network, info.module, user);
    return { info, network, spawnUser: newUser, bots, fetch: createFetch(apps, urls), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function checkOptions(seed: number, workers: number, portBase: number): void {
  const rules: [boolean, string][] = [
    [Number.isSafeInteger(seed) && seed >= 0, `seed is ${seed}, not a whole number from 0`],
    [
      Number.isInteger(workers) && workers >= 0 && workers <= MAX_WORKERS,
      `workers is ${workers}, not a whole number from 0 to ${MAX_WORKERS}`,
    ],
    [
      Number.isInteger(portBase) && portBase >= 1 && portBase <= MAX_PORT_BASE,
      `portBase is ${portBase}, not a port from 1 to ${MAX_PORT_BASE}`,
    ],
  ];
  const broken = rules.find(([holds]) => !holds);
  if (broken) throw new CorralError('BAD_OPTION', broken[1]);
}

/** Gives the dev wallets AR and writes their key files, where they are not there already. */
function provideDevWallets(network: ActorNetwork, folder: string): DevWallet[] {
  return DEV_WALLET_NAMES.map((name) => {
    const { wallet, jwk } = devWallet(name);
    network.addWallet(wallet.address);
    const missing = WALLET_AR - network.gateway.balance(wallet.address);
    if (missing > 0n) network.gateway.mint(wallet.address, missing);
    return { name, address: wallet.address, jwk: writeKeyFile(folder, name, JSON.stringify(jwk)) };
  });
}

function upstreamOf({ upstream }: Gateway): { upstream?: UpstreamInfo } {
  return upstream ? { upstream: describeUpstream(upstream) } : {};
}

/**
 * As wall-clock time passes: sends crons that are due, which also makes the store durable, and posts
 * to the gateway behind.
 */
function keepTime(network: ActorNetwork, tell: CorralOptions['onEvent']): () => void {
  const report = (error: unknown) =>
    tell?.({ type: 'error', error: reportError(error, 'CRON_BACKLOG') });
  const timer = setInterval(() => {
    network.clock.tick().catch(report);
    network.gateway.upstream?.post(true).catch(report);
  }, TICK_INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}

async function runBackwards(steps: (() => Promise<void> | void)[]): Promise<void> {
  for (const step of steps.reverse()) await step();
}
