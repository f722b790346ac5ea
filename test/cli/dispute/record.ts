/** A dispute's record made by hand, for tests of how it is told and drawn. */
import { createHash } from 'node:crypto';
import type { DisputeRecord, RoundRecord } from '../../../index.js';

export interface MadeUp {
  readonly steps: number;
  readonly operators?: number;
  readonly tokens?: number;
  readonly function?: string;
  readonly prompt?: string;
}

const STEP = 0.3337; // where in the operator the first wrong state lies

export function makeRecord(made: MadeUp): DisputeRecord {
  const { steps, operators = 64, tokens = 20, prompt = 'What is the meaning of life?' } = made;
  const rounds = makeRounds(made);
  const step = rounds.at(-1)?.after.lo ?? 0;
  const value = '0.625  -0.25  1.5  0.00390625';
  return {
    version: 1,
    seed: 1,
    model: { name: 'Corral llama', parameters: 7_700_000, fileBytes: 8_200_000 },
    fault: { kind: 'instruction', text: 'llama-1 turns a bit', step },
    question: { prompt, tokens, payer: { name: 'user', id: 'u' }, paid: '27' },
    answer: {
      worker: { name: 'llama-1', id: 'w' },
      text: ' To be happy, <says> the "llama" & its herder\u0000.',
      tokens,
      promptTokens: 9,
      stopReason: 'length',
    },
    claim: {
      id: 'herder:1',
      claimRoot: hashOf('claim'),
      inputRoot: hashOf('input'),
      traceRoot: hashOf('trace'),
      transitions: tokens,
      bond: '10000000000',
    },
    challenge: {
      challenger: { name: 'challenger', id: 'c' },
      defender: { name: 'llama-1', id: 'w' },
      game: '1',
      leaf: tokens >> 1,
      before: hashOf('before'),
      claimed: hashOf('claimed'),
      own: hashOf('own'),
      bond: '10000000000',
    },
    rounds,
    silences: [],
    instruction: {
      step,
      opcode: 'f32x4.mul',
      function: 'llama/engine/int8/dotRows',
      token: tokens >> 1,
      operator: operators >> 1,
      operatorName: 'multiply',
      steps,
      pc: 1204,
      text: 'slot 7 = f32x4.mul(slot 4, slot 9)',
      operands: [{ name: 'slot 4', value: '1.25  -0.5  3  0.0078125' }],
      values: { defender: `${value}1`, challenger: value, arbiter: value },
      states: { defender: hashOf('lie'), challenger: hashOf('truth'), arbiter: hashOf('truth') },
    },
    verdict: { winner: 'challenger', reason: 'The step leads to another state.', claim: 'refuted' },
    payments: [
      { party: { name: 'challenger', id: 'c' }, winston: '5000000000' },
      { party: { name: 'llama-1', id: 'w' }, winston: '-10000000000' },
      { party: { name: 'burnt', id: 'b' }, winston: '5000000000' },
    ],
    refund: { payer: { name: 'user', id: 'u' }, winston: '27' },
    workerLeft: true,
    sizes: {
      memoryBytes: 13e6,
      claimBytes: 2_200,
      moveBytes: 13_820,
      largestMoveBytes: 4_160,
      proofBytes: 2_936,
    },
    elapsedMs: { answer: 412, check: 380, challenger: 812, defender: 790, game: 2_310 },
  };
}

function makeRounds({ steps, operators = 64, function: name }: MadeUp): RoundRecord[] {
  const wrongAt = Math.floor(steps * STEP);
  const operator = operators >> 1;
  const rounds: RoundRecord[] = [];
  const add = (
    round: Pick<RoundRecord, 'by' | 'kind' | 'before' | 'after'> & Partial<RoundRecord>,
  ) => {
    const number = rounds.length + 1;
    const clocks = { challenger: 300_000 - number * 900, defender: 300_000 - number * 1_100 };
    rounds.push({ number, atMs: number * 2_000, clocks, bytes: 120, ...round });
  };
  const all = { lo: 0, hi: operators };
  const named = { lo: operator, hi: operator + 1 };
  let interval = { lo: 0, hi: steps };
  add({ by: 'defender', kind: 'Operators', before: all, after: all });
  add({ by: 'challenger', kind: 'Operator', before: named, after: named });
  add({ by: 'defender', kind: 'Steps', before: interval, after: interval, state: hashOf('0') });
  while (interval.hi - interval.lo > 1) {
    const middle = Math.floor((interval.lo + interval.hi) / 2);
    const agree = middle <= wrongAt;
    const before = interval;
    interval = agree ? { lo: middle, hi: interval.hi } : { lo: interval.lo, hi: middle };
    const isLast = interval.hi - interval.lo === 1;
    const place = { step: interval.lo, opcode: 'i32x4.dot_i16x8_s', function: name ?? 'int8/dot' };
    add({
      by: rounds.at(-1)?.by === 'challenger' ? 'defender' : 'challenger',
      kind: isLast ? 'Step' : 'Bisect',
      agree,
      before,
      after: interval,
      place,
      ...(isLast ? {} : { state: hashOf(`${middle}`) }),
    });
  }
  return rounds;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
