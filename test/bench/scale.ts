/**
 * How the cost of a dispute grows with the model: one party's own work for a false token of a short
 * answer, on random weights. The 110M and 1.1B shapes are measured; 7B does not fit into the 4 GiB of
 * a 32-bit WebAssembly memory, so its figures are computed from the rates of the largest measured one.
 */
import { openProgram } from '../../llama/program.js';
import { createTracer, type Tracer } from '../../opml/tracer.js';
import { BENCHMARK_SHAPE, type ModelShape, randomModel } from '../llama/random-model.js';
import type { Bench, BenchContext, Row } from './row.js';

const QUESTION = { prompt: 'What is the meaning of life?', maxTokens: 20 };
const BATCH = 16;
/** Operators of a batch, besides those of its layers. */
const OUTER_OPERATORS = 5;
const OPERATORS_A_LAYER = 20;
/** Steps of the machine for a multiply-accumulate of 8-bit weights. */
const STEPS_A_PRODUCT = 0.79;

const BILLION: ModelShape = {
  ...BENCHMARK_SHAPE,
  ...{ layers: 22, width: 2048, heads: 32, kvHeads: 4, feedForward: 5632, tied: false },
};
const SEVEN_BILLION: ModelShape = {
  ...BENCHMARK_SHAPE,
  ...{ layers: 32, width: 4096, heads: 32, kvHeads: 32, feedForward: 11008, tied: false },
};

interface Cost {
  /** Seconds to hash the model, once for all disputes. */
  readonly hashing: number;
  /** Seconds for the answer, for the operators of one transition, and for one operator by steps. */
  readonly answer: number;
  readonly operators: number;
  readonly bisection: number;
  /** Operators of the transition, and steps of its largest. */
  readonly count: number;
  readonly steps: number;
  readonly memoryBytes: number;
  readonly proofBytes: number;
}

function parametersOf(shape: ModelShape): number {
  const { layers, width, feedForward, heads, kvHeads, vocabulary, tied } = shape;
  const attention = 2 * width * width + (2 * width * width * kvHeads) / heads;
  return layers * (attention + 3 * width * feedForward) + (tied ? 1 : 2) * vocabulary * width;
}

const largestSteps = ({ width, feedForward }: ModelShape) =>
  BATCH * width * feedForward * STEPS_A_PRODUCT;

/** The operator with the most steps of a batch's first layer. */
function findLargest(tracer: Tracer, before: string): number {
  const counts = Array.from({ length: OPERATORS_A_LAYER + 1 }, (_, index) =>
    tracer.operator(before, index).steps(),
  );
  return counts.indexOf(Math.max(...counts));
}

/** The states that a bisection asks for, by turns to either side, and the proof at its end. */
function bisect(tracer: Tracer, before: string, index: number): { steps: number; proof: number } {
  tracer.operators(before); // forgets what the tracer remembers of the operator
  const operator = tracer.operator(before, index);
  const steps = operator.steps();
  let [lo, hi, proof] = [0, steps, 0];
  for (let turn = 0; hi - lo > 1; turn++) {
    const middle = Math.floor((lo + hi) / 2);
    operator.state(middle);
    if (turn % 2 === 0) lo = middle;
    else hi = middle;
    proof = Math.max(proof, operator.witness(lo).length);
  }
  return { steps, proof };
}

function measure(shape: ModelShape, note: BenchContext['note']): Cost {
  note(`making a model of ${Math.round(parametersOf(shape) / 1e6)} million random weights ...`);
  const program = openProgram(randomModel({ ...shape, contextLength: 256 }));
  const memoryBytes = program.memory.length;
  note('hashing it ...');
  const time = <T>(work: () => T): { result: T; seconds: number } => {
    const start = performance.now();
    const result = work();
    return { result, seconds: (performance.now() - start) / 1000 };
  };
  const { result: tracer, seconds: hashing } = time(() => createTracer(program, QUESTION));
  const answer = time(() => tracer.answers());
  const before = answer.result.at(-2) ?? '';
  const operators = time(() => tracer.operators(before));
  const count = operators.result.leaves.length - 1;
  note('looking for its largest operator ...');
  const largest = findLargest(tracer, before);
  const bisection = time(() => bisect(tracer, before, largest));
  return {
    hashing,
    answer: answer.seconds,
    operators: operators.seconds,
    bisection: bisection.seconds,
    count,
    steps: bisection.result.steps,
    memoryBytes,
    proofBytes: bisection.result.proof,
  };
}

/** A larger model's cost, from that of a smaller one. */
function extrapolate(shape: ModelShape, from: ModelShape, cost: Cost): Cost {
  const growth = parametersOf(shape) / parametersOf(from);
  const batches = (cost.count - OUTER_OPERATORS) / (from.layers * OPERATORS_A_LAYER);
  const steps = largestSteps(shape);
  return {
    hashing: cost.hashing * growth,
    answer: cost.answer * growth,
    operators: cost.operators * growth,
    bisection: (cost.bisection * steps) / cost.steps,
    count: Math.round(batches * shape.layers * OPERATORS_A_LAYER) + OUTER_OPERATORS,
    steps,
    memoryBytes: cost.memoryBytes * growth,
    proofBytes: cost.proofBytes + 3 * 2 * 32, // three more levels of a tree, on two paths
  };
}

function* rowsOf(name: string, cost: Cost): Iterable<Row> {
  yield { name: `${name}.memory`, value: cost.memoryBytes / 1e6, unit: 'MB' };
  yield { name: `${name}.operators`, value: cost.count, unit: 'operators of the transition' };
  yield { name: `${name}.steps`, value: cost.steps, unit: 'steps of the operator' };
  const moves = Math.ceil(Math.log2(cost.steps)) + 3;
  yield { name: `${name}.moves`, value: moves, unit: 'moves' };
  const sent = 64 * cost.count + 2 * cost.proofBytes + 64 * moves;
  yield { name: `${name}.sent`, value: sent / 1000, unit: 'kB in all moves' };
  yield { name: `${name}.proof`, value: cost.proofBytes, unit: 'bytes', bar: 'at most 4,096' };
  yield { name: `${name}.hashing`, value: cost.hashing, unit: 's, once for a model' };
  yield { name: `${name}.answer`, value: cost.answer, unit: 's' };
  yield { name: `${name}.trace`, value: cost.operators, unit: 's' };
  yield { name: `${name}.bisection`, value: cost.bisection, unit: 's' };
  const both = 2 * (cost.answer + cost.operators + cost.bisection);
  yield { name: `${name}.dispute`, value: both, unit: 's, both parties, one after the other' };
}

async function* run({ note }: BenchContext): AsyncIterable<Row> {
  yield* rowsOf('scale.110M', measure(BENCHMARK_SHAPE, note));
  const billion = measure(BILLION, note);
  yield* rowsOf('scale.1.1B', billion);
  yield* rowsOf('scale.7B (computed)', extrapolate(SEVEN_BILLION, BILLION, billion));
}

export const scale: Bench = {
  name: 'scale',
  about: 'what a dispute costs one party by size of model; takes minutes and 6 GB, only by name',
  onlyByName: true,
  run,
};
