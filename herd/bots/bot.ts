/**
 * What a challenger and a defender have in common: they look at the open games, play the move that is
 * due in each of theirs, and claim the time of who is too late. Nothing that a game needs is kept here,
 * so a bot that was killed goes on where it was when it is started again.
 */
import { inputOfClaim, type MoveKind, type Role } from '../../opml/game.js';
import type { ArbiterClaim, ArbiterGame, ArbiterReader } from './arbiter-reader.js';
import type { BotPort, Reply, Tags } from './port.js';
import type { Job, Thinker } from './thinker.js';

/** What a bot does, for whoever watches it. */
export type BotEvent = { readonly role: Role } & (
  | {
      readonly type: 'checked';
      readonly claim: string;
      readonly denied: boolean;
      readonly reason: string;
    }
  | { readonly type: 'deposited'; readonly winston: bigint }
  | {
      readonly type: 'sent';
      readonly kind: MoveKind | 'Timeout';
      readonly claim: string;
      /** Absent for a challenge. */
      readonly game?: string;
      readonly tags: Tags;
      readonly bytes: number;
      readonly reason: string;
    }
  | { readonly type: 'waits'; readonly game: string; readonly reason: string }
  | { readonly type: 'over'; readonly game: string; readonly won: boolean; readonly reason: string }
  /** What it was about stays undone until the next round; everything else goes on. */
  | { readonly type: 'failed'; readonly about: string; readonly error: Error }
);

type EventBody = BotEvent extends infer E ? (E extends BotEvent ? Omit<E, 'role'> : never) : never;

export interface BotOptions {
  readonly port: BotPort;
  readonly arbiter: ArbiterReader;
  /** The bot's own computation of answers. */
  readonly thinker: Thinker;
  readonly tell?: ((event: BotEvent) => void) | undefined;
}

/**
 * Looks at one kind of thing once and does what is due.
 * @returns true if it did something, so that looking again may be worth it
 */
export type Duty = () => Promise<boolean>;

export interface Bot {
  readonly role: Role;
  /** All that it does. Where each has a loop of its own (run-bot.ts), none waits for another. */
  readonly duties: readonly Duty[];
  /** Does each duty once, one after another: for virtual time, which stands still meanwhile. */
  readonly act: Duty;
}

export function createBot(role: Role, duties: readonly Duty[]): Bot {
  return {
    role,
    duties,
    async act() {
      let acted = false;
      for (const duty of duties) acted = (await duty()) || acted;
      return acted;
    },
  };
}

/** How long something that failed rests before it is tried again, by the arbiter's clock. */
export const REST_MS = 10_000;

export interface Player {
  /** One round over all open games. @returns true if something was sent */
  playAll(): Promise<boolean>;
  /** Runs a piece of work whose failure is told and stops nothing else. */
  attempt(about: string, work: () => Promise<boolean>): Promise<boolean>;
  /** Sends to the arbiter. @returns its refusal, if that is what came back */
  submit(tags: Tags, data?: string): Promise<string | undefined>;
  tell(event: EventBody): void;
}

/** A position in which there is nothing for us to do. */
interface Mark {
  readonly moves: number;
  /** When to look again all the same; absent if that would change nothing. */
  readonly until?: number;
}

/** @param owns whether the bot plays its role in that game */
export function createPlayer(
  { port, arbiter, thinker, tell }: BotOptions,
  role: Role,
  owns: (game: ArbiterGame) => boolean,
): Player {
  /** Games of ours that were open at the last look, each with the mark last set in it. */
  const open = new Map<string, Mark | undefined>();
  const player: Player = {
    tell: (event) => tell?.({ role, ...event } as BotEvent),
    async attempt(about, work) {
      try {
        return await work();
      } catch (error) {
        const shown = error instanceof Error ? error : new Error(String(error));
        player.tell({ type: 'failed', about, error: shown });
        return false;
      }
    },
    async submit(tags, data = '') {
      return refusalIn(await port.send(arbiter.id, tags, data));
    },
    async playAll() {
      const ids = await arbiter.openGames();
      for (const id of open.keys()) if (!ids.includes(id)) await tellOver(id);
      let acted = false;
      for (const id of ids)
        acted = (await player.attempt(`game ${id}`, () => playGame(id))) || acted;
      return acted;
    },
  };

  const playGame = async (id: string): Promise<boolean> => {
    const game = await arbiter.game(id);
    if (game.phase === 'closed' || !owns(game)) return false;
    const { moves } = game;
    if (!open.has(id)) open.set(id, undefined);
    if (game.turn !== role) return (await isLate(game)) && claimTime(game);
    if (await isMarked(game)) return false;
    const claim = await arbiter.claim(game.claim);
    const dispute = await arbiter.dispute(claim, game);
    const { move, reason } = await thinker.decide(dispute, role, jobOf(claim));
    if (move === undefined) {
      open.set(id, { moves });
      player.tell({ type: 'waits', game: id, reason });
      return false;
    }
    const refusal = await player.submit(move.tags, move.data);
    if (refusal !== undefined) {
      // The same move again, but not at once: what was in its way may pass.
      open.set(id, { moves, until: (await arbiter.info()).now + REST_MS });
      throw new Error(`${move.kind} was refused: ${refusal}`);
    }
    const bytes = Buffer.byteLength(move.data);
    const { kind, tags } = move;
    player.tell({ type: 'sent', kind, claim: claim.id, game: id, tags, bytes, reason });
    return true;
  };

  const isMarked = async ({ id, moves }: ArbiterGame): Promise<boolean> => {
    const mark = open.get(id);
    if (mark?.moves !== moves) return false;
    return mark.until === undefined || (await arbiter.info()).now < mark.until;
  };

  /** Whether the side on turn has used up its clock, by the arbiter's time. */
  const isLate = async ({ turn, clocks, since }: ArbiterGame): Promise<boolean> =>
    (await arbiter.info()).now > since + clocks[turn];

  const claimTime = async ({ id, claim, turn }: ArbiterGame): Promise<boolean> => {
    const tags = { Action: 'Timeout', Game: id };
    const refusal = await player.submit(tags);
    if (refusal !== undefined) return false; // it has moved, or the arbiter was faster
    player.tell({
      type: 'sent',
      kind: 'Timeout',
      claim,
      game: id,
      tags,
      bytes: 0,
      reason: `the ${turn} is out of time`,
    });
    return true;
  };

  const tellOver = async (id: string): Promise<void> => {
    open.delete(id);
    await player.attempt(`game ${id}`, async () => {
      const { verdict } = await arbiter.game(id);
      const won = verdict?.side === role;
      player.tell({ type: 'over', game: id, won, reason: verdict?.reason ?? 'the game is void' });
      return false;
    });
  };
  return player;
}

/** What a claim's answer was computed from. */
export function jobOf(claim: ArbiterClaim): Job {
  return { model: claim.model, input: inputOfClaim(claim) };
}

function refusalIn(replies: readonly Reply[]): string | undefined {
  const refusal = replies.find(({ tags }) => tags.Action?.endsWith('-Refused'));
  return refusal && (refusal.tags.Error ?? 'no reason was given');
}
