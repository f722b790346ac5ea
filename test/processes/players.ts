/**
 * Who plays in the court: honest sides, liars, and all kinds of nuisance. A player is a function of
 * what anybody can read; it may send whatever it likes and says whether it did anything.
 */
import type { Dispute, GameView, OperatorsData, Role } from '../../opml/game.js';
import { fromHex, splitHashes, toHex } from '../../opml/hex.js';
import { listProof } from '../../opml/machine/merkle.js';
import { decideMove } from '../../opml/play.js';
import type { Tracer } from '../../opml/tracer.js';
import { type Court, told } from './court.js';
import type { Post, Tags } from './harness.js';

/** Where a game stands, for the side on turn. */
export interface Turn {
  readonly court: Court;
  readonly game: GameView;
  readonly dispute: Dispute;
  readonly role: Role;
  /** Account of the side. */
  readonly name: string;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Moves of this game that the arbiter took. */
  readonly made: readonly Post[];
}

/** False when it leaves the clock to run. */
export type Player = (turn: Turn) => boolean;

const send = ({ court, name }: Turn, tags: Tags, data = ''): Post[] =>
  court.send(name, 'Move', tags, data);

/** Plays what a computation says. With a right one, an honest side; with a wrong one, a liar. */
export const computing =
  (tracer: Tracer): Player =>
  (turn) => {
    // A liar may find itself in a game about something that it never computed.
    if (!tracer.answers().includes(turn.game.before)) return false;
    const { move } = decideMove(turn.dispute, turn.role, tracer);
    if (move) turn.court.make(turn.name, move);
    return move !== undefined;
  };

export const doingNothing: Player = () => false;

/** Plays, but stops at its n-th move. */
export const withholding =
  (player: Player, moves: number): Player =>
  (turn) =>
    turn.game.moves < moves && player(turn);

/** Moves at the last moment that it has. */
export const stalling =
  (player: Player): Player =>
  (turn) => {
    const { clocks, since, turn: side } = turn.game as GameView & Clocks;
    const left = since + clocks[side] - turn.court.network.nowMs;
    turn.court.network.advance(Math.max(0, left - 20));
    return player(turn);
  };

export interface Clocks {
  readonly clocks: Record<Role, number>;
  readonly since: number;
  readonly openedAt: number;
}

/** Sends its old moves of this game, and of all others, again before it plays. */
export const replaying =
  (player: Player): Player =>
  (turn) => {
    const { court, name } = turn;
    const mine = court.network.posts.filter(
      ({ from, to, tags }) => from === name && to === 'ARBITER' && tags.Action === 'Move',
    );
    for (const { tags, data } of mine.slice(-8)) send(turn, { ...tags, Game: turn.game.id }, data);
    return player(turn);
  };

const KINDS = ['Operators', 'Operator', 'Steps', 'Bisect', 'Step'];

/** Tries all kinds of moves that it is not the time for, then plays. */
export const reordering =
  (player: Player): Player =>
  (turn) => {
    for (const Kind of KINDS) {
      send(turn, { Game: turn.game.id, Kind, Number: `${turn.game.moves + 2}`, State: hash(turn) });
    }
    return player(turn);
  };

/** Says that it is the other side, and the token, and the arbiter; then plays. */
export const forging =
  (player: Player): Player =>
  (turn) => {
    const { court, game, name } = turn;
    const other = turn.role === 'challenger' ? 'WORKER' : 'ALICE';
    const lie = { Sender: name, From: other, 'From-Process': other, Owner: other };
    send(turn, { ...lie, Game: game.id, Kind: 'Steps', Steps: '1' });
    court.send(name, 'Credit-Notice', { ...lie, 'From-Process': 'WAR', Quantity: '1000000' });
    court.send(name, 'Timeout', { Game: game.id, Timestamp: '9999999999999' });
    court.send(name, 'Verdict', { Game: game.id, Winner: name });
    return player(turn);
  };

/** Denies everything: names any operator, shares no state, claims any other. */
export const attacking: Player = (turn) => random(turn, 'false');

/** Stands by everything: commits to any leaves that fit, shares every state, claims any other. */
export const defending: Player = (turn) => random(turn, 'true');

/** Commits to what it computed, and plays in another way from then on. */
export const after =
  (computed: Player, player: Player): Player =>
  (turn) =>
    turn.game.phase === 'operators' ? computed(turn) : player(turn);

/** Makes in this game the moves that its side made in another, as they were. */
export const copying =
  (fallback: Player): Player =>
  (turn) => {
    const { court, game } = turn;
    const theirs = court.network.posts.filter(
      ({ tags, to }) => to === 'ARBITER' && tags.Action === 'Move' && tags.Game !== game.id,
    );
    for (const { tags, data } of theirs.reverse()) {
      if (
        told(send(turn, { ...tags, Game: game.id }, data), turn.name, 'Move-Refused').length === 0
      ) {
        return true;
      }
    }
    return fallback(turn);
  };

function random(turn: Turn, Agree: string): boolean {
  const { game, dispute } = turn;
  const tags = { Game: game.id };
  const State = hash(turn);
  switch (game.phase) {
    case 'operators':
      return false; // nothing fits that was not computed
    case 'operator': {
      const leaves = splitHashes((dispute.operators as OperatorsData).leaves);
      const index = Math.floor(turn.random() * (leaves.length - 1));
      return isTaken(
        turn,
        { ...tags, Kind: 'Operator', Operator: `${index}` },
        openings(leaves, index),
      );
    }
    case 'steps':
      return isTaken(turn, {
        ...tags,
        Kind: 'Steps',
        Steps: `${1 + Math.floor(turn.random() * 500)}`,
        State,
      });
    default:
      return (
        isTaken(turn, { ...tags, Kind: 'Bisect', Agree, State }) ||
        isTaken(turn, { ...tags, Kind: 'Step', Agree }, '00'.repeat(1000))
      );
  }
}

function isTaken(turn: Turn, tags: Tags, data = ''): boolean {
  return told(send(turn, tags, data), turn.name, 'Move-Refused').length === 0;
}

function hash({ random }: Turn): string {
  return Array.from({ length: 64 }, () => Math.floor(random() * 16).toString(16)).join('');
}

/** Data that opens two leaves in a row. */
export function openings(leaves: readonly string[], index: number, own?: string): string {
  const open = (at: number) => {
    const proof = splitHashes(toHex(listProof(leaves.map(fromHex), at)));
    return { leaf: leaves[at], proof };
  };
  return JSON.stringify({ before: open(index), after: open(index + 1), own });
}

/** Challenges a claim as a computation says. Returns the game's id; undefined when it finds no fault. */
export function challenge(
  court: Court,
  name: string,
  claim: string,
  leaves: string,
  tracer: Tracer,
): string | undefined {
  const dispute = {
    claim: court.claimView(claim),
    leaves: splitHashes(leaves),
  } as unknown as Dispute;
  const { move } = decideMove(dispute, 'challenger', tracer);
  const posts = move ? court.make(name, move) : [];
  return told(posts, name, 'Challenge-Accepted')[0]?.tags.Game;
}

/** Plays what it computed, but says another number of steps of the disputed operator. */
export const miscounting =
  (tracer: Tracer, count: (steps: number) => number): Player =>
  (turn) => {
    const { game } = turn;
    if (game.phase !== 'steps') return computing(tracer)(turn);
    const run = tracer.operator(game.before, game.operator ?? 0);
    const steps = count(run.steps());
    const State = run.state(Math.floor(steps / 2));
    return isTaken(turn, { Game: game.id, Kind: 'Steps', Steps: `${steps}`, State });
  };
