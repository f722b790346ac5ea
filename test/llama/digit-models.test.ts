/**
 * The digit classifiers that come with Corral: what the engine answers is what the weights say, by a
 * forward pass written down plainly here, on a hundred digits that training never saw.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openProgram } from '../../llama/program.js';
import { floatsOf, readSafetensors } from '../../llama/safetensors.js';

const read = (name: string) => readFileSync(new URL(`../../models/${name}`, import.meta.url));
const PIXELS = 784;
const COUNT = 100;
const images = read('held-out.idx3-ubyte').subarray(16);
const labels = [...read('held-out.idx1-ubyte').subarray(8)].map(String);
const digits = Array.from({ length: COUNT }, (_, i) =>
  images.subarray(i * PIXELS, (i + 1) * PIXELS),
);

function answersOf(model: string): string[] {
  const program = openProgram(read(model));
  return digits.map((digit) => {
    program.begin({ prompt: digit.toString('hex'), maxTokens: 1 });
    program.run();
    return program.readAnswer().text;
  });
}

const rightOnes = (answers: readonly string[]) =>
  answers.filter((answer, i) => answer === labels[i]).length;

describe('784-20-10', () => {
  test('answers as its weights say', () => {
    const { tensors } = readSafetensors(read('digits-20.safetensors'));
    const values = (name: string) => floatsOf(tensors.get(name)!);
    const layer = (name: string) => {
      const weights = values(`${name}.weight`);
      const biases = [...values(`${name}.bias`)];
      return (input: readonly number[]) =>
        biases.map((bias, row) =>
          input.reduce((sum, value, i) => sum + value * weights[row * input.length + i]!, bias),
        );
    };
    const [first, second] = [layer('fc1'), layer('fc2')];
    const expected = digits.map((digit) => {
      const hidden = first([...digit].map((byte) => byte / 255));
      const outputs = second(hidden.map((value) => Math.max(value, 0)));
      return `${outputs.indexOf(Math.max(...outputs))}`;
    });
    expect(answersOf('digits-20.gguf')).toEqual(expected);
  });

  test('knows most digits', () => {
    expect(rightOnes(answersOf('digits-20.gguf'))).toBe(98);
  });
});

test('784-500-10, in 8 bits, knows them all', () => {
  expect(rightOnes(answersOf('digits-500.gguf'))).toBe(COUNT);
});
