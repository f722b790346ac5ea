/** The game of a played dispute: both bots look and act by turns, and every move is written down. */
import type { Role } from '../../opml/game.js';
import type { ArbiterGame } from '../bots/arbiter-reader.js';
import type { BotEvent } from '../bots/bot.js';
import { type Books, openBooks } from './dispute-books.js';
import type {
  ChallengeRecord,
  DisputeRecord,
  PaymentRecord,
  RoundRecord,
  Silence,
} from './dispute-record.js';
import { type MadeMove, toRound } from './dispute-rounds.js';
import type { Stage } from './dispute-stage.js';
import { locateStep } from './disputed-instruction.js';

/** What is known before the game. */
export type DisputeOpening = Pick<
  DisputeRecord,
  'version' | 'seed' | 'model' | 'fault' | 'question' | 'answer' | 'claim'
>;

export type DisputeEvent =
  | { readonly type: 'answered'; readonly opening: DisputeOpening }
  | { readonly type: 'challenged'; readonly challenge: ChallengeRecord }
  | { readonly type: 'moved'; readonly round: RoundRecord }
  | { readonly type: 'silent'; readonly silence: Silence }
  | { readonly type: 'over'; readonly record: DisputeRecord };

export type Tell = ((event: DisputeEvent) => void) | undefined;

export interface PlayedGame {
  /** Absent, as the game, if nobody denied the claim. */
  readonly challenge?: ChallengeRecord;
  readonly game?: ArbiterGame;
  readonly rounds: readonly RoundRecord[];
  readonly silences: readonly Silence[];
  readonly payments: readonly PaymentRecord[];
  /** Real milliseconds from the challenge to the verdict, without those that only the record took. */
  readonly elapsedMs: number;
}

/** Network time between two looks of the bots: the clocks are seen to run. */
const MOVE_MS = 2_000;
/** Network time that passes when no bot has anything to do: clocks and windows run out. */
const SILENCE_MS = 60_000;
/** Looks without an end: whoever is late has lost long before. */
const MAX_LOOKS = 1_000;

/** Plays until the claim is refuted or final. @throws what a bot failed with */
export async function playGame(stage: Stage, claim: string, tell: Tell): Promise<PlayedGame> {
  const { arbiter, bots, corral } = stage;
  const { clock } = corral.network;
  const minutes = openMinutes(stage, claim, tell);
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    let acted = false;
    for (const bot of bots) {
      acted = (await bot.act()) || acted;
      for (const event of stage.done.splice(0)) await minutes.take(event);
      await clock.advance(MOVE_MS);
    }
    if ((await arbiter.claim(claim)).status !== 'open') break;
    if (!acted) await clock.advance(SILENCE_MS);
  }
  return minutes.close();
}

/** Writes down what the bots do. */
function openMinutes(stage: Stage, claim: string, tell: Tell) {
  const { arbiter } = stage;
  const rounds: RoundRecord[] = [];
  const silences: Silence[] = [];
  let challenge: ChallengeRecord | undefined;
  let books: Books | undefined;
  let game: ArbiterGame | undefined;
  let elapsedMs = 0;
  let lastMs = 0; // when the bots took over again

  const playingMs = () => performance.now() - stage.parties.opened.plantingMs;
  const write = async (move: MadeMove, id: string) => {
    game = await arbiter.game(id);
    const nowMs = stage.corral.network.clock.now;
    const round = toRound(move, rounds.at(-1), game, nowMs, (at, step) =>
      locateStep(stage.parties, at, step),
    );
    rounds.push(round);
    tell?.({ type: 'moved', round });
  };
  const silence = (by: Role, reason: string) => {
    silences.push({ by, reason });
    tell?.({ type: 'silent', silence: { by, reason } });
  };
  const begin = async () => {
    game = await readGame(stage, claim);
    challenge = toChallenge(stage, game);
    books = await openBooks(stage);
    tell?.({ type: 'challenged', challenge });
  };
  return {
    async take(event: BotEvent) {
      if (event.type === 'failed' && event.role !== stage.parties.liar) throw event.error;
      // A liar may well be at a loss: what it would have to prove is not so.
      if (event.type === 'failed') silence(event.role, event.error.message);
      if (event.type === 'waits') silence(event.role, event.reason);
      if (event.type !== 'sent') return;
      if (game) elapsedMs += playingMs() - lastMs;
      const { kind, role: by, tags, bytes } = event;
      if (kind === 'Challenge') await begin();
      else if (kind === 'Timeout') game = await arbiter.game(event.game ?? '');
      else await write({ by, kind, tags, bytes }, event.game ?? '');
      lastMs = playingMs();
    },
    async close(): Promise<PlayedGame> {
      const payments = (await books?.close()) ?? [];
      // A game that nobody ended by a move was ended by the arbiter's clock.
      if (game) game = await arbiter.game(game.id);
      return {
        rounds,
        silences,
        payments,
        elapsedMs,
        ...(challenge && { challenge }),
        ...(game && { game }),
      };
    },
  };
}

async function readGame({ arbiter }: Stage, claim: string): Promise<ArbiterGame> {
  const { games } = await arbiter.claim(claim);
  return arbiter.game(games[0] ?? '');
}

function toChallenge({ challenger, worker }: Stage, game: ArbiterGame): ChallengeRecord {
  const { id, leaf, before, after, own, bond } = game;
  return { challenger, defender: worker, game: id, leaf, before, claimed: after, own, bond };
}
