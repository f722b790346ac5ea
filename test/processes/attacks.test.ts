/**
 * Attacks on disputes that other systems have suffered, or could: each row of the list is a test by its
 * name. More of the same, move by move, is in attacks-on-moves.test.ts, Sybil challengers are in
 * sybil-challengers.test.ts; what concerns the machine below the game (proofs, NaN) is tested at
 * length with the machine.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { claimRoot } from '../../opml/claim.js';
import { fromHex, splitHashes, toHex } from '../../opml/hex.js';
import { listRoot } from '../../opml/machine/merkle.js';
import { HEADER_BYTES, programRoot } from '../../opml/machine/state.js';
import { createTracer } from '../../opml/tracer.js';
import { beforeProof, Case, honest, JOB, type Look, leavesOf, liar, lie, truth } from './case.js';
import {
  BOND,
  BURN,
  honestTracer,
  inputOf,
  type Job,
  PROMPT,
  refusal,
  START,
  told,
  toyConstants,
  toyProgram,
} from './court.js';
import type { Post } from './harness.js';
import {
  attacking,
  challenge,
  computing,
  doingNothing,
  forging,
  miscounting,
  openings,
  type Player,
  reordering,
  replaying,
  stalling,
} from './players.js';

const cut = liar({ kind: 'truncation', token: 1 });

let court: Case;

beforeEach(() => {
  court = new Case();
});

afterEach(() => court.close());

describe('step count or trace length lie, early truncation', () => {
  test('an answer that was cut short is refuted', () => {
    const { claim } = court.dispute(cut, 'ALICE');
    court.play(claim, cut, computing(cut));
    expect(court.status(claim)).toBe('refuted');
  });

  test.each<[string, (steps: number) => number]>([
    ['one more', (steps) => steps + 1],
    ['one less', (steps) => steps - 1],
    ['twice as many', (steps) => 2 * steps],
    ['almost none', () => 2],
    ['2^40', () => 2 ** 40],
  ])('%s steps than there are do not help', (_, count) => {
    const { claim, games } = court.dispute(lie, 'ALICE');
    const tournament = court.play(claim, lie, miscounting(lie, count));
    expect(court.status(claim)).toBe('refuted');
    expect(tournament.made(games[0] ?? '').length).toBeLessThanOrEqual(44);
  });
});

describe('phase-transition forgery', () => {
  test('operators must start at the agreed leaf, with nothing in the caches, and end at the disputed one', () => {
    const game = court.playTo('operators');
    const { before, after } = court.view(game);
    const good = lie.operators(before);
    const tags = { Game: game, Kind: 'Operators' };
    const data = (leaves: readonly string[], workRoot = good.workRoot) =>
      JSON.stringify({ leaves: leaves.join(''), workRoot });
    expect(court.refused('WORKER', tags, data(good.leaves.slice(1)))).toMatch(
      /leaf 0 is not the agreed/,
    );
    expect(court.refused('WORKER', tags, data([after, ...good.leaves.slice(1)]))).toMatch(/leaf 0/);
    expect(court.refused('WORKER', tags, data(good.leaves.slice(0, -1)))).toMatch(
      /last operator leaf/,
    );
    expect(court.refused('WORKER', tags, data(good.leaves, before))).toMatch(/last operator leaf/);
    expect(court.refused('WORKER', tags, data(good.leaves.slice(0, 1)))).toMatch(
      /2 to 16385 hashes/,
    );
  });
});

test('mis-wired operator inputs: a step is judged on the agreed memory, and on no other', () => {
  const wired = liar({ kind: 'instruction', token: 1, operator: 1 });
  const { claim, games } = court.dispute(wired, 'ALICE');
  const reasons: string[] = [];
  const look: Look = (from, witness, tags, step) => {
    const { before, operator = 0 } = court.view(games[0] ?? '');
    const elsewhere = honestTracer(JOB).operator(before, operator + 1);
    const other = toHex(elsewhere.witness(step));
    const header = 2 * HEADER_BYTES;
    reasons.push(court.refused(from, tags, other)); // all of another operator's state
    reasons.push(court.refused(from, tags, witness.slice(0, header) + other.slice(header)));
  };
  court.play(claim, wired, beforeProof(computing(wired), look), {
    ALICE: beforeProof(honest, look),
  });
  expect(reasons[0]).toMatch(/the header is not that of the state/);
  expect(reasons[1]).toMatch(/does not belong to the state/);
  expect(court.status(claim)).toBe('refuted');
});

describe('prompt, model, parameter and seed substitution', () => {
  const others: [string, Record<string, string>, Record<string, unknown>][] = [
    ['prompt', {}, { prompt: `${PROMPT} ` }],
    ['answer', {}, { answer: 'qrb' }],
    ['length', { Tokens: '9' }, {}],
    ['temperature', { Temperature: '1' }, {}],
    ['top-p', { 'Top-P': '0.9' }, {}],
    ['seed', { Seed: '7' }, {}],
    ['stop text', { Termination: '.' }, {}],
    ['model', { 'Model-ID': 'OTHER' }, {}],
  ];
  test.each(others)('of the %s', (_, tags, data) => {
    court.send('OWNER', 'Register-Model', { 'Model-ID': 'OTHER' }, modelData());
    const job = court.nextJob();
    court.claim(job, truth.claim());
    const posts = court.answered(job, JOB, truth.claim(), { tags, data });
    expect(told(posts, 'HERDER', 'Claim-Refused')).toHaveLength(1);
    expect(court.account('WORKER').locked).toBe('0');
  });
});

function modelData(): string {
  const hash = toHex(listRoot([]));
  const bounds = toyConstants.bounds;
  const roots = { codeRoot: hash, vocabularyRoot: hash, weightsRoot: hash };
  return JSON.stringify({ ...roots, codeLength: 1, entryPc: 0, bounds });
}

describe('last-second moves, clock griefing, inherited clocks', () => {
  test('who stalls to the last moment of every turn only shortens the own clock', () => {
    const { claim } = court.dispute(lie, 'ALICE');
    const openedAt = court.network.nowMs;
    court.play(claim, lie, stalling(computing(lie)), { ALICE: stalling(honest) });
    expect(court.status(claim)).toBe('refuted');
    expect(court.network.nowMs - openedAt).toBeLessThan(2 * 50_000 + 20 * 5000);
  });

  test('a new game has new clocks, whatever was used up in another', () => {
    const { claim } = court.dispute(lie, 'ALICE');
    court.network.advance(40_000);
    const second = challenge(court, 'BOB', claim, leavesOf(lie), truth) ?? '';
    expect(court.view(second).clocks).toEqual({ challenger: 50_000, defender: 50_000 });
  });
});

test('move after resolve, replayed confirm: a verdict falls once', () => {
  const { claim, games } = court.dispute(lie, 'ALICE');
  const [game = ''] = games;
  const made = court.play(claim, lie, computing(lie)).made(game);
  const before = ['ALICE', 'WORKER'].map((name) => court.total(name));
  for (const { from, tags, data } of made)
    court.refused(from, tags as Record<string, string>, data);
  expect(refusal(court.send('EVE', 'Timeout', { Game: game }))).toMatch(/The game is over/);
  const again = { Claim: claim, Leaf: '1' };
  const data = openings(splitHashes(leavesOf(lie)), 1, '77'.repeat(32));
  expect(refusal(court.send('BOB', 'Challenge', again, data))).toMatch(/The claim is refuted/);
  court.advance(200_000);
  expect(['ALICE', 'WORKER'].map((name) => court.total(name))).toEqual(before);
  const ends = court.network.posts.filter(({ tags }) =>
    /^Claim-(Final|Refuted)$/.test(tags.Action ?? ''),
  );
  expect(ends).toHaveLength(1);
});

test('unbalanced dissection: the middle is the arbiter’s, so rounds are logarithmic', () => {
  const { claim, games } = court.dispute(lie, 'ALICE');
  const [game = ''] = games;
  const middles: boolean[] = [];
  const watching =
    (player: Player): Player =>
    (turn) => {
      const { lo = 0, hi = 0, mid } = turn.game;
      if (mid !== undefined) middles.push(mid === Math.floor((lo + hi) / 2));
      return player(turn);
    };
  const skewed: Player = (turn) => {
    const tags = {
      Game: turn.game.id,
      Kind: 'Bisect',
      Mid: '1',
      Lo: '0',
      Hi: '2',
      State: 'aa'.repeat(32),
    };
    return (
      refusal(turn.court.send(turn.name, 'Move', { ...tags, Agree: 'true' })) === undefined ||
      attacking(turn)
    );
  };
  const forever = miscounting(lie, () => 2 ** 40);
  const defender: Player = (turn) => (turn.game.phase === 'bisect' ? skewed(turn) : forever(turn));
  const made = court.play(claim, lie, watching(defender), { ALICE: watching(honest) }).made(game);
  expect(middles.length).toBeGreaterThan(30);
  expect(middles).not.toContain(false);
  expect(made.length).toBeLessThanOrEqual(40 + 4);
});

test('freeloader claims: a copy of a challenge earns nothing, however fast it plays', () => {
  const { claim, games } = court.dispute(lie, 'ALICE', 'BOB');
  const [, copy = ''] = games;
  const waiting: Player = (turn) => court.view(copy).phase === 'closed' && honest(turn);
  court.play(claim, lie, computing(lie), { ALICE: waiting, BOB: honest });
  expect(court.view(copy).verdict.winner).toBe('BOB');
  expect([court.total('ALICE'), court.total('BOB')]).toEqual([START + BOND / 2n, START]);
});

test('self-challenge collusion: losing to oneself costs half of the bond', () => {
  const claim = court.open(JOB, lie.claim());
  challenge(court, 'EVE', claim, leavesOf(lie), truth); // the worker's other wallet
  court.play(claim, lie, doingNothing, { EVE: honest });
  expect(court.total('WORKER') + court.total('EVE')).toBe(2n * START - BOND / 2n);
  expect(court.balance(BURN)).toBe(BOND / 2n);
});

describe('malformed, oversized, truncated proofs; leaf and node confusion', () => {
  test('of a step', () => {
    const game = court.playTo('bisect');
    const { claim } = court.view(game);
    let good = '';
    const look: Look = (from, witness, tags) => {
      good = witness;
      for (const bad of damaged(good)) court.refused(from, tags, bad);
    };
    const defender = beforeProof(computing(lie), look);
    court.play(claim, lie, defender, { ALICE: beforeProof(honest, look) });
    expect(good.length / 2).toBeLessThanOrEqual(4096);
    expect(court.status(claim)).toBe('refuted');
  });

  function damaged(good: string): string[] {
    const flipped = (at: number) =>
      good.slice(0, at) + (good[at] === '0' ? '1' : '0') + good.slice(at + 1);
    return [
      '',
      good.slice(2),
      good.slice(0, -2),
      good.slice(0, -1),
      `${good}00`,
      good.toUpperCase(),
      'zz'.repeat(200),
      '00'.repeat(4097),
      flipped(0),
      flipped(300),
      flipped(good.length - 1),
    ];
  }
});

describe('poisoned pre-state without preimage; data withheld', () => {
  test('leaves that nobody can have a state for lose: no step can be shown from them', () => {
    // The claim's leaf 1 is a number out of the air; ALICE has the truth in its place.
    const leaves = splitHashes(leavesOf(truth));
    leaves[1] = 'bad0'.repeat(16);
    const { claim } = poisoned(leaves);
    const data = openings(leaves, 0, truth.operators(leaves[0] as string).after);
    court.send('ALICE', 'Challenge', { Claim: claim, Leaf: '0' }, data);
    court.play(claim, truth, doingNothing);
    expect(court.status(claim)).toBe('refuted');
    expect(court.total('ALICE')).toBe(START + BOND / 2n);
  });

  test('who withholds the operators runs out of time', () => {
    const { claim, games } = court.dispute(lie, 'ALICE');
    court.play(claim, lie, doingNothing);
    expect(court.view(games[0] ?? '').verdict.reason).toBe('The clock of the defender ran out');
    expect(court.status(claim)).toBe('refuted');
  });
});

/** Opens a claim with these leaves and the true end. */
function poisoned(leaves: readonly string[]): { claim: string } {
  const { data, inputRoot, n } = truth.claim();
  const root = claimRoot(
    programRoot(toyConstants),
    fromHex(inputRoot),
    listRoot(leaves.map(fromHex)),
    n,
  );
  const claim = {
    ...truth.claim(),
    claimRoot: toHex(root),
    data: { ...data, leaves: leaves.join('') },
  };
  return { claim: court.open(JOB, claim) };
}

describe('NaN and float nondeterminism', () => {
  const zero = String.raw`('\0'):rep(16)`;
  const cases: [string, string, string][] = [
    ['f32 0/0', `floats[0x95].run(${zero}, ${zero})`, '0000c07f'],
    ['f64 0/0', `floats[0xA3].run(${zero}, ${zero})`, '000000000000f87f'],
    ['f32 root of -1', `floats[0x91].run(string.pack('<f', -1) .. ('\\0'):rep(12))`, '0000c07f'],
  ];
  test.each(cases)('%s is one bit pattern', (_, expression, bits) => {
    const code = `local floats = require('arbiter.floats')
      return require('arbiter.hex').encode(${expression})`;
    expect(court.network.eval('ARBITER', code)).toBe(bits.padEnd(32, '0'));
  });
});

test('copied answers, lazy workers: what another computed proves nothing about this job', () => {
  const other: Job = { ...JOB, prompt: 'Is it the same question?' };
  const job = court.nextJob();
  court.claim(job, truth.claim()); // copied from an answer to PROMPT
  const posts = court.answered(job, other, truth.claim());
  expect(told(posts, 'HERDER', 'Claim-Refused')[0]?.tags.Error).toMatch(
    /does not commit to this job/,
  );
  const claim = court.open(other, honestTracer(other).claim());
  expect(court.status(claim)).toBe('open');
});

test('VRF grinding, same prompt same draw: the seed is the herder’s, never the worker’s', () => {
  const input = { ...inputOf(JOB), temperature: 1, seed: 5 };
  const ground = createTracer(toyProgram(), input, toyConstants).claim();
  const job = court.nextJob();
  court.claim(job, ground);
  expect(told(court.answered(job, JOB, ground), 'HERDER', 'Claim-Refused')).toHaveLength(1);
  const drawn = court.nextJob();
  court.claim(drawn, ground);
  court.answered(drawn, JOB, ground, { tags: { Temperature: '1', Seed: '5' } });
  expect(court.status(`HERDER:${drawn}`)).toBe('open');
});

describe('replay, reorder, duplicate and forged From in AO messages', () => {
  test.each<[string, (player: Player) => Player]>([
    ['replays', replaying],
    ['sends out of order', reordering],
    ['forges', forging],
  ])('who %s gains nothing', (_, wrap) => {
    const { claim } = court.dispute(lie, 'ALICE', 'BOB');
    court.play(claim, lie, wrap(computing(lie)), { ALICE: honest, BOB: wrap(computing(lie)) });
    expect(court.status(claim)).toBe('refuted');
    expect(court.total('ALICE')).toBe(START + BOND / 2n);
  });

  test('the same message twice is heard once', () => {
    const game = court.playTo('bisect');
    const message = { from: 'ALICE', to: 'ARBITER', action: 'Move', id: 'ONE-ID' };
    const tags = { Game: game, Kind: 'Bisect', Agree: 'true', State: 'aa'.repeat(32) };
    const first: Post[] = court.network.send({ ...message, tags });
    expect(refusal(first)).toBeUndefined();
    expect(refusal(court.network.send({ ...message, tags }))).toMatch(/came before/);
    expect(court.view(game).moves).toBe(4);
  });
});

test('crash in mid dispute: a party that remembers nothing goes on where the game is', () => {
  const game = court.playTo('bisect');
  const { claim } = court.view(game);
  // New tracers, as after a restart: all that they know is what the arbiter tells.
  court.play(claim, lie, computing(liar({ kind: 'operator', token: 1, operator: 1 })), {
    ALICE: computing(honestTracer(JOB)),
  });
  expect(court.status(claim)).toBe('refuted');
});
