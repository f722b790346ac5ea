/**
 * What being provable costs: the claim beside the answer that it goes with, the interpreter that finds a
 * step, the Lua that judges one, and whole disputes of the demo model and of a random model of 110
 * million parameters, from the challenge to the verdict, on a network of their own.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCorral } from '../../herd/corral.js';
import { playDispute } from '../../herd/dispute/play-dispute.js';
import { DEMO_MODEL } from '../../herd/weights.js';
import { type AnswerInput, openProgram, type Program } from '../../llama/program.js';
import { createInterpreter } from '../../opml/machine/interpreter.js';
import { lowerModule } from '../../opml/machine/lower.js';
import { createNotary } from '../../opml/notary.js';
import { createTracer, type Tracer } from '../../opml/tracer.js';
import { BENCHMARK_SHAPE, randomModel } from '../llama/random-model.js';
import { createArbiterMachine, luaVerify } from '../processes/arbiter-machine-lua.js';
import { type Bench, type BenchContext, median, type Row } from './row.js';

const ask = (question: string): AnswerInput => ({
  prompt: `<|user|>\n${question}\n<|assistant|>\n`,
  maxTokens: 20,
});
const PROMPT = 'What is the meaning of life?';
const QUESTION = ask(PROMPT);
/** Asked in turns, so that each answer begins with a prompt to evaluate, as a herd's do. */
const ASKED = [PROMPT, 'What is AO?', 'Tell me a joke about bees.', 'Who are you?'];
const QUESTIONS = ASKED.map(ask);
const ROUNDS = 40;

/** Milliseconds that one answer of the engine takes. */
function timeAnswer(
  program: Program,
  question: AnswerInput,
  prepare: () => void,
  after: () => void,
  end: () => void,
): number {
  const start = performance.now();
  program.begin(question);
  prepare();
  while (program.run()) after();
  after();
  end();
  return performance.now() - start;
}

/** Milliseconds of the engine for an answer, without a claim and with one; the two take turns. */
function measureClaim(model: Uint8Array): { plain: number; claimed: number } {
  const program = openProgram(model);
  const notary = createNotary(program);
  notary.constants(); // once per model, when it is loaded
  const nothing = () => undefined;
  const plain: number[] = [];
  const claimed: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const timed = (begin: (question: AnswerInput) => void, after: () => void, end: () => void) => {
      const times = QUESTIONS.map((q) => timeAnswer(program, q, () => begin(q), after, end));
      return times.reduce((total, time) => total + time, 0) / QUESTIONS.length;
    };
    plain.push(timed(nothing, nothing, nothing));
    claimed.push(timed(notary.begin, notary.boundary, notary.claim));
  }
  return { plain: median(plain), claimed: median(claimed) };
}

/** Milliseconds from a user's question until the user has the answer, on a network in this process. */
async function measureServed(): Promise<number> {
  const corral = await startCorral({ listen: false, clock: 'virtual', workers: 1 });
  const user = await corral.spawnUser({ name: 'user', war: 10n ** 12n });
  let answeredAt = 0;
  corral.network.events.on('*', (event) => {
    if (event.type === 'evaluated' && event.process === user.id) answeredAt = performance.now();
  });
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { [round % ASKED.length]: question = PROMPT } = ASKED;
    const start = performance.now();
    await user.eval(`Llama.run("${question}", 20, function(text) ANSWER = text end)`);
    times.push(answeredAt - start);
  }
  await corral.close();
  return median(times);
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

/** Million steps a second of the fast interpreter on one operator, run again and again. */
function measureInterpreter(model: Uint8Array, index: number): number {
  const program = openProgram(model);
  program.begin(QUESTION);
  for (let i = 0; i < index; i++) program.step();
  const interpreter = createInterpreter(lowerModule(program.wasm), program);
  const start = interpreter.snapshot();
  const rates = Array.from({ length: 21 }, () => {
    interpreter.restore(start);
    const from = performance.now();
    const steps = interpreter.run(Number.MAX_SAFE_INTEGER);
    return steps / (performance.now() - from) / 1000;
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
  const record = await playDispute({ fault, prompt: PROMPT, tokens: 20, model });
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
  const { plain, claimed } = measureClaim(model);
  const served = await measureServed();
  const share = (of: number) => ((claimed - plain) / of) * 100;
  yield { name: 'proofs.served', value: served, unit: 'ms from question to answer' };
  yield { name: 'proofs.claim', value: share(served), unit: '% of that', bar: 'at most 5' };
  yield { name: 'proofs.claim-engine', value: share(plain), unit: '% of the bare engine' };
  const tracer = createTracer(openProgram(model), QUESTION);
  const [start = ''] = tracer.answers();
  const { index } = largestOperator(tracer, start);
  const rate = measureInterpreter(model, index);
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
