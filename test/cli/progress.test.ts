import { expect, test } from 'vitest';
import { createTokenProgress, describeProgress } from '../../cli/progress.js';
import type { NetworkEvent } from '../../index.js';

const piece = (process: string, message: string, text: string, index: number): NetworkEvent => ({
  type: 'device',
  process,
  message,
  event: { type: 'token', text, index },
});
const end = (process: string, message: string): NetworkEvent => ({
  type: 'evaluated',
  gas: 0,
  process,
  message,
  nonce: 1,
  print: false,
  messages: 1,
  spawns: 0,
});

test('answers of two workers grow apart and end apart', () => {
  const progress = createTokenProgress(() => 0);
  progress.take(piece('w1', 'a', 'Llamas', 0));
  progress.take(piece('w2', 'b', 'Cats', 0));
  expect(progress.take(piece('w1', 'a', ' hum', 1))?.text).toBe('Llamas hum');
  expect(progress.active).toBe(2);
  expect(progress.finish(end('w1', 'a'))?.tokens).toBe(2);
  expect(progress.finish(end('w1', 'a'))).toBeUndefined();
  expect(progress.active).toBe(1);
});

test('the next message of a worker begins a new answer', () => {
  const progress = createTokenProgress(() => 0);
  progress.take(piece('w1', 'a', 'one', 0));
  expect(progress.take(piece('w1', 'b', 'two', 0))?.text).toBe('two');
});

test('the line keeps the end of the text and fits the width', () => {
  const answer = {
    worker: 'w1',
    message: 'a',
    text: ' The meaning of life\nis to be',
    tokens: 8,
    startedMs: 0,
  };
  expect(describeProgress(answer, 'llama-1', 1_000, 80)).toBe(
    'llama-1: 8 tokens, 7 tok/s: The meaning of life is to be',
  );
  const narrow = describeProgress(answer, 'llama-1', 1_000, 40);
  expect(narrow).toBe('llama-1: 8 tokens, 7 tok/s: …fe is to be');
  expect([...narrow]).toHaveLength(40);
});
