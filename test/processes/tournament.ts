/**
 * Plays the games about one claim to their end: whoever is on turn is asked for a move, in a random
 * order; when nobody moves, time goes on to the next clock that runs out.
 */
import type { Dispute, GameView, OperatorsData } from '../../opml/game.js';
import { splitHashes } from '../../opml/hex.js';
import { type Court, told } from './court.js';
import type { Post } from './harness.js';
import type { Clocks, Player } from './players.js';

export interface Contest {
  readonly court: Court;
  readonly claim: string;
  /** Joined leaves of the claim's message. */
  readonly leaves: string;
  readonly worker: string;
  readonly defender: Player;
  /** By account. */
  readonly challengers: ReadonlyMap<string, Player>;
  readonly random: () => number;
}

const LONGEST = 2000; // rounds: more is an endless game

export class Tournament {
  readonly #contest: Contest;
  readonly #made = new Map<string, Post[]>();

  constructor(contest: Contest) {
    this.#contest = contest;
  }

  /** Plays until no game is open. */
  play(): void {
    const { court, claim, random } = this.#contest;
    for (let round = 0; round < LONGEST; round += 1) {
      const open = court.ask('Open-Games', { Claim: claim }) as unknown as string[];
      if (open.length === 0) return;
      const order = open.map((id) => ({ id, key: random() })).sort((a, b) => a.key - b.key);
      let moved = false;
      for (const { id } of order) moved = this.#turn(id) || moved;
      if (!moved) this.#wait(open);
    }
    throw new Error('the games have no end');
  }

  /** Plays until nobody moves any more, and lets no time pass. */
  playUntilQuiet(): void {
    const { court, claim } = this.#contest;
    const open = court.ask('Open-Games', { Claim: claim }) as unknown as string[];
    while (open.some((id) => this.#view(id).phase !== 'closed' && this.#turn(id)));
  }

  /** Moves that the arbiter took in a game. */
  made = (id: string): readonly Post[] => this.#made.get(id) ?? [];

  #view = (id: string): GameView & Clocks =>
    this.#contest.court.gameView(id) as unknown as GameView & Clocks;

  /** Lets the side on turn play; whether the arbiter took a move. */
  #turn(id: string): boolean {
    const { court, claim, leaves, worker, defender, challengers, random } = this.#contest;
    const game = this.#view(id);
    if (game.phase === 'closed') return true;
    const challenger = (game as unknown as { challenger: string }).challenger;
    const [name, player] =
      game.turn === 'defender'
        ? [worker, defender]
        : [challenger, challengers.get(challenger) as Player];
    const operators = findOperators(court.network.posts, id);
    const dispute = {
      claim: court.claimView(claim),
      leaves: splitHashes(leaves),
      game,
      operators: operators && (JSON.parse(operators.data) as OperatorsData),
    } as unknown as Dispute;
    const first = court.network.posts.length;
    player({ court, game, dispute, role: game.turn, name, random, made: this.made(id) });
    return this.#record(id, game.moves, name, first);
  }

  #record(id: string, moves: number, name: string, first: number): boolean {
    const after = this.#view(id);
    if (after.phase !== 'closed' && after.moves === moves) return false;
    const posts = this.#contest.court.network.posts.slice(first);
    const tries = posts.flatMap((post, index) => {
      const isMove = post.to === 'ARBITER' && post.from === name && post.tags.Action === 'Move';
      const taken =
        isMove && told(posts.slice(index + 1, index + 2), name, 'Move-Refused').length === 0;
      return taken && post.tags.Game === id ? [post] : [];
    });
    this.#made.set(id, [...this.made(id), ...tries]);
    return true;
  }

  /** Nobody moves: to the first clock that runs out, which anybody may point out. */
  #wait(open: readonly string[]): void {
    const { court } = this.#contest;
    const games = open.map(this.#view);
    const [next] = games.sort((a, b) => deadline(a) - deadline(b));
    if (!next) return;
    court.network.advance(Math.max(0, deadline(next) - court.network.nowMs) + 1);
    court.send('NOBODY', 'Timeout', { Game: next.id });
  }
}

/** Whether a message is a move of this game that was not refused by what came next. */
function isTaken({ to, from, tags }: Post, next: Post | undefined, id: string): boolean {
  const isMove = to === 'ARBITER' && tags.Action === 'Move' && tags.Game === id;
  return isMove && (next === undefined || told([next], from, 'Move-Refused').length === 0);
}

function findOperators(posts: readonly Post[], id: string): Post | undefined {
  return posts.find(
    (post, index) => post.tags.Kind === 'Operators' && isTaken(post, posts[index + 1], id),
  );
}

function deadline({ since, clocks, turn }: GameView & Clocks): number {
  return since + clocks[turn];
}
