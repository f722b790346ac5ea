/**
 * Random disputes: a right or a wrong claim, honest sides among all kinds of others, in every order.
 * Whatever the others do, the honest win in few moves and in bounded time, lose nothing, and no wAR is
 * made or lost.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plantFault } from '../../opml/faults.js';
import type { GameView } from '../../opml/game.js';
import { splitHashes } from '../../opml/hex.js';
import { createTracer } from '../../opml/tracer.js';
import {
  BOND,
  Court,
  honestTracer,
  inputOf,
  type Job,
  PROMPT,
  START,
  toyConstants,
  toyProgram,
  wrongTracer,
} from './court.js';
import {
  after,
  attacking,
  type Clocks,
  challenge,
  computing,
  copying,
  defending,
  doingNothing,
  forging,
  openings,
  type Player,
  reordering,
  replaying,
  stalling,
  withholding,
} from './players.js';
import { Tournament } from './tournament.js';

const JOB: Job = { prompt: PROMPT, maxTokens: 3 };
const WINDOW = 100_000;
const CLOCK = 50_000;
const EXTENSION = 5_000;

const truth = honestTracer(JOB);
const lies = [
  createTracer(
    plantFault(toyProgram(), inputOf(JOB), { kind: 'instruction', token: 1, operator: 1 }),
    inputOf(JOB),
    toyConstants,
  ),
  createTracer(
    plantFault(toyProgram(), inputOf(JOB), { kind: 'operator', token: 0 }),
    inputOf(JOB),
    toyConstants,
  ),
  wrongTracer(JOB),
];
const honest = computing(truth);

/** What somebody may be who is not honest; `lie` is what it computes, if anything. */
const NUISANCES: Readonly<Record<string, (lie: Player, moves: number) => Player>> = {
  'does nothing': () => doingNothing,
  lies: (lie) => lie,
  'attacks everything': (lie) => after(lie, attacking),
  'defends everything': (lie) => after(lie, defending),
  copies: (lie) => after(lie, copying(attacking)),
  'stalls to the last second': (lie) => stalling(lie),
  withholds: (lie, moves) => withholding(lie, moves),
  replays: (lie) => replaying(lie),
  reorders: (lie) => reordering(lie),
  forges: (lie) => forging(lie),
};
const nuisance = fc.record({
  kind: fc.constantFrom(...Object.keys(NUISANCES)),
  lie: fc.nat({ max: lies.length - 1 }),
  moves: fc.nat({ max: 12 }),
  leaf: fc.nat({ max: 2 }),
});
type Nuisance = typeof nuisance extends fc.Arbitrary<infer T> ? T : never;

const world = fc.record({
  seed: fc.integer(),
  /** Which lie the worker claims; -1: the truth, and then it is honest. */
  claim: fc.integer({ min: -1, max: lies.length - 1 }),
  worker: nuisance,
  others: fc.array(nuisance, { minLength: 1, maxLength: 3 }),
  /** Where the honest challenger of a lie comes among the others. */
  place: fc.nat({ max: 3 }),
});
type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

function playerOf({ kind, lie, moves }: Nuisance): Player {
  return (NUISANCES[kind] as (lie: Player, moves: number) => Player)(
    computing(lies[lie] as typeof truth),
    moves,
  );
}

/** mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A challenge by whoever does not care what is right: of any leaf, with anything as its own. */
function nag(court: Court, name: string, claim: string, leaves: string, one: Nuisance): void {
  const own = one.lie.toString(16).padStart(64, '0');
  const list = splitHashes(leaves);
  const leaf = Math.min(one.leaf, list.length - 2);
  court.send(name, 'Challenge', { Claim: claim, Leaf: `${leaf}` }, openings(list, leaf, own));
}

function playWorld({ seed, claim: which, worker, others, place }: World): void {
  const court = new Court();
  for (const name of ['WORKER', 'ALICE', 'BOB', 'CAROL', 'EVE']) court.deposit(name);
  const tracer = lies[which] ?? truth;
  const isTrue = which < 0;
  const { leaves } = tracer.claim().data;
  const claim = court.open(JOB, tracer.claim());
  const openedAt = court.network.nowMs;

  const challengers = new Map<string, Player>();
  const names = ['BOB', 'CAROL', 'EVE'];
  const open = (name: string, player: Player, start: () => void) => {
    challengers.set(name, player);
    start();
  };
  others.forEach((one, index) => {
    if (!isTrue && index === place % (others.length + 1)) openHonest();
    const name = names[index] as string;
    open(name, playerOf(one), () => {
      if (one.kind === 'copies') challenge(court, name, claim, leaves, truth);
      else nag(court, name, claim, leaves, one);
    });
  });
  if (!isTrue && !challengers.has('ALICE')) openHonest();
  function openHonest() {
    open('ALICE', honest, () => challenge(court, 'ALICE', claim, leaves, truth));
  }

  const tournament = new Tournament({
    court,
    claim,
    leaves,
    worker: 'WORKER',
    defender: isTrue ? honest : playerOf(worker),
    challengers,
    random: createRandom(seed),
  });
  tournament.play();
  const mostMoves = checkGames(court, claim, tournament);
  const took = court.network.nowMs - openedAt;
  expect(took).toBeLessThanOrEqual(WINDOW + 2 * CLOCK + mostMoves * EXTENSION);
  court.advance(WINDOW);

  expect(court.claimView(claim).status).toBe(isTrue ? 'final' : 'refuted');
  expect(total(court, isTrue ? 'WORKER' : 'ALICE')).toBeGreaterThanOrEqual(START);
  const games = court.claimView(claim).games as string[];
  const won = games.filter((id) => winnerOf(court, id) === 'WORKER').length;
  if (isTrue) expect(won).toBe(games.length);
  expect(total(court, 'WORKER')).toBe(START - (isTrue ? 0n : BOND) + (BigInt(won) * BOND) / 2n);
  expect(court.info()).toMatchObject({ openGames: 0, openClaims: 0 });
  court.close();
}

/** No game may be longer than its steps allow. Returns the moves of the longest. */
function checkGames(court: Court, claim: string, tournament: Tournament): number {
  let most = 0;
  for (const id of court.claimView(claim).games as string[]) {
    const { steps = 1 } = court.gameView(id) as unknown as GameView & Clocks;
    const moves = tournament.made(id).length;
    expect(moves).toBeLessThanOrEqual(Math.ceil(Math.log2(steps)) + 4);
    most = Math.max(most, moves);
  }
  return most;
}

function winnerOf(court: Court, id: string): string | undefined {
  return (court.gameView(id).verdict as { winner?: string }).winner;
}

function total(court: Court, account: string): bigint {
  const { free, locked } = court.account(account);
  return court.balance(account) + BigInt(free) + BigInt(locked);
}

test('in random disputes the honest win in time and lose nothing', () => {
  fc.assert(fc.property(world, playWorld), { seed: 3, numRuns: 20 });
});

test.each(Object.keys(NUISANCES))('a worker that %s for a wrong root is refuted', (kind) => {
  const one = { kind, lie: 0, moves: 3, leaf: 1 };
  playWorld({ seed: 5, claim: 0, worker: one, others: [one], place: 1 });
});

test.each(Object.keys(NUISANCES))('a challenger that %s of a right root loses its bond', (kind) => {
  const one = { kind, lie: 0, moves: 3, leaf: 1 };
  playWorld({ seed: 7, claim: -1, worker: one, others: [one, { ...one, leaf: 0 }], place: 0 });
});
