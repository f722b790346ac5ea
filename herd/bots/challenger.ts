/**
 * The challenger: computes again what was claimed, each claim once, and denies what is false. One honest
 * challenger is enough to keep a whole herd honest, whoever else looks away.
 */
import { createHash } from 'node:crypto';
import { type Bot, type BotOptions, createPlayer, jobOf, type Player } from './bot.js';

export interface ChallengerOptions extends BotOptions {
  /** Process id of wAR, for deposits. */
  readonly war: string;
  /**
   * Share of the claims to check, 0 to 1; which ones, nobody can tell without the secret.
   * @default 1
   */
  readonly share?: number | undefined;
  readonly secret?: string | undefined;
}

/** A claim whose check failed so often is left alone: its data or its model is not to be had. */
const MAX_ATTEMPTS = 3;
/** Challenges that a deposit pays for: fewer transfers, and little at stake. */
const DEPOSIT_BONDS = 4n;

export function createChallenger(options: ChallengerOptions): Bot {
  const { port, arbiter } = options;
  const player = createPlayer(options, 'challenger', (game) => game.challenger === port.address);
  /** Open claims that are done with, and how often the others failed. */
  const done = new Set<string>();
  const failures = new Map<string, number>();

  /** Checks one claim: one that has not been tried yet, or else one that has failed so far. */
  const checkNext = async (): Promise<boolean> => {
    const open = await arbiter.openClaims();
    for (const id of done) if (!open.includes(id)) done.delete(id);
    const due = open.filter((id) => !done.has(id) && (failures.get(id) ?? 0) < MAX_ATTEMPTS);
    const next = due.find((id) => !failures.has(id)) ?? due[0];
    if (next === undefined) return false;
    const passed = await player.attempt(`claim ${next}`, async () => {
      if (isDrawn(next, options)) await check(options, player, next);
      return true;
    });
    if (passed) {
      done.add(next);
      failures.delete(next);
    } else failures.set(next, (failures.get(next) ?? 0) + 1);
    return passed || due.some((id) => !failures.has(id));
  };
  return {
    role: 'challenger',
    // Games first: their clocks run. Then one claim, because that can take long.
    act: () =>
      player.attempt('the open games and claims', async () => {
        const played = await player.playAll();
        return (await checkNext()) || played;
      }),
  };
}

/** Computes a claim's answer again, and challenges it if that comes out otherwise. */
async function check(options: ChallengerOptions, player: Player, id: string): Promise<void> {
  const { arbiter, port, thinker } = options;
  const claim = await arbiter.claim(id);
  const games = await Promise.all(claim.games.map((game) => arbiter.game(game)));
  if (games.some(({ challenger }) => challenger === port.address)) return;
  const dispute = await arbiter.dispute(claim);
  const { move, reason } = await thinker.decide(dispute, 'challenger', jobOf(claim));
  player.tell({ type: 'checked', claim: id, denied: move !== undefined, reason });
  if (move === undefined) return;
  await provideBond(options, player);
  const refusal = await player.submit(move.tags, move.data);
  if (refusal !== undefined) throw new Error(`the challenge was refused: ${refusal}`);
  const { kind, tags, data } = move;
  const bytes = Buffer.byteLength(data);
  player.tell({ type: 'sent', kind, claim: id, tags, bytes, reason });
}

/** Pays wAR to the arbiter when the account cannot carry another bond. */
async function provideBond(
  { arbiter, port, war }: ChallengerOptions,
  player: Player,
): Promise<void> {
  const { terms } = await arbiter.info();
  const bond = BigInt(terms.challengeBond);
  const { free } = await arbiter.account(port.address);
  if (BigInt(free) >= bond) return;
  const winston = bond * DEPOSIT_BONDS;
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
