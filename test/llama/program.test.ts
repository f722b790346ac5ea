/** Programs: an answer is a function of the input, whatever the memory held and wherever it starts. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { OPERATOR } from '../../llama/graph.js';
import { type AnswerInput, openProgram, type Program } from '../../llama/program.js';
import { PEER_CASES } from './peer-cases.js';
import { randomModel } from './random-model.js';

const demo = openProgram(readFileSync(new URL('../../models/corral-llama.gguf', import.meta.url)));
const random = openProgram(randomModel({ ...PEER_CASES[5]!.shape, layers: 2 }));

const QUESTIONS: [string, Program, AnswerInput][] = [
  ['the demo model', demo, { prompt: '<|user|>\nWhat is AO?\n<|assistant|>\n', maxTokens: 20 }],
  [
    'a sampled answer',
    random,
    { prompt: 'the tea of the sea', maxTokens: 12, temperature: 1.3, topP: 0.9, seed: 7 },
  ],
  ['several batches', random, { prompt: 'x'.repeat(50), maxTokens: 5, temperature: 1, seed: 1 }],
];

const answerOf = ({ memory, bounds }: Program) =>
  memory.slice(bounds.answer, bounds.vocabulary) as Uint8Array;
const isSame = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

/** The answer region at each token boundary, while serving. */
function serve(program: Program, input: AnswerInput): Uint8Array[] {
  program.begin(input);
  const boundaries = [answerOf(program)];
  let isMore = true;
  while (isMore) {
    isMore = program.run();
    boundaries.push(answerOf(program));
  }
  return boundaries;
}

describe.each(QUESTIONS)('%s', (_name, program, input) => {
  test('is the same a second time, with caches of the first', () => {
    const first = serve(program, input);
    expect(serve(program, input).every((region, i) => isSame(region, first[i]!))).toBe(true);
  });

  test('goes on from every token boundary as it was served', () => {
    const boundaries = serve(program, input);
    for (let i = 0; i + 1 < boundaries.length; i++) {
      program.restart(boundaries[i]!);
      program.run();
      expect(isSame(answerOf(program), boundaries[i + 1]!), `boundary ${i + 1}`).toBe(true);
    }
  });

  test('does not depend on what the work region held before', () => {
    const boundaries = serve(program, input);
    const { memory, bounds } = program;
    for (const poison of [0xff, 0x7f, 0xa5]) {
      for (let i = 0; i + 1 < boundaries.length; i += 4) {
        program.restart(boundaries[i]!);
        memory.fill(poison, bounds.work + 8, bounds.end);
        program.run();
        expect(isSame(answerOf(program), boundaries[i + 1]!), `boundary ${i + 1}`).toBe(true);
      }
    }
  });

  test('is the same operator by operator', () => {
    const boundaries = serve(program, input);
    program.restart(boundaries[0]!);
    for (const boundary of boundaries.slice(1)) {
      for (let steps = 0; !isSame(answerOf(program), boundary) && steps < 1000; steps++) {
        program.step();
      }
      expect(isSame(answerOf(program), boundary)).toBe(true);
    }
    const done = program.memory.slice();
    program.step();
    expect(program.run()).toBe(false);
    expect(isSame(program.memory, done)).toBe(true);
  });

  test('writes nothing but the answer and the work', () => {
    const { memory, bounds } = program;
    serve(program, input);
    const input1 = memory.slice(0, bounds.answer);
    const model = memory.slice(bounds.vocabulary, bounds.work);
    program.restart(new Uint8Array(bounds.vocabulary - bounds.answer));
    while (program.run());
    expect(isSame(memory.subarray(0, bounds.answer), input1)).toBe(true);
    expect(isSame(memory.subarray(bounds.vocabulary, bounds.work), model)).toBe(true);
  });
});

describe('operators', () => {
  /** How many operators there are from each boundary to the next, starting from nothing. */
  function countSteps(program: Program, input: AnswerInput): number[] {
    return serve(program, input)
      .slice(0, -1)
      .map((boundary) => {
        program.restart(boundary);
        const before = program.readAnswer();
        const isThere = () => {
          const { tokens, status } = program.readAnswer();
          return tokens > before.tokens || status === 'done';
        };
        let steps = 0;
        for (; !isThere(); steps++) program.step();
        return steps;
      });
  }

  test('of a batch are about a hundred for the demo model', () => {
    const [first, second] = countSteps(demo, { prompt: 'What is AO?', maxTokens: 3 });
    expect(first).toBeLessThan(150);
    expect(second).toBe(first! - 1);
  });

  test('are those that the graph names, all of them in use', () => {
    const { memory, bounds } = demo;
    const view = new DataView(memory.buffer);
    const nodes = view.getUint32(bounds.vocabulary, true);
    const count = view.getUint32(bounds.vocabulary + 4, true);
    const kinds = Array.from({ length: count }, (_, i) => view.getUint32(nodes + 48 * i, true));
    const mlpOnly = ['readVector', 'bias', 'relu', 'classify'];
    const expected = Object.entries(OPERATOR).filter(([name]) => !mlpOnly.includes(name));
    expect(new Set(kinds)).toEqual(new Set(expected.map(([, kind]) => kind)));
  });
});

test('the graph and the engine number the operators alike', () => {
  const source = readFileSync(new URL('../../llama/engine/operators.ts', import.meta.url), 'utf8');
  const cases = [...source.matchAll(/case (\d+):\s+return (\w+)\(/g)];
  const numbers = Object.fromEntries(cases.map(([, number, name]) => [name, Number(number)]));
  expect(numbers).toEqual(OPERATOR);
});

test('two programs of the same file are the same bytes', () => {
  const bytes = randomModel({ ...PEER_CASES[6]!.shape, layers: 1 });
  const [one, other] = [openProgram(bytes), openProgram(bytes)];
  expect(isSame(one.memory, other.memory)).toBe(true);
  expect(one.bounds).toEqual(other.bounds);
  for (const bound of Object.values(one.bounds)) expect(bound % 256).toBe(0);
  expect(one.memory.length).toBe(one.bounds.end);
});
