/**
 * The challenger: computes again what was claimed, each claim once, and denies what is false. One honest
 * challenger is enough to keep a whole herd honest, whoever else looks away. Its games, whose clocks
 * run, and its checks, which can take long, do not wait for each other.
 */
import { createHash } from 'node:crypto';
import type { Move } from '../../opml/game.js';
import type { ArbiterClaim } from './arbiter-reader.js';
import {
  type Bot,
  type BotOptions,
  createBot,
  createPlayer,
  jobOf,
  type Player,
  REST_MS,
} from './bot.js';
import type { Thinker } from './thinker.js';

export interface ChallengerOptions extends BotOptions {
  /** Process id of wAR, for deposits. */
  readonly war: string;
  /** Computes the claims that are checked. @default `thinker`, which a game then may have to wait for */
  readonly checker?: Thinker | undefined;
  /** Process id of the herder whose claims are checked before all others. */
  readonly herder?: string | undefined;
  /** winston that it puts at stake in one challenge at most. @default 100 wAR */
  readonly maxBond?: bigint | undefined;
  /**
   * Share of the claims to check, 0 to 1; which ones, nobody can tell without the secret.
   * @default 1
   */
  readonly share?: number | undefined;
  readonly secret?: string | undefined;
}

const WAR = 10n ** 12n; // winston
const DEFAULT_MAX_BOND = 100n * WAR;
/** A claim whose check failed so often is left alone: its data or its model is not to be had. */
const MAX_ATTEMPTS = 3;

interface Challenge {
  readonly move: Move;
  readonly reason: string;
}

/** What failed about a claim: how often, and when it may be tried again. */
interface Failure {
  readonly attempts: number;
  readonly until: number;
}

export function createChallenger(options: ChallengerOptions): Bot {
  const { port, arbiter, herder } = options;
  const player = createPlayer(options, 'challenger', (game) => game.challenger === port.address);
  /** Open claims that are done with, and those that something failed about. */
  const done = new Set<string>();
  const failures = new Map<string, Failure>();
  /** Of claims that were found false: a challenge that is refused is not computed again. */
  const denials = new Map<string, Challenge>();

  const rankOf = (id: string): number => {
    if (denials.has(id)) return 0;
    return id.startsWith(`${herder}:`) ? 1 : 2;
  };

  const handle = async (id: string): Promise<void> => {
    if (!isDrawn(id, options)) return;
    const found = denials.get(id) ?? (await check(options, player, id));
    if (found === undefined) return;
    denials.set(id, found);
    await challenge(options, player, id, found);
  };

  /** Handles one claim: one that is known to be false, or one of our herder, or the oldest. */
  const handleNext = async (): Promise<boolean> => {
    const open = await arbiter.openClaims();
    for (const known of [done, failures, denials])
      for (const id of known.keys()) if (!open.includes(id)) known.delete(id);
    const { now } = await arbiter.info();
    const isDue = (id: string) => {
      const { attempts, until } = failures.get(id) ?? { attempts: 0, until: now };
      return !done.has(id) && until <= now && (attempts < MAX_ATTEMPTS || denials.has(id));
    };
    const [next] = open.filter(isDue).sort((a, b) => rankOf(a) - rankOf(b));
    if (next === undefined) return false;
    const passed = await player.attempt(`claim ${next}`, async () => {
      await handle(next);
      return true;
    });
    if (passed) done.add(next);
    else {
      const attempts = (failures.get(next)?.attempts ?? 0) + 1;
      failures.set(next, { attempts, until: (await arbiter.info()).now + REST_MS });
    }
    return true;
  };
  return createBot('challenger', [
    () => player.attempt('the open games', player.playAll),
    () => player.attempt('the open claims', handleNext),
  ]);
}

/** Computes a claim's answer again. @returns the challenge, if that comes out otherwise */
async function check(
  options: ChallengerOptions,
  player: Player,
  id: string,
): Promise<Challenge | undefined> {
  const { arbiter, thinker, checker = thinker } = options;
  const claim = await arbiter.claim(id);
  if (await isSettled(claim, options)) return undefined;
  const dispute = await arbiter.dispute(claim);
  const { move, reason } = await checker.decide(dispute, 'challenger', jobOf(claim));
  player.tell({ type: 'checked', claim: id, denied: move !== undefined, reason });
  return move && { move, reason };
}

async function challenge(
  options: ChallengerOptions,
  player: Player,
  id: string,
  { move, reason }: Challenge,
): Promise<void> {
  const claim = await options.arbiter.claim(id);
  if (await isSettled(claim, options)) return;
  await provideBond(options, player, BigInt(claim.challengeBond));
  const refusal = await player.submit(move.tags, move.data);
  if (refusal !== undefined) throw new Error(`the challenge was refused: ${refusal}`);
  const { kind, tags, data } = move;
  const bytes = Buffer.byteLength(data);
  player.tell({ type: 'sent', kind, claim: id, tags, bytes, reason });
}

/** Whether it is too late, or we have a game about the claim, of which we may know nothing any more. */
async function isSettled(
  claim: ArbiterClaim,
  { arbiter, port }: ChallengerOptions,
): Promise<boolean> {
  if ((await arbiter.info()).now >= claim.until) return true;
  const games = await Promise.all(claim.games.map((game) => arbiter.game(game)));
  return games.some(({ challenger }) => challenger === port.address);
}

/** Pays to the arbiter what the account lacks of wAR for a bond. */
async function provideBond(
  { arbiter, port, war, maxBond = DEFAULT_MAX_BOND }: ChallengerOptions,
  player: Player,
  bond: bigint,
): Promise<void> {
  if (bond > maxBond) {
    throw new Error(`the bond is ${bond} winston by now, and ${maxBond} is the limit (maxBond)`);
  }
  const { free } = await arbiter.account(port.address);
  const winston = bond - BigInt(free);
  if (winston <= 0n) return;
  const tags = { Action: 'Transfer', Recipient: arbiter.id, Quantity: `${winston}` };
  const replies = await port.send(war, tags);
  const failure = replies.find((reply) => reply.tags.Action === 'Transfer-Error');
  if (failure) throw new Error(`no wAR for a bond: ${failure.tags.Error ?? 'the transfer failed'}`);
  player.tell({ type: 'deposited', winston });
}

/** Whether this bot checks the claim: a draw that is the same whenever it is made. */
function isDrawn(claim: string, { share = 1, secret = '' }: ChallengerOptions): boolean {
  if (share >= 1) return true;
  const digest = createHash('sha256').update(`${secret}:${claim}`).digest();
  return digest.readUInt32LE(0) / 2 ** 32 < share;
}
