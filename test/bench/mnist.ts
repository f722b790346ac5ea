/**
 * What proving an answer costs for opML's own example, the digit classifier 784-20-10: machine steps a
 * multiply-accumulate over the whole answer, the largest one-step proof among many, and a whole
 * dispute about an instruction of its largest operator, from the challenge to the verdict.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { playDispute } from '../../herd/dispute/play-dispute.js';
import { packageRoot } from '../../herd/package-root.js';
import { openProgram } from '../../llama/program.js';
import { createTracer } from '../../opml/tracer.js';
import { missingPeer, peerFolder } from '../peers.js';
import { type Bench, type BenchContext, compare, type Row } from './row.js';

const MODEL = join(packageRoot, 'models', 'digits-20.gguf');
const DIGITS = join(packageRoot, 'models', 'held-out.idx3-ubyte');
const IDX_HEADER_BYTES = 16;
const PIXELS = 784;
const MULTIPLICATIONS = 784 * 20 + 20 * 10;
/** The operator that does nearly all of the arithmetic: the disputed one. */
const FIRST_MULTIPLY = 1;
/** Steps of each operator whose proof is built. */
const SAMPLES = 25;

/** A checkout of opML's mlgo, to count the original's steps with --peers. */
const MLGO = peerFolder('mlgo');

function firstDigit(): string {
  const file = readFileSync(DIGITS);
  return file.subarray(IDX_HEADER_BYTES, IDX_HEADER_BYTES + PIXELS).toString('hex');
}

/** Steps of the answer, and the bytes of the largest proof among the samples. */
function traceAnswer(prompt: string): { steps: number; proofBytes: number } {
  const tracer = createTracer(openProgram(readFileSync(MODEL)), { prompt, maxTokens: 1 });
  const [start = ''] = tracer.answers();
  let steps = 0;
  let proofBytes = 0;
  for (let index = 0; index < tracer.operators(start).leaves.length - 1; index++) {
    const operator = tracer.operator(start, index);
    const count = operator.steps();
    steps += count;
    for (let i = 0; i < SAMPLES; i++) {
      const { length } = operator.witness(Math.floor((i * count) / SAMPLES));
      proofBytes = Math.max(proofBytes, length);
    }
  }
  return { steps, proofBytes };
}

function countPeerSteps(note: BenchContext['note']): number | undefined {
  if (MLGO === undefined) {
    note(missingPeer('mlgo'));
    return undefined;
  }
  const script = fileURLToPath(new URL('peers/opml-mips.py', import.meta.url));
  const printed = execFileSync('python3', [script, MLGO], { encoding: 'utf8' });
  const { steps } = JSON.parse(printed.trim().split('\n').at(-1) ?? '') as { steps: number };
  return steps;
}

async function* run({ peers, note }: BenchContext): AsyncIterable<Row> {
  const prompt = firstDigit();
  const answer = traceAnswer(prompt);
  const peerSteps = peers ? countPeerSteps(note) : undefined;
  const perMultiplication = (count: number) => count / MULTIPLICATIONS;
  yield compare(
    {
      name: 'mnist.steps',
      value: perMultiplication(answer.steps),
      unit: 'steps a multiply-accumulate',
      bar: 'at most 10',
    },
    'opML',
    peerSteps === undefined ? undefined : perMultiplication(peerSteps),
    'less',
  );
  yield { name: 'mnist.proof', value: answer.proofBytes, unit: 'bytes', bar: 'at most 4,096' };
  const fault = { kind: 'instruction', operator: FIRST_MULTIPLY } as const;
  const dispute = await playDispute({ fault, prompt, tokens: 1, model: MODEL });
  const { rounds, sizes, elapsedMs } = dispute;
  const steps = dispute.instruction?.steps ?? 0;
  const most = Math.floor(Math.log2(steps) + 4);
  yield { name: 'mnist.moves', value: rounds.length, unit: 'moves', bar: `at most ${most}` };
  yield { name: 'mnist.sent', value: sizes.moveBytes, unit: 'bytes' };
  yield { name: 'mnist.dispute', value: elapsedMs.game / 1000, unit: 's', bar: 'under 2 s' };
}

export const mnist: Bench = {
  name: 'mnist',
  about: 'steps, proof and dispute of the digit classifier 784-20-10',
  run,
};
