import { expect, test } from 'vitest';
import { countWords } from '../../pricing/words.js';

test.each([
  ['What is the meaning of life?', 6],
  ['', 0],
  ['...', 0],
  ["don't", 2],
  ['naïve', 2],
  ['a_b', 2],
  ['10 words, 2 numbers', 4],
  ['日本語', 0],
  ['<|user|>\ncats\n<|assistant|>', 3],
])('%j has %i words', (prompt, words) => {
  expect(countWords(prompt)).toBe(words);
});
