/** Multilayer perceptrons: any sizes in any format, the prompt's digits, and files that are wrong. */
import { describe, expect, test } from 'vitest';
import { encodeTensor } from '../../llama/encode-tensor.js';
import type { TensorType } from '../../llama/gguf.js';
import { type MetadataEntry, type TensorSpec, writeGguf } from '../../llama/gguf-write.js';
import { loadModel } from '../../llama/model.js';
import { openProgram } from '../../llama/program.js';
import { createSession } from '../../llama/session.js';

interface Layer {
  readonly weights: number[][]; // (outputs, inputs)
  readonly biases: number[];
}

/** Weights that differ enough for the largest output to be clear; the same for the same sizes. */
function makeLayers(sizes: readonly number[]): Layer[] {
  return sizes.slice(1).map((rows, i) => {
    const wave = (n: number) => Math.sin(n * 12.9898 + i) * 0.5;
    const columns = sizes[i]!;
    return {
      weights: Array.from({ length: rows }, (_, row) =>
        Array.from({ length: columns }, (_, column) => wave(row * columns + column)),
      ),
      biases: Array.from({ length: rows }, (_, row) => wave(row + 1000)),
    };
  });
}

function writeModel(
  sizes: readonly number[],
  format: TensorType,
  more: readonly MetadataEntry[] = [],
): Uint8Array {
  const layers = makeLayers(sizes);
  const metadata: MetadataEntry[] = [
    ['general.architecture', 'string', 'mlp'],
    ['mlp.input_length', 'u32', sizes[0]!],
    ['mlp.block_count', 'u32', layers.length],
  ];
  const tensors = layers.flatMap(({ weights, biases }, i): TensorSpec[] => {
    const isBlocks = format.startsWith('Q');
    const columns = isBlocks ? Math.ceil(sizes[i]! / 32) * 32 : sizes[i]!;
    const padded = weights.flatMap((row) => [...row, ...Array(columns - row.length).fill(0)]);
    return [
      {
        name: `layer.${i}.weight`,
        dims: [columns, weights.length],
        format,
        data: encodeTensor(Float32Array.from(padded), format),
      },
      {
        name: `layer.${i}.bias`,
        dims: [biases.length],
        format: 'F32',
        data: encodeTensor(Float32Array.from(biases), 'F32'),
      },
    ];
  });
  const kept = metadata.filter(([key]) => !more.some(([other]) => other === key));
  return writeGguf([...kept, ...more], tensors);
}

function referenceOutputs(sizes: readonly number[], input: readonly number[]): number[] {
  const layers = makeLayers(sizes);
  return layers.reduce(
    (x, { weights, biases }, i) => {
      const y = weights.map((row, r) => row.reduce((sum, w, c) => sum + w * x[c]!, biases[r]!));
      return i < layers.length - 1 ? y.map((value) => Math.max(value, 0)) : y;
    },
    input.map((byte) => byte / 255),
  );
}

const inputOf = (length: number, seed: number) =>
  Array.from({ length }, (_, i) => (i * 89 + seed * 131) % 256);
const hex = (bytes: readonly number[]) => Buffer.from(bytes).toString('hex');

describe.each([
  [[7, 5, 3]],
  [[33, 40, 11]],
  [[784, 20, 10]],
  [[100, 500, 10]],
  [[31, 17]],
  [[64, 33, 65, 2]],
])('a perceptron of %o', (sizes) => {
  test.each(['F32', 'F16', 'Q8_0', 'Q4_0'] as const)(
    'in %s has the outputs of its weights',
    (format) => {
      const program = openProgram(writeModel(sizes, format));
      const bound = { F32: 1e-4, F16: 0.02, Q8_0: 0.3, Q4_0: 4 }[format];
      for (let seed = 0; seed < 5; seed++) {
        const input = inputOf(sizes[0]!, seed);
        const expected = referenceOutputs(sizes, input);
        program.begin({ prompt: hex(input), maxTokens: 1 });
        expect(program.run()).toBe(false);
        const outputs = new Float32Array(program.memory.buffer, program.logits, sizes.at(-1)!);
        outputs.forEach((value, i) => {
          expect(Math.abs(value - expected[i]!)).toBeLessThan(bound);
        });
        const best = outputs.indexOf(Math.max(...outputs));
        expect(program.readAnswer()).toEqual({
          status: 'done',
          stopReason: 'end',
          stopIndex: 0,
          promptTokens: 0,
          tokens: 1,
          text: `${best}`,
          ids: [best],
        });
      }
    },
  );

  test('does not depend on what the work region held before', () => {
    const program = openProgram(writeModel(sizes, 'Q8_0'));
    const { memory, bounds } = program;
    program.begin({ prompt: hex(inputOf(sizes[0]!, 1)), maxTokens: 1 });
    program.run();
    const answer = memory.slice(bounds.answer, bounds.vocabulary);
    program.restart(new Uint8Array(answer.length));
    memory.fill(0xff, bounds.work + 4, bounds.end);
    program.run();
    expect(Buffer.compare(memory.subarray(bounds.answer, bounds.vocabulary), answer)).toBe(0);
  });
});

describe('the answer', () => {
  const labels: MetadataEntry = ['mlp.labels', 'strings', ['ham', 'eggs', 'späm']];

  test('is the label of the largest output', () => {
    const session = createSession(loadModel(writeModel([7, 5, 3], 'F32', [labels])));
    session.setPrompt(hex(inputOf(7, 2)));
    const text = session.next();
    const outputs = referenceOutputs([7, 5, 3], inputOf(7, 2));
    expect(text).toBe(['ham', 'eggs', 'späm'][outputs.indexOf(Math.max(...outputs))]);
    expect(session.next()).toBeUndefined();
  });

  test.each(['0a0B', '0a 0b\n0C0d0e0F00'])(
    'takes digits of either case, with space: %o',
    (prompt) => {
      const program = openProgram(writeModel([prompt.length > 4 ? 7 : 2, 3], 'F32'));
      program.begin({ prompt, maxTokens: 1 });
      program.run();
      expect(program.readAnswer().stopReason).toBe('end');
    },
  );

  test.each([
    '',
    '0',
    '0011223344556',
    '00112233445',
    '001122334455667',
    '0011223344556g',
    '7'.repeat(99),
  ])('of the prompt %o is an error that says what is wanted', (prompt) => {
    const session = createSession(loadModel(writeModel([7, 5, 3], 'F32')));
    expect(() => session.setPrompt(prompt)).toThrow(
      expect.objectContaining({
        code: 'SESSION_BAD_PROMPT',
        message: expect.stringContaining('14 hex'),
      }),
    );
    session.setPrompt('00112233445566');
    expect(session.next()).toMatch(/[012]/);
  });
});

describe('a file is refused', () => {
  test.each<[string, MetadataEntry, string]>([
    ['no layers', ['mlp.block_count', 'u32', 0], 'MODEL_MISSING_KEY'],
    ['more layers than tensors', ['mlp.block_count', 'u32', 3], 'MODEL_MISSING_TENSOR'],
    ['an input of another length', ['mlp.input_length', 'u32', 8], 'MODEL_UNSUPPORTED_SHAPE'],
    ['an input that no prompt holds', ['mlp.input_length', 'u32', 30_721], 'MODEL_MISSING_KEY'],
    ['labels for other classes', ['mlp.labels', 'strings', ['a']], 'MODEL_MISSING_KEY'],
    ['a scale that is not a number', ['mlp.input_scale', 'f32', Number.NaN], 'MODEL_MISSING_KEY'],
    ['another activation', ['mlp.activation', 'string', 'gelu'], 'MODEL_MISSING_KEY'],
  ])('for %s', (_name, entry, code) => {
    expect(() => openProgram(writeModel([7, 5, 3], 'F32', [entry]))).toThrow(
      expect.objectContaining({ code }),
    );
  });
});
