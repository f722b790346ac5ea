import { expect, test } from 'vitest';
import { createRandom } from '../../actors/random.js';

test('a value depends on the seed and on its label, and on nothing drawn before', () => {
  const random = createRandom(7);
  const first = random.bytes('a');
  random.bytes('b');
  expect(random.bytes('a')).toEqual(first);
  expect(createRandom(7).bytes('a')).toEqual(first);
  expect(createRandom('7').bytes('a')).toEqual(first);
  expect(createRandom(8).bytes('a')).not.toEqual(first);
  expect(random.bytes('b')).not.toEqual(first);
  expect(first).toHaveLength(32);
});
