/** Attacks within a game, move by move: what is refused, why, and that nothing has changed by it. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fromHex, splitHashes, toHex } from '../../opml/hex.js';
import { listRoot } from '../../opml/machine/merkle.js';
import { Case, JOB, leavesOf, lie, truth } from './case.js';
import { BOND, refusal, START } from './court.js';
import { computing, miscounting, openings, type Player } from './players.js';

let court: Case;

beforeEach(() => {
  court = new Case();
});

afterEach(() => court.close());

test('an honest side that goes on after the end of an operator is not caught by it', () => {
  // The defender shares the last states, and denies those behind them.
  const { claim } = court.dispute(lie, 'ALICE');
  const sharing = miscounting(lie, (steps) => 4 * steps);
  court.play(claim, lie, (turn) => {
    const { game } = turn;
    if (game.phase !== 'bisect') return sharing(turn);
    const run = truth.operator(game.before, game.operator ?? 0);
    const { lo = 0, hi = 0, mid } = game;
    const tags = { Game: game.id, Agree: String(mid !== undefined && mid <= run.steps()) };
    const next = mid === undefined ? [lo, hi] : mid <= run.steps() ? [mid, hi] : [lo, mid];
    const [from = 0, to = 0] = next;
    const State = run.state(Math.floor((from + to) / 2));
    const witness = toHex(run.witness(from));
    if (to - from > 1) turn.court.send('WORKER', 'Move', { ...tags, Kind: 'Bisect', State });
    else turn.court.send('WORKER', 'Move', { ...tags, Kind: 'Step' }, witness);
    return true;
  });
  expect(court.status(claim)).toBe('refuted');
  expect(court.total('ALICE')).toBe(START + BOND / 2n);
});

test('an operator must be opened from what the defender committed to', () => {
  const game = court.playTo('operator');
  const { before, operators } = court.view(game);
  const own = truth.operators(before).leaves;
  const tags = { Game: game, Kind: 'Operator', Operator: '1' };
  expect(court.refused('ALICE', tags, openings(own, 2))).toMatch(/is not operator leaf 1/);
  expect(court.refused('ALICE', { ...tags, Operator: `${operators}` }, openings(own, 1))).toMatch(
    /Operator must/,
  );
  expect(court.refused('ALICE', tags, openings(own.slice(0, 3), 1))).toMatch(
    /is not operator leaf/,
  );
});

test('steps start and end where the arbiter says', () => {
  const game = court.playTo('bisect');
  const { loState, hiState, steps = 0 } = court.view(game);
  const run = truth.operator(court.view(game).before, court.view(game).operator ?? 0);
  expect(loState).toBe(run.state(0));
  expect(hiState).toBe(
    lie.operator(court.view(game).before, court.view(game).operator ?? 0).state(steps),
  );
  expect(hiState).not.toBe(run.state(steps));
});

test('of a leaf: an inner node is no leaf', () => {
  const claim = court.open(JOB, lie.claim());
  const list = splitHashes(leavesOf(lie));
  const data = JSON.parse(openings(list, 0, 'ee'.repeat(32)));
  const node = toHex(listRoot(list.slice(0, 2).map(fromHex)));
  const short = { leaf: node, proof: data.before.proof.slice(1) };
  for (const before of [short, { ...data.before, proof: [] }, { ...data.before, leaf: node }]) {
    const body = JSON.stringify({ ...data, before });
    expect(refusal(court.send('ALICE', 'Challenge', { Claim: claim, Leaf: '0' }, body))).toMatch(
      /before is not leaf/,
    );
  }
});

test('of an operator list that is larger than any', () => {
  const game = court.playTo('operators');
  const data = JSON.stringify({ leaves: 'ab'.repeat(32 * 16386), workRoot: 'ab'.repeat(32) });
  expect(court.refused('WORKER', { Game: game, Kind: 'Operators' }, data)).toMatch(
    /2 to 16385 hashes|JSON/,
  );
  expect(court.refused('WORKER', { Game: game, Kind: 'Operators' }, ' '.repeat(2 ** 20))).toMatch(
    /JSON/,
  );
});

test('a move that is late, early or another’s is refused', () => {
  const game = court.playTo('bisect');
  const tags = { Game: game, Kind: 'Bisect', Agree: 'true', State: 'aa'.repeat(32) };
  expect(court.refused('EVE', tags)).toMatch(/turn of the challenger/);
  expect(court.refused('WORKER', tags)).toMatch(/turn of the challenger/);
  expect(court.refused('ALICE', { ...tags, Number: '3' })).toMatch(/waits for move 4/);
  expect(court.refused('ALICE', { ...tags, Agree: 'maybe' })).toMatch(/true or false/);
  expect(court.refused('ALICE', { ...tags, State: 'AA'.repeat(32) })).toMatch(/State must be/);
  expect(court.refused('ALICE', { ...tags, Kind: 'Operators' })).toMatch(/in phase bisect/);
  expect(court.refused('ALICE', { ...tags, Kind: 'Step' }, '00')).toMatch(/steps are left/);
  expect(court.refused('ALICE', { ...tags, Game: '99' })).toMatch(/There is no game 99/);
});

test('a trace cannot be shorter or longer than its State-Root says', () => {
  const { data, n } = truth.claim();
  const leaves = splitHashes(data.leaves);
  const last = leaves[n] as string;
  for (const other of [
    [...leaves, last],
    [leaves[0] as string, last],
  ]) {
    const job = court.nextJob();
    court.claim(job, truth.claim(), { data: { leaves: other.join('') } });
    court.answered(job, JOB, truth.claim());
    expect(court.claimView(`HERDER:${job}`)).toHaveProperty('error');
  }
});

test('a move at the last second leaves the other its whole clock', () => {
  const game = court.playTo('operators');
  const { claim } = court.view(game);
  court.network.advance(court.view(game).since + 50_000 - court.network.nowMs - 20);
  computing(lie)({ ...turnOf(game), name: 'WORKER', role: 'defender' });
  expect(court.view(game).clocks.challenger).toBe(50_000);
  court.play(claim, lie, computing(lie));
  expect(court.status(claim)).toBe('refuted');
});

function turnOf(game: string) {
  const dispute = {
    claim: court.claimView(court.view(game).claim),
    leaves: [],
    game: court.view(game),
  };
  return {
    court,
    game: court.view(game),
    dispute,
    random: () => 0.5,
    made: [],
  } as never as Parameters<Player>[0];
}

test('a tag called Timestamp or Id is not the scheduler’s: a late move stays late', () => {
  const game = court.playTo('operators');
  court.network.advance(60_000);
  const { leaves, workRoot } = lie.operators(court.view(game).before);
  const data = JSON.stringify({ leaves: leaves.join(''), workRoot });
  const tags = { Game: game, Kind: 'Operators', Timestamp: '1', Id: 'ANOTHER' };
  expect(refusal(court.send('WORKER', 'Move', tags, data))).toMatch(
    /clock of the defender ran out/,
  );
  const job = court.nextJob();
  court.claim(job, truth.claim(), { tags: { Id: 'ANOTHER' } });
  court.answered(job, JOB, truth.claim());
  expect(court.claimView(`HERDER:${job}`).claimMessage).toMatch(/^MESSAGE-/);
});
