/**
 * The model in the repository: the engine gives the ids and the greedy answers that the training's own
 * NumPy reference computed from the same file (training/evaluate.py --vectors).
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadModel } from '../../llama/model.js';
import { createSession } from '../../llama/session.js';

interface DemoVectors {
  readonly maxTokens: number;
  readonly vectors: readonly {
    readonly prompt: string;
    readonly promptIds: readonly number[];
    /** Greedy ids, with the end token when the answer ends. */
    readonly ids: readonly number[];
    readonly text: string;
    /** Smallest lead of the likeliest token over the next one, in logits. */
    readonly margin: number;
  }[];
}

/** The reference does not quantize inputs; below this lead, that may choose another token. */
const SAFE_MARGIN = 0.25;

/** Of the demo model; an answer does not hold it. */
const END_ID = 2;

const model = loadModel(readFileSync(new URL('../../models/corral-llama.gguf', import.meta.url)));
const { maxTokens, vectors }: DemoVectors = JSON.parse(
  readFileSync(new URL('../vectors/demo-model.json', import.meta.url), 'utf8'),
);

describe('the demo model', () => {
  test('is small enough to ship, in Q8_0', () => {
    expect(model.fileBytes).toBeLessThanOrEqual(8_000_000);
    expect(model.quantization).toBe('Q8_0');
  });

  test.each(vectors)('splits $prompt', ({ prompt, promptIds }) => {
    const session = createSession(model);
    session.setPrompt(prompt);
    expect(session.ids).toEqual(promptIds);
  });

  test('is asked mostly what it answers with a safe lead', () => {
    const safe = vectors.filter(({ margin }) => margin >= SAFE_MARGIN);
    expect(safe.length).toBeGreaterThan(vectors.length / 2);
  });

  const safe = vectors.filter(({ margin }) => margin >= SAFE_MARGIN);
  test.each(safe)('answers $prompt', ({ prompt, ids, text }) => {
    const session = createSession(model);
    session.setPrompt(prompt);
    const start = session.ids.length;
    expect(session.run(maxTokens)).toBe(text);
    expect(session.ids.slice(start)).toEqual(ids.filter((id) => id !== END_ID));
  });
});
