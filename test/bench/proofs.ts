/**
 * What being provable costs: the claim beside the answer that it goes with, the interpreter that finds a
 * step, the Lua that judges one, and whole disputes of the demo model and of a random model of 110
 * million parameters, from the challenge to the verdict, on a network of their own.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { playDispute } from '../../herd/bots/play-dispute.js';
import { DEMO_MODEL } from '../../herd/weights.js';
import { type AnswerInput, openProgram, type Program } from '../../llama/program.js';
import { createNotary } from '../../opml/notary.js';
import { createTracer, type Tracer } from '../../opml/tracer.js';
import { BENCHMARK_SHAPE, randomModel } from '../llama/random-model.js';
import { createArbiterMachine, luaVerify } from '../processes/arbiter-machine-lua.js';
import { type Bench, type BenchContext, median, type Row } from './row.js';

const QUESTION: AnswerInput = {
  prompt: '<|user|>\nWhat is the meaning of life?\n<|assistant|>\n',
  maxTokens: 20,
};
const ROUNDS = 41;

/** Milliseconds that one answer takes. */
function timeAnswer(program: Program, prepare: () => void, after: () => void, end: () => void) {
  const start = performance.now();
  program.begin(QUESTION);
  prepare();
  while (program.run()) after();
  after();
  end();
  return performance.now() - start;
}

/** Share of an answer's time that the claim adds; both kinds of answer take turns. */
function measureClaim(model: Uint8Array): number {
  const program = openProgram(model);
  const notary = createNotary(program);
  notary.constants(); // once per model, when it is loaded
  const nothing = () => undefined;
  const plain: number[] = [];
  const claimed: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    plain.push(timeAnswer(program, nothing, nothing, nothing));
    const begin = () => notary.begin(QUESTION);
    claimed.push(timeAnswer(program, begin, notary.boundary, notary.claim));
  }
  return (median(claimed) / median(plain) - 1) * 100;
}

/** The operator with the most steps of the first token's. */
function largestOperator(tracer: Tracer, start: string): { index: number; steps: number } {
  const count = tracer.operators(start).leaves.length - 1;
  let largest = { index: 0, steps: 0 };
  for (let index = 0; index < count; index++) {
    const steps = tracer.operator(start, index).steps();
    if (steps > largest.steps) largest = { index, steps };
  }
  return largest;
}

/** Million steps a second of the fast interpreter, without and with what it must remember. */
function measureInterpreter(tracer: Tracer, start: string, index: number): number {
  const rates = Array.from({ length: 5 }, () => {
    tracer.operators(start); // forgets the operator that was run before
    const operator = tracer.operator(start, index);
    const from = performance.now();
    return operator.steps() / (performance.now() - from) / 1000;
  });
  return median(rates);
}

/** Milliseconds of Lua to judge one step: the median over steps of an operator, in the Lua machine. */
function measureJudge(tracer: Tracer, model: Uint8Array, start: string, index: number): number {
  const operator = tracer.operator(start, index);
  const program = createNotary(openProgram(model)).constants();
  const inputRoot = Buffer.from(tracer.inputRoot, 'hex');
  const machine = createArbiterMachine();
  const total = operator.steps();
  const times = Array.from({ length: 40 }, (_, i) => {
    const step = Math.floor((total * i) / 40);
    const before = Buffer.from(operator.state(step), 'hex');
    const question = luaVerify({ program, inputRoot, before }, operator.witness(step));
    const from = performance.now();
    machine.evaluate(question, '');
    return performance.now() - from;
  });
  return median(times);
}

async function* dispute(name: string, model: string, bar: string): AsyncIterable<Row> {
  const fault = { kind: 'instruction' } as const;
  const { prompt } = { prompt: 'What is the meaning of life?' };
  const record = await playDispute({ fault, prompt, tokens: 20, model });
  const { rounds, elapsedMs, sizes, instruction } = record;
  const most = Math.floor(Math.log2(instruction?.steps ?? 0) + 4);
  const seconds = (elapsedMs.check + elapsedMs.game) / 1000;
  yield { name: `${name}.dispute`, value: seconds, unit: 's', bar };
  yield { name: `${name}.steps`, value: instruction?.steps ?? 0, unit: 'steps of the operator' };
  yield { name: `${name}.moves`, value: rounds.length, unit: 'moves', bar: `at most ${most}` };
  yield { name: `${name}.proof`, value: sizes.proofBytes, unit: 'bytes', bar: 'at most 4,096' };
}

async function* run({ note }: BenchContext): AsyncIterable<Row> {
  const model = readFileSync(DEMO_MODEL);
  const unit = '% of an answer';
  yield { name: 'proofs.claim', value: measureClaim(model), unit, bar: 'at most 5' };
  const tracer = createTracer(openProgram(model), QUESTION);
  const [start = ''] = tracer.answers();
  const { index } = largestOperator(tracer, start);
  const rate = measureInterpreter(tracer, start, index);
  yield { name: 'proofs.interpreter', value: rate, unit: 'M steps/s', bar: 'at least 20' };
  const judge = measureJudge(tracer, model, start, index);
  yield { name: 'proofs.judge', value: judge, unit: 'ms a step in Lua', bar: 'under 250' };
  yield* dispute('proofs.demo', DEMO_MODEL, 'under 15 s');
  note('making a model of 110 million random weights ...');
  const folder = mkdtempSync(join(tmpdir(), 'corral-bench-'));
  try {
    const file = join(folder, 'random-110m.gguf');
    writeFileSync(file, randomModel(BENCHMARK_SHAPE));
    yield* dispute('proofs.110M', file, 'under 180 s');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const proofs: Bench = {
  name: 'proofs',
  about: 'what a claim costs, and what disputes cost: demo model and 110M parameters',
  run,
};
