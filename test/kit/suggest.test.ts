import { expect, test } from 'vitest';
import { didYouMean } from '../../kit/suggest.js';

test('case is a small slip, and one letter is not like another', () => {
  expect(didYouMean('BALANCES', ['Balance', 'Balances'])).toBe('Did you mean Balances? ');
  expect(didYouMean('ptt', ['Pet', 'PTT'])).toBe('Did you mean PTT? ');
  expect(didYouMean('X', ['Y'])).toBe('');
});

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
