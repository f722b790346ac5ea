/** Games of one challenger: who is right wins, in few moves, and is paid by who was wrong. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FAULT_KINDS } from '../../opml/faults.js';
import { splitHashes } from '../../opml/hex.js';
import type { Tracer } from '../../opml/tracer.js';
import { Case, honest, JOB, leavesOf, liar, lie, truth } from './case.js';
import { BOND, BURN, refusal, START, told, wrongTracer } from './court.js';
import { type Clocks, challenge, computing, doingNothing, openings } from './players.js';

let court: Case;

beforeEach(() => {
  court = new Case();
});

afterEach(() => court.close());

/** Opens a game of ALICE about a claim of WORKER. */
function begin(worker: Tracer, challenger: Tracer = truth): { claim: string; game: string } {
  const claim = court.open(JOB, worker.claim());
  const game = challenge(court, 'ALICE', claim, leavesOf(worker), challenger);
  return { claim, game: game ?? '' };
}

describe('a lie is refuted, whatever it is about:', () => {
  test.each(FAULT_KINDS)('%s', (kind) => {
    if (kind === 'weights') return refuteWeights();
    const spec = { kind, ...(kind === 'input' ? { instead: { prompt: 'Something else?' } } : {}) };
    const tracer = liar({
      ...spec,
      ...(kind === 'parameters' ? { instead: { maxTokens: 2 } } : {}),
    });
    const { claim, game } = begin(tracer);
    const tournament = court.play(claim, tracer, computing(tracer));
    expect(court.claimView(claim).status).toBe('refuted');
    expect(court.gameView(game)).toMatchObject({ phase: 'closed', verdict: { winner: 'ALICE' } });
    const { steps = 1 } = court.gameView(game) as { steps?: number };
    expect(tournament.made(game).length).toBeLessThanOrEqual(Math.ceil(Math.log2(steps)) + 4);
  });
});

/** The liar's own weights are not those of the model: it cannot prove a step that reads them. */
function refuteWeights(): void {
  const tracer = wrongTracer(JOB);
  const { claim } = begin(tracer);
  court.play(claim, tracer, computing(tracer));
  expect(court.claimView(claim).status).toBe('refuted');
  expect(court.total('ALICE')).toBe(START + BOND / 2n);
}

test('the winner gets half of the bond, the other half is burnt', () => {
  const { claim } = begin(lie);
  court.play(claim, lie, computing(lie));
  expect(court.total('ALICE')).toBe(START + BOND / 2n);
  expect(court.total('WORKER')).toBe(START - BOND);
  expect(court.balance(BURN)).toBe(BOND / 2n);
  const ends = told(court.network.posts, 'HERDER', 'Claim-Refuted');
  expect(ends).toMatchObject([{ tags: { 'Job-Id': '1', Worker: 'WORKER' } }]);
  expect(ends[0]?.tags.Reason).toMatch(/^Step \d+ of operator 1 does not lead to the state/);
});

test('a true claim stands against who denies it, and is paid by his bond', () => {
  const { claim, game } = begin(truth, lie);
  court.play(claim, truth, honest, { ALICE: computing(lie) });
  expect(court.gameView(game)).toMatchObject({ verdict: { winner: 'WORKER', loser: 'ALICE' } });
  expect(court.claimView(claim).status).toBe('open');
  expect(court.total('WORKER')).toBe(START + BOND / 2n);
  expect(court.total('ALICE')).toBe(START - BOND);
  court.advance(100_000);
  expect(court.claimView(claim).status).toBe('final');
});

test('both sides are told of every move, and of the verdict', () => {
  const { claim, game } = begin(lie);
  const first = court.network.posts.length;
  const moves = court.play(claim, lie, computing(lie)).made(game).length;
  const posts = court.network.posts.slice(first);
  for (const side of ['ALICE', 'WORKER']) {
    expect(told(posts, side, 'Game-Moved')).toHaveLength(moves);
    expect(told(posts, side, 'Verdict')).toMatchObject([
      { tags: { Game: game, Claim: claim, Winner: 'ALICE', Loser: 'WORKER' } },
    ]);
  }
});

test('a claim with a game is not final before the game ends', () => {
  const { claim } = begin(truth, lie);
  court.advance(49_000);
  court.make('WORKER', { kind: 'Operators', tags: {}, data: '' }); // no move at all
  court.send('WORKER', 'Move', { Game: '1', Kind: 'Operators' }, operatorsOf(truth, '1'));
  court.advance(49_900);
  expect(court.claimView(claim).status).toBe('open');
  expect(told(court.advance(60_000), 'HERDER', 'Claim-Final')).toHaveLength(1);
});

function operatorsOf(tracer: Tracer, game: string): string {
  const { before } = court.gameView(game) as { before: string };
  const { leaves: list, workRoot } = tracer.operators(before);
  return JSON.stringify({ leaves: list.join(''), workRoot });
}

describe('a challenge', () => {
  const all = splitHashes(leavesOf(lie));
  const own = truth.operators(all[1] as string).after;
  const tags = { Claim: 'HERDER:1', Leaf: '1' };
  beforeEach(() => court.open(JOB, lie.claim()));

  test.each<[string, Record<string, string>, string, RegExp]>([
    ['an unknown claim', { Claim: 'HERDER:9' }, openings(all, 1, own), /There is no claim/],
    ['a leaf behind the last', { Leaf: '3' }, openings(all, 1, own), /from 0 to 2/],
    ['no leaf', { Leaf: '-1' }, openings(all, 1, own), /from 0 to 2/],
    ['leaves of another place', { Leaf: '0' }, openings(all, 1, own), /before is not leaf 0/],
    ['no data', {}, '', /JSON/],
    ['no proof', {}, JSON.stringify({ before: {}, after: {} }), /before is not leaf 1/],
    ['a longer proof', {}, longer(openings(all, 1, own)), /before is not leaf 1/],
    ['nothing of its own', {}, openings(all, 1), /own must be/],
    ['the leaf of the claim as its own', {}, openings(all, 1, all[2]), /you do not deny it/],
    ['too much data', {}, ' '.repeat(20_000), /JSON of at most/],
  ])('with %s is refused', (_, changed, data, reason) => {
    expect(refusal(court.send('ALICE', 'Challenge', { ...tags, ...changed }, data))).toMatch(
      reason,
    );
    expect(court.account('ALICE').locked).toBe('0');
    expect(court.ask('Open-Games')).toEqual([]);
  });

  test('without the bond, or by the worker itself, is refused', () => {
    expect(refusal(court.send('HERDER', 'Challenge', tags, openings(all, 1, own)))).toMatch(
      /Challenge-Bond/,
    );
    expect(refusal(court.send('WORKER', 'Challenge', tags, openings(all, 1, own)))).toMatch(
      /your own/,
    );
  });

  test('is taken to the last moment of the window, and not later', () => {
    const { until } = court.claimView('HERDER:1') as { until: number };
    court.network.advance(until - court.network.nowMs - 20);
    expect(refusal(court.send('ALICE', 'Challenge', tags, openings(all, 1, own)))).toBeUndefined();
    court.network.advance(30);
    expect(refusal(court.send('BOB', 'Challenge', tags, openings(all, 1, own)))).toMatch(/window/);
  });

  test('of the same leaf with the same commitment counts once', () => {
    court.send('ALICE', 'Challenge', tags, openings(all, 1, own));
    expect(refusal(court.send('ALICE', 'Challenge', tags, openings(all, 1, own)))).toMatch(
      /already/,
    );
    expect(court.account('ALICE').locked).toBe(`${BOND}`);
  });
});

function longer(data: string): string {
  const { before, ...rest } = JSON.parse(data);
  return JSON.stringify({
    ...rest,
    before: { ...before, proof: [...before.proof, '00'.repeat(32)] },
  });
}

describe('the clock', () => {
  test('of who does not move runs out, and anybody may say so', () => {
    const { claim, game } = begin(lie);
    expect(refusal(court.send('EVE', 'Timeout', { Game: game }))).toMatch(
      /The defender may move until/,
    );
    court.network.advance(50_001);
    court.send('EVE', 'Timeout', { Game: game });
    expect(court.gameView(game)).toMatchObject({
      verdict: { winner: 'ALICE', reason: 'The clock of the defender ran out' },
    });
    expect(court.claimView(claim).status).toBe('refuted');
  });

  test('is each side’s own, and a turn has at least the extension', () => {
    const { claim, game } = begin(truth, lie);
    court.network.advance(49_990);
    court.send('WORKER', 'Move', { Game: game, Kind: 'Operators' }, operatorsOf(truth, game));
    const { clocks } = court.gameView(game) as unknown as Clocks;
    expect(clocks.challenger).toBe(50_000);
    expect(clocks.defender).toBeLessThan(20);
    court.play(claim, truth, honest, { ALICE: computing(lie) });
    expect(court.gameView(game)).toMatchObject({ verdict: { winner: 'WORKER' } });
  });

  test('sweeps itself: no one has to ask', () => {
    const { claim } = begin(lie);
    court.advance(50_002);
    expect(court.claimView(claim).status).toBe('refuted');
  });
});

test('several games of one claim: one refutes it, the others are void and all bonds come back', () => {
  const claim = court.open(JOB, lie.claim());
  for (const name of ['ALICE', 'BOB']) challenge(court, name, claim, leavesOf(lie), truth);
  const own = 'ee'.repeat(32);
  const data = openings(splitHashes(leavesOf(lie)), 0, own);
  court.send('CAROL', 'Challenge', { Claim: claim, Leaf: '0' }, data);
  const players = { ALICE: honest, BOB: honest, CAROL: doingNothing };
  court.play(claim, lie, computing(lie), players);
  expect(court.claimView(claim).status).toBe('refuted');
  court.advance(1);
  expect(court.info().openGames).toBe(0);
  expect(court.total('ALICE')).toBe(START + BOND / 2n);
  expect(court.total('BOB')).toBe(START);
  expect(court.total('CAROL')).toBe(START);
  expect(court.total('WORKER')).toBe(START - BOND);
});

test('a delegate plays for its side, and nobody else does', () => {
  const { game } = begin(truth, lie);
  court.send('WORKER', 'Delegate', { Delegate: 'BOB' });
  const tags = { Game: game, Kind: 'Operators' };
  expect(refusal(court.send('EVE', 'Move', tags, operatorsOf(truth, game)))).toMatch(
    /turn of the defender/,
  );
  expect(refusal(court.send('BOB', 'Move', tags, operatorsOf(truth, game)))).toBeUndefined();
  expect(court.gameView(game)).toMatchObject({ phase: 'operator', delegate: 'BOB' });
});

test('many claims and games run at once, none waiting for another', () => {
  const claims = Array.from({ length: 6 }, () => court.open(JOB, lie.claim()));
  for (const claim of claims) challenge(court, 'ALICE', claim, leavesOf(lie), truth);
  expect(court.info()).toMatchObject({ openClaims: 6, openGames: 6 });
  const [first = '', ...rest] = claims;
  court.play(first, lie, computing(lie));
  for (const claim of rest) court.play(claim, lie, doingNothing);
  expect(claims.map((claim) => court.claimView(claim).status)).toEqual(Array(6).fill('refuted'));
  expect(court.total('ALICE')).toBe(START + 3n * BOND);
});

test('a lost game can be read as long as its claim is open, so that it blocks nobody who looks', () => {
  court.send('OWNER', 'Set-Terms', { Window: '20000000' });
  const { claim, game } = begin(lie);
  court.send('WORKER', 'Move', { Game: game, Kind: 'Operators' }, operatorsOf(lie, game));
  court.advance(51_000); // ALICE was bought: she lets her clock run out
  court.advance(4_000_000);
  expect(court.claimView(claim)).toMatchObject({ status: 'open', games: [game] });
  expect(court.gameView(game)).toMatchObject({ phase: 'closed', verdict: { side: 'defender' } });
  court.advance(20_000_000);
  court.advance(4_000_000);
  expect(court.gameView(game)).toEqual({ error: `There is no game ${game}` });
});
