/**
 * A network with wAR and the arbiter, both real, in which wallets are herder, worker and bots, and a
 * tiny program stands for the engine: whole disputes take milliseconds.
 */
import { type ActorNetwork, createNetwork } from '../../../actors/network.js';
import { devWallet } from '../../../arlocal/dev-wallets.js';
import type { Wallet } from '../../../arlocal/wallet.js';
import { type ArbiterReader, createArbiterReader } from '../../../herd/bots/arbiter-reader.js';
import type { Bot, BotEvent } from '../../../herd/bots/bot.js';
import { createChallenger } from '../../../herd/bots/challenger.js';
import { createDefender } from '../../../herd/bots/defender.js';
import { type BotPort, createNetworkPort } from '../../../herd/bots/port.js';
import {
  createThinker,
  type OpenTracer,
  type ReadModel,
  type Thinker,
} from '../../../herd/bots/thinker.js';
import { bundleLua } from '../../../herd/bundle.js';
import { publishModules } from '../../../herd/modules.js';
import { packageRoot } from '../../../herd/package-root.js';
import { describeConstants, readConstants } from '../../../opml/claim.js';
import { plantFault } from '../../../opml/faults.js';
import { createTracer } from '../../../opml/tracer.js';
import { compileToy, openToy } from '../../processes/toy/toy-program.js';

const wasm = await compileToy();
const constants = readConstants(openToy(wasm));

export const BOND = 1_000n;
const START = 1_000_000n;
const MODEL = 'M'.repeat(43);
export const CLOCK_MS = 50_000;
export const WINDOW_MS = 200_000;
const TERMS = {
  'Claim-Bond': `${BOND}`,
  'Challenge-Bond': `${BOND}`,
  Window: `${WINDOW_MS}`,
  Clock: `${CLOCK_MS}`,
  Extension: '5000',
};

/** Computes as the registered model does, and with one instruction that comes out wrong. */
export const honest: OpenTracer = (_model, input) => createTracer(openToy(wasm), input, constants);
export const lying: OpenTracer = (_model, input) =>
  createTracer(plantFault(openToy(wasm), input, { kind: 'instruction' }), input, constants);
/** Computes with another model: it has no proof for what it read. */
export const helpless: OpenTracer = (_model, input) =>
  createTracer(openToy(wasm, [11, 22, 34]), input, constants);

export interface Court {
  readonly network: ActorNetwork;
  readonly arbiter: ArbiterReader;
  readonly told: BotEvent[];
  readonly war: string;
  /** Opens a claim that is computed so; returns its id. */
  open(prompt: string, tracer: OpenTracer, herder?: string): Promise<string>;
  challenger(options?: ChallengerSetup): Bot;
  defender(tracer?: OpenTracer): Bot;
  balance(account: string): Promise<bigint>;
  /** Lets the bots act by turns until none has anything to do. Returns how often they acted. */
  play(bots: readonly Pick<Bot, 'act'>[], between?: () => void): Promise<number>;
}

export interface ChallengerSetup {
  readonly tracer?: OpenTracer;
  readonly name?: string;
  readonly share?: number;
  readonly secret?: string;
  readonly readModel?: ReadModel;
  readonly herder?: string;
  readonly maxBond?: bigint;
  readonly checker?: Thinker;
  /** Stands between the bot and the network. */
  readonly wrap?: (port: BotPort) => BotPort;
}

/** Rounds after which a game is taken to be endless. */
const MOST_ROUNDS = 400;

export async function openCourt(): Promise<Court> {
  const network = await createNetwork({ seed: 7 });
  const { module } = publishModules(network);
  const [operator, worker] = ['operator', 'worker'].map(network.wallet) as [Wallet, Wallet];
  const rich = [worker, network.wallet('alice'), network.wallet('bob'), devWallet('carol').wallet];
  const balances = Object.fromEntries(rich.map(({ address }) => [address, `${START}`]));
  const boot = async (program: string, tags: Record<string, string>) => {
    const data = bundleLua(`${packageRoot}/processes/${program}`);
    const all = { 'On-Boot': 'Data', ...tags };
    const { id, spawned } = await network.spawn({ from: operator, module, tags: all, data });
    if (spawned.errors[0]) throw new Error(spawned.errors[0].text);
    return id;
  };
  const war = await boot('war.lua', { 'Initial-Balances': JSON.stringify(balances) });
  const arbiterId = await boot('arbiter.lua', { 'Payment-Token': war, ...TERMS });
  const told: BotEvent[] = [];
  const tell = (event: BotEvent) => void told.push(event);
  const say = async (from: Wallet, to: string, action: string, tags: object, data = '') => {
    const { result, errors } = await network.send({ from, to, action, tags: { ...tags }, data });
    if (errors[0]) throw new Error(errors[0].text);
    return result;
  };
  const roots = JSON.stringify({
    ...describeConstants(constants),
    template: '{prompt}',
    roles: [],
  });
  await say(operator, arbiterId, 'Register-Model', { 'Model-ID': MODEL }, roots);
  const deposit = { Recipient: arbiterId, Quantity: `${20n * BOND}` };
  await say(worker, war, 'Transfer', deposit);
  await say(worker, arbiterId, 'Delegate', { Delegate: operator.address });

  let jobs = 0;
  const arbiter = createArbiterReader(createNetworkPort(network, operator), arbiterId);
  const optionsOf = (
    signer: Wallet,
    tracer: OpenTracer,
    readModel: ReadModel = noModel,
    wrap = (port: BotPort) => port,
  ) => {
    const port = wrap(createNetworkPort(network, signer));
    const thinker = createThinker(readModel, tracer);
    return { port, arbiter: createArbiterReader(port, arbiterId), thinker, tell };
  };
  return {
    network,
    arbiter,
    told,
    war,
    async open(prompt, tracer, name = 'herder') {
      const herder = network.wallet(name);
      const job = `${++jobs}`;
      const input = { prompt, maxTokens: 6, stops: [], temperature: 0, topP: 1, seed: 0n };
      const claim = tracer(new Uint8Array(), input).claim();
      const both = { 'Job-Id': job, 'Model-ID': MODEL, 'State-Root': claim.claimRoot };
      await say(
        worker,
        arbiterId,
        'Claim',
        { ...both, Herder: herder.address },
        JSON.stringify(claim.data),
      );
      const answer = JSON.stringify({ prompt, answer: claim.data.answer });
      await say(
        herder,
        arbiterId,
        'Answered',
        { ...both, Worker: worker.address, Tokens: '6' },
        answer,
      );
      return `${herder.address}:${job}`;
    },
    challenger({ tracer = honest, name = 'alice', readModel, wrap, ...rest } = {}) {
      const options = optionsOf(network.wallet(name), tracer, readModel, wrap);
      return createChallenger({ ...options, war, ...rest });
    },
    defender: (tracer = honest) => createDefender(optionsOf(operator, tracer)),
    async balance(account) {
      const Tags = [
        { name: 'Action', value: 'Balance' },
        { name: 'Recipient', value: account },
      ];
      const { messages } = await network.dryRun(war, { Tags });
      return BigInt(String(messages[0]?.Data));
    },
    async play(bots, between) {
      for (let rounds = 0, idle = 0; rounds < MOST_ROUNDS; rounds++) {
        const bot = bots[rounds % bots.length];
        idle = (await bot?.act()) ? 0 : idle + 1;
        if (idle === bots.length) return rounds;
        between?.();
      }
      throw new Error('the bots never come to an end');
    },
  };
}

async function noModel(): Promise<Uint8Array> {
  return new Uint8Array();
}
