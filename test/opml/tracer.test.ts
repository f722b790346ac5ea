/** Tracers: token leaves, operators and steps of one answer fit into one another, in any order. */
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../opml/hex.js';
import { HASH_BYTES, hashParts, ZERO_HASH } from '../../opml/machine/merkle.js';
import {
  emptyRegionRoot,
  encodeHeader,
  haltedState,
  memoryHash,
  programRoot,
  startState,
  WITNESS_BYTES_MAX,
} from '../../opml/machine/state.js';
import { verifyStep } from '../../opml/machine/verify.js';
import { createTracer, type Tracer } from '../../opml/tracer.js';
import {
  DEMO_QUESTION,
  demoStage,
  digitQuestion,
  digitStage,
  leavesOf,
  RANDOM_QUESTION,
  randomStage,
  type Stage,
} from './stage.js';

const demo = demoStage();
const random = randomStage();
const digits = digitStage();

const CASES: [string, Stage, Tracer][] = [
  ['the demo model', demo, createTracer(demo.open(), DEMO_QUESTION, demo.constants)],
  ['a random model', random, createTracer(random.open(), RANDOM_QUESTION, random.constants)],
  ['a digit classifier', digits, createTracer(digits.open(), digitQuestion(7), digits.constants)],
];

/** Whole numbers below `count`: the first, the last and some between. */
function sample(count: number, most: number): number[] {
  const picked = Array.from({ length: most }, (_, i) => Math.floor((i * (count - 1)) / (most - 1)));
  return [...new Set(picked)];
}

describe.each(CASES)('%s', (_name, { constants }, tracer) => {
  const leaves = leavesOf(tracer.claim());
  const input = fromHex(tracer.inputRoot);
  /** The state that the arbiter derives from an operator leaf. */
  const derive = (leaf: string, steps: number | undefined) => {
    const header =
      steps === undefined
        ? startState(ZERO_HASH, ZERO_HASH, constants.entryPc)
        : haltedState(ZERO_HASH, ZERO_HASH, steps);
    const rest = encodeHeader(header).subarray(2 * HASH_BYTES);
    return toHex(hashParts(2, programRoot(constants), input, fromHex(leaf), rest));
  };

  test('leads from every token leaf to the next, with nothing in its caches', () => {
    for (let leaf = 0; leaf + 1 < leaves.length; leaf++) {
      const { after } = tracer.operators(leaves[leaf]!);
      expect(after, `leaf ${leaf + 1}`).toBe(leaves[leaf + 1]);
      expect(tracer.leafAfter(leaves[leaf]!)).toBe(after);
    }
  });

  test('has operators that start and end as the arbiter derives it', () => {
    const { bounds } = constants;
    const zero = emptyRegionRoot(bounds.end - bounds.work);
    for (const leaf of sample(leaves.length - 1, 3)) {
      const before = leaves[leaf]!;
      const trace = tracer.operators(before);
      expect(trace.leaves[0]).toBe(toHex(memoryHash(fromHex(before), zero)));
      const end = memoryHash(fromHex(trace.after), fromHex(trace.workRoot));
      expect(trace.leaves.at(-1)).toBe(toHex(end));
    }
  });

  test('runs every operator in the interpreter as V8 does', () => {
    const before = leaves.at(-2)!;
    const trace = tracer.operators(before);
    for (const index of sample(trace.leaves.length - 1, 6)) {
      const run = tracer.operator(before, index);
      const steps = run.steps();
      expect(run.state(0)).toBe(derive(trace.leaves[index]!, undefined));
      expect(run.state(steps), `operator ${index}`).toBe(derive(trace.leaves[index + 1]!, steps));
    }
  });

  test('proves each step that is sampled, in at most 4 KB', () => {
    const before = leaves.at(-2)!;
    const count = tracer.operators(before).leaves.length - 1;
    for (const index of sample(count, 4)) {
      const run = tracer.operator(before, index);
      const steps = run.steps();
      for (const step of sample(steps, 16)) {
        const witness = run.witness(step);
        expect(witness.length).toBeLessThanOrEqual(WITNESS_BYTES_MAX);
        const { next } = verifyStep(constants, input, fromHex(run.state(step)), witness);
        expect(toHex(next), `step ${step} of operator ${index}`).toBe(run.state(step + 1));
      }
    }
  });

  test('says the same in whatever order it is asked', () => {
    const before = leaves[0]!;
    const steps = tracer.operator(before, 0).steps();
    const wanted = sample(steps + 1, 9);
    const ascending = wanted.map((step) => tracer.operator(before, 0).state(step));
    tracer.operators(before);
    const run = tracer.operator(before, 0);
    const descending = [...wanted].reverse().map((step) => run.state(step));
    expect(descending.reverse()).toEqual(ascending);
    for (let step = 0; step < 100; step++) run.state(step); // more than it keeps
    expect(wanted.map((step) => run.state(step))).toEqual(ascending);
    expect(run.steps()).toBe(steps);
  });

  test('stays in the last state, which shows nothing but its header', () => {
    const run = tracer.operator(leaves[0]!, 0);
    const steps = run.steps();
    expect(run.state(steps + 1)).toBe(run.state(steps));
    expect(run.state(10 * steps)).toBe(run.state(steps));
    expect(run.witness(steps)).toHaveLength(4 * HASH_BYTES + 17);
  });

  test('describes what a step does', () => {
    const run = tracer.operator(leaves[0]!, 0);
    const last = run.describe(run.steps() - 1);
    expect(last).toMatchObject({ opcode: 'return', step: run.steps() - 1, operands: [] });
    const described = sample(run.steps(), 50).map((step) => run.describe(step));
    expect(described.every(({ function: name }) => name !== '')).toBe(true);
    expect(described.some(({ operands }) => operands.length === 2)).toBe(true);
  });

  test('goes on for as many operators as it is asked for', () => {
    const { leaves: all } = tracer.operators(leaves[0]!);
    expect(tracer.operators(leaves[0]!, 3).leaves).toEqual(all.slice(0, 4));
    const more = tracer.operators(leaves[0]!, all.length + 5).leaves;
    expect(more.slice(0, all.length)).toEqual(all);
    expect(more).toHaveLength(all.length + 6);
  });

  test('knows no answer but its own', () => {
    const unknown = expect.objectContaining({ code: 'TRACE_UNKNOWN_ANSWER' });
    expect(() => tracer.operators('00'.repeat(32))).toThrow(unknown);
    expect(() => tracer.operator('00'.repeat(32), 0)).toThrow(unknown);
    expect(() => tracer.leafAfter('00'.repeat(32))).toThrow(unknown);
  });
});
