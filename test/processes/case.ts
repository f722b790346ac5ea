/**
 * A court with a dispute in it: a job whose true answer is known, workers that claim something else,
 * and what it takes to play it to any point.
 */
import { expect } from 'vitest';
import { plantFault } from '../../opml/faults.js';
import type { GameView } from '../../opml/game.js';
import { toHex } from '../../opml/hex.js';
import { createTracer, type Tracer } from '../../opml/tracer.js';
import {
  Court,
  honestTracer,
  inputOf,
  type Job,
  PROMPT,
  refusal,
  toyConstants,
  toyProgram,
} from './court.js';
import type { Tags } from './harness.js';
import { type Clocks, challenge, computing, type Player } from './players.js';
import { Tournament } from './tournament.js';

export const JOB: Job = { prompt: PROMPT, maxTokens: 3 };
export const truth: Tracer = honestTracer(JOB);
export const honest: Player = computing(truth);

/** A party whose computation has this fault. */
export const liar = (spec: Parameters<typeof plantFault>[2]): Tracer =>
  createTracer(plantFault(toyProgram(), inputOf(JOB), spec), inputOf(JOB), toyConstants);
export const lie: Tracer = liar({ kind: 'operator', token: 1, operator: 1 });

export const leavesOf = (tracer: Tracer): string => tracer.claim().data.leaves;

interface Verdict {
  readonly verdict: { readonly winner: string; readonly reason: string };
  readonly operators: number;
  readonly loState: string;
  readonly hiState: string;
}

export class Case extends Court {
  constructor(terms: Tags = {}, records = false) {
    super(terms, records);
    for (const player of ['WORKER', 'ALICE', 'BOB', 'CAROL', 'EVE']) this.deposit(player);
  }

  status = (claim: string): unknown => this.claimView(claim).status;
  view = (game: string) => this.gameView(game) as unknown as GameView & Clocks & Verdict;

  /** All that an account has: in its wallet, free, and in bonds. */
  total(account: string): bigint {
    const { free, locked } = this.account(account);
    return this.balance(account) + BigInt(free) + BigInt(locked);
  }

  /** A claim of WORKER, challenged by these with the truth in the place of its first lie. */
  dispute(tracer: Tracer, ...names: string[]): { claim: string; games: string[] } {
    const claim = this.open(JOB, tracer.claim());
    const leaves = leavesOf(tracer);
    const games = names.map((name) => challenge(this, name, claim, leaves, truth) ?? '');
    return { claim, games };
  }

  /** Plays the games of a claim to their end. */
  play(
    claim: string,
    tracer: Tracer,
    defender: Player,
    challengers: Readonly<Record<string, Player>> = { ALICE: honest },
  ): Tournament {
    const tournament = this.#tournament(claim, tracer, defender, challengers);
    tournament.play();
    return tournament;
  }

  /** Plays a game of ALICE until it is in a phase. */
  playTo(phase: GameView['phase'], tracer: Tracer = lie): string {
    const { claim, games } = this.dispute(tracer, 'ALICE');
    const [game = ''] = games;
    const stop =
      (player: Player): Player =>
      (turn) =>
        turn.game.phase !== phase && player(turn);
    const challengers = { ALICE: stop(honest) };
    this.#tournament(claim, tracer, stop(computing(tracer)), challengers).playUntilQuiet();
    expect(this.view(game).phase).toBe(phase);
    return game;
  }

  /** Sends a move that must be refused and change nothing. Returns the reason. */
  refused(from: string, tags: Tags, data = ''): string {
    const before = JSON.stringify(this.ask('Game-Info', { Game: tags.Game ?? '' }));
    const reason = refusal(this.send(from, 'Move', tags, data));
    expect(reason).toBeDefined();
    expect(JSON.stringify(this.ask('Game-Info', { Game: tags.Game ?? '' }))).toBe(before);
    return reason ?? '';
  }

  #tournament(
    claim: string,
    tracer: Tracer,
    defender: Player,
    challengers: Readonly<Record<string, Player>>,
  ): Tournament {
    return new Tournament({
      court: this,
      claim,
      leaves: leavesOf(tracer),
      worker: 'WORKER',
      defender,
      challengers: new Map(Object.entries(challengers)),
      random: () => 0.5,
    });
  }
}

export type Look = (from: string, witness: string, tags: Tags, step: number) => void;

/** Looks at the true witness of a step that may be the last one, with the tags to send it with. */
export const beforeProof =
  (player: Player, look: Look): Player =>
  (turn) => {
    const { game, name } = turn;
    const { lo = 0, hi = 0, mid } = game;
    const run = truth.operator(game.before, game.operator ?? 0);
    const tags = { Game: game.id, Kind: 'Step' };
    const show = (from: number, to: number, more: Tags) => {
      if (to - from === 1) look(name, toHex(run.witness(from)), { ...tags, ...more }, from);
    };
    if (game.phase === 'bisect' && mid === undefined) show(lo, hi, {});
    if (game.phase === 'bisect' && mid !== undefined) {
      show(mid, hi, { Agree: 'true' });
      show(lo, mid, { Agree: 'false' });
    }
    return player(turn);
  };
