/** The set of a played dispute: a herd with one worker, a user who pays it, and both bots. */

import type { ProcessHandle } from '../../actors/network.js';
import { devWallet } from '../../arlocal/dev-wallets.js';
import type { Wallet } from '../../arlocal/wallet.js';
import type { Role } from '../../opml/game.js';
import { type ArbiterReader, createArbiterReader } from '../bots/arbiter-reader.js';
import type { Bot, BotEvent, BotOptions } from '../bots/bot.js';
import { createChallenger } from '../bots/challenger.js';
import { createDefender } from '../bots/defender.js';
import { createNetworkPort } from '../bots/port.js';
import { createThinker, type Thinker } from '../bots/thinker.js';
import type { Corral } from '../corral.js';
import type { DisputeFault } from './dispute-fault.js';
import { createParties, type DisputeParties } from './dispute-parties.js';
import type { Party } from './dispute-record.js';

export interface Stage {
  readonly corral: Corral;
  readonly arbiter: ArbiterReader;
  readonly user: ProcessHandle;
  readonly worker: Party;
  readonly challenger: Party;
  readonly bots: readonly Bot[];
  /** What the bots did, oldest first; whoever looks at it takes it out. */
  readonly done: BotEvent[];
  readonly parties: DisputeParties;
  /** Real milliseconds that each side has computed; the check is the challenger's first. */
  readonly thought: { check: number } & Record<Role, number>;
}

const CHALLENGER_WALLET = 'carol';
const OPERATOR = 'operator';
/** winston that the user has at the start */
export const USER_WAR = 1_000_000_000n;

export async function openStage(corral: Corral, fault: DisputeFault): Promise<Stage> {
  const { network, info } = corral;
  const { wallet } = devWallet(CHALLENGER_WALLET);
  const parties = createParties(fault);
  const done: BotEvent[] = [];
  const thought = { check: 0, challenger: 0, defender: 0 };
  const optionsOf = (role: Role, signer: Wallet): BotOptions => {
    const port = createNetworkPort(network, signer);
    const thinker = createThinker(port.data, parties.open[role]);
    const arbiter = createArbiterReader(port, info.processes.arbiter);
    const measured = measure(thinker, thought, parties);
    return { port, arbiter, thinker: measured, tell: (event) => done.push(event) };
  };
  const challenging = optionsOf('challenger', wallet);
  return {
    corral,
    arbiter: challenging.arbiter,
    user: await corral.spawnUser({ name: 'user', war: USER_WAR }),
    worker: { name: 'llama-1', id: info.processes.workers[0] ?? '' },
    challenger: { name: 'challenger', id: wallet.address },
    bots: [
      createChallenger({ ...challenging, war: info.processes.war }),
      createDefender(optionsOf('defender', network.wallet(OPERATOR))),
    ],
    done,
    parties,
    thought,
  };
}

/** Adds up what a bot's computation takes, planting the fault left out. */
function measure(thinker: Thinker, thought: Stage['thought'], { opened }: DisputeParties): Thinker {
  return {
    ...thinker,
    async decide(dispute, role, job) {
      const start = performance.now();
      const planted = opened.plantingMs;
      try {
        return await thinker.decide(dispute, role, job);
      } finally {
        const planting = opened.plantingMs - planted;
        thought[dispute.game ? role : 'check'] += performance.now() - start - planting;
      }
    },
  };
}
