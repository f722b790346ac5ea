/**
 * The bots inside a network's own program: a defender for the herd's workers, and, if wanted, a
 * challenger. In wall-clock time they act by themselves and compute on threads of their own, so that
 * they never hold up the network; in virtual time they act when told to.
 */
import type { ActorNetwork } from '../../actors/network.js';
import { devWallet } from '../../arlocal/dev-wallets.js';
import type { Wallet } from '../../arlocal/wallet.js';
import { createArbiterReader } from './arbiter-reader.js';
import type { Bot, BotEvent, BotOptions } from './bot.js';
import { createChallenger } from './challenger.js';
import { createDefender } from './defender.js';
import { type BotPort, createNetworkPort } from './port.js';
import { runBot } from './run-bot.js';
import { createThinker, type Thinker } from './thinker.js';
import { createThreadThinker } from './thread-thinker.js';

export interface HerdBotsOptions {
  readonly arbiter: string;
  readonly war: string;
  /** Whose claims are checked first. */
  readonly herder: string;
  /** Delegate of the herd's workers. */
  readonly operator: Wallet;
  readonly defender: boolean;
  readonly challenger: boolean;
  /** True if they act only when told to, and then in this thread. */
  readonly virtual: boolean;
  readonly tell?: ((event: BotEvent) => void) | undefined;
}

export interface HerdBots {
  readonly bots: readonly Bot[];
  close(): Promise<void>;
}

/** Dev wallet that the challenger signs with. */
const CHALLENGER = 'carol';
/** How often clocks are looked at; everything else wakes the bots by itself. */
const LOOK_INTERVAL_MS = 2_000;

export function startHerdBots(network: ActorNetwork, options: HerdBotsOptions): HerdBots {
  const thinkers: Thinker[] = [];
  let closed = false;
  // What breaks off because the network closes is no failure.
  const tell = (event: BotEvent) => {
    if (!closed) options.tell?.(event);
  };
  const makeThinker = ({ data }: BotPort) => {
    const thinker = options.virtual ? createThinker(data) : createThreadThinker(data);
    thinkers.push(thinker);
    return thinker;
  };
  const optionsOf = (wallet: Wallet): BotOptions => {
    const port = createNetworkPort(network, wallet);
    const arbiter = createArbiterReader(port, options.arbiter);
    return { port, thinker: makeThinker(port), arbiter, tell };
  };
  const makeChallenger = () => {
    const { war, herder } = options;
    const common = optionsOf(devWallet(CHALLENGER).wallet);
    return createChallenger({ ...common, checker: makeThinker(common.port), war, herder });
  };
  const bots = [
    ...(options.defender ? [createDefender(optionsOf(options.operator))] : []),
    ...(options.challenger ? [makeChallenger()] : []),
  ];
  const stop = options.virtual ? async () => undefined : keepAwake(network, options.arbiter, bots);
  return {
    bots,
    async close() {
      closed = true;
      const stopped = stop();
      await Promise.all(thinkers.map((thinker) => thinker.close()));
      await stopped;
    },
  };
}

/** Wakes the bots whenever the arbiter has heard something, and now and then for the clocks. */
function keepAwake(network: ActorNetwork, arbiter: string, bots: readonly Bot[]) {
  const running = bots.map(runBot);
  const wake = () => {
    for (const bot of running) bot.wake();
  };
  const timer = setInterval(wake, LOOK_INTERVAL_MS);
  timer.unref();
  const unlisten = network.events.on('evaluated', ({ process }) => process === arbiter && wake());
  wake();
  return async () => {
    clearInterval(timer);
    unlisten();
    await Promise.all(running.map((bot) => bot.stop()));
  };
}
