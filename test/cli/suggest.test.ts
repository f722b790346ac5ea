import { expect, test } from 'vitest';
import { didYouMean } from '../../cli/suggest.js';

test.each([
  ['strat', 'Did you mean start? '],
  ['rnu', 'Did you mean run? '],
  ['--port-bsae', 'Did you mean --port-base? '],
  ['repll', 'Did you mean repl? '],
  ['explode', ''],
  ['.nope', ''],
  ['.dnoe', 'Did you mean .done? '],
])('%s: %s', (word, hint) => {
  expect(didYouMean(word, ['start', 'up', 'run', 'repl', '--port-base', '.done'])).toBe(hint);
});
