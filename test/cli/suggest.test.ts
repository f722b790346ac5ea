import { expect, test } from 'vitest';
import { nearestWord } from '../../cli/suggest.js';

test.each([
  ['strat', 'start'],
  ['rnu', undefined],
  ['port-bsae', 'port-base'],
  ['repll', 'repl'],
  ['explode', undefined],
])('%s -> %s', (word, near) => {
  expect(nearestWord(word, ['start', 'up', 'run', 'repl', 'port-base'])).toBe(near);
});
