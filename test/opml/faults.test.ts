/** Every planted fault is found where it was planted, whoever computes wrongly. */
import { describe, expect, test } from 'vitest';
import type { AnswerInput, Program } from '../../llama/program.js';
import { answerRegion } from '../../opml/answer-log.js';
import { readFacts } from '../../opml/facts.js';
import { FAULT_KINDS, type FaultSpec, plantFault } from '../../opml/faults.js';
import type { FaultyProgram } from '../../opml/faulty-program.js';
import type { Dispute } from '../../opml/game.js';
import { createLiar } from '../../opml/liar.js';
import { createNotary } from '../../opml/notary.js';
import { nextMove } from '../../opml/play.js';
import { createTracer, type Tracer } from '../../opml/tracer.js';
import {
  DEMO_QUESTION,
  demoStage,
  digitQuestion,
  digitStage,
  leavesOf,
  play,
  RANDOM_QUESTION,
  randomStage,
  type Stage,
  toView,
} from './stage.js';

const demo = demoStage();
const CASES: [string, Stage, AnswerInput][] = [
  ['the demo model', demo, DEMO_QUESTION],
  ['a random model', randomStage(), RANDOM_QUESTION],
  ['a digit classifier', digitStage(), digitQuestion(3)],
];

function plant(stage: Stage, question: AnswerInput, spec: FaultSpec) {
  const program = plantFault(stage.open(), question, spec);
  return { program, tracer: createTracer(program, question, stage.constants) };
}

/** Challenges the liar's claim, and plays to the verdict. */
function disprove(stage: Stage, liar: Tracer, honest: Tracer) {
  const claim = liar.claim();
  const dispute: Dispute = { claim: toView(claim), leaves: leavesOf(claim) };
  const challenge = nextMove(dispute, 'challenger', honest);
  expect(challenge, 'a challenge').toBeDefined();
  return play(stage, claim, challenge!, { challenger: honest, defender: liar });
}

/** Where the last step must lie, for faults that are in one operator. */
function expectPlace(program: FaultyProgram, { referee }: ReturnType<typeof disprove>): void {
  const { operator: lie } = program.fault;
  if (lie === undefined) return;
  const { game, verdict } = referee;
  expect(game.leaf).toBe(lie.transition);
  expect(game.operator).toBe(lie.operator);
  expect(verdict?.step).toBe(lie.instruction?.step ?? game.steps! - 1);
}

describe.each(CASES)('%s', (_name, stage, question) => {
  const honest = createTracer(stage.open(), question, stage.constants);

  test.each(FAULT_KINDS)('%s: the liar loses where the fault is', (kind) => {
    const { program, tracer } = plant(stage, question, { kind });
    const played = disprove(stage, tracer, honest);
    expect(played.stuck).toBeUndefined();
    expect(played.referee.verdict?.winner).toBe('challenger');
    expectPlace(program, played);
    const bound = Math.log2(played.referee.game.steps!) + 4;
    expect(played.moves.length).toBeLessThanOrEqual(bound);
  });
});

// The demo model would show no more, and takes longer.
describe.each(CASES.slice(1))('%s', (_name, stage, question) => {
  const honest = createTracer(stage.open(), question, stage.constants);

  test.each(FAULT_KINDS)('%s: a challenger that computes wrongly loses', (kind) => {
    const { tracer } = plant(stage, question, { kind });
    const claim = honest.claim();
    const dispute = { claim: toView(claim), leaves: leavesOf(claim) };
    const challenge = nextMove(dispute, 'challenger', tracer);
    expect(challenge, 'a challenge').toBeDefined();
    const { referee, stuck } = play(stage, claim, challenge!, {
      challenger: tracer,
      defender: honest,
    });
    expect(stuck).toBeUndefined();
    expect(referee.verdict?.winner).toBe('defender');
  });

  test.each(FAULT_KINDS)('%s: a worker that serves with it makes the same claim', (kind) => {
    const { tracer } = plant(stage, question, { kind });
    const liar = createLiar(stage.open(), { kind });
    const notary = createNotary(liar, stage.constants);
    liar.begin(question);
    notary.begin(question);
    for (let isMore = true; isMore; ) {
      isMore = liar.run();
      notary.boundary();
    }
    expect(notary.claim()).toEqual(tracer.claim());
    expect(notary.claim().claimRoot).not.toBe(honest.claim().claimRoot);
    expect(notary.claim().inputRoot).toBe(honest.inputRoot);
  });
});

test.each(FAULT_KINDS)('%s is found for digits of every kind', (kind) => {
  const [, digits] = CASES[2]!;
  for (let index = 0; index < 24; index++) {
    expect(() => plant(digits, digitQuestion(index), { kind }), `digit ${index}`).not.toThrow();
  }
});

test.each<[string, Stage, AnswerInput]>([
  ['not what the classifier reads', CASES[2]![1], { prompt: 'What is this?', maxTokens: 1 }],
  ['longer than the context', demo, { prompt: 'llama '.repeat(600), maxTokens: 5 }],
])('a prompt that is %s is refused by the liar as well', (_name, stage, question) => {
  const refusedBy = (program: Program) => {
    program.begin(question);
    while (program.run());
    return readFacts(answerRegion(program));
  };
  const liar = createLiar(stage.open(), { kind: 'instruction' });
  expect(refusedBy(liar)).toEqual(refusedBy(stage.open()));
});

describe('a place of the user', () => {
  const honest = createTracer(demo.open(), DEMO_QUESTION, demo.constants);
  const places: FaultSpec[] = [
    { kind: 'token', token: 0 },
    { kind: 'token', token: 11 },
    { kind: 'truncation', token: 0 },
    { kind: 'operator', token: 2, operator: 0 },
    { kind: 'operator', token: 3, operator: 200, bit: 31 },
    { kind: 'instruction', token: 1, operator: 244 },
    { kind: 'input', instead: { prompt: 'Something else' } },
    { kind: 'parameters', instead: { maxTokens: 4 } },
  ];

  test.each(places)('%o', (spec) => {
    const { program, tracer } = plant(demo, DEMO_QUESTION, spec);
    const { operator: lie } = program.fault;
    if (spec.token !== undefined) expect(lie?.transition).toBe(spec.token);
    if (spec.operator !== undefined) expect(lie?.operator).toBe(spec.operator);
    const played = disprove(demo, tracer, honest);
    expect(played.referee.verdict?.winner).toBe('challenger');
    expectPlace(program, played);
  });

  const bad: [FaultSpec, string][] = [
    [{ kind: 'token', token: 12 }, 'FAULT_BAD_PLACE'],
    [{ kind: 'token', token: -1 }, 'FAULT_BAD_PLACE'],
    [{ kind: 'operator', operator: 100_000 }, 'FAULT_BAD_PLACE'],
    [{ kind: 'instruction', operator: 3, step: 2 ** 30 }, 'FAULT_BAD_PLACE'],
    // The last operator's scratch is thrown away, and what it writes there reaches no token.
    [{ kind: 'operator', token: 1, operator: 246 }, 'FAULT_WITHOUT_EFFECT'],
    [{ kind: 'parameters', instead: { maxTokens: 12 } }, 'FAULT_WITHOUT_EFFECT'],
    [{ kind: 'instruction', operator: 3, step: 0 }, 'FAULT_WITHOUT_EFFECT'],
  ];

  test.each(bad)('%o is refused: %s', (spec, code) => {
    const refused = expect.objectContaining({ code });
    expect(() => plantFault(demo.open(), DEMO_QUESTION, spec)).toThrow(refused);
  });

  test('where no fault changes the answer, the refusal says how many were tried', () => {
    const spec: FaultSpec = { kind: 'instruction', token: 1, operator: 1 };
    const refused = /^No fault \(instruction\) that changes the answer was found: \d+ were tried/;
    expect(() => plantFault(demo.open(), DEMO_QUESTION, spec)).toThrow(refused);
  });
});
