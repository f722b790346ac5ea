/**
 * The engine that serves: every instruction of it is known, every operator of an answer ends in the
 * same bytes by V8 and by the fast interpreter, and the judge agrees on each step of random segments.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type AnswerInput, openProgram, type Program } from '../../../llama/program.js';
import type { Code } from '../../../opml/machine/code.js';
import { createInterpreter } from '../../../opml/machine/interpreter.js';
import { lowerModule } from '../../../opml/machine/lower.js';
import { RegionTree } from '../../../opml/machine/merkle.js';
import { OPCODES } from '../../../opml/machine/opcodes.js';
import {
  type Region,
  regionRange,
  STATUS,
  WITNESS_BYTES_MAX,
} from '../../../opml/machine/state.js';
import { type ModelShape, randomModel } from '../../llama/random-model.js';
import { createRandom } from './opcode-cases.js';
import { constantsOf, proveStep, type Tested } from './three-tiers.js';

const SEGMENTS = 12;
const SEGMENT_STEPS = 12;
const STEPS_MAX = 1e9;

const model = (name: string) =>
  readFileSync(new URL(`../../../models/${name}.gguf`, import.meta.url));
const DIGIT = readFileSync(new URL('../../../models/held-out.idx3-ubyte', import.meta.url));

const tiny = (format: ModelShape['format']): Uint8Array =>
  randomModel({
    layers: 1,
    width: 64,
    heads: 4,
    kvHeads: 2,
    feedForward: 96,
    vocabulary: 288,
    contextLength: 32,
    format,
    tied: false,
    seed: 3,
  });
const MODELS: readonly (readonly [string, AnswerInput, () => Uint8Array])[] = [
  [
    'corral-llama',
    { prompt: 'Tell me a joke about a bear', maxTokens: 3, temperature: 0.8, seed: 7 },
    () => model('corral-llama'),
  ],
  [
    'digits-20',
    { prompt: DIGIT.subarray(16, 16 + 784).toString('hex'), maxTokens: 1 },
    () => model('digits-20'),
  ],
  ['F32', { prompt: 'the sea', maxTokens: 2 }, () => tiny('F32')],
  ['F16', { prompt: 'the sea', maxTokens: 2 }, () => tiny('F16')],
  ['Q4_0', { prompt: 'the sea', maxTokens: 2 }, () => tiny('Q4_0')],
];

/** Opens interpreters on copies of the program's memory; what never changes is hashed once. */
function createOpener(program: Program, code: Code): () => Tested {
  const { memory, bounds } = program;
  const treeOf = (region: Region) => {
    const { from, to } = regionRange(bounds, region);
    return new RegionTree(memory.subarray(from, to));
  };
  const trees = {
    input: treeOf('input'),
    vocabulary: treeOf('vocabulary'),
    weights: treeOf('weights'),
  };
  const constants = constantsOf(code, memory, bounds);
  return () => ({
    machine: createInterpreter(code, { memory: memory.slice(), bounds, trees }),
    program: constants,
    inputRoot: trees.input.root,
  });
}

describe.each(MODELS)('%s', (_, input, bytes) => {
  const program = openProgram(bytes());
  const code = lowerModule(program.wasm);

  it('is made of instructions that the machine has, and has no static data', () => {
    const ops = new Set(Array.from({ length: code.count }, (_, pc) => code.instruction(pc).op));
    expect([...ops].filter((op) => !OPCODES.has(op))).toEqual([]);
    expect(code.data).toEqual([]);
  });

  it('runs every operator of an answer as V8 does', () => {
    program.begin(input);
    const memory = program.memory.slice();
    const machine = createInterpreter(code, { memory, bounds: program.bounds });
    const start = machine.snapshot();
    let operators = 0;
    while (program.readAnswer().status !== 'done') {
      program.step();
      machine.restore({ ...start, leaves: machine.snapshot().leaves });
      machine.run(STEPS_MAX);
      expect(machine.status).toBe(STATUS.halted);
      operators += 1;
      expect(Buffer.compare(memory, program.memory), `operator ${operators}`).toBe(0);
    }
    expect(operators).toBeGreaterThan(2);
  });

  it('is judged as it runs, in random segments of random operators', () => {
    const random = createRandom(1);
    program.begin(input);
    const open = createOpener(program, code);
    const sizes: number[] = [];
    for (
      let segment = 0;
      segment < SEGMENTS && program.readAnswer().status !== 'done';
      segment += 1
    ) {
      for (let skip = random() % 4; skip > 0; skip -= 1) program.step();
      const tested = open();
      const start = tested.machine.snapshot();
      tested.machine.run(STEPS_MAX);
      const from = random() % tested.machine.counter;
      tested.machine.restore(start);
      tested.machine.run(from);
      for (
        let step = 0;
        step < SEGMENT_STEPS && tested.machine.status === STATUS.running;
        step += 1
      ) {
        sizes.push(proveStep(tested).witness.length);
      }
      program.step();
    }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(WITNESS_BYTES_MAX);
  });
});
