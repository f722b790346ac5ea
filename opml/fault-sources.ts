/**
 * Faults in what a computation starts from: another question, other parameters, or weights that were
 * tampered with.
 */
import { encodeInput } from '../llama/answer.js';
import type { AnswerInput } from '../llama/program.js';
import type { FaultBench } from './fault-bench.js';
import type { PlantedFault } from './faulty-program.js';
import { MEMORY_LEAF_BYTES } from './machine/merkle.js';

export const OTHER_PARAMETERS: readonly Partial<AnswerInput>[] = [
  { temperature: 1.5, seed: 1 },
  { maxTokens: 1 },
];
const EXCHANGES = 32;

export function* inputFaults(
  { input }: FaultBench,
  others: readonly Partial<AnswerInput>[],
): Generator<PlantedFault> {
  const truth = encodeInput(input);
  for (const other of others) {
    yield { readOnly: [{ address: 0, truth, lie: encodeInput({ ...input, ...other }) }] };
  }
}

/**
 * Prompts in which two neighbours are exchanged, from the middle on; then prompts turned around; then
 * prompts of which half or all is one and the same character.
 */
export function otherPrompts({ prompt }: AnswerInput): Partial<AnswerInput>[] {
  const bytes = typeof prompt === 'string' ? new TextEncoder().encode(prompt) : prompt;
  const isLetter = (byte: number | undefined) => byte !== undefined && byte > 0x20 && byte < 0x7f;
  const places = [...bytes.keys()].filter(
    (i) => isLetter(bytes[i]) && isLetter(bytes[i + 1]) && bytes[i] !== bytes[i + 1],
  );
  const middle = places.length >> 1;
  const nearest = [...places.slice(middle), ...places.slice(0, middle)].slice(0, EXCHANGES);
  const exchanged = nearest.map((at) => {
    const other = bytes.slice();
    other.set(bytes.slice(at, at + 2).reverse(), at);
    return { prompt: other };
  });
  const turned = [0.5, 0.25, 0.75].map((part) => {
    const at = Math.floor(bytes.length * part);
    return { prompt: new Uint8Array(Buffer.concat([bytes.subarray(at), bytes.subarray(0, at)])) };
  });
  const letters = [...new Set(bytes)].filter(isLetter).sort((a, b) => a - b);
  const middleByte = bytes.length >> 1;
  const filled = [letters[0], letters.at(-1)].flatMap((letter = 0) => [
    { prompt: bytes.slice().fill(letter, middleByte) },
    { prompt: bytes.slice().fill(letter, 0, middleByte) },
    { prompt: bytes.slice().fill(letter) },
  ]);
  return [...exchanged, ...turned, ...filled];
}

/** The sign is turned in every word of some of the weights, here and there, then of more of them. */
export function* weightFaults({
  program: { memory, bounds },
}: FaultBench): Generator<PlantedFault> {
  const size = bounds.work - bounds.weights;
  for (let bytes = MEMORY_LEAF_BYTES; bytes <= size; bytes *= 4) {
    for (const part of [0.5, 0.75, 0.25, 0.625, 0.875, 0.375, 0.125, 0]) {
      const leaf = Math.floor((size * part) / MEMORY_LEAF_BYTES);
      const address = bounds.weights + leaf * MEMORY_LEAF_BYTES;
      const truth = memory.slice(address, Math.min(address + bytes, bounds.work));
      const lie = truth.map((byte, i) => (i % 4 === 3 ? byte ^ 0x80 : byte));
      yield { readOnly: [{ address, truth, lie }] };
    }
  }
}
