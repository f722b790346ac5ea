/** The honest strategy: right in every phase, and whatever the other side does. */
import { describe, expect, test } from 'vitest';
import { plantFault } from '../../opml/faults.js';
import type { Dispute, GameView, Move, Role } from '../../opml/game.js';
import { fromHex, splitHashes, toHex } from '../../opml/hex.js';
import { listRoot } from '../../opml/machine/merkle.js';
import { decideMove, findLie, nextMove } from '../../opml/play.js';
import { createTracer, type Tracer } from '../../opml/tracer.js';
import {
  digitQuestion,
  digitStage,
  leavesOf,
  play,
  RANDOM_QUESTION,
  randomStage,
  type Stage,
  toView,
} from './stage.js';

const random = randomStage();
const digits = digitStage();
const DIGIT = digitQuestion(8);

const honest = createTracer(random.open(), RANDOM_QUESTION, random.constants);
const liar = createTracer(
  plantFault(random.open(), RANDOM_QUESTION, { kind: 'token' }),
  RANDOM_QUESTION,
  random.constants,
);
const trueDispute: Dispute = { claim: toView(honest.claim()), leaves: leavesOf(honest.claim()) };
const falseDispute: Dispute = { claim: toView(liar.claim()), leaves: leavesOf(liar.claim()) };

describe('before a game', () => {
  const reasonOf = (dispute: Dispute, role: Role, tracer: Tracer) =>
    decideMove(dispute, role, tracer);

  test('a false claim is challenged at its first false leaf, with both leaves opened', () => {
    const { move, reason } = decideMove(falseDispute, 'challenger', honest);
    const leaf = leavesOf(liar.claim()).findIndex((own, i) => own !== leavesOf(honest.claim())[i]);
    expect(move?.kind).toBe('Challenge');
    expect(move?.tags).toEqual({
      Action: 'Challenge',
      Claim: falseDispute.claim.id,
      Leaf: String(leaf - 1),
    });
    expect(JSON.parse(move!.data).own).toBe(leavesOf(honest.claim())[leaf]);
    expect(reason).toContain(`transition ${leaf - 1}`);
  });

  test.each([
    ['a true claim', trueDispute, honest, 'every transition of the claim is right'],
    ['leaves that are withheld', { ...falseDispute, leaves: undefined }, honest, 'cannot be had'],
    [
      'leaves that are not the claim’s',
      { ...falseDispute, leaves: trueDispute.leaves },
      honest,
      'not those that the claim commits to',
    ],
    [
      'too few leaves',
      { ...falseDispute, leaves: falseDispute.leaves?.slice(1) },
      honest,
      'not those that the claim commits to',
    ],
    [
      'a claim that is final',
      { ...falseDispute, claim: { ...falseDispute.claim, status: 'final' as const } },
      honest,
      'the claim is final',
    ],
    [
      'a claim about another job',
      falseDispute,
      createTracer(random.open(), { ...RANDOM_QUESTION, seed: 8 }, random.constants),
      'another job',
    ],
    [
      'a claim of another engine',
      falseDispute,
      createTracer(random.open(), RANDOM_QUESTION, { ...random.constants, codeLength: 7 }),
      'another engine',
    ],
  ])('%s is left alone', (_name, dispute, tracer, reason) => {
    const decision = reasonOf(dispute as Dispute, 'challenger', tracer);
    expect(decision.move).toBeUndefined();
    expect(decision.reason).toContain(reason);
  });

  test('a defender has nothing to do', () => {
    expect(nextMove(trueDispute, 'defender', honest)).toBeUndefined();
  });

  test('a claim that cuts the true answer otherwise cannot be refuted and is left alone', () => {
    const answers = honest.answers();
    const leaves = leavesOf(honest.claim());
    expect(answers.length).toBe(leaves.length + 1); // and the split prompt
    const merged = leaves.filter((_, i) => i !== 2);
    const repeated = leaves.flatMap((leaf, i) => (i === 3 ? [leaf, leaf] : [leaf]));
    for (const other of [answers, merged, repeated]) expect(findLie(other, honest)).toBeUndefined();
    const backwards = [leaves[0]!, leaves[2]!, leaves[1]!];
    expect(findLie(backwards, honest)).toEqual({ leaf: 1, own: leaves[3] });
  });
});

describe('in a game', () => {
  const challenge = nextMove(falseDispute, 'challenger', honest)!;
  const parties = { challenger: honest, defender: liar };

  test('nobody moves out of turn or when it is over', () => {
    const { referee } = play(random, liar.claim(), challenge, parties);
    const over = { ...falseDispute, game: referee.game };
    expect(decideMove(over, 'challenger', honest).reason).toBe('the game is over');
    const open: GameView = { ...referee.game, phase: 'operators', turn: 'defender' };
    const early = decideMove({ ...falseDispute, game: open }, 'challenger', honest);
    expect(early).toEqual({ reason: "it is the defender's turn" });
  });

  test('an honest party does not defend what it did not claim', () => {
    const played = play(random, liar.claim(), challenge, { challenger: honest, defender: honest });
    expect(played.stuck).toContain('another leaf than was claimed');
  });

  test('moves are numbered, so that one that comes late is harmless', () => {
    const { moves } = play(random, liar.claim(), challenge, parties);
    expect(moves.map(({ tags }) => tags.Number)).toEqual(moves.map((_, i) => String(i + 1)));
    expect(new Set(moves.map(({ tags }) => tags.Game))).toEqual(new Set(['1']));
  });

  test('a party that crashes after every move plays the same moves', () => {
    const wanted = playDigits(digitLiar(), () => digitHonest());
    const fresh = playDigits(
      () => digitLiar(),
      () => digitHonest(),
    );
    expect(fresh.referee.verdict).toEqual(wanted.referee.verdict);
    expect(fresh.moves).toEqual(wanted.moves);
  });
});

function digitHonest(): Tracer {
  return createTracer(digits.open(), DIGIT, digits.constants);
}

function digitLiar(): Tracer {
  const program = plantFault(digits.open(), DIGIT, { kind: 'instruction' });
  return createTracer(program, DIGIT, digits.constants);
}

function playDigits(defender: Tracer | (() => Tracer), challenger: () => Tracer) {
  const claim = digitLiar().claim();
  const dispute = { claim: toView(claim), leaves: leavesOf(claim) };
  const challenge = nextMove(dispute, 'challenger', challenger())!;
  return play(digits, claim, challenge, { challenger, defender });
}

describe('against a defender that lies about lengths too', () => {
  const truth = digitHonest();
  const base = digitLiar();
  const claim = base.claim();
  const dispute = { claim: toView(claim), leaves: leavesOf(claim) };
  const challenge = nextMove(dispute, 'challenger', truth)!;
  const parts = { challenger: truth };
  const noise = (step: number) => toHex(listRoot([new Uint8Array(32).fill(step % 251)]));

  const steps = truth.operator(leavesOf(claim)[0]!, 5).steps();
  const lengths = [1, 2, 3, 4, 8, 100, steps].flatMap((more) => [more, -more]);

  test.each(
    lengths.flatMap((more) => [[more, 'noise'] as const, [more, 'the last state'] as const]),
  )('%i steps more, and %s behind the end', (more, behind) => {
    const defender: Tracer = {
      ...base,
      operator(before, index) {
        const run = base.operator(before, index);
        const last = run.steps();
        return {
          ...run,
          steps: () => Math.max(1, last + more),
          state: (step) => (step > last && behind === 'noise' ? noise(step) : run.state(step)),
        };
      },
    };
    const { referee, stuck } = play(digits, claim, challenge, { ...parts, defender });
    expect(stuck).toBeUndefined();
    expect(referee.verdict?.winner).toBe('challenger');
  });

  const { leaves } = base.operators(leavesOf(claim)[0]!);
  const last = leaves.at(-1)!;
  test.each([
    ['one operator', [leaves[0]!, last]],
    ['half of the operators', [...leaves.slice(0, leaves.length >> 1), last]],
    ['a last operator twice', [...leaves, last]],
    ['idle operators at the end', [...leaves, ...leaves.slice(1).fill(last)]],
    ['an idle operator first', [leaves[0]!, leaves[0]!, ...leaves.slice(1)]],
    ['noise between', [leaves[0]!, noise(1), noise(2), last]],
  ])('%s', (_name, list) => {
    const defender: Tracer = {
      ...base,
      operators: (before) => ({ ...base.operators(before), leaves: list }),
    };
    const { referee, stuck } = play(digits, claim, challenge, { ...parts, defender });
    // What is left of the lie is in an operator that the liar itself computes rightly.
    if (stuck !== undefined) expect(referee.game.turn).toBe('defender');
    else expect(referee.verdict?.winner).toBe('challenger');
  });
});

test.each([
  ['from the first on', 1, 1],
  ['behind the true ones', 0, 2],
])('thousands of false operators %s cost no more than it takes to differ', (_, from, runs) => {
  const truth = digitHonest();
  const liar = digitLiar();
  const claim = liar.claim();
  const dispute = { claim: toView(claim), leaves: leavesOf(claim) };
  const challenge = nextMove(dispute, 'challenger', truth)!;
  const { leaves } = truth.operators(leavesOf(claim)[0]!);
  const noise = new Array<string>(4000).fill('ab'.repeat(32));
  const counts: number[] = [];
  const challenger: Tracer = {
    ...truth,
    operators(before, count) {
      const trace = truth.operators(before, count);
      counts.push(trace.leaves.length);
      return trace;
    },
  };
  const list = [
    ...leaves.slice(0, from || undefined),
    ...noise,
    liar.operators(leavesOf(claim)[0]!).leaves.at(-1)!,
  ];
  const defender: Tracer = {
    ...liar,
    operators: (before) => ({ ...liar.operators(before), leaves: list }),
  };
  const { referee, stuck } = play(digits, claim, challenge, { challenger, defender });
  if (stuck !== undefined) expect(referee.game.turn).toBe('defender');
  else expect(referee.verdict?.winner).toBe('challenger');
  expect(counts).toHaveLength(runs);
  expect(Math.max(...counts)).toBeLessThanOrEqual(2 * leaves.length + 1);
});

/** Small seeded numbers, 0 to 2^31 - 1. */
function createDice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state;
  };
}

describe.each([
  ['a claim that is false', 'challenger' as const],
  ['a claim that is true', 'defender' as const],
])('%s, and another side that moves at random', (_name, honestRole) => {
  const truth = digitHonest();
  const lie = digitLiar();
  const claim = (honestRole === 'challenger' ? lie : truth).claim();
  const dispute = { claim: toView(claim), leaves: leavesOf(claim) };
  const challenger = honestRole === 'challenger' ? truth : lie;
  const challenge = nextMove(dispute, 'challenger', challenger)!;

  test('the honest side wins, or the other cannot move', () => {
    let proved = 0;
    for (let seed = 1; seed <= 150; seed++) {
      const { winner, isProved } = playAtRandom(digits, claim, challenge, honestRole, seed);
      expect(winner, `seed ${seed}`).toBe(honestRole);
      proved += Number(isProved);
    }
    expect(proved).toBeGreaterThan(30);
  });

  function playAtRandom(
    stage: Stage,
    about: ReturnType<Tracer['claim']>,
    first: Move,
    role: Role,
    seed: number,
  ) {
    const dice = createDice(seed);
    const wild: Tracer = {
      ...lie,
      operator(before, index) {
        const right = (dice() >> 8) % 2 === 0 ? truth : lie;
        const run = right.operator(before, index);
        const wrong = toHex(fromHex(splitHashes(first.data.replace(/[^0-9a-f]/g, ''))[0] ?? ''));
        return {
          ...run,
          state: (step) => ((dice() >> 8) % 3 === 0 ? wrong : run.state(step)),
        };
      },
    };
    const sides =
      role === 'challenger'
        ? { challenger: truth, defender: wild }
        : { challenger: wild, defender: truth };
    try {
      const { referee, stuck } = play(stage, about, first, sides);
      if (stuck === undefined) return { winner: referee.verdict?.winner, isProved: true };
      return { winner: referee.game.turn === role ? undefined : role, isProved: false };
    } catch (error) {
      // A witness that does not prove anything: only the wild side's is.
      expect(error).toMatchObject({ name: 'OpmlError' });
      return { winner: role, isProved: false };
    }
  }
});
