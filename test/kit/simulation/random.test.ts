import { describe, expect, test } from 'vitest';
import { createChance } from '../../../kit/simulation/random.js';

describe('chance', () => {
  test('follows from seed and label alone', () => {
    const draw = (seed: number, label: string) => {
      const { integer } = createChance(seed, label);
      return Array.from({ length: 20 }, () => integer(0, 1_000_000));
    };
    expect(draw(1, 'a')).toEqual(draw(1, 'a'));
    expect(draw(1, 'a')).not.toEqual(draw(1, 'b'));
    expect(draw(1, 'a')).not.toEqual(draw(2, 'a'));
  });

  test('meets every number of a range about as often', () => {
    const { integer } = createChance(7, 'dice');
    const counts = [0, 0, 0, 0, 0, 0];
    for (let throws = 0; throws < 60_000; throws++) {
      const eyes = integer(1, 6) - 1;
      counts[eyes] = (counts[eyes] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  test('an event of probability p comes about p times as often', () => {
    const { chance } = createChance(7, 'rare');
    const hits = Array.from({ length: 10_000 }, () => chance(0.1)).filter(Boolean).length;
    expect(Math.abs(hits - 1_000)).toBeLessThan(120);
    expect(createChance(1, 'never').chance(0)).toBe(false);
    expect(createChance(1, 'ever').chance(1)).toBe(true);
  });

  test('refuses a range that is none and a list without items', () => {
    const { integer, pick } = createChance(1, 'x');
    expect(() => integer(2, 1)).toThrow('there is no whole number from 2 to 1');
    expect(() => integer(0, 1.5)).toThrow('from 0 to 1.5');
    expect(() => pick([])).toThrow('an empty list');
  });
});
